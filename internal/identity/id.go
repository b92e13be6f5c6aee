package identity

import (
	"encoding/base32"
	"fmt"
	"io"
)

// AccountID is the number of an account: twelve digits, leading zeros included.
type AccountID string

// OrganizationID is the id of an organization, o- and ten or more characters; empty for none.
type OrganizationID string

// AccessKeyID names an access key: AKIA… for a long-term key, ASIA… for the key of a session.
type AccessKeyID string

// RoleID is the unique id of a role, AROA…. A role that is deleted and made again under its name has another one.
type RoleID string

// UserID is the unique id of a user, AIDA…. It stays his when he is renamed.
type UserID string

// GroupID is the unique id of a group, AGPA….
type GroupID string

// PolicyID is the unique id of a managed policy, ANPA….
type PolicyID string

// The prefixes by which AWS tells unique ids apart.
const (
	prefixAccessKey  = "AKIA"
	prefixSessionKey = "ASIA"
	prefixRole       = "AROA"
	prefixUser       = "AIDA"
	prefixGroup      = "AGPA"
	prefixPolicy     = "ANPA"
)

// ParseAccountID returns s as an account id, or a ValidationError [Error] when s is not twelve digits.
func ParseAccountID(s string) (AccountID, error) {
	if !IsAccountID(s) {
		return "", refuse(ValidationError, "An account id consists of twelve digits.")
	}
	return AccountID(s), nil
}

// IsAccountID reports whether s has the form of an account id.
func IsAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// NewAccountID returns a random account id. Whether it is taken is for the caller to find out.
// It fails only when rand does.
func NewAccountID(rand io.Reader) (AccountID, error) {
	digits := make([]byte, 0, 12)
	var b [1]byte
	for len(digits) < cap(digits) {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return "", fmt.Errorf("identity: random account id: %w", err)
		}
		// 250 is the largest multiple of ten in a byte: the rest would favour small digits.
		if b[0] < 250 && (len(digits) > 0 || b[0]%10 != 0) {
			digits = append(digits, '0'+b[0]%10)
		}
	}
	return AccountID(digits), nil
}

// NewSessionKeyID returns a random id for the access key of a session. It fails only when rand does.
func NewSessionKeyID(rand io.Reader) (AccessKeyID, error) {
	id, err := uniqueID(rand, prefixSessionKey, 16)
	return AccessKeyID(id), err
}

// uniqueID returns prefix followed by n random characters of the base32 alphabet.
func uniqueID(rand io.Reader, prefix string, n int) (string, error) {
	raw := make([]byte, (n*5+7)/8)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return "", fmt.Errorf("identity: random id: %w", err)
	}
	return prefix + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)[:n], nil
}
