package identity

import "time"

// maxChainedSession is how long a session can last that a session of another role began.
const maxChainedSession = time.Hour

// NewRoleSession is what the operations that assume a role are asked for.
type NewRoleSession struct {
	Operation      SessionType
	Name           string
	Duration       time.Duration
	SourceIdentity string // "" for the caller's own, if he has one
	Tags           []Tag
	// TransitiveTagKeys are those of the Tags that sessions begun by this one inherit.
	TransitiveTagKeys []string
	Policies          SessionPolicies
}

// RoleSession returns a session of one of the account's roles, begun at now by somebody, whose source identity and
// transitive tags it inherits. Its access key is still to be issued. It refuses a session name or source identity
// outside sts:AssumeRole's constraints, another source identity than the inherited one, and a duration under fifteen
// minutes, over the role's maximum, or over an hour from one role to the next, as ValidationError; tags that
// contradict each other or the inherited ones as InvalidParameterValue; policies as MalformedPolicyDocument; and all
// of them as PackedPolicyTooLarge.
func (a *Account) RoleSession(r *Role, by Caller, in NewRoleSession, now time.Time) (*Session, error) {
	if !isSessionName(in.Name) {
		return nil, refuse(ValidationError, "The role session name must be 2 to 64 letters, digits, or any of _+=,.@-")
	}
	if by.Type == AssumedRole && in.Duration > maxChainedSession {
		return nil, refuse(ValidationError, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if in.Duration < minSession || in.Duration > time.Duration(r.MaxSessionDuration)*time.Second {
		return nil, refuse(ValidationError, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	now = stamp(now)
	s := &Session{
		Operation: in.Operation,
		Role:      &SessionIssuer{ARN: a.RoleARN(r), ID: r.ID, SessionName: in.Name},
		Issued:    now,
		Expires:   now.Add(in.Duration),
	}
	s.Complete()
	var err error
	if s.SourceIdentity, err = sourceIdentity(by.SourceIdentity, in.SourceIdentity); err != nil {
		return nil, err
	}
	if s.Tags, s.Transitive, err = sessionTags(by, in.Tags, in.TransitiveTagKeys); err != nil {
		return nil, err
	}
	if s.Policies, err = a.sessionPolicies(in.Policies); err != nil {
		return nil, err
	}
	return s, s.checkPackedSize()
}

// Complete adds to a session of a role what follows from the role and the name of the session, unless it is there.
func (s *Session) Complete() {
	if s.Role == nil || s.ARN != "" {
		return
	}
	role := *s.Role
	role.Name = NameOf(role.ARN)
	s.Account, _ = AccountOf(role.ARN)
	s.Type, s.Role = AssumedRole, &role
	s.ARN = AssumedRoleARN(PartitionOf(role.ARN), s.Account, role.Name, role.SessionName)
	s.UserID = string(role.ID) + ":" + role.SessionName
}

// Abridged returns the session without what Complete adds.
func (s *Session) Abridged() Session {
	short := *s
	if s.Role != nil {
		role := *s.Role
		role.Name = ""
		short.Account, short.Type, short.ARN, short.UserID, short.Role = "", "", "", "", &role
	}
	return short
}

// sourceIdentity returns the source identity of a session: once set, it stays for all sessions that follow.
func sourceIdentity(inherited, asked string) (string, error) {
	switch {
	case asked == "" || asked == inherited:
		return inherited, nil
	case inherited != "":
		return "", refuse(ValidationError, "The source identity is already set for this assume role session")
	case !isSessionName(asked):
		return "", refuse(ValidationError, "The source identity must be 2 to 64 letters, digits, or any of _+=,.@-")
	}
	return asked, nil
}

// isSessionName reports whether a text fits sts:AssumeRole's constraint of session names and source identities.
func isSessionName(text string) bool {
	return len(text) >= 2 && len(text) <= 64 && namePattern.MatchString(text)
}
