package identity

// Count is how much of everything an account holds.
type Count struct {
	Users, Groups, Roles, Policies, OIDCProviders int
	PolicyVersions                                int // of the account's own policies
	RootAccessKeys                                int
}

// Count counts what the account holds. Roles are without the service-linked ones, as in the quota.
func (s *state) Count() Count {
	c := Count{
		Users: s.users.Len(), Groups: s.groups.Len(), Roles: s.ordinaryRoles(), Policies: s.policies.Len(), OIDCProviders: s.providers.Len(),
		RootAccessKeys: s.referrerCount(owns, RootPrincipal),
	}
	for p := range walk(s.policies, "") {
		c.PolicyVersions += len(p.Versions)
	}
	return c
}
