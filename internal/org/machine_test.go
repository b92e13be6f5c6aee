package org

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestStateMachine applies random rules to an organization that is kept as a
// server keeps it: a published value, a draft for each rule, and a database of
// documents.
func TestStateMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := found(t)
		actions := m.actions(t)
		actions[""] = m.check
		t.Repeat(actions)
	})
}

type machine struct {
	rules   *Rules
	rand    *rand.ChaCha8
	now     time.Time
	current *Organization
	stored  map[string]Change // by kind and id

	effective *EffectivePolicies
	delay     bool // of effective policies
}

// found creates an organization under rules so tight that their limits are
// reached.
func found(t *rapid.T) *machine {
	rules := AWSRules()
	rules.Accounts, rules.OUs, rules.OUDepth, rules.Tags = 6, 5, 3, 3
	rules.ConcurrentCreations, rules.ConcurrentClosures = 2, 2
	rules.ClosuresPerMonth = func(int) int { return 3 }
	rules.WaitPeriod, rules.ClosedRetention = 2*24*time.Hour, 40*24*time.Hour
	for _, policyType := range PolicyTypes() {
		rules.Policies[policyType] = PolicyLimits{Characters: 100, Attachments: 2, Policies: 2}
	}
	rules.DelayPolicyTypes = rapid.Bool().Draw(t, "delay policy types")
	seed := rapid.Uint8().Draw(t, "seed")
	m := &machine{rules: rules, rand: rand.NewChaCha8([32]byte{seed}), now: day0, current: empty(), stored: map[string]Change{}, effective: NewEffectivePolicies()}
	m.delay = rapid.Bool().Draw(t, "delay effective policies")
	features := rapid.SampledFrom([]FeatureSet{AllFeatures, AllFeatures, AllFeatures, ConsolidatedBilling}).Draw(t, "features")
	m.apply(t, func(d *Draft) error { return d.CreateOrganization(NewID(m.rand), features, management) })
	if features == AllFeatures {
		m.populate(t)
	}
	return m
}

// populate grows the organization, so that few random rules reach its limits.
func (m *machine) populate(t *rapid.T) {
	for i, service := range []ServicePrincipal{"securityhub.amazonaws.com", "config.amazonaws.com"} {
		m.apply(t, func(d *Draft) error { return d.EnableService(service) })
		m.apply(t, func(d *Draft) error {
			_, err := d.CreateOrganizationalUnit(ParentID(m.current.root.ID), fmt.Sprint(i), nil)
			return err
		})
		m.apply(t, func(d *Draft) error { invited(d, newAccountID(m.rand)); return nil })
	}
	for _, policyType := range []PolicyType{ServiceControlPolicy, TagPolicy} {
		m.apply(t, func(d *Draft) error {
			_, err := d.EnablePolicyType(m.current.root.ID, policyType)
			return err
		})
		m.apply(t, func(d *Draft) error { d.FinishEnabling(policyType); return nil })
		m.apply(t, func(d *Draft) error {
			policy, err := d.CreatePolicy(policyType, "First", "", documentOf(policyType), nil)
			if err != nil {
				return err
			}
			for _, account := range d.accounts.Keys() {
				if err := d.AttachPolicy(policy.ID, TargetID(account)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, account := range m.current.accounts.Keys()[:2] {
		m.apply(t, func(d *Draft) error {
			return d.RegisterDelegatedAdministrator(AccountID(account), "config.amazonaws.com")
		})
	}
}

// apply runs a rule on a fork of a draft, as the registry does, and checks that
// the three ways to the next state lead to the same one.
func (m *machine) apply(t *rapid.T, rule func(*Draft) error) {
	before := fingerprint(m.current)
	draft := m.current.Draft(m.rules, m.now, m.rand)
	fork := draft.Fork(m.now)
	err := rule(fork)
	if fingerprint(m.current) != before || fingerprint(draft.Organization) != before || len(draft.Changes()) != 0 {
		t.Fatal("a rule changed more than its fork")
	}
	if err != nil {
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Kind == Internal || refusal.Message == "" {
			t.Fatalf("refused without a reason: %#v", err)
		}
		return
	}
	fork.Settle(m.effective, m.delay)
	changes := fork.Changes()
	if len(changes) > 500 {
		t.Fatalf("%d changes", len(changes))
	}
	next, err := m.current.Apply(changes)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		if id := change.Kind + " " + change.ID; change.Doc == nil {
			delete(m.stored, id)
		} else {
			m.stored[id] = change
		}
	}
	loaded, err := Load(documents(slices.Collect(maps.Values(m.stored)), nil))
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Len() != len(m.stored) {
		t.Fatalf("the organization counts %d documents, %d are stored", loaded.Len(), len(m.stored))
	}
	want := fingerprint(fork.Organization)
	if got := fingerprint(next); got != want {
		t.Fatalf("applied changes lead elsewhere:\n%s", difference(got, want))
	}
	if got := fingerprint(loaded); got != want {
		t.Fatalf("stored documents lead elsewhere:\n%s", difference(got, want))
	}
	m.current = next
}

// fingerprint writes a state down: every index with its keys and values.
func fingerprint(o *Organization) string {
	var out strings.Builder
	line := func(name, key string, value any) {
		doc, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&out, "%s %q %s\n", name, key, doc)
	}
	line("settings", "", o.settings)
	line("root", "", o.root)
	line("resource policy", "", o.resourcePolicy)
	for _, index := range o.state.indexes() {
		index.scan(func(key string, value any) bool {
			if value != 0 { // a count of nothing is none
				line(index.name, key, value)
			}
			return true
		})
	}
	return out.String()
}

type namedIndex struct {
	name string
	scan func(func(key string, value any) bool)
}

func (s *state) indexes() []namedIndex {
	return []namedIndex{
		named("units", s.units), named("units by parent", s.unitsByParent), named("units by creation", s.unitsByCreation), named("unit names", s.unitNames),
		named("accounts", s.accounts), named("accounts by join", s.accountsByJoin), named("accounts by parent", s.accountsByParent), named("closures", s.closures), named("closed", s.closed),
		named("creations", s.creations), named("creations by state", s.creationsByState),
		named("handshakes", s.handshakes), named("handshakes by action", s.handshakesByAction), named("handshakes by state", s.handshakesByState),
		named("handshakes by recipient", s.handshakesByRecipient), named("handshakes by due", s.handshakesByDue),
		named("transfers", s.transfers), named("transfers by direction", s.transfersByDirection), named("transfers by end", s.transfersByEnd),
		named("policies", s.policies), named("policies by type", s.policiesByType), named("policy names", s.policyNames), named("policy counts", s.policyCounts),
		named("attachments", s.attachments), named("attachments by target", s.attachmentsByTarget), named("attachments by policy", s.attachmentsByPolicy), named("detachments", s.detachments),
		named("publications", s.publications), named("kept", s.kept),
		named("services", s.services), named("delegations", s.delegations), named("delegations by service", s.delegationsByService),
	}
}

func named[V any](name string, in *index[V]) namedIndex {
	return namedIndex{name, func(yield func(string, any) bool) {
		in.Scan(func(key string, value V) bool { return yield(key, value) })
	}}
}

func TestFingerprintKnowsEveryIndex(t *testing.T) {
	s := newState()
	if got, want := len(s.indexes()), reflect.TypeFor[state]().NumField(); got != want {
		t.Errorf("%d indexes, the state has %d", got, want)
	}
}

func difference(got, want string) string {
	var out strings.Builder
	have := strings.Split(got, "\n")
	wanted := strings.Split(want, "\n")
	for _, line := range have {
		if !slices.Contains(wanted, line) {
			out.WriteString("+ " + line + "\n")
		}
	}
	for _, line := range wanted {
		if !slices.Contains(have, line) {
			out.WriteString("- " + line + "\n")
		}
	}
	return out.String()
}

// The ids on which rules work: those that exist, and some that do not.

func (m *machine) account(t *rapid.T) AccountID {
	ids := m.current.accounts.Keys()
	return AccountID(rapid.SampledFrom(append(ids, "999999999999")).Draw(t, "account"))
}

func (m *machine) parent(t *rapid.T, name string) ParentID {
	ids := append(m.current.units.Keys(), string(m.current.root.ID), string(m.current.root.ID), "ou-0000-00000000")
	return ParentID(rapid.SampledFrom(ids).Draw(t, name))
}

// target is often the management account, so that attachments meet there.
func (m *machine) target(t *rapid.T) TargetID {
	switch rapid.IntRange(0, 3).Draw(t, "at") {
	case 0:
		return TargetID(m.account(t))
	case 1:
		return TargetID(m.parent(t, "target"))
	}
	return TargetID(management.ID)
}

func (m *machine) policy(t *rapid.T) PolicyID {
	ids := append(m.current.policies.Keys(), "p-FullAWSAccess", "p-FullAWSAccess", "p-RCPFullAWSAccess", "p-0000000000")
	return PolicyID(rapid.SampledFrom(ids).Draw(t, "policy"))
}

func (m *machine) policyType(t *rapid.T) PolicyType {
	return rapid.SampledFrom([]PolicyType{ServiceControlPolicy, ServiceControlPolicy, ResourceControlPolicy, TagPolicy, SecurityHub}).Draw(t, "type")
}

func (m *machine) service(t *rapid.T) ServicePrincipal {
	return rapid.SampledFrom([]ServicePrincipal{"securityhub.amazonaws.com", "config.amazonaws.com", "sso.amazonaws.com", "no.such.service"}).Draw(t, "service")
}

func (m *machine) creation(t *rapid.T) CreationID {
	return CreationID(rapid.SampledFrom(append(m.current.creations.Keys(), "car-0")).Draw(t, "creation"))
}

func (m *machine) resource(t *rapid.T) ResourceID {
	switch rapid.IntRange(0, 2).Draw(t, "resource") {
	case 0:
		return ResourceID(m.policy(t))
	case 1:
		if m.current.resourcePolicy != nil {
			return ResourceID(m.current.resourcePolicy.ID)
		}
	}
	return ResourceID(m.target(t))
}

var tagLists = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Tag {
	return Tag{Key: rapid.SampledFrom([]string{"a", "b", "c", "d", "aws:e"}).Draw(t, "key"), Value: rapid.SampledFrom([]string{"", "1"}).Draw(t, "value")}
}), 0, 4)

var names = rapid.SampledFrom([]string{"A", "B", "C"})

// actions are rules with random arguments: all of them, or those of one kind so
// that they meet more often.
func (m *machine) actions(t *rapid.T) map[string]func(*rapid.T) {
	groups := []map[string]func(*rapid.T, *Draft) error{m.accountRules(), m.unitRules(), m.policyRules(), m.delegationRules(), m.handshakeRules()}
	if only := rapid.IntRange(0, len(groups)).Draw(t, "only"); only > 0 {
		groups = groups[only-1 : only]
	}
	actions := map[string]func(*rapid.T){
		"time passes": func(t *rapid.T) {
			m.now = m.now.Add(rapid.SampledFrom([]time.Duration{0, time.Microsecond, 24 * time.Hour, 20 * 24 * time.Hour}).Draw(t, "duration"))
		},
	}
	for _, rules := range groups {
		for name, rule := range rules {
			actions[name] = func(t *rapid.T) { m.apply(t, func(d *Draft) error { return rule(t, d) }) }
		}
	}
	return actions
}

func (m *machine) accountRules() map[string]func(*rapid.T, *Draft) error {
	return map[string]func(*rapid.T, *Draft) error{
		"create account": func(t *rapid.T, d *Draft) error {
			_, err := d.CreateAccount(NewAccount{Email: "a@example.com", Name: names.Draw(t, "name"), Tags: tagLists.Draw(t, "tags")})
			return err
		},
		"finish creation": func(t *rapid.T, d *Draft) error {
			_, err := d.FinishCreation(m.creation(t), newAccountID(m.rand), "")
			return err
		},
		"fail creation": func(t *rapid.T, d *Draft) error { return d.FailCreation(m.creation(t), InternalFailure) },
		"move account": func(t *rapid.T, d *Draft) error {
			return d.MoveAccount(m.account(t), m.parent(t, "from"), m.parent(t, "to"))
		},
		"remove account": func(t *rapid.T, d *Draft) error { return d.RemoveAccount(m.account(t)) },
		"set state": func(t *rapid.T, d *Draft) error {
			return d.SetState(m.account(t), rapid.SampledFrom([]AccountState{Active, Suspended, PendingActivation, Closed}).Draw(t, "state"))
		},
		"close account":  func(t *rapid.T, d *Draft) error { return d.CloseAccount(m.account(t)) },
		"finish closing": func(t *rapid.T, d *Draft) error { return d.FinishClosing(m.account(t)) },
		"reinstate":      func(t *rapid.T, d *Draft) error { return d.Reinstate(m.account(t)) },
		"purge":          func(t *rapid.T, d *Draft) error { return d.Purge(m.account(t)) },
		"delete organization": func(t *rapid.T, d *Draft) error {
			if err := d.DeleteOrganization(); err != nil {
				return err
			}
			// The registry drops the documents; here the organization comes again.
			maps.DeleteFunc(m.stored, func(string, Change) bool { return true })
			return d.CreateOrganization(NewID(m.rand), AllFeatures, management)
		},
	}
}

func (m *machine) unitRules() map[string]func(*rapid.T, *Draft) error {
	return map[string]func(*rapid.T, *Draft) error{
		"create unit": func(t *rapid.T, d *Draft) error {
			_, err := d.CreateOrganizationalUnit(m.parent(t, "parent"), names.Draw(t, "name"), tagLists.Draw(t, "tags"))
			return err
		},
		"rename unit": func(t *rapid.T, d *Draft) error {
			_, err := d.UpdateOrganizationalUnit(OUID(m.parent(t, "unit")), new(names.Draw(t, "name")))
			return err
		},
		"delete unit": func(t *rapid.T, d *Draft) error { return d.DeleteOrganizationalUnit(OUID(m.parent(t, "unit"))) },
		"tag":         func(t *rapid.T, d *Draft) error { return d.Tag(m.resource(t), tagLists.Draw(t, "tags")) },
		"untag": func(t *rapid.T, d *Draft) error {
			return d.Untag(m.resource(t), tagKeys(tagLists.Draw(t, "tags")))
		},
	}
}

func (m *machine) policyRules() map[string]func(*rapid.T, *Draft) error {
	return map[string]func(*rapid.T, *Draft) error{
		"enable policy type": func(t *rapid.T, d *Draft) error {
			_, err := d.EnablePolicyType(m.current.root.ID, m.policyType(t))
			return err
		},
		"disable policy type": func(t *rapid.T, d *Draft) error {
			_, err := d.DisablePolicyType(m.current.root.ID, m.policyType(t))
			return err
		},
		"finish enabling": func(t *rapid.T, d *Draft) error { d.FinishEnabling(m.policyType(t)); return nil },
		"publish":         func(t *rapid.T, d *Draft) error { d.Publish(m.effective, m.policyType(t)); return nil },
		"detach some":     func(t *rapid.T, d *Draft) error { d.DetachSome(m.policyType(t), 1); return nil },
		"create policy": func(t *rapid.T, d *Draft) error {
			of := m.policyType(t)
			_, err := d.CreatePolicy(of, names.Draw(t, "name"), "", documentOf(of), tagLists.Draw(t, "tags"))
			return err
		},
		"update policy": func(t *rapid.T, d *Draft) error {
			_, err := d.UpdatePolicy(m.policy(t), new(names.Draw(t, "name")), nil, new(documentOf(ServiceControlPolicy)))
			return err
		},
		"delete policy": func(t *rapid.T, d *Draft) error { return d.DeletePolicy(m.policy(t)) },
		"attach policy": func(t *rapid.T, d *Draft) error { return d.AttachPolicy(m.policy(t), m.target(t)) },
		"detach policy": func(t *rapid.T, d *Draft) error { return d.DetachPolicy(m.policy(t), m.target(t)) },
	}
}

func (m *machine) delegationRules() map[string]func(*rapid.T, *Draft) error {
	return map[string]func(*rapid.T, *Draft) error{
		"enable service":  func(t *rapid.T, d *Draft) error { return d.EnableService(m.service(t)) },
		"disable service": func(t *rapid.T, d *Draft) error { return d.DisableService(m.service(t)) },
		"put resource policy": func(t *rapid.T, d *Draft) error {
			_, err := d.PutResourcePolicy(delegationTo(m.account(t)), nil)
			return err
		},
		"delete resource policy": func(_ *rapid.T, d *Draft) error { return d.DeleteResourcePolicy() },
		"register": func(t *rapid.T, d *Draft) error {
			return d.RegisterDelegatedAdministrator(m.account(t), m.service(t))
		},
		"deregister": func(t *rapid.T, d *Draft) error {
			return d.DeregisterDelegatedAdministrator(m.account(t), m.service(t))
		},
	}
}
