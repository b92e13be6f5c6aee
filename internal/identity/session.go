package identity

import "time"

// SessionType names the STS operation that began a session.
type SessionType string

// The operations that begin sessions.
const (
	SessionAssumeRole                SessionType = "AssumeRole"
	SessionGetSessionToken           SessionType = "GetSessionToken"
	SessionAssumeRoleWithWebIdentity SessionType = "AssumeRoleWithWebIdentity"
	SessionGetFederationToken        SessionType = "GetFederationToken"
	SessionAssumeRoot                SessionType = "AssumeRoot"
)

// Session is what a session token carries: whom temporary credentials speak for, and until when.
type Session struct {
	Operation      SessionType    `json:"op"`
	AccessKeyID    AccessKeyID    `json:"key,omitzero"`
	BegunBy        AccessKeyID    `json:"by,omitzero"` // the long-term key of a session of a user, which ends with the key
	Account        AccountID      `json:"account,omitzero"`
	Type           PrincipalType  `json:"type,omitzero"`
	ARN            string         `json:"arn,omitzero"`
	UserID         string         `json:"user,omitzero"`
	Role           *SessionIssuer `json:"role,omitzero"`
	FederatedBy    *Federator     `json:"federator,omitzero"`
	SourceIdentity string         `json:"source,omitzero"`
	Tags           []Tag          `json:"tags,omitzero"`
	Transitive     []string       `json:"transitive,omitzero"` // keys of the tags that sessions begun by this one inherit

	// Policies limit the session; nil where none do. They are shared: not to be changed.
	Policies *SessionPolicies `json:"policies,omitzero"`

	Issued  time.Time `json:"iat"`
	Expires time.Time `json:"exp"`
	MFA     bool      `json:"mfa,omitzero"`
}

// Caller returns the principal of the session.
func (s *Session) Caller() Caller {
	return Caller{
		Account: s.Account, Type: s.Type, ARN: s.ARN, UserID: s.UserID, AccessKeyID: s.AccessKeyID, Role: s.Role,
		FederatedBy: s.FederatedBy, AssumedRoot: s.Operation == SessionAssumeRoot,
		SourceIdentity: s.SourceIdentity, SessionTags: s.Tags, TransitiveTagKeys: s.Transitive, SessionPolicies: s.Policies, MFA: s.MFA, IssuedAt: s.Issued,
	}
}

// Expired reports whether the session has ended by now.
func (s *Session) Expired(now time.Time) bool { return !now.Before(s.Expires) }

// CheckSession refuses a session that the account no longer stands behind: as AccountClosed when the account
// is closed or suspended, as SessionRevoked when its role has been deleted (a new role of the same name is another role)
// or the long-term key that began it is no longer active, or now speaks for a user of another name.
func (a *Account) CheckSession(s *Session) error {
	switch {
	case !a.State().Usable():
		return refuse(AccountClosed, "The account is closed or suspended.")
	case s.Role != nil:
		if r, ok := a.Role(s.Role.Name); !ok || r.ID != s.Role.ID {
			return refuse(SessionRevoked, "The role of this session no longer exists.")
		}
	case s.BegunBy != "":
		if k, ok := a.AccessKey(s.BegunBy); !ok || k.Status != KeyActive || a.Caller(k).ARN != s.userARN() {
			return refuse(SessionRevoked, "The access key that began this session is no longer accepted.")
		}
	}
	return nil
}

// userARN returns the ARN of the user whose key began the session.
func (s *Session) userARN() string {
	if s.FederatedBy != nil {
		return s.FederatedBy.ARN
	}
	return s.ARN
}

// MayCall reports whether the credentials of the session are good for an operation, whatever its policies say: those of
// a user himself are for IAM only with multi-factor authentication and for hardly anything of STS, those of a federated
// user for even less (IAM user guide, "Compare AWS STS credentials").
func (s *Session) MayCall(service, operation string) bool {
	own := s.Operation == SessionGetSessionToken
	if !own && s.Operation != SessionGetFederationToken {
		return true
	}
	switch service {
	case "iam":
		return own && s.MFA
	case "sts":
		return operation == "GetCallerIdentity" || own && operation == "AssumeRole"
	}
	return true
}
