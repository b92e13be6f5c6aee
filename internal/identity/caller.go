package identity

import (
	"time"

	"github.com/espalier-cloud/espalier/policy"
)

// PrincipalType is the kind of principal behind a call, as CloudTrail's userIdentity names it.
type PrincipalType string

// The kinds of principal.
const (
	Root          PrincipalType = "Root"
	IAMUser       PrincipalType = "IAMUser"
	AssumedRole   PrincipalType = "AssumedRole"
	FederatedUser PrincipalType = "FederatedUser"
	Service       PrincipalType = "AWSService"
	// WebIdentityUser is whom an OpenID Connect provider vouches for, while he asks for a session.
	WebIdentityUser PrincipalType = "WebIdentityUser"
)

// Caller is who makes a call, after authentication.
type Caller struct {
	Account        AccountID
	Type           PrincipalType
	ARN            string // as GetCallerIdentity shows it
	UserID         string // as GetCallerIdentity shows it: the account id, AIDA…, or AROA…:session
	AccessKeyID    AccessKeyID
	Role           *SessionIssuer // for an AssumedRole, else nil
	FederatedBy    *Federator     // for a FederatedUser, else nil
	AssumedRoot    bool           // a Root that sts:AssumeRoot made
	SourceIdentity string         // set when the session was begun, "" when not
	SessionTags    []Tag
	// TransitiveTagKeys are those of the SessionTags that sessions begun by this one inherit.
	TransitiveTagKeys []string
	SessionPolicies   *SessionPolicies // limit the session; nil where none do
	MFA               bool
	IssuedAt          time.Time // when the session began; zero for a long-term key

	// Organization is the organization that the account belongs to, empty when it is standalone.
	// It comes from the account's state, not from the credentials.
	Organization OrganizationID
}

// Request returns what policies are asked when the caller wants to do something to a resource, an ARN or "*", under the
// circumstances of his call. It returns an error of [policy.Principal.Ask].
func (c *Caller) Request(action policy.Action, resource string, circumstances *policy.Context) (*policy.Request, error) {
	r, err := c.principal().Ask(action, resource)
	if err != nil {
		return nil, err
	}
	r.Context.Over(circumstances)
	if len(c.SessionTags) > 0 {
		r.Context.Over(policy.Tagged("aws:PrincipalTag/", c.SessionTags))
	}
	if c.AssumedRoot {
		r.Context.Set("aws:AssumedRoot", "true")
	}
	if c.SourceIdentity != "" {
		r.Context.Set("aws:SourceIdentity", c.SourceIdentity)
	}
	return r, nil
}

// principal returns the caller as policies name him.
func (c *Caller) principal() policy.Principal {
	p := policy.Principal{ARN: c.ARN, Account: string(c.Account)}
	switch c.Type {
	case Root:
		p.Type = policy.RootUser
	case IAMUser:
		p.Type = policy.User
	case AssumedRole:
		p.Type = policy.RoleSession
	case FederatedUser:
		p.Type = policy.FederatedUser
	case Service: // also where its name is not one of AWS's
		p.Type = policy.Service
	case WebIdentityUser: // who is of no account: only his provider is
		p.Type, p.Account = policy.Federated, ""
	}
	if c.Role != nil {
		p.Issuer = c.Role.ARN
	}
	if c.FederatedBy != nil {
		p.Issuer = c.FederatedBy.ARN
	}
	return p
}

// Federator is the user, or the root user, whom a federated user acts for.
type Federator struct {
	Type   PrincipalType `json:"type"`
	ARN    string        `json:"arn"`
	UserID string        `json:"user"`
}

// SessionIssuer is the role that a session was issued for.
type SessionIssuer struct {
	ARN         string `json:"arn"`
	ID          RoleID `json:"id"`
	Name        string `json:"name,omitzero"`
	SessionName string `json:"session"`
}
