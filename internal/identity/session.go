package identity

import "time"

// SessionType names the STS operation that began a session.
type SessionType string

// The operations that begin sessions.
const (
	SessionAssumeRole      SessionType = "AssumeRole"
	SessionGetSessionToken SessionType = "GetSessionToken"
)

// Session is what a session token carries: whom temporary credentials speak for, and until when.
type Session struct {
	Operation      SessionType    `json:"op"`
	AccessKeyID    AccessKeyID    `json:"key"`
	Account        AccountID      `json:"account"`
	Type           PrincipalType  `json:"type"`
	ARN            string         `json:"arn"`
	UserID         string         `json:"user"`
	Role           *SessionIssuer `json:"role,omitzero"`
	SourceIdentity string         `json:"source,omitzero"`
	Tags           []Tag          `json:"tags,omitzero"`
	Issued         time.Time      `json:"iat"`
	Expires        time.Time      `json:"exp"`
	MFA            bool           `json:"mfa,omitzero"`
}

// Caller returns the principal of the session.
func (s *Session) Caller() Caller {
	return Caller{
		Account: s.Account, Type: s.Type, ARN: s.ARN, UserID: s.UserID, AccessKeyID: s.AccessKeyID, Role: s.Role,
		SourceIdentity: s.SourceIdentity, SessionTags: s.Tags, MFA: s.MFA, IssuedAt: s.Issued,
	}
}

// Expired reports whether the session has ended by now.
func (s *Session) Expired(now time.Time) bool { return !now.Before(s.Expires) }

// RoleSession returns a session of one of the account's roles that lasts from now for d. Its access key is still to be
// issued. It refuses a session name outside sts:AssumeRole's constraints, and a duration under fifteen minutes or
// over the role's maximum, as ValidationError.
func (a *Account) RoleSession(r *Role, sessionName string, now time.Time, d time.Duration) (*Session, error) {
	if len(sessionName) < 2 || len(sessionName) > 64 || !namePattern.MatchString(sessionName) {
		return nil, refuse(ValidationError, "The role session name must be 2 to 64 letters, digits, or any of _+=,.@-")
	}
	if d < minSession || d > time.Duration(r.MaxSessionDuration)*time.Second {
		return nil, refuse(ValidationError, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	now = stamp(now)
	return &Session{
		Operation: SessionAssumeRole,
		Account:   a.ID(),
		Type:      AssumedRole,
		ARN:       AssumedRoleARN(a.Partition(), a.ID(), r.Name, sessionName),
		UserID:    string(r.ID) + ":" + sessionName,
		Role:      &SessionIssuer{ARN: a.RoleARN(r), ID: r.ID, Name: r.Name, SessionName: sessionName},
		Issued:    now,
		Expires:   now.Add(d),
	}, nil
}

// UserSession returns a session of the caller himself that lasts from now for d, as sts:GetSessionToken begins it.
// It refuses a duration under fifteen minutes or over 36 hours as ValidationError, and a caller who is
// a session already as AccessDenied.
func UserSession(by Caller, now time.Time, d time.Duration) (*Session, error) {
	if by.Type != Root && by.Type != IAMUser || !by.IssuedAt.IsZero() {
		return nil, refuse(AccessDenied, "Cannot call GetSessionToken with session credentials")
	}
	if d < minSession || d > maxUserSession {
		return nil, refuse(ValidationError, "DurationSeconds must be between %d and %d.",
			int(minSession.Seconds()), int(maxUserSession.Seconds()))
	}
	now = stamp(now)
	return &Session{
		Operation: SessionGetSessionToken,
		Account:   by.Account,
		Type:      by.Type,
		ARN:       by.ARN,
		UserID:    by.UserID,
		Issued:    now,
		Expires:   now.Add(d),
	}, nil
}

const (
	minSession     = 15 * time.Minute
	maxUserSession = 36 * time.Hour
)

// CheckSession refuses a session that the account no longer stands behind: as AccountClosed when the account
// is closed or suspended, as SessionRevoked when its role has been deleted (a new role of the same name is another role).
func (a *Account) CheckSession(s *Session) error {
	if !a.State().Usable() {
		return refuse(AccountClosed, "The account is closed or suspended.")
	}
	if s.Role == nil {
		return nil
	}
	if r, ok := a.Role(s.Role.Name); !ok || r.ID != s.Role.ID {
		return refuse(SessionRevoked, "The role of this session no longer exists.")
	}
	return nil
}
