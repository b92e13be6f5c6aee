package policy_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/policy"
)

// TestTheStatementThatDecided: it is the one that the reasons tell of, and there is one for every
// explicit denial.
func TestTheStatementThatDecided(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, l, r := drawQuestion(t)
		d := policy.Decide(r, &l.policies)
		got := l.policies.Statement(d)
		if (got != nil) != (d.Statement >= 0) || d.Result == policy.ExplicitDeny && got == nil {
			t.Fatalf("%+v by %+v", d, got)
		}
		if got == nil {
			return
		}
		for _, filter := range policy.Explain(r, &l.policies).Filters {
			if filter.Kind != d.Kind || filter.Target != d.Target {
				continue
			}
			for _, reason := range filter.Statements {
				if reason.Policy == d.Policy && reason.Index == d.Statement && reason.Matched && reason.Effect == got.Effect && reason.Start == got.Start {
					return
				}
			}
		}
		t.Fatalf("the reasons do not tell of %+v, which decided: %+v", got, d)
	})
}

// TestNoStatementDecided: what decided must be among the policies.
func TestNoStatementDecided(t *testing.T) {
	everything := policy.NewSet(policy.Attached{ID: "all", Policy: policy.FullAWSAccess()})
	policies := policy.Policies{
		ServiceControl: policy.NewPath(policy.Level{Target: "r-1", Policies: everything}),
		Endpoint:       everything, Boundary: everything, Session: everything, Identity: everything, Resource: everything,
	}
	for kind := range policy.DelegationPolicy + 1 {
		target := ""
		if kind == policy.ServiceControlPolicy {
			target = "r-1"
		}
		found := policies.Statement(policy.Decision{Kind: kind, Target: target, Policy: "all"}) != nil
		if want := kind != 0 && kind != policy.ResourceControlPolicy; found != want {
			t.Errorf("%v: found %v, want %v", kind, found, want)
		}
		for name, d := range map[string]policy.Decision{
			"no statement":      {Kind: kind, Target: target, Policy: "all", Statement: -1},
			"no such statement": {Kind: kind, Target: target, Policy: "all", Statement: 1},
			"no such policy":    {Kind: kind, Target: target, Policy: "other"},
		} {
			if s := policies.Statement(d); s != nil {
				t.Errorf("%v, %s: %+v", kind, name, s)
			}
		}
	}
	if s := policies.Statement(policy.Decision{Kind: policy.ServiceControlPolicy, Target: "r-2", Policy: "all"}); s != nil {
		t.Errorf("at no level of the path: %+v", s)
	}
}
