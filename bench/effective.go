package main

import (
	"crypto/rand"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/org"
)

const (
	// governedAccounts is the size of the organization whose policies change at the root.
	governedAccounts = 100_000
	// governedUnits is how many units these accounts are in, each with a policy of its own.
	governedUnits = 1_000
)

// effective measures effective policies without a server.
func (b *bench) effective() error {
	one, err := b.oneAccount()
	if err != nil {
		return err
	}
	b.group("The effective tag policy of one account, five levels of ten policies of 10,000 characters", one)
	many, err := b.manyAccounts()
	if err != nil {
		return err
	}
	b.group(fmt.Sprintf("A change at the root of %d accounts in %d units that have policies", governedAccounts, governedUnits), many)
	return nil
}

// estate is an organization in memory, without a database.
type estate struct{ *org.Draft }

// change applies a rule to a copy, as the registry does.
func (e *estate) change(rule func(*org.Draft) error) error {
	next := e.Fork(time.Now())
	if err := rule(next); err != nil {
		return err
	}
	e.Draft = next
	return nil
}

func newEstate() (*estate, error) {
	rules := org.AWSRules()
	rules.Accounts, rules.OUs, rules.ConcurrentCreations = math.MaxInt, math.MaxInt, math.MaxInt
	e := &estate{org.NewDraft(rules, time.Now(), rand.Reader)}
	err := e.change(func(d *org.Draft) error {
		return d.CreateOrganization(org.NewID(rand.Reader), org.AllFeatures, org.Owner{ID: "111111111111", Name: "Management", Email: "root@example.com"})
	})
	if err != nil {
		return nil, err
	}
	if err := e.EnableService("securityhub.amazonaws.com"); err != nil {
		return nil, err
	}
	for _, t := range []org.PolicyType{org.TagPolicy, org.SecurityHub} {
		if _, err := e.EnablePolicyType(e.Root().ID, t); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// attach makes a policy and attaches it.
func (e *estate) attach(t org.PolicyType, name, content string, target org.TargetID) (org.PolicyID, error) {
	p, err := e.CreatePolicy(t, name, "", content, nil)
	if err != nil {
		return "", err
	}
	return p.ID, e.AttachPolicy(p.ID, target)
}

// tagPolicy returns a tag policy of nearly as many characters.
func tagPolicy(prefix string, characters int) string {
	var rules strings.Builder
	for n := 0; ; n++ {
		rule := fmt.Sprintf(`"%s-key-%d":{"tag_key":{"@@assign":"%s-Key-%d"},"tag_value":{"@@append":["a","b-%d"]}},`, prefix, n, prefix, n, n)
		if rules.Len()+len(rule) > characters-20 {
			return `{"tags":{` + strings.TrimSuffix(rules.String(), ",") + `}}`
		}
		rules.WriteString(rule)
	}
}

// oneAccount measures one account under five levels.
func (b *bench) oneAccount() ([]figure, error) {
	e, err := newEstate()
	if err != nil {
		return nil, err
	}
	const account = org.TargetID("111111111111")
	targets := []org.TargetID{org.TargetID(e.Root().ID)}
	for level := range 3 {
		unit, err := e.CreateOrganizationalUnit(org.ParentID(targets[level]), "unit", nil)
		if err != nil {
			return nil, err
		}
		targets = append(targets, org.TargetID(unit.ID))
	}
	if err := e.MoveAccount(org.AccountID(account), org.ParentID(targets[0]), org.ParentID(targets[3])); err != nil {
		return nil, err
	}
	var last org.PolicyID
	for level, target := range append(targets, account) {
		for n := range 10 {
			name := fmt.Sprintf("p%d%d", level, n)
			if last, err = e.attach(org.TagPolicy, name, tagPolicy(name, 10_000), target); err != nil {
				return nil, err
			}
		}
	}
	effective := org.NewEffectivePolicies()
	if _, err := effective.Of(e.Organization, account, org.TagPolicy); err != nil {
		return nil, err
	}
	return b.merges(e, effective, account, last)
}

// merges measures an account's effective policy cold, after a change at the account, and when nothing changed.
func (b *bench) merges(e *estate, effective *org.EffectivePolicies, account org.TargetID, last org.PolicyID) ([]figure, error) {
	var cold, changed, warm []time.Duration
	took := func() time.Duration {
		start := time.Now()
		_, err := effective.Of(e.Organization, account, org.TagPolicy)
		if err != nil {
			panic(err)
		}
		return time.Since(start)
	}
	for range 50 {
		effective.ForgetMerged()
		cold = append(cold, took())
		start := time.Now()
		for range 1000 {
			took()
		}
		warm = append(warm, time.Since(start)/1000)
		if err := e.change(func(d *org.Draft) error { return d.DetachPolicy(last, account) }); err != nil {
			return nil, err
		}
		changed = append(changed, took())
		if err := e.change(func(d *org.Draft) error { return d.AttachPolicy(last, account) }); err != nil {
			return nil, err
		}
		took()
	}
	return []figure{
		{name: "cold", value: median(cold).Seconds() * 1e3, target: 2, unit: " ms", detail: fmt.Sprintf("%v after a change at the account", short(median(changed)))},
		{name: "when nothing changed", value: median(warm).Seconds() * 1e6, target: 5, unit: " µs"},
	}, nil
}

// manyAccounts measures what a change at the root of many accounts takes.
func (b *bench) manyAccounts() ([]figure, error) {
	const (
		whole = `{"securityhub":{"enable_in_regions":{"@@assign":["us-east-1"]},"disable_in_regions":{"@@assign":[]}}}`
		half  = `{"securityhub":{"enable_in_regions":{"@@assign":["us-west-2"]}}}`
		unit  = `{"securityhub":{"enable_in_regions":{"@@append":["eu-west-1"]}}}`
	)
	e, err := newEstate()
	if err != nil {
		return nil, err
	}
	root := org.TargetID(e.Root().ID)
	policy, err := e.attach(org.SecurityHub, "root", whole, root)
	if err != nil {
		return nil, err
	}
	below, err := e.CreatePolicy(org.SecurityHub, "unit", "", unit, nil)
	if err != nil {
		return nil, err
	}
	last, err := e.populate(below.ID)
	if err != nil {
		return nil, err
	}
	effective := org.NewEffectivePolicies()
	var write, visible, list []time.Duration
	for _, content := range []string{half, whole, half, whole, half} {
		start := time.Now()
		err := e.change(func(d *org.Draft) error {
			if _, err := d.UpdatePolicy(policy, nil, nil, &content); err != nil {
				return err
			}
			d.Settle(effective, false)
			return nil
		})
		if err != nil {
			return nil, err
		}
		write = append(write, time.Since(start))
		start = time.Now()
		if _, err := effective.Of(e.Organization, org.TargetID(last), org.SecurityHub); err != nil {
			return nil, err
		}
		visible = append(visible, time.Since(start))
		start = time.Now()
		accounts, err := e.AccountsWithInvalidEffectivePolicy(org.SecurityHub, "")
		if err != nil {
			return nil, err
		}
		n := 0
		for range accounts {
			n++
		}
		if want := map[string]int{half: governedAccounts + 1}[content]; n != want {
			return nil, fmt.Errorf("%d accounts are invalid, want %d", n, want)
		}
		if n > 0 {
			list = append(list, time.Since(start))
		}
	}
	kept := heap()
	runtime.KeepAlive(effective)
	effective = nil
	kept -= heap()
	runtime.KeepAlive(e)
	return []figure{
		{name: "the change itself, without the commit", value: median(write).Seconds() * 1e3, target: 1000, unit: " ms", detail: "works out what it comes to in every unit"},
		{name: "until the last account shows it", value: median(visible).Seconds() * 1e3, target: 1000, unit: " ms", detail: "after the change"},
		{name: "the list of all invalid accounts", value: median(list).Seconds() * 1e3, target: 1000, unit: " ms", detail: fmt.Sprintf("%d of them", governedAccounts+1)},
		{name: "heap of what is remembered", value: float64(kept) / (1 << 20), target: 300, unit: " MiB"},
	}, nil
}

// populate makes the units, each with a policy, and the accounts in them. It returns the last account.
func (e *estate) populate(policy org.PolicyID) (last org.AccountID, err error) {
	root := org.ParentID(e.Root().ID)
	for n := range governedAccounts {
		last = org.AccountID(fmt.Sprintf("%012d", 200_000_000_000+n))
		creation, err := e.CreateAccount(org.NewAccount{Name: "Workload", Email: fmt.Sprintf("w%d@example.com", n)})
		if err != nil {
			return "", err
		}
		if _, err := e.FinishCreation(creation.ID, last, ""); err != nil {
			return "", err
		}
	}
	for n := range governedUnits {
		unit, err := e.CreateOrganizationalUnit(root, fmt.Sprint("Unit ", n), nil)
		if err != nil {
			return "", err
		}
		if err := e.AttachPolicy(policy, org.TargetID(unit.ID)); err != nil {
			return "", err
		}
		for account := n; account < governedAccounts; account += governedUnits {
			id := org.AccountID(fmt.Sprintf("%012d", 200_000_000_000+account))
			if err := e.MoveAccount(id, root, org.ParentID(unit.ID)); err != nil {
				return "", err
			}
		}
	}
	return last, nil
}
