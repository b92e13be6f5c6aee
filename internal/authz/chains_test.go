package authz_test

import (
	"crypto/rand"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// forest is an organization that grows, state by state.
type forest struct {
	require
	draft    *org.Draft
	replica  *org.Organization // that follows by the changes
	units    []org.ParentID    // the root included
	accounts []org.AccountID
	policies []org.PolicyID
	kinds    map[org.PolicyID]org.PolicyType
	n        int
}

func newForest(t require) *forest {
	d := org.NewDraft(org.AWSRules(), day0, rand.Reader)
	t.ok(d.CreateOrganization(org.NewID(rand.Reader), org.AllFeatures, org.Owner{ID: org.AccountID(management), Name: "management", Email: "m@example.com"}))
	f := &forest{require: t, draft: d, units: []org.ParentID{org.ParentID(d.Root().ID)}, accounts: []org.AccountID{org.AccountID(management)}, kinds: map[org.PolicyID]org.PolicyType{}}
	for _, policyType := range []org.PolicyType{org.ServiceControlPolicy, org.ResourceControlPolicy} {
		_, err := d.EnablePolicyType(d.Root().ID, policyType)
		t.ok(err)
	}
	var err error
	f.replica, err = org.Load(func(yield func(org.Change, error) bool) {
		for _, change := range d.Changes() {
			if !yield(change, nil) {
				return
			}
		}
	})
	t.ok(err)
	return f
}

// require fails a test that cannot go on.
type require struct{ fatal func(args ...any) }

func (r require) ok(err error) {
	if err != nil {
		r.fatal(err)
	}
}

// change makes the next state of the forest by a rule, unless the rule refuses.
func (f *forest) change(rule func(d *org.Draft) error) bool {
	f.n++
	next := f.draft.Fork(day0.Add(time.Duration(f.n) * waitPeriod))
	if rule(next) != nil {
		return false
	}
	replica, err := f.replica.Apply(next.Changes()[len(f.draft.Changes()):])
	f.ok(err)
	f.draft, f.replica = next, replica
	return true
}

// waitPeriod is longer than an account that was created has to stay.
const waitPeriod = 7 * 24 * time.Hour

func (f *forest) addUnit(parent org.ParentID) {
	f.change(func(d *org.Draft) error {
		unit, err := d.CreateOrganizationalUnit(parent, fmt.Sprint("unit", f.n), nil)
		if err == nil {
			f.units = append(f.units, org.ParentID(unit.ID))
		}
		return err
	})
}

func (f *forest) addAccount(id org.AccountID) {
	f.change(func(d *org.Draft) error {
		creation, err := d.CreateAccount(org.NewAccount{Email: string(id) + "@example.com", Name: "member"})
		if err == nil {
			_, err = d.FinishCreation(creation.ID, id, "")
		}
		if err == nil && !slices.Contains(f.accounts, id) {
			f.accounts = append(f.accounts, id)
		}
		return err
	})
}

func document(t org.PolicyType, sid string) string {
	principal := ""
	if t == org.ResourceControlPolicy {
		principal = `"Principal":"*",`
	}
	return `{"Version":"2012-10-17","Statement":{"Sid":"` + sid + `","Effect":"Deny",` + principal + `"Action":"s3:*","Resource":"*"}}`
}

func (f *forest) addPolicy(t org.PolicyType) {
	f.change(func(d *org.Draft) error {
		p, err := d.CreatePolicy(t, fmt.Sprint("policy", f.n), "", document(t, fmt.Sprint("Made", f.n)), nil)
		if err == nil {
			f.policies, f.kinds[p.ID] = append(f.policies, p.ID), t
		}
		return err
	})
}

// levels is a chain in a form to compare: each level's target and what is
// attached there, with the Sid of its statement.
func levels(path *policy.Path) []string {
	var all []string
	for _, level := range path.Levels() {
		text := level.Target
		for _, attached := range level.Policies.Policies() {
			text += " " + attached.ID + "#" + attached.Policy.Document().Statements[0].Sid
		}
		all = append(all, text)
	}
	return all
}

// expected computes the levels from scratch.
func expected(o *org.Organization, account org.AccountID, t org.PolicyType) []string {
	if _, err := o.Account(account); err != nil || o.Root().Status(t) != org.PolicyTypeEnabled {
		return nil
	}
	var all []string
	for at := org.TargetID(account); at != ""; {
		text := string(at)
		attached, _ := o.PoliciesForTarget(at, t, "")
		for _, p := range attached {
			sid := ""
			if _, rest, ok := strings.Cut(p.Content, `"Sid":"`); ok {
				sid, _, _ = strings.Cut(rest, `"`)
			}
			text += " " + o.PolicyARN(p) + "#" + sid
		}
		all = append([]string{text}, all...)
		parent, err := o.Parent(org.ChildID(at))
		if at = org.TargetID(parent); err != nil {
			break
		}
	}
	return all
}

// TestChainsFollowEveryChange: whatever happens to an organization, the chains
// are those that are computed from scratch, for its present and its past states.
func TestChainsFollowEveryChange(t *testing.T) {
	chains := new(authz.Chains)
	rapid.Check(t, func(t *rapid.T) {
		f := newForest(require{t.Fatal})
		var past []*org.Organization
		check := func(o *org.Organization) {
			for _, account := range f.accounts {
				if diff := cmp.Diff(expected(o, account, org.ServiceControlPolicy), levels(chains.ServiceControl(o, account))); diff != "" {
					t.Fatalf("service control policies of %s: %s", account, diff)
				}
				if diff := cmp.Diff(expected(o, account, org.ResourceControlPolicy), levels(chains.ResourceControl(o, account))); diff != "" {
					t.Fatalf("resource control policies of %s: %s", account, diff)
				}
			}
		}
		target := func() org.TargetID {
			if rapid.Bool().Draw(t, "account") {
				return org.TargetID(rapid.SampledFrom(f.accounts).Draw(t, "target"))
			}
			return org.TargetID(rapid.SampledFrom(f.units).Draw(t, "target"))
		}
		aPolicy := func() org.PolicyID {
			return rapid.SampledFrom(append([]org.PolicyID{"p-FullAWSAccess"}, f.policies...)).Draw(t, "policy")
		}
		aType := rapid.SampledFrom([]org.PolicyType{org.ServiceControlPolicy, org.ResourceControlPolicy})
		t.Repeat(map[string]func(*rapid.T){
			"unit": func(t *rapid.T) { f.addUnit(rapid.SampledFrom(f.units).Draw(t, "parent")) },
			"account": func(t *rapid.T) {
				f.addAccount(org.AccountID(fmt.Sprintf("2%011d", rapid.IntRange(1, 6).Draw(t, "account"))))
			},
			"leave": func(t *rapid.T) {
				f.change(func(d *org.Draft) error { return d.Leave(rapid.SampledFrom(f.accounts).Draw(t, "leaving")) })
			},
			"rename unit": func(t *rapid.T) {
				unit := org.OUID(rapid.SampledFrom(f.units).Draw(t, "renamed"))
				f.change(func(d *org.Draft) error {
					_, err := d.UpdateOrganizationalUnit(unit, new(fmt.Sprint("renamed", f.n)))
					return err
				})
			},
			"delete unit": func(t *rapid.T) {
				unit := org.OUID(rapid.SampledFrom(f.units).Draw(t, "deleted"))
				f.change(func(d *org.Draft) error { return d.DeleteOrganizationalUnit(unit) })
			},
			"tag": func(*rapid.T) {
				f.change(func(d *org.Draft) error {
					return d.Tag(org.ResourceID(target()), org.Tags{{Key: "n", Value: fmt.Sprint(f.n)}})
				})
			},
			"policy": func(t *rapid.T) { f.addPolicy(aType.Draw(t, "type")) },
			"attach": func(*rapid.T) { f.change(func(d *org.Draft) error { return d.AttachPolicy(aPolicy(), target()) }) },
			"detach": func(*rapid.T) { f.change(func(d *org.Draft) error { return d.DetachPolicy(aPolicy(), target()) }) },
			"move": func(t *rapid.T) {
				account := rapid.SampledFrom(f.accounts).Draw(t, "moved")
				f.change(func(d *org.Draft) error {
					from, err := d.Parent(org.ChildID(account))
					if err != nil {
						return err
					}
					return d.MoveAccount(account, from, rapid.SampledFrom(f.units).Draw(t, "to"))
				})
			},
			"update": func(*rapid.T) {
				id := aPolicy()
				f.change(func(d *org.Draft) error {
					_, err := d.UpdatePolicy(id, nil, nil, new(document(f.kinds[id], fmt.Sprint("Edited", f.n))))
					return err
				})
			},
			"enable": func(t *rapid.T) {
				f.change(func(d *org.Draft) error {
					_, err := d.EnablePolicyType(d.Root().ID, aType.Draw(t, "type"))
					return err
				})
			},
			"disable": func(t *rapid.T) {
				f.change(func(d *org.Draft) error {
					_, err := d.DisablePolicyType(d.Root().ID, aType.Draw(t, "type"))
					return err
				})
			},
			"": func(*rapid.T) {
				past = append(past, f.draft.Organization)
				check(f.draft.Organization)
				check(f.replica)
				check(past[len(past)/2])
			},
		})
	})
}

// TestChainsOutliveOtherWrites: what changes no control policy, and not where an
// account is, costs no new chain.
func TestChainsOutliveOtherWrites(t *testing.T) {
	chains, f := new(authz.Chains), newForest(require{t.Fatal})
	f.addUnit(f.units[0])
	f.addAccount("200000000001")
	f.addPolicy(org.ServiceControlPolicy)
	for name, rule := range map[string]func(d *org.Draft) error{
		"CreateOrganizationalUnit": func(d *org.Draft) error {
			_, err := d.CreateOrganizationalUnit(f.units[1], "another", nil)
			return err
		},
		"UpdateOrganizationalUnit": func(d *org.Draft) error {
			_, err := d.UpdateOrganizationalUnit(org.OUID(f.units[1]), new("renamed"))
			return err
		},
		"CreateAccount": func(d *org.Draft) error {
			_, err := d.CreateAccount(org.NewAccount{Email: "another@example.com", Name: "another"})
			return err
		},
		"CreatePolicy": func(d *org.Draft) error {
			_, err := d.CreatePolicy(org.ServiceControlPolicy, "another", "", document(org.ServiceControlPolicy, "Another"), nil)
			return err
		},
		"UpdatePolicy, but not its content": func(d *org.Draft) error {
			_, err := d.UpdatePolicy(f.policies[0], new("renamed"), nil, nil)
			return err
		},
		"EnableAWSServiceAccess":         func(d *org.Draft) error { return d.EnableService("config.amazonaws.com") },
		"TagResource":                    func(d *org.Draft) error { return d.Tag("200000000001", org.Tags{{Key: "k", Value: "v"}}) },
		"MoveAccount of another account": func(d *org.Draft) error { return d.MoveAccount(org.AccountID(management), f.units[0], f.units[1]) },
	} {
		before := chains.ServiceControl(f.draft.Organization, "200000000001")
		if !f.change(rule) {
			t.Fatalf("%s is refused", name)
		}
		if chains.ServiceControl(f.draft.Organization, "200000000001") != before {
			t.Errorf("after %s, the chain is another one", name)
		}
	}
}

// TestChainsOfStrangers: nothing is above an account that is in no organization.
func TestChainsOfStrangers(t *testing.T) {
	chains, f := new(authz.Chains), newForest(require{t.Fatal})
	for _, o := range []*org.Organization{nil, f.draft.Organization} {
		if s, r := chains.ServiceControl(o, "999999999999"), chains.ResourceControl(o, "999999999999"); s != nil || r != nil {
			t.Errorf("the chains are %v and %v", s, r)
		}
	}
}

// TestPoliciesAreSharedAndForgotten: one document is compiled once, wherever it is
// attached, and not kept for ever.
func TestPoliciesAreSharedAndForgotten(t *testing.T) {
	chains := new(authz.Chains)
	state := func() (*org.Organization, org.AccountID) {
		f := newForest(require{t.Fatal})
		f.addAccount("200000000001")
		for range 2 {
			f.change(func(d *org.Draft) error {
				p, err := d.CreatePolicy(org.ServiceControlPolicy, fmt.Sprint("policy", f.n), "", document(org.ServiceControlPolicy, "Same"), nil)
				if err == nil {
					err = d.AttachPolicy(p.ID, org.TargetID(f.accounts[1]))
				}
				return err
			})
		}
		return f.draft.Organization, f.accounts[1]
	}
	one, account := state()
	another, _ := state()
	first, second := chains.ServiceControl(one, account).Levels(), chains.ServiceControl(another, account).Levels()
	if a := first[1].Policies.Policies(); len(a) != 3 || a[1].Policy != a[2].Policy || a[1].Policy != second[1].Policies.Policies()[1].Policy || a[1].ID == a[2].ID {
		t.Errorf("the policies are not shared: %v", a)
	}
	if n := chains.Documents(); n != 1 {
		t.Fatalf("%d documents are remembered", n)
	}
	runtime.KeepAlive(one)
	runtime.KeepAlive(another)
	deadline := time.After(10 * time.Second)
	for {
		runtime.GC()
		documents := chains.Documents()
		if documents == 0 {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%d documents are remembered although nobody uses them", documents)
		default:
			runtime.Gosched()
		}
	}
}

// TestUnreadablePolicyDenies: nobody knows what a document that cannot be read was
// to deny.
func TestUnreadablePolicyDenies(t *testing.T) {
	chains, f := new(authz.Chains), newForest(require{t.Fatal})
	f.addAccount("200000000001")
	for _, policyType := range []org.PolicyType{org.ServiceControlPolicy, org.ResourceControlPolicy} {
		t.Run(string(policyType), func(t *testing.T) {
			base := f.draft
			defer func() { f.draft = base }()
			if !f.change(func(d *org.Draft) error {
				p, err := d.CreatePolicy(policyType, "unreadable", "", `{}`, nil)
				if err == nil {
					err = d.AttachPolicy(p.ID, org.TargetID(f.accounts[1]))
				}
				return err
			}) {
				t.Skip("such a document cannot be stored")
			}
			r, err := policy.NewRequest("arn:aws:iam::200000000001:root", "s3:GetObject", "arn:aws:s3:::b/k")
			if err != nil {
				t.Fatal(err)
			}
			p := chains.Policies(r, authz.Parties{Organization: f.draft.Organization})
			if d := policy.Decide(r, &p); d.Result != policy.ExplicitDeny || d.Target != "200000000001" {
				t.Errorf("the decision is %+v", d)
			}
		})
	}
}

func BenchmarkChains(b *testing.B) {
	chains, f := new(authz.Chains), newForest(require{b.Fatal})
	for range 5 {
		f.addUnit(f.units[len(f.units)-1])
	}
	f.addAccount("200000000001")
	f.change(func(d *org.Draft) error {
		return d.MoveAccount("200000000001", f.units[0], f.units[5])
	})
	for _, unit := range f.units {
		for range 4 {
			f.addPolicy(org.ServiceControlPolicy)
			f.change(func(d *org.Draft) error { return d.AttachPolicy(f.policies[len(f.policies)-1], org.TargetID(unit)) })
		}
	}
	o := f.draft.Organization
	if n := len(chains.ServiceControl(o, "200000000001").Levels()); n != 7 {
		b.Fatalf("%d levels", n)
	}
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				chains.ServiceControl(o, "200000000001")
			}
		})
	})
	b.Run("new state", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.change(func(d *org.Draft) error { return nil })
			chains.ServiceControl(f.draft.Organization, "200000000001")
		}
	})
	b.Run("only the change", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.change(func(d *org.Draft) error { return nil })
		}
	})
}
