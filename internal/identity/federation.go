package identity

import "time"

// NewFederation is what sts:GetFederationToken is asked for.
type NewFederation struct {
	Name     string
	Duration time.Duration
	Tags     []Tag
	Policies SessionPolicies
}

// FederationSession returns a session for somebody whom a user of the account, or its root user, vouches for. It has
// what both the user's policies and the session policies allow, which is nothing without any. It refuses a caller who is
// a session already as AccessDenied, a name or duration out of bounds as ValidationError, and tags and policies as
// [Account.RoleSession] does.
func (a *Account) FederationSession(by Caller, in NewFederation, now time.Time) (*Session, error) {
	if by.Type != Root && by.Type != IAMUser || !by.IssuedAt.IsZero() {
		return nil, refuse(AccessDenied, "Cannot call GetFederationToken with session credentials")
	}
	if len(in.Name) > 32 || !isSessionName(in.Name) {
		return nil, refuse(ValidationError, "The name must be 2 to 32 letters, digits, or any of _+=,.@-")
	}
	if in.Duration < minSession || in.Duration > maxUserSession {
		return nil, refuse(ValidationError, "DurationSeconds must be between %d and %d.", int(minSession.Seconds()), int(maxUserSession.Seconds()))
	}
	now = stamp(now)
	s := &Session{
		Operation:   SessionGetFederationToken,
		BegunBy:     a.longTermKey(by),
		Account:     a.ID(),
		Type:        FederatedUser,
		ARN:         FederatedUserARN(a.Partition(), a.ID(), in.Name),
		UserID:      string(a.ID()) + ":" + in.Name,
		FederatedBy: &Federator{Type: by.Type, ARN: by.ARN, UserID: by.UserID},
		Issued:      now,
		Expires:     now.Add(in.Duration),
	}
	var err error
	if s.Tags, _, err = sessionTags(Caller{}, in.Tags, nil); err != nil {
		return nil, err
	}
	if s.Policies, err = a.sessionPolicies(in.Policies); err != nil {
		return nil, err
	}
	if s.Policies == nil {
		s.Policies = new(SessionPolicies)
	}
	return s, s.checkPackedSize()
}
