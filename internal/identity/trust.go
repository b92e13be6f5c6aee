package identity

import "encoding/json"

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

func malformed(message string, err error) *Error {
	return &Error{Kind: MalformedPolicyDocument, Message: message, Err: err}
}
