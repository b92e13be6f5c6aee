package ops

import (
	"context"
	"iter"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// ListEntitiesForPolicy lists the users, groups and roles to which a managed
// policy is attached, or of which it is the permissions boundary.
func (i *IAM) ListEntitiesForPolicy(_ context.Context, by Caller, in *iam.ListEntitiesForPolicyInput) (*iam.ListEntitiesForPolicyOutput, error) {
	if _, err := by.View.Account.ExistingPolicy(in.PolicyArn); err != nil {
		return nil, err
	}
	wanted := policyUses{by.View.Account, in.PolicyArn, identity.PolicyUsage(given(in.PolicyUsageFilter)), strings.ToLower(string(given(in.EntityFilter))), underPath(in.PathPrefix)}
	filter := strings.Join([]string{wanted.arn, string(wanted.usage), wanted.kind, wanted.pathPrefix}, "\x00")
	uses, page, err := list(i, by, paging{in.MaxItems, in.Marker}, filter, wanted.behind, same)
	if err != nil {
		return nil, err
	}
	out := &iam.ListEntitiesForPolicyOutput{
		PolicyGroups: []iam.PolicyGroup{}, PolicyUsers: []iam.PolicyUser{}, PolicyRoles: []iam.PolicyRole{},
		IsTruncated: page.truncated, Marker: page.marker,
	}
	for _, of := range uses {
		wanted.show(of, out)
	}
	return out, nil
}

// policyUses is what ListEntitiesForPolicy is asked for.
type policyUses struct {
	account    *identity.Account
	arn        string
	usage      identity.PolicyUsage // "" for any
	kind       string               // "" for all
	pathPrefix string
}

// behind lists the uses from behind a place.
func (p *policyUses) behind(after string) iter.Seq2[org.Cursor, identity.Ref] {
	return func(yield func(org.Cursor, identity.Ref) bool) {
		for use := range p.account.PolicyUses(p.arn, p.usage, after) {
			e, err := p.account.Entity(use.Entity)
			wanted := err == nil && (p.kind == "" || p.kind == use.Entity.Kind()) && strings.HasPrefix(e.Path, p.pathPrefix)
			if wanted && !yield(org.Cursor(use.Place), use.Entity) {
				return
			}
		}
	}
}

// show adds a user, group or role to the answer.
func (p *policyUses) show(of identity.Ref, out *iam.ListEntitiesForPolicyOutput) {
	switch of.Kind() {
	case identity.KindUser:
		u, _ := p.account.User(of.Name())
		out.PolicyUsers = append(out.PolicyUsers, iam.PolicyUser{UserName: &u.Name, UserId: new(string(u.ID))})
	case identity.KindGroup:
		g, _ := p.account.Group(of.Name())
		out.PolicyGroups = append(out.PolicyGroups, iam.PolicyGroup{GroupName: &g.Name, GroupId: new(string(g.ID))})
	case identity.KindRole:
		r, _ := p.account.Role(of.Name())
		out.PolicyRoles = append(out.PolicyRoles, iam.PolicyRole{RoleName: &r.Name, RoleId: new(string(r.ID))})
	}
}
