package ops

import (
	"context"
	"slices"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/policy"
)

const actionAssumeRoot = "sts:AssumeRoot"

// AssumeRoot begins a session of the root user of a member account, for a task: by a
// user or a role of the management account or of the delegated administrator of IAM,
// where the organization has the feature that the task needs.
func (s *STS) AssumeRoot(ctx context.Context, by Caller, in *sts.AssumeRootInput) (*sts.AssumeRootOutput, error) {
	target, task := rootOf(by.View.Account.Partition(), in.TargetPrincipal), given(in.TaskPolicyArn.Arn)
	if by.Type == identity.Root || !s.mayAssumeRoot(by, target, task) {
		return nil, denied(by, actionAssumeRoot, target)
	}
	feature, err := identity.RootTask(by.View.Account.Partition(), task)
	if err != nil {
		return nil, err
	}
	member, err := s.memberOf(ctx, by, target)
	if err != nil {
		return nil, err
	}
	enabled, err := s.hasFeature(ctx, by.View.Organization, feature)
	if err != nil {
		return nil, err
	}
	if member == nil || !enabled {
		return nil, denied(by, actionAssumeRoot, target)
	}
	session, err := member.Account.RootSession(by.Caller, task, s.Clock(), seconds(in.DurationSeconds, 15*time.Minute))
	if err != nil {
		return nil, err
	}
	credentials, err := s.credentials(session)
	if err != nil {
		return nil, err
	}
	return record(ctx, &s.Core, by, &sts.AssumeRootOutput{Credentials: credentials, SourceIdentity: optional(session.SourceIdentity)})
}

// rootOf returns the ARN of the root user that a target names by the id of its
// account, or else the target.
func rootOf(p identity.Partition, target string) string {
	if identity.IsAccountID(target) {
		return identity.RootARN(p, identity.AccountID(target))
	}
	return target
}

// mayAssumeRoot tells whether the caller's policies let him assume a root user. That
// has no policy of its own: whether the caller's account may is for the organization
// to say.
func (s *STS) mayAssumeRoot(by Caller, target, task string) bool {
	by.Context.Set("sts:TaskPolicyArn", task)
	r, err := by.Request(policy.NewAction(actionAssumeRoot), target, by.Context)
	if err != nil {
		return false
	}
	r.ResourceAccount = string(by.Account)
	v := by.View
	return s.Decide(r, &by.Caller, v.Account, v.Organization, v.Account, v.Organization).Result == policy.Allowed
}

// memberOf returns the member account whose root user a target is, or nil when the
// caller's account does not administer it.
func (s *STS) memberOf(ctx context.Context, by Caller, target string) (*registry.View, error) {
	o := by.View.Organization
	owner, err := s.accountOf(ctx, target)
	if err != nil || owner == nil || o == nil {
		return nil, err
	}
	id := owner.Account.ID()
	if target != identity.RootARN(owner.Account.Partition(), id) || o.Standing(org.AccountID(id)) != org.Member || !administers(o, org.AccountID(by.Account), iamService) {
		return nil, nil
	}
	return owner, nil
}

// hasFeature tells whether an organization has a feature of IAM, which its management
// account keeps.
func (s *STS) hasFeature(ctx context.Context, o *org.Organization, f identity.Feature) (bool, error) {
	if o == nil {
		return false, nil
	}
	management, err := s.Registry.Account(ctx, identity.AccountID(o.Settings().ManagementAccount))
	if err != nil {
		return false, err
	}
	return slices.Contains(management.Profile().Features, f), nil
}
