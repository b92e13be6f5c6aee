package identity

import "time"

const (
	minSession     = 15 * time.Minute
	maxUserSession = 36 * time.Hour
)

// UserSession returns a session of the caller himself, a user of the account or its root user, that lasts from now for
// d, as sts:GetSessionToken begins it. It refuses a duration under fifteen minutes or over 36 hours as ValidationError,
// and a caller who is a session already as AccessDenied.
func (a *Account) UserSession(by Caller, now time.Time, d time.Duration) (*Session, error) {
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
		BegunBy:   a.longTermKey(by),
		Account:   by.Account,
		Type:      by.Type,
		ARN:       by.ARN,
		UserID:    by.UserID,
		Issued:    now,
		Expires:   now.Add(d),
	}, nil
}

// longTermKey returns the key by which a user or the root user calls, "" for the key of a server for test suites, which
// no account has.
func (a *Account) longTermKey(by Caller) AccessKeyID {
	if _, ok := a.AccessKey(by.AccessKeyID); !ok {
		return ""
	}
	return by.AccessKeyID
}
