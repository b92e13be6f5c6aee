package identity

import "time"

// PrincipalType is the kind of principal behind a call, as CloudTrail's userIdentity names it.
type PrincipalType string

// The kinds of principal.
const (
	Root          PrincipalType = "Root"
	IAMUser       PrincipalType = "IAMUser"
	AssumedRole   PrincipalType = "AssumedRole"
	FederatedUser PrincipalType = "FederatedUser"
	Service       PrincipalType = "AWSService"
)

// Caller is who makes a call, after authentication.
type Caller struct {
	Account        AccountID
	Type           PrincipalType
	ARN            string // as GetCallerIdentity shows it
	UserID         string // as GetCallerIdentity shows it: the account id, AIDA…, or AROA…:session
	AccessKeyID    AccessKeyID
	Role           *SessionIssuer // for an AssumedRole, else nil
	SourceIdentity string         // set when the session was begun, "" when not
	SessionTags    []Tag
	MFA            bool
	IssuedAt       time.Time // when the session began; zero for a long-term key

	// Organization is the organization that the account belongs to, empty when it is standalone.
	// It comes from the account's state, not from the credentials.
	Organization OrganizationID
}

// SessionIssuer is the role that a session was issued for.
type SessionIssuer struct {
	ARN         string `json:"arn"`
	ID          RoleID `json:"id"`
	Name        string `json:"name"`
	SessionName string `json:"session"`
}
