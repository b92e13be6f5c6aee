package org

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/effective"
)

// Half of a policy for Security Hub is not valid without the other half.
const (
	enables  = `{"securityhub":{"enable_in_regions":{"@@append":["us-east-1"]}}}`
	enables2 = `{"securityhub":{"enable_in_regions":{"@@append":["eu-west-1"]}}}`
	disables = `{"securityhub":{"disable_in_regions":{"@@append":["us-west-2"]}}}`
	both     = `{"securityhub":{"enable_in_regions":{"@@append":["us-east-1"]},"disable_in_regions":{"@@append":["us-west-2"]}}}`

	effectiveBoth = `{"securityhub":{"disable_in_regions":["us-west-2"],"enable_in_regions":["us-east-1"]}}`
)

const securityHubService = "securityhub.amazonaws.com"

// governed is an organization with Security Hub policies, of which changes are
// settled one by one as the server does.
type governed struct {
	*Draft
	e     *EffectivePolicies
	delay bool
	last  Settlement
}

func newGoverned(t testing.TB) *governed {
	t.Helper()
	g := &governed{Draft: founded(t), e: NewEffectivePolicies()}
	must(t, g.EnableService(securityHubService))
	g.change(t, func(d *Draft) error {
		_, err := d.EnablePolicyType(d.root.ID, SecurityHub)
		return err
	})
	return g
}

// change applies a rule, an hour later.
func (g *governed) change(t testing.TB, rule func(*Draft) error) {
	t.Helper()
	next := g.Fork(g.now.Add(time.Hour))
	must(t, rule(next))
	g.last = next.Settle(g.e, g.delay)
	g.Draft = next
}

func (g *governed) create(t testing.TB, name, content string) PolicyID {
	t.Helper()
	var id PolicyID
	g.change(t, func(d *Draft) error {
		policy, err := d.CreatePolicy(SecurityHub, name, "", content, nil)
		if err == nil {
			id = policy.ID
		}
		return err
	})
	return id
}

func (g *governed) attach(t testing.TB, policy PolicyID, target TargetID) {
	t.Helper()
	g.change(t, func(d *Draft) error { return d.AttachPolicy(policy, target) })
}

func (g *governed) detach(t testing.TB, policy PolicyID, target TargetID) {
	t.Helper()
	g.change(t, func(d *Draft) error { return d.DetachPolicy(policy, target) })
}

func (g *governed) of(t testing.TB, account AccountID) EffectivePolicy {
	t.Helper()
	p, err := g.e.Of(g.Organization, TargetID(account), SecurityHub)
	must(t, err)
	return *p
}

// judged returns the accounts of the last settlement, those that became invalid
// with an exclamation mark.
func (g *governed) judged() []string {
	var all []string
	for _, j := range g.last.Judgements {
		for _, judged := range g.Judged(&j, "") {
			mark := ""
			if len(judged.Errors) > 0 {
				mark = "!"
			}
			all = append(all, string(judged.Account.ID)+mark)
		}
	}
	return all
}

func (g *governed) invalid(t testing.TB) []AccountID {
	t.Helper()
	list, err := g.AccountsWithInvalidEffectivePolicy(SecurityHub, "")
	must(t, err)
	var all []AccountID
	for _, account := range list {
		all = append(all, account.ID)
	}
	return all
}

func TestEffectivePolicyRefusals(t *testing.T) {
	g := newGoverned(t)
	root := TargetID(g.root.ID)
	for name, c := range map[string]struct {
		target TargetID
		of     PolicyType
		kind   Kind
		reason Reason
	}{
		"root":     {root, SecurityHub, InvalidInput, "TARGET_NOT_SUPPORTED"},
		"unit":     {"ou-abcd-12345678", SecurityHub, InvalidInput, "TARGET_NOT_SUPPORTED"},
		"stranger": {"999999999999", SecurityHub, TargetNotFound, ""},
		"disabled": {TargetID(management.ID), TagPolicy, EffectivePolicyNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := g.e.Of(g.Organization, c.target, c.of)
			refused(t, err, c.kind, c.reason)
			_, _, err = g.e.Explain(g.Organization, c.target, c.of)
			refused(t, err, c.kind, c.reason)
		})
	}
	_, err := g.e.Validate(g.Organization, "999999999999", SecurityHub)
	refused(t, err, AccountNotFound, "")
	_, err = g.e.Validate(g.Organization, AccountID(root), SecurityHub)
	refused(t, err, InvalidInput, "TARGET_NOT_SUPPORTED")
	_, err = g.e.Validate(g.Organization, management.ID, TagPolicy)
	refused(t, err, EffectivePolicyNotFound, "")
	_, err = g.AccountsWithInvalidEffectivePolicy(TagPolicy, "")
	refused(t, err, EffectivePolicyNotFound, "")
}

func TestEffectivePolicyOfNothingIsEmpty(t *testing.T) {
	g := newGoverned(t)
	if p := g.of(t, management.ID); p.Content != "{}" || p.Invalid || !p.Updated.Equal(g.now) {
		t.Errorf("%+v", p)
	}
}

// What was valid last stays published, and the time moves all the same.
func TestLastValidDocumentStays(t *testing.T) {
	g := newGoverned(t)
	member := grown(t, g.Draft, "222222222222")
	root := TargetID(g.root.ID)
	policy := g.create(t, "P", both)
	g.attach(t, policy, root)
	if p := g.of(t, member.ID); p.Content != effectiveBoth || p.Invalid || len(g.judged()) != 0 {
		t.Fatalf("%+v", p)
	}
	g.change(t, func(d *Draft) error {
		_, err := d.UpdatePolicy(policy, nil, nil, new(enables2))
		return err
	})
	if p := g.of(t, member.ID); p.Content != effectiveBoth || !p.Invalid || !p.Updated.Equal(g.now) {
		t.Errorf("%+v", p)
	}
	want := []string{string(management.ID) + "!", string(member.ID) + "!"}
	if got := g.judged(); !slices.Equal(got, want) {
		t.Errorf("judged %v, want %v", got, want)
	}
	v, err := g.e.Validate(g.Organization, member.ID, SecurityHub)
	must(t, err)
	if len(v.Errors) != 1 || v.Errors[0].Code != effective.KeyRequired || !slices.Equal(v.Errors[0].ContributingPolicies, []string{string(policy)}) ||
		v.Path != g.AccountPath(member) || !v.Evaluated.Equal(g.now) {
		t.Errorf("%+v", v)
	}
	other := g.create(t, "Q", disables)
	g.attach(t, other, root)
	if p := g.of(t, member.ID); p.Invalid || !strings.Contains(p.Content, "eu-west-1") {
		t.Errorf("%+v", p)
	}
	if got := g.judged(); !slices.Equal(got, []string{string(management.ID), string(member.ID)}) {
		t.Errorf("judged %v", got)
	}
	if v, err := g.e.Validate(g.Organization, member.ID, SecurityHub); err != nil || v.Path != "" || !v.Evaluated.IsZero() || len(v.Errors) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if g.kept.Len() != 0 {
		t.Errorf("%d documents are still kept", g.kept.Len())
	}
}

// Everything from which an effective policy follows moves its time.
func TestEffectivePolicyIsWorkedOutAnew(t *testing.T) {
	g := newGoverned(t)
	member := grown(t, g.Draft, "222222222222")
	root := TargetID(g.root.ID)
	below := unit(t, g.Draft, ParentID(root), "Unit")
	policy := g.create(t, "P", both)
	steps := []struct {
		name  string
		moves bool
		rule  func(*Draft) error
	}{
		{"attach", true, func(d *Draft) error { return d.AttachPolicy(policy, root) }},
		{"rename", true, func(d *Draft) error { _, err := d.UpdatePolicy(policy, new("new"), nil, nil); return err }},
		{"attach elsewhere", false, func(d *Draft) error { return d.AttachPolicy(policy, TargetID(below)) }},
		{"move there", true, func(d *Draft) error { return d.MoveAccount(member.ID, ParentID(root), below) }},
		{"detach from the unit", true, func(d *Draft) error { return d.DetachPolicy(policy, TargetID(below)) }},
		{"tag", false, func(d *Draft) error { return d.Tag(ResourceID(root), Tags{{"a", "b"}}) }},
		{"detach", true, func(d *Draft) error { return d.DetachPolicy(policy, root) }},
	}
	before := g.of(t, member.ID).Updated
	for _, step := range steps {
		g.change(t, step.rule)
		after := g.of(t, member.ID).Updated
		if after.Equal(g.now) != step.moves || !step.moves && !after.Equal(before) {
			t.Errorf("%s: %v became %v at %v", step.name, before, after, g.now)
		}
		before = after
	}
}

func TestPublicationWaits(t *testing.T) {
	g := newGoverned(t)
	root := TargetID(g.root.ID)
	policy := g.create(t, "P", both)
	g.delay = true
	changed := g.of(t, management.ID).Updated
	g.attach(t, policy, root)
	if !slices.Equal(g.last.Pending, []PolicyType{SecurityHub}) {
		t.Errorf("pending: %v", g.last.Pending)
	}
	if p := g.of(t, management.ID); p.Content != "{}" || !p.Updated.Equal(changed) {
		t.Errorf("%+v", p)
	}
	g.change(t, func(d *Draft) error { _, err := d.UpdatePolicy(policy, nil, nil, new(enables)); return err })
	if len(g.last.Pending) != 0 || len(g.invalid(t)) != 0 {
		t.Errorf("pending %v, invalid %v", g.last.Pending, g.invalid(t))
	}
	g.publish(t)
	if p := g.of(t, management.ID); p.Content != "{}" || !p.Invalid || !slices.Equal(g.judged(), []string{string(management.ID) + "!"}) {
		t.Errorf("%+v, judged %v", p, g.judged())
	}
	g.change(t, func(d *Draft) error { _, err := d.UpdatePolicy(policy, nil, nil, new(both)); return err })
	if p := g.of(t, management.ID); p.Content != "{}" || !p.Invalid {
		t.Errorf("%+v", p)
	}
	g.publish(t)
	if p := g.of(t, management.ID); p.Content != effectiveBoth || p.Invalid || !slices.Equal(g.judged(), []string{string(management.ID)}) {
		t.Errorf("%+v, judged %v", p, g.judged())
	}
}

func (g *governed) publish(t testing.TB) {
	t.Helper()
	next := g.Fork(g.now.Add(time.Hour))
	g.last = next.Publish(g.e, SecurityHub)
	g.Draft = next
}

func TestDisabledTypeLeavesNothing(t *testing.T) {
	g := newGoverned(t)
	root := TargetID(g.root.ID)
	policy := g.create(t, "P", enables)
	g.attach(t, policy, root)
	g.detach(t, policy, root)
	g.attach(t, policy, root)
	if len(g.invalid(t)) != 1 {
		t.Fatalf("invalid: %v", g.invalid(t))
	}
	g.change(t, func(d *Draft) error { _, err := d.DisablePolicyType(RootID(root), SecurityHub); return err })
	if n := g.publications.Len(); n != 0 || g.kept.Len() != 0 {
		t.Errorf("%d publications are left", n)
	}
}

// TestEffectiveHistories holds what is published against a model that merges all
// policies of every account after every step.
func TestEffectiveHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := newGoverned(t)
		root := ParentID(g.root.ID)
		a := unit(t, g.Draft, root, "A")
		parents := []ParentID{root, a, unit(t, g.Draft, a, "B"), unit(t, g.Draft, root, "C")}
		accounts := []AccountID{management.ID, "222222222222", "333333333333", "444444444444"}
		for _, id := range accounts[1:] {
			invited(g.Draft, id)
		}
		contents := []string{enables, enables2, disables, both}
		var policies []PolicyID
		for _, content := range contents {
			policies = append(policies, g.create(t, content, content))
		}
		model := newPublished(accounts)
		target := func(rt *rapid.T) TargetID {
			if rapid.Bool().Draw(rt, "at a parent") {
				return TargetID(rapid.SampledFrom(parents).Draw(rt, "parent"))
			}
			return TargetID(rapid.SampledFrom(accounts).Draw(rt, "account"))
		}
		step := func(rule func(*Draft) error) {
			next := g.Fork(g.now.Add(time.Minute))
			if rule(next) != nil {
				return
			}
			g.last = next.Settle(g.e, false)
			g.Draft = next
			model.check(rt, g)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"attach": func(rt *rapid.T) {
				step(func(d *Draft) error {
					return d.AttachPolicy(rapid.SampledFrom(policies).Draw(rt, "policy"), target(rt))
				})
			},
			"detach": func(rt *rapid.T) {
				step(func(d *Draft) error {
					return d.DetachPolicy(rapid.SampledFrom(policies).Draw(rt, "policy"), target(rt))
				})
			},
			"update": func(rt *rapid.T) {
				step(func(d *Draft) error {
					_, err := d.UpdatePolicy(rapid.SampledFrom(policies).Draw(rt, "policy"), nil, nil, new(rapid.SampledFrom(contents).Draw(rt, "content")))
					return err
				})
			},
			"move": func(rt *rapid.T) {
				step(func(d *Draft) error {
					id := rapid.SampledFrom(accounts).Draw(rt, "account")
					from, err := d.Parent(ChildID(id))
					if err != nil {
						return err
					}
					return d.MoveAccount(id, from, rapid.SampledFrom(parents).Draw(rt, "to"))
				})
			},
		})
	})
}

// published is a model of what is published for each account.
type published struct {
	content map[AccountID]string
	invalid map[AccountID]bool
}

func newPublished(accounts []AccountID) *published {
	p := &published{map[AccountID]string{}, map[AccountID]bool{}}
	for _, id := range accounts {
		p.content[id] = "{}"
	}
	return p
}

// check merges from scratch, and holds an organization against the outcome.
func (p *published) check(t *rapid.T, g *governed) {
	var flips []string
	var invalid []AccountID
	for _, account := range g.Accounts("") {
		id := account.ID
		document := effective.Merge("SECURITYHUB_POLICY", chainOf(g.Organization, id))
		now := len(document.Errors) > 0
		if now != p.invalid[id] {
			flips = append(flips, string(id)+map[bool]string{true: "!"}[now])
		}
		if p.invalid[id] = now; now {
			invalid = append(invalid, id)
		} else {
			p.content[id] = document.Content
		}
		shown, err := g.e.Of(g.Organization, TargetID(id), SecurityHub)
		if err != nil || shown.Content != p.content[id] || shown.Invalid != now {
			t.Fatalf("%s has %+v (%v), want %s, invalid %v", id, shown, err, p.content[id], now)
		}
	}
	if got := g.judged(); !slices.Equal(got, flips) {
		t.Fatalf("judged %v, want %v", got, flips)
	}
	list, err := g.AccountsWithInvalidEffectivePolicy(SecurityHub, "")
	if err != nil {
		t.Fatal(err)
	}
	var listed []AccountID
	for _, account := range list {
		listed = append(listed, account.ID)
	}
	if !slices.Equal(listed, invalid) {
		t.Fatalf("invalid are %v, want %v", listed, invalid)
	}
}

// chainOf returns the levels from the root to an account.
func chainOf(o *Organization, id AccountID) []effective.Level {
	var levels []effective.Level
	for target := TargetID(id); target != ""; target = o.above(target) {
		level := effective.Level{Target: string(target)}
		for _, policy := range o.directPolicies(SecurityHub, target, "") {
			parsed, _ := effective.Parse("SECURITYHUB_POLICY", []byte(policy.Content))
			level.Policies = append(level.Policies, effective.Attached{ID: string(policy.ID), Policy: parsed})
		}
		levels = append([]effective.Level{level}, levels...)
	}
	return levels
}

func TestRememberedIsBounded(t *testing.T) {
	var r remembered[int, string]
	for i := range 4 {
		r.put(i, "x", maxRemembered/2-1)
	}
	if len(r.known) > 2 || r.bytes > maxRemembered {
		t.Errorf("%d entries of %d bytes", len(r.known), r.bytes)
	}
	if _, ok := r.get(3); !ok {
		t.Error("the newest is forgotten")
	}
}

// AWS's page on upgrade rollout policies names another size than its list of quotas.
func TestUpgradeRolloutPoliciesAreSmall(t *testing.T) {
	d := founded(t)
	content := `{"upgrade_rollout":{` + strings.Repeat(" ", 5_120-len(`{"upgrade_rollout":{}}`)) + `}}`
	if _, err := d.CreatePolicy(UpgradeRollout, "fits", "", content, nil); err != nil {
		t.Error(err)
	}
	_, err := d.CreatePolicy(UpgradeRollout, "too long", "", content+" ", nil)
	refused(t, err, ConstraintViolation, "POLICY_CONTENT_LIMIT_EXCEEDED")
}
