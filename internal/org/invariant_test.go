package org

import (
	"slices"

	"pgregory.net/rapid"
)

// check holds the present state against what is true of every organization.
func (m *machine) check(t *rapid.T) {
	m.checkTree(t)
	m.checkMembers(t)
	m.checkPolicies(t)
	m.checkAttachments(t)
	m.checkPublications(t)
	checkHandshakes(t, m.current, m.now)
}

// checkPublications: what is kept about effective policies is about targets that
// exist and types that are not disabled, and for a reason.
func (m *machine) checkPublications(t *rapid.T) {
	o := m.current
	for _, p := range values(walk(o.publications, "", "")) {
		if !o.hasTarget(p.Target) || p.Type != "" && o.root.Status(p.Type) == "" || !p.Kept && p.Changed.IsZero() {
			t.Fatalf("%+v", p)
		}
		if p.Kept && !p.Pending && o.policyTypeEnabled(p.Type) && (!p.Invalid || newPlaces(m.effective, o, p.Type).at(p.Target).valid()) {
			t.Fatalf("%+v is kept for nothing", p)
		}
	}
}

// checkTree: the units make a tree of bounded depth, siblings have different
// names, and from the root down each unit and account is found once.
func (m *machine) checkTree(t *rapid.T) {
	o := m.current
	seen := map[ChildID]int{}
	var visit func(ParentID, int)
	visit = func(parent ParentID, depth int) {
		if depth > m.rules.OUDepth {
			t.Fatalf("%s is %d levels deep", parent, depth)
		}
		names := map[string]bool{}
		units, err := o.OrganizationalUnits(parent, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range units {
			if unit.Parent != parent || names[unit.Name] {
				t.Fatalf("%s below %s: %+v", unit.ID, parent, unit)
			}
			names[unit.Name] = true
			seen[ChildID(unit.ID)]++
			visit(ParentID(unit.ID), depth+1)
		}
		accounts, err := o.AccountsForParent(parent, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, account := range accounts {
			seen[ChildID(account.ID)]++
			if o.AccountPath(account) != o.ParentPath(parent)+string(account.ID)+"/" {
				t.Fatalf("%s is not below %s", o.AccountPath(account), parent)
			}
		}
	}
	visit(ParentID(o.root.ID), 0)
	for child, n := range seen {
		if n != 1 {
			t.Fatalf("%s is %d times in the tree", child, n)
		}
	}
	if want := o.units.Len() + o.accounts.Len(); len(seen) != want {
		t.Fatalf("%d units and accounts are in the tree, there are %d", len(seen), want)
	}
}

// checkMembers: the management account is there and open, and quotas hold.
func (m *machine) checkMembers(t *rapid.T) {
	o := m.current
	owner := o.ManagementAccount()
	if owner == nil || !owner.CloseAsked.IsZero() || o.Standing(owner.ID) != Management || o.IsDelegatedAdministrator(owner.ID) {
		t.Fatalf("management account: %+v", owner)
	}
	inFlight := count(o.creationsByState, key(string(CreationInProgress), ""), "")
	if inFlight > m.rules.ConcurrentCreations || o.slots(m.now) > m.rules.Accounts {
		t.Fatalf("%d accounts, %d in flight, %d slots", o.accounts.Len(), inFlight, o.slots(m.now))
	}
	closing := 0
	for _, account := range o.Accounts("") {
		if account.State == PendingClosure {
			closing++
		}
		if (account.State == PendingClosure || account.State == Closed) == account.CloseAsked.IsZero() || (account.State == Closed) == account.ClosedAt.IsZero() {
			t.Fatalf("account: %+v", account)
		}
	}
	if closing > m.rules.ConcurrentClosures {
		t.Fatalf("%d accounts are closing", closing)
	}
	for _, delegation := range values(walk(o.delegations, "", "")) {
		if o.Standing(delegation.Account) != Member {
			t.Fatalf("%+v outlived its account", delegation)
		}
	}
}

// checkPolicies: names are unique within a type, and numbers within bounds.
func (m *machine) checkPolicies(t *rapid.T) {
	o := m.current
	all := 0
	for _, policyType := range PolicyTypes() {
		names := map[string]bool{}
		for _, policy := range o.Policies(policyType, "") {
			if policy.Type != policyType || names[policy.Name] {
				t.Fatalf("policy: %+v", policy)
			}
			names[policy.Name] = true
			if !policy.AWSManaged {
				all++
			}
		}
		if n, _ := o.policyCounts.Get(string(policyType)); n > m.rules.Policies[policyType].Policies {
			t.Fatalf("%d policies of type %s", n, policyType)
		}
	}
	if all != o.policies.Len() {
		t.Fatalf("%d policies are listed, there are %d", all, o.policies.Len())
	}
}

// checkAttachments: what is attached exists and is of a type that is not
// disabled, the two lists of attachments agree, and quotas hold.
func (m *machine) checkAttachments(t *rapid.T) {
	o := m.current
	for _, attachment := range values(walk(o.attachments, "", "")) {
		policy, err := o.Policy(attachment.Policy)
		if err != nil || policy.Type != attachment.Type || !o.hasTarget(attachment.Target) || o.root.Status(attachment.Type) == "" {
			t.Fatalf("%+v: %v", attachment, err)
		}
	}
	for _, detachment := range values(walk(o.detachments, "", "")) {
		if defaultPolicy(detachment.Type) == nil || !o.hasTarget(detachment.Target) || o.root.Status(detachment.Type) == "" {
			t.Fatalf("%+v", detachment)
		}
	}
	targets := []TargetID{TargetID(o.root.ID)}
	for _, id := range slices.Concat(o.units.Keys(), o.accounts.Keys()) {
		targets = append(targets, TargetID(id))
	}
	for _, policyType := range PolicyTypes() {
		of := map[PolicyID][]TargetID{}
		for _, target := range targets {
			policies, err := o.PoliciesForTarget(target, policyType, "")
			if err != nil {
				t.Fatal(err)
			}
			attached := values(policies)
			for _, policy := range attached {
				of[policy.ID] = append(of[policy.ID], target)
			}
			if len(attached) > m.rules.Policies[policyType].Attachments || policyType == ServiceControlPolicy && o.policyTypeEnabled(policyType) && len(attached) == 0 {
				t.Fatalf("%d policies of type %s at %s", len(attached), policyType, target)
			}
		}
		for _, policy := range o.Policies(policyType, "") {
			m.checkTargets(t, policy, of[policy.ID])
		}
	}
}

func (m *machine) checkTargets(t *rapid.T, policy *Policy, want []TargetID) {
	targets, err := m.current.TargetsForPolicy(policy.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []TargetID
	for _, target := range targets {
		got = append(got, target.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("targets of %s: %v, want %v", policy.ID, got, want)
	}
}
