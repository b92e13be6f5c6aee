package identity

import (
	"unicode/utf8"

	"github.com/espalier-cloud/espalier/policy"
)

// SessionPolicies limit what a session may do, beside the policies of its principal (IAM user guide, "Session
// policies").
type SessionPolicies struct {
	Inline  string   `json:"inline,omitzero"`  // a document, or ""
	Managed []string `json:"managed,omitzero"` // ARNs of managed policies of the session's account, or of AWS
}

// maxSessionPolicies is how many managed policies can limit a session.
const maxSessionPolicies = 10

// sessionPolicies returns the policies of a session as it keeps them, nil for none.
func (a *Account) sessionPolicies(p SessionPolicies) (*SessionPolicies, error) {
	if p.Inline == "" && len(p.Managed) == 0 {
		return nil, nil
	}
	if len(p.Managed) > maxSessionPolicies {
		return nil, refuse(ValidationError, "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to %d", maxSessionPolicies)
	}
	if p.Inline != "" {
		if err := checkDocument(policy.SessionPolicy, p.Inline); err != nil {
			return nil, err
		}
		small, err := policy.Minify([]byte(p.Inline)) // white space would take room in the token, and costs nothing
		if err != nil {
			return nil, malformed("This policy contains invalid Json", err)
		}
		p.Inline = string(small)
	}
	for _, arn := range p.Managed {
		if managed, ok := a.Policy(arn); !ok || !managed.Attachable() {
			return nil, refuse(MalformedPolicyDocument, "Policy %s does not exist or is not attachable.", arn)
		}
	}
	return &p, nil
}

// The room for session tags, in bytes of keys and values, and for session policies, in characters of the document
// in its shortest form and of the ARNs. AWS packs both in a way that it does not tell. The first is what nine tags of
// 252 bytes that were seen to take 498 % leave for 100; the second is the documented limit of the plain text.
const (
	packedTags     = 456
	packedPolicies = 2048
)

// PackedSize returns how much of the room for session tags and policies a session takes, in percent, rounded up; 0 for
// a session that has none.
func (s *Session) PackedSize() int {
	tags := 0
	for _, t := range s.Tags {
		tags += len(t.Key) + len(t.Value)
	}
	policies := 0
	if p := s.Policies; p != nil {
		policies = utf8.RuneCountInString(p.Inline)
		for _, arn := range p.Managed {
			policies += len(arn)
		}
	}
	const room = packedTags * packedPolicies
	return (100*(tags*packedPolicies+policies*packedTags) + room - 1) / room
}

// checkPackedSize refuses policies and tags that take more than their room as PackedPolicyTooLarge.
func (s *Session) checkPackedSize() error {
	size := s.PackedSize()
	switch {
	case size <= 100:
		return nil
	case s.Policies != nil:
		return refuse(PackedPolicyTooLarge, "Packed policy consumes %d%% of allotted space, please use smaller policy.", size)
	}
	return refuse(PackedPolicyTooLarge, "Packed size of session tags consumes %d%% of allotted space.", size)
}
