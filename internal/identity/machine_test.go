package identity

import (
	"slices"

	"pgregory.net/rapid"
)

// drawRule applies a rule; whether the rule refuses does not matter here. Half of the time
// it does so to a fork that is dropped.
func drawRule(t *rapid.T, d *Draft, k *Keyring) *Draft {
	target := d
	if rapid.Bool().Draw(t, "dropped") {
		target = d.Fork()
	}
	m := machine{
		Draft: target, keyring: k,
		name:  rapid.SampledFrom([]string{"a", "A", "b", "c"}).Draw(t, "name"),
		other: rapid.SampledFrom([]string{"a", "A", "b"}).Draw(t, "other"),
		arn:   rapid.SampledFrom([]string{"arn:aws:iam::111122223333:policy/a", "arn:aws:iam::111122223333:policy/b", AdministratorAccess(PartitionAWS), linkedOnly}).Draw(t, "policy"),
		id:    rapid.SampledFrom([]string{"v1", "v2", "v3"}).Draw(t, "version"),
	}
	m.of = Ref{rapid.SampledFrom([]string{KindUser, KindGroup, KindRole}).Draw(t, "kind"), m.name}
	rules := slices.Concat(m.entityRules(), m.principalRules(), m.accountRules())
	rules[rapid.IntRange(0, len(rules)-1).Draw(t, "rule")]()
	return d
}

// machine is what the rules of a step are applied to.
type machine struct {
	*Draft
	keyring              *Keyring
	name, other, arn, id string
	of                   Ref
}

// entityRules are those of users, groups and roles alike.
func (m machine) entityRules() []func() {
	return []func(){
		func() { _ = m.AttachPolicy(m.of, m.arn) },
		func() { _ = m.AttachPolicy(m.of, m.arn) },
		func() { _ = m.DetachPolicy(m.of, m.arn) },
		func() { _ = m.SetPermissionsBoundary(m.of, m.arn) },
		func() { _ = m.DeletePermissionsBoundary(m.of) },
		func() { _ = m.PutInlinePolicy(m.of, m.other, allowAll) },
		func() { _ = m.DeleteInlinePolicy(m.of, m.other) },
		func() { _ = m.Tag(m.of, []Tag{{m.other, "v"}}) },
		func() { _ = m.Untag(m.of, []string{m.other}) },
		func() { _ = m.delete(m.of) },
	}
}

// principalRules are those of one kind of principal, and of managed policies.
func (m machine) principalRules() []func() {
	return []func(){
		func() { _, _ = m.CreateUser(NewUser{Name: m.name}) },
		func() { _, _ = m.UpdateUser(m.name, &m.other, nil) },
		func() { _, _ = m.CreateGroup(m.name, "") },
		func() { _ = m.AddUserToGroup(m.name, m.other) },
		func() { _ = m.AddUserToGroup(m.name, m.other) },
		func() { _ = m.RemoveUserFromGroup(m.name, m.other) },
		func() {
			_, _ = m.CreateRole(NewRole{Name: m.name, TrustPolicy: trustAll, Tags: []Tag{{"k", "v"}}})
		},
		func() { _ = m.UpdateRole(m.name, &m.other, nil) },
		func() { _, _ = m.CreatePolicy(NewPolicy{Name: m.name, Document: allowAll}) },
		func() { _, _ = m.CreatePolicyVersion(m.arn, allowAll, m.id == "v1") },
		func() { _ = m.SetDefaultPolicyVersion(m.arn, m.id) },
		func() { _ = m.DeletePolicyVersion(m.arn, m.id) },
		func() { _ = m.DeletePolicy(m.arn) },
		func() { _, _, _ = m.CreateAccessKey(m.name, m.keyring) },
	}
}

// accountRules are those of the account itself.
func (m machine) accountRules() []func() {
	var key AccessKeyID
	for k := range m.AccessKeys() {
		key = k.ID
	}
	return []func(){
		func() { _, _ = m.EnsureOrganizationsRole() },
		func() { _, _ = m.DeleteServiceLinkedRole("AWSServiceRoleForOrganizations", nil) },
		func() { _, _, _ = m.CreateRootAccessKey(m.keyring) },
		func() { _ = m.SetAccessKeyStatus(key, KeyInactive) },
		func() { m.RecordUse(Caller{AccessKeyID: key}, "iam", "us-east-1") },
		func() { _ = m.DeleteAccessKey(key) },
		func() { _, _ = m.CreateOIDCProvider(NewOIDCProvider{URL: "https://" + m.name + ".example.com"}) },
		func() { _ = m.DeleteOIDCProvider("arn:aws:iam::111122223333:oidc-provider/" + m.name + ".example.com") },
		func() { _ = m.SetAlias("alias-" + nameKey(m.name)) },
		func() { m.SetFeature(RootSessions, m.name == "a") },
		func() { _ = m.JoinOrganization("o-aaaaaaaaaa") },
		func() { _ = m.LeaveOrganization() },
		func() { _ = m.Close() },
		func() { m.Reopen() },
		func() { _ = m.Rename(m.name) },
	}
}

// checkInvariants holds an account against what is true of every account.
func checkInvariants(t *rapid.T, a *Account) {
	t.Helper()
	c := contentsOf(a)
	checkLinks(t, a, c)
	for _, p := range slices.Concat(c.Policies, slices.Collect(a.PoliciesOfAWS("/", ""))) {
		arn, attachments, boundaries := a.PolicyARN(p), 0, 0
		for _, e := range entitiesOf(c) {
			if slices.Contains(e.ManagedPolicies, arn) {
				attachments++
			}
			if e.PermissionsBoundary == arn {
				boundaries++
			}
		}
		if a.AttachmentCount(arn) != attachments || a.BoundaryCount(arn) != boundaries {
			t.Fatalf("%s counts %d attachments and %d boundaries, there are %d and %d", arn, a.AttachmentCount(arn), a.BoundaryCount(arn), attachments, boundaries)
		}
		if _, ok := p.Version(versionID(p.Default)); !ok || len(p.Versions) > 5 {
			t.Fatalf("the versions of %s are %v, %d is in effect", arn, p.Versions, p.Default)
		}
	}
	for _, u := range c.Users {
		if n := a.referrerCount(owns, nameKey(u.Name)); n > 2 {
			t.Fatalf("%s has %d access keys", u.Name, n)
		}
	}
	if n := a.referrerCount(owns, RootPrincipal); n > 2 {
		t.Fatalf("the root user has %d access keys", n)
	}
}

// checkLinks: the links are those of the entities that there are, and none leads to what is gone.
func checkLinks(t *rapid.T, a *Account, c contents) {
	t.Helper()
	var want []string
	check := func(links []link) {
		for _, l := range links {
			want = append(want, l.String())
			found := l.relation == serves || l.to == RootPrincipal
			switch l.relation {
			case attached, bounds:
				_, found = a.Policy(l.to)
			case contains:
				_, found = a.groups.Get(l.to)
			case owns:
				_, user := a.users.Get(l.to)
				found = found || user
			case serves:
			}
			if !found {
				t.Fatalf("%q leads nowhere", l)
			}
		}
	}
	for _, u := range c.Users {
		check(u.links(nameKey(u.Name)))
	}
	for _, g := range c.Groups {
		check(g.links(nameKey(g.Name)))
	}
	for _, r := range c.Roles {
		check(r.links(nameKey(r.Name)))
	}
	for _, k := range c.Keys {
		check(k.links(string(k.ID)))
	}
	slices.Sort(want)
	if !slices.Equal(want, c.Links) {
		t.Fatalf("the links are %q, want %q", c.Links, want)
	}
}

func entitiesOf(c contents) []*Entity {
	var all []*Entity
	for _, u := range c.Users {
		all = append(all, &u.Entity)
	}
	for _, g := range c.Groups {
		all = append(all, &g.Entity)
	}
	for _, r := range c.Roles {
		all = append(all, &r.Entity)
	}
	return all
}
