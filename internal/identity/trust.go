package identity

import (
	"encoding/json"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// AssumeRoleAction is the action that a trust policy allows.
const AssumeRoleAction = "sts:AssumeRole"

// trustDocument writes the trust policy that lets one principal assume a role.
func trustDocument(kind, principal string) string {
	type statement struct {
		Effect    string
		Principal map[string]string
		Action    string
	}
	doc, _ := json.Marshal(struct { // strings in maps: cannot fail
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"Allow", map[string]string{kind: principal}, AssumeRoleAction}}})
	return string(doc)
}

// checkPrincipals refuses a trust policy that names a user or role which the account does not have, as IAM does. Nothing
// is asked about other accounts, so that nobody learns who is there.
func (s *state) checkPrincipals(trust *policy.Document) error {
	for i := range trust.Statements {
		for _, principals := range trust.Statements[i].Principals {
			for _, value := range principals.Values {
				if principals.Type == "AWS" && !s.mayBeSomebody(value) {
					return malformed(`Invalid principal in policy: "AWS":"`+value+`"`, nil)
				}
			}
		}
	}
	return nil
}

// mayBeSomebody tells whether a principal is no user and no role of the account, or one that there is.
func (s *state) mayBeSomebody(principal string) (ok bool) {
	switch {
	case strings.HasPrefix(principal, UserARN(s.Partition(), s.ID(), "/", "")):
		_, ok = s.UserByARN(principal)
		return ok
	case strings.HasPrefix(principal, RoleARN(s.Partition(), s.ID(), "/", "")):
		_, ok = s.RoleByARN(principal)
		return ok
	}
	return true
}

func malformed(message string, err error) *Error {
	return &Error{Kind: MalformedPolicyDocument, Message: message, Err: err}
}
