package ops

import (
	"context"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// STS is the Security Token Service.
type STS struct {
	sts.Unimplemented[Caller]
	Core
	// Issue makes the credentials of a session.
	Issue         func(identity.Session) (Credentials, error)
	WebIdentities WebIdentities
}

// Credentials are those of a session, to be shown once.
type Credentials struct {
	AccessKeyID  identity.AccessKeyID
	Secret       identity.Secret
	SessionToken identity.Secret
}

// GetCallerIdentity says who calls. It needs no permission. A service has no
// account.
func (s *STS) GetCallerIdentity(_ context.Context, by Caller, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: optional(string(by.Account)), Arn: new(by.ARN), UserId: new(by.UserID)}, nil
}

// GetSessionToken begins a session of the caller himself.
func (s *STS) GetSessionToken(ctx context.Context, by Caller, in *sts.GetSessionTokenInput) (*sts.GetSessionTokenOutput, error) {
	if err := refuseMFA(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	const defaultUserSession = 12 * time.Hour
	duration := min(seconds(in.DurationSeconds, defaultUserSession), maxOf(by.Type))
	session, err := by.View.Account.UserSession(by.Caller, s.Clock(), duration)
	if err != nil {
		return nil, err
	}
	credentials, err := s.credentials(session)
	if err != nil {
		return nil, err
	}
	return record(ctx, &s.Core, by, &sts.GetSessionTokenOutput{Credentials: credentials})
}

// refuseMFA refuses the code of a multi-factor device: nobody has one.
func refuseMFA(serialNumber, code *string) error {
	if serialNumber == nil && code == nil {
		return nil
	}
	return &refusal{"AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.", forbidden}
}

// maxOf is how long a session of the caller himself can last: one hour for the
// root user, who is not told when he asks for more.
func maxOf(t identity.PrincipalType) time.Duration {
	if t == identity.Root {
		return time.Hour
	}
	return 36 * time.Hour
}

// seconds returns the duration that is asked for, or else another.
func seconds(asked *int32, otherwise time.Duration) time.Duration {
	if asked == nil {
		return otherwise
	}
	return time.Duration(*asked) * time.Second
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
