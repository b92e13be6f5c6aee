package ops

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/policy"
)

// STS is the Security Token Service.
type STS struct {
	sts.Unimplemented[Caller]
	Core
	// Issue makes the credentials of a session.
	Issue func(identity.Session) (Credentials, error)
}

// Credentials are those of a session, to be shown once.
type Credentials struct {
	AccessKeyID  identity.AccessKeyID
	Secret       identity.Secret
	SessionToken identity.Secret
}

// GetCallerIdentity says who calls. It needs no permission.
func (s *STS) GetCallerIdentity(_ context.Context, by Caller, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: new(string(by.Account)), Arn: new(by.ARN), UserId: new(by.UserID)}, nil
}

// The durations of sessions for which the caller asks no duration, and the
// longest one of a session that a session begins.
const (
	defaultRoleSession = time.Hour
	defaultUserSession = 12 * time.Hour
	longestChained     = time.Hour
)

// AssumeRole begins a session of a role whose trust policy names the caller.
// Whatever stands in the way, the answer is the same AccessDenied: it does not
// tell whether a role exists.
func (s *STS) AssumeRole(ctx context.Context, by Caller, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	if err := unsupported(in); err != nil {
		return nil, err
	}
	owner, role, err := s.role(ctx, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if role == nil || !s.mayAssume(by, owner, in.RoleArn) {
		return nil, denied(by, identity.AssumeRoleAction, in.RoleArn)
	}
	account := owner.Account
	duration := defaultRoleSession
	if in.DurationSeconds != nil {
		duration = time.Duration(*in.DurationSeconds) * time.Second
	}
	if by.Type == identity.AssumedRole && duration > longestChained {
		return nil, &refusal{"ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", badRequest}
	}
	session, err := account.RoleSession(role, in.RoleSessionName, s.Clock(), duration)
	if err != nil {
		return nil, err
	}
	if in.SourceIdentity != nil {
		session.SourceIdentity = *in.SourceIdentity
	}
	credentials, err := s.credentials(session)
	if err != nil {
		return nil, err
	}
	return record(ctx, &s.Core, by, &sts.AssumeRoleOutput{
		Credentials:     credentials,
		AssumedRoleUser: &sts.AssumedRoleUser{Arn: session.ARN, AssumedRoleId: session.UserID},
		SourceIdentity:  in.SourceIdentity,
	})
}

// unsupported refuses the members of AssumeRole that would narrow the session
// and that this version cannot honour: ignoring them would grant too much.
func unsupported(in *sts.AssumeRoleInput) error {
	for name, given := range map[string]bool{
		"Policy": in.Policy != nil, "PolicyArns": in.PolicyArns != nil, "Tags": in.Tags != nil, "TransitiveTagKeys": in.TransitiveTagKeys != nil,
		"ProvidedContexts": in.ProvidedContexts != nil, "SerialNumber": in.SerialNumber != nil, "TokenCode": in.TokenCode != nil,
	} {
		if given {
			return &refusal{"NotImplemented", "This version of Espalier does not implement " + name + " of AssumeRole.", badRequest}
		}
	}
	return nil
}

// role returns the role of an ARN and its account, or nil when there is none that
// can be assumed.
func (s *STS) role(ctx context.Context, arn string) (*registry.View, *identity.Role, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || !identity.IsAccountID(parts[4]) {
		return nil, nil, nil
	}
	owner, err := s.Registry.View(ctx, identity.AccountID(parts[4]))
	if errors.Is(err, registry.ErrNotFound) || err == nil && !owner.Account.State().Usable() {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	role, ok := owner.Account.RoleByARN(arn)
	if !ok {
		return nil, nil, nil
	}
	return owner, role, nil
}

// mayAssume tells whether the policies of both accounts let a caller assume a role.
func (s *STS) mayAssume(by Caller, owner *registry.View, role string) bool {
	r, err := by.Request(identity.AssumeRoleAction, role, by.Context)
	if err != nil {
		return false
	}
	return s.Decide(r, by.View.Account, by.View.Organization, owner.Account, owner.Organization).Result == policy.Allowed
}

// GetSessionToken begins a session of the caller himself.
func (s *STS) GetSessionToken(ctx context.Context, by Caller, in *sts.GetSessionTokenInput) (*sts.GetSessionTokenOutput, error) {
	if in.SerialNumber != nil || in.TokenCode != nil {
		return nil, &refusal{"AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.", forbidden}
	}
	duration := defaultUserSession
	if by.Type == identity.Root {
		duration = time.Hour
	}
	if in.DurationSeconds != nil {
		duration = min(time.Duration(*in.DurationSeconds)*time.Second, maxOf(by.Type))
	}
	session, err := identity.UserSession(by.Caller, s.Clock(), duration)
	if err != nil {
		return nil, err
	}
	credentials, err := s.credentials(session)
	if err != nil {
		return nil, err
	}
	return record(ctx, &s.Core, by, &sts.GetSessionTokenOutput{Credentials: credentials})
}

// maxOf is how long a session of the caller himself can last: one hour for the
// root user, who is not told when he asks for more.
func maxOf(t identity.PrincipalType) time.Duration {
	if t == identity.Root {
		return time.Hour
	}
	return 36 * time.Hour
}

// credentials issues the credentials of a session.
func (s *STS) credentials(session *identity.Session) (*sts.Credentials, error) {
	issued, err := s.Issue(*session)
	if err != nil {
		return nil, err
	}
	return &sts.Credentials{
		AccessKeyId: string(issued.AccessKeyID), SecretAccessKey: new(issued.Secret.Reveal()),
		SessionToken: new(issued.SessionToken.Reveal()), Expiration: session.Expires,
	}, nil
}

// record leaves the event of a call that changes no state but must be known,
// such as the beginning of a session.
func record[Out any](ctx context.Context, core *Core, by Caller, out *Out) (*Out, error) {
	return commit(ctx, core, by, registry.AccountKey(by.Account), func(*registry.Tx) (*Out, error) { return out, nil })
}
