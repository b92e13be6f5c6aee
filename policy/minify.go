package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Minify returns a policy document in as few characters as its meaning takes: without white space
// between the tokens, and with the value itself in place of a list that holds one string, number,
// boolean or statement. Nothing is put in another order or spelled in another way. The error says
// where the text is not JSON.
func Minify(text []byte) ([]byte, error) {
	small := jsontext.Value(bytes.Clone(text))
	if err := small.Compact(); err != nil {
		return nil, fmt.Errorf("the text is not JSON: %w", err)
	}
	brackets, err := needlessBrackets(small)
	if err != nil {
		return nil, fmt.Errorf("the text is not JSON: %w", err)
	}
	kept := small[:0]
	for i, b := range small {
		if !brackets[i] {
			kept = append(kept, b)
		}
	}
	return kept, nil
}

// needlessBrackets returns the offsets of the brackets around lists of one value. Only the members of
// an object may do without: whatever a document may hold a list of, it may hold one of.
func needlessBrackets(text []byte) (map[int]bool, error) {
	type list struct {
		kind  jsontext.Kind // '[' or '{'
		open  int
		count int
		last  jsontext.Kind // of its values
	}
	needless := map[int]bool{}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text))
	stack := []list{{}}
	for {
		token, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return needless, nil
		}
		if err != nil {
			return nil, err
		}
		at, top := int(decoder.InputOffset())-1, &stack[len(stack)-1]
		kind := token.Kind()
		opens, closes := kind == '{' || kind == '[', kind == '}' || kind == ']'
		switch {
		case opens:
			top.count++
			top.last = kind
			stack = append(stack, list{kind: kind, open: at})
		case closes:
			stack = stack[:len(stack)-1]
			if top.kind == '[' && top.count == 1 && top.last != '[' && top.last != 'n' && stack[len(stack)-1].kind == '{' {
				needless[top.open], needless[at] = true, true
			}
		default:
			top.count++
			top.last = kind
		}
	}
}

// compact returns JSON without white space between the tokens. The JSON is valid.
func compact(text []byte) []byte {
	value := jsontext.Value(bytes.Clone(text))
	_ = value.Compact()
	return value
}
