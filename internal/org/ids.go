package org

import (
	"fmt"
	"io"
	"strings"
)

// The identifiers of an organization's parts. Their shapes are those of the
// service model: https://docs.aws.amazon.com/organizations/latest/APIReference.
type (
	// ID is the id of an organization: "o-" and ten lower-case letters or digits.
	ID string
	// AccountID is a twelve-digit account id.
	AccountID string
	// RootID is the id of a root: "r-" and four lower-case letters or digits.
	RootID string
	// OUID is the id of an organizational unit: "ou-", the root's four
	// characters, "-" and eight lower-case letters or digits.
	OUID string
	// ParentID is the id of what contains accounts and organizational units:
	// a RootID or an OUID.
	ParentID string
	// ChildID is the id of what a parent contains: an AccountID or an OUID.
	ChildID string
	// PolicyID is the id of a policy: "p-" and ten lower-case letters or digits,
	// or "p-" and the name of an AWS managed policy.
	PolicyID string
	// TargetID is the id of what policies are attached to: a RootID, an OUID or
	// an AccountID.
	TargetID string
	// ResourceID is the id of what carries tags: a TargetID, a PolicyID, a
	// ResourcePolicyID or a TransferID.
	ResourceID string
	// ResourcePolicyID is the id of the resource-based delegation policy: "rp-"
	// and eight lower-case letters or digits.
	ResourcePolicyID string
	// CreationID is the id of a request to create an account: "car-" and
	// thirty-two hexadecimal digits.
	CreationID string
	// HandshakeID is the id of a handshake: "h-" and thirty-two hexadecimal digits.
	HandshakeID string
	// TransferID is the id of a responsibility transfer: "rt-" and eight
	// lower-case letters or digits.
	TransferID string
	// ServicePrincipal names a service, such as "config.amazonaws.com".
	ServicePrincipal string
)

const (
	lowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"
	hexDigits  = "0123456789abcdef"
)

// random returns n characters of the alphabet, each equally likely.
func random(from io.Reader, alphabet string, n int) string {
	// Bytes above the largest multiple of the alphabet's size are thrown away,
	// because keeping them would favour its first characters.
	limit := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	var buf [64]byte
	for len(out) < n {
		if _, err := io.ReadFull(from, buf[:]); err != nil {
			panic(fmt.Sprintf("org: no randomness: %v", err)) // crypto/rand never fails; a test's source must not either
		}
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// NewID returns a fresh organization id.
func NewID(rand io.Reader) ID { return ID("o-" + random(rand, lowerAlnum, 10)) }

// IsAccount tells whether the id has the form of an account id.
func (t TargetID) IsAccount() bool { return len(t) == 12 && t[0] >= '0' && t[0] <= '9' }

// IsOU tells whether the id has the form of an organizational unit id.
func (p ParentID) IsOU() bool { return strings.HasPrefix(string(p), "ou-") }

// IsOU tells whether the id has the form of an organizational unit id.
func (t TargetID) IsOU() bool { return strings.HasPrefix(string(t), "ou-") }
