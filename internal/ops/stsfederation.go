package ops

import (
	"context"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// GetFederationToken begins a session for somebody whom a user vouches for.
func (s *STS) GetFederationToken(ctx context.Context, by Caller, in *sts.GetFederationTokenInput) (*sts.GetFederationTokenOutput, error) {
	const defaultFederation = 12 * time.Hour
	session, err := by.View.Account.FederationSession(by.Caller, identity.NewFederation{
		Name: in.Name, Duration: min(seconds(in.DurationSeconds, defaultFederation), maxOf(by.Type)),
		Tags: sessionTags(in.Tags), Policies: sessionPolicies(in.Policy, in.PolicyArns),
	}, s.Clock())
	if err != nil {
		return nil, err
	}
	if len(session.Tags) > 0 && !s.permits(by, actionTagSession, by.ARN) {
		return nil, denied(by, actionTagSession, by.ARN)
	}
	credentials, err := s.credentials(session)
	if err != nil {
		return nil, err
	}
	return record(ctx, &s.Core, by, &sts.GetFederationTokenOutput{
		Credentials: credentials, FederatedUser: &sts.FederatedUser{Arn: session.ARN, FederatedUserId: session.UserID}, PackedPolicySize: packedSize(session),
	})
}

// GetAccessKeyInfo tells the account of a long-term access key. The keys of sessions
// are nowhere kept.
func (s *STS) GetAccessKeyInfo(ctx context.Context, _ Caller, in *sts.GetAccessKeyInfoInput) (*sts.GetAccessKeyInfoOutput, error) {
	owner, found, err := s.Registry.AccessKeyOwner(ctx, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	if !found || !identity.IsAccountID(string(owner)) { // the keys of services belong to no account
		return nil, &refusal{"ValidationError", "The access key ID " + in.AccessKeyId + " is not known.", badRequest}
	}
	return &sts.GetAccessKeyInfoOutput{Account: new(string(owner))}, nil
}
