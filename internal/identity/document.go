package identity

import (
	"errors"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/espalier-cloud/espalier/policy"
)

// checkDocument refuses a text that is no policy document of the kind as MalformedPolicyDocument.
func checkDocument(kind policy.Kind, text string) error {
	_, err := parseDocument(kind, text)
	return err
}

// parseDocument reads a policy document of the kind. It refuses any other text as MalformedPolicyDocument.
func parseDocument(kind policy.Kind, text string) (*policy.Document, error) {
	document, err := policy.Parse(kind, []byte(text))
	if err == nil {
		return document, nil
	}
	if !jsontext.Value(text).IsValid() {
		return nil, malformed("This policy contains invalid Json", err)
	}
	message := "Syntax errors in policy."
	if defects, ok := errors.AsType[policy.Defects](err); ok {
		message += " " + defects[0].String()
	}
	return nil, malformed(message, err)
}

// documentSize returns the length of a policy document as quotas count it: in characters, without white space.
func documentSize(text string) int {
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}
