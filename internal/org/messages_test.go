package org

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestEveryKindHasASentence(t *testing.T) {
	for kind := NotInUse; kind <= UnsupportedAPIEndpoint; kind++ {
		switch kind {
		case ConstraintViolation, HandshakeConstraintViolation, AccessDeniedForDependency, InvalidInput, TooManyRequests: // their reasons have them
		default:
			if refuse(kind).Message == "" {
				t.Errorf("kind %d has no sentence", kind)
			}
		}
	}
	if refuse(Internal).Message != "" {
		t.Error("an internal error explains itself to clients")
	}
}

// TestEveryReasonHasASentence reads the calls that make errors in the package's
// own files.
func TestEveryReasonHasASentence(t *testing.T) {
	files, err := filepath.Glob("*.go")
	must(t, err)
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			made, ok := call.Fun.(*ast.Ident)
			if !ok || made.Name != "violate" && made.Name != "violateHandshake" && made.Name != "invalid" && made.Name != "invalidParameter" {
				return true
			}
			if reason, ok := call.Args[0].(*ast.BasicLit); ok {
				text, err := strconv.Unquote(reason.Value)
				must(t, err)
				if seen++; reasons[Reason(text)] == "" {
					t.Errorf("%s: reason %s has no sentence", name, text)
				}
			}
			return true
		})
	}
	if seen == 0 {
		t.Error("no reasons found")
	}
	for _, reason := range []Reason{RequestInProgress, RequestRate} {
		refused(t, tooMany(reason), TooManyRequests, reason)
	}
}

func TestErrorKeepsTheCauseFromClients(t *testing.T) {
	cause := errors.New("the cause")
	err := &Error{Kind: Internal, Message: "sentence", Err: cause}
	if !errors.Is(err, cause) || err.Error() != "sentence: the cause" {
		t.Errorf("error: %v", err)
	}
	if got := refuse(NotInUse).Error(); got != messages[NotInUse] {
		t.Errorf("error: %s", got)
	}
	other := refuse(PolicyNotFound).saying("another sentence")
	if other.Kind != PolicyNotFound || other.Message != "another sentence" || messages[PolicyNotFound] == other.Message {
		t.Errorf("error: %+v", other)
	}
}
