package ops

import (
	"context"
	"errors"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/policy"
)

// The actions that beginning a session needs beside assuming the role, where it
// carries tags or a source identity, be they inherited.
const (
	actionTagSession        = "sts:TagSession"
	actionSetSourceIdentity = "sts:SetSourceIdentity"
)

// defaultRoleSession is how long a session of a role lasts when nobody says so.
const defaultRoleSession = time.Hour

// AssumeRole begins a session of a role whose trust policy names the caller.
// Whatever stands in the way of the caller, the answer is the same AccessDenied: it
// does not tell whether a role exists.
func (s *STS) AssumeRole(ctx context.Context, by Caller, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	if in.ProvidedContexts != nil {
		return nil, &refusal{"NotImplemented", "This version of Espalier does not implement ProvidedContexts of AssumeRole.", badRequest}
	}
	if by.Type == identity.Service {
		return s.assumeForService(ctx, by, in)
	}
	owner, role, err := s.role(ctx, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if role == nil || !s.mayAssume(&by, identity.AssumeRoleAction, owner, in.RoleArn) {
		return nil, denied(by, identity.AssumeRoleAction, in.RoleArn)
	}
	_, out, err := s.begin(by, in, owner.Account, role, func(action string) bool { return s.mayAssume(&by, action, owner, in.RoleArn) })
	if err != nil {
		return nil, err
	}
	return record(ctx, &s.Core, by, out)
}

// begin begins a session of a role that the caller may assume. Of the other actions
// that this may need, may tells whether he is allowed them.
func (s *STS) begin(by Caller, in *sts.AssumeRoleInput, account *identity.Account, role *identity.Role, may func(action string) bool) (*identity.Session, *sts.AssumeRoleOutput, error) {
	if err := refuseMFA(in.SerialNumber, in.TokenCode); err != nil {
		return nil, nil, err
	}
	session, err := account.RoleSession(role, by.Caller, identity.NewRoleSession{
		Operation: identity.SessionAssumeRole, Name: in.RoleSessionName, Duration: seconds(in.DurationSeconds, defaultRoleSession),
		SourceIdentity: given(in.SourceIdentity), Tags: sessionTags(in.Tags), TransitiveTagKeys: in.TransitiveTagKeys,
		Policies: sessionPolicies(in.Policy, in.PolicyArns),
	}, s.Clock())
	if err != nil {
		return nil, nil, err
	}
	for _, action := range marks(session) {
		if !may(action) {
			return nil, nil, denied(by, action, in.RoleArn)
		}
	}
	credentials, err := s.credentials(session)
	if err != nil {
		return nil, nil, err
	}
	return session, &sts.AssumeRoleOutput{
		Credentials:      credentials,
		AssumedRoleUser:  &sts.AssumedRoleUser{Arn: session.ARN, AssumedRoleId: session.UserID},
		PackedPolicySize: packedSize(session),
		SourceIdentity:   in.SourceIdentity,
	}, nil
}

// role returns the role of an ARN and its account, or nil when there is none that
// can be assumed.
func (s *STS) role(ctx context.Context, arn string) (*registry.View, *identity.Role, error) {
	owner, err := s.accountOf(ctx, arn)
	if owner == nil {
		return nil, nil, err
	}
	role, ok := owner.Account.RoleByARN(arn)
	if !ok {
		return nil, nil, nil
	}
	return owner, role, nil
}

// accountOf returns the account of an ARN, or nil when there is none that can be
// used.
func (s *STS) accountOf(ctx context.Context, arn string) (*registry.View, error) {
	id, ok := identity.AccountOf(arn)
	if !ok {
		return nil, nil
	}
	owner, err := s.Registry.View(ctx, id)
	if errors.Is(err, registry.ErrNotFound) || err == nil && !owner.Account.State().Usable() {
		return nil, nil
	}
	return owner, err
}

// mayAssume tells whether the policies of both accounts let a caller do something
// that assuming a role needs.
func (s *STS) mayAssume(by *Caller, action string, owner *registry.View, role string) bool {
	r, err := by.Request(policy.NewAction(action), role, by.Context)
	if err != nil {
		return false
	}
	return s.Decide(r, &by.Caller, by.View.Account, by.View.Organization, owner.Account, owner.Organization).Result == policy.Allowed
}

// marks returns the actions that a session needs for what it carries.
func marks(session *identity.Session) []string {
	var actions []string
	if len(session.Tags) > 0 {
		actions = append(actions, actionTagSession)
	}
	if session.SourceIdentity != "" {
		actions = append(actions, actionSetSourceIdentity)
	}
	return actions
}

func sessionTags(asked []sts.Tag) []identity.Tag {
	tags := make([]identity.Tag, len(asked))
	for i, t := range asked {
		tags[i] = identity.Tag{Key: t.Key, Value: given(t.Value)}
	}
	return tags
}

func sessionPolicies(document *string, arns []sts.PolicyDescriptorType) identity.SessionPolicies {
	policies := identity.SessionPolicies{Inline: given(document)}
	for _, p := range arns {
		policies.Managed = append(policies.Managed, given(p.Arn))
	}
	return policies
}

// packedSize is told of sessions that have tags or policies.
func packedSize(session *identity.Session) *int32 {
	size := session.PackedSize()
	if size == 0 {
		return nil
	}
	return new(int32(size))
}
