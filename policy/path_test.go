package policy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/policy"
)

// TestPathsAreJoinedAnywhere: where levels are joined makes no difference to any part of a decision.
func TestPathsAreJoinedAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, l, r := drawQuestion(t)
		want := policy.Explain(r, &l.policies).Decision // which asks level by level
		levels := l.policies.ServiceControl.Levels()
		for joined := range len(levels) + 1 {
			path := policy.NewPath(levels[:joined]...)
			for _, level := range levels[joined:] {
				path = path.Below(level)
			}
			l.policies.ServiceControl = path
			if got := policy.Decide(r, &l.policies); got != want {
				t.Fatalf("with %d of %d levels joined %+v, want %+v in\n%v", joined, len(levels), got, want, s.chain)
			}
		}
	})
}

// drawQuestion draws a situation, with its policies and its request.
func drawQuestion(t *rapid.T) (situation, *loaded, *policy.Request) {
	s := drawSituation(t)
	l, err := s.chain.load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.request.request()
	if err != nil {
		t.Fatal(err)
	}
	return s, l, r
}

// TestPathsBelowAPath: they do not disturb each other.
func TestPathsBelowAPath(t *testing.T) {
	level := func(target string) policy.Level {
		return policy.Level{Target: target, Policies: policy.NewSet(policy.Attached{ID: "p-FullAWSAccess", Policy: policy.FullAWSAccess()})}
	}
	var none *policy.Path
	root := none.Below(level("r"))
	unit := root.Below(level("ou"))
	first, second := unit.Below(level("111111111111")), unit.Below(policy.Level{Target: "222222222222"})
	for _, tt := range []struct {
		path    *policy.Path
		targets []string
		result  policy.Result
	}{
		{none, nil, policy.Allowed},
		{root, []string{"r"}, policy.Allowed},
		{first, []string{"r", "ou", "111111111111"}, policy.Allowed},
		{second, []string{"r", "ou", "222222222222"}, policy.ImplicitDeny},
	} {
		var targets []string
		for _, l := range tt.path.Levels() {
			targets = append(targets, l.Target)
		}
		r, err := policy.NewRequest("arn:aws:iam::111111111111:root", "s3:GetObject", "arn:aws:s3:::data/k")
		if err != nil {
			t.Fatal(err)
		}
		if d := policy.Decide(r, &policy.Policies{ServiceControl: tt.path}); !slices.Equal(targets, tt.targets) || d.Result != tt.result {
			t.Errorf("levels %v, %v; want %v, %v", targets, d.Result, tt.targets, tt.result)
		}
	}
}
