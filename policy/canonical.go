package policy

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Canonical returns the text of a legal resource control policy as AWS Organizations stores it:
// without white space, its Version named, which is [Version2008] when there was none, and its
// statements in a list. The error is that of a text that is not a JSON object.
func Canonical(text []byte) ([]byte, error) {
	document := struct {
		Version   string
		Statement jsontext.Value
	}{Version: Version2008}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if document.Statement.Kind() == '{' {
		document.Statement = append(append(jsontext.Value{'['}, document.Statement...), ']')
	}
	return json.Marshal(document)
}
