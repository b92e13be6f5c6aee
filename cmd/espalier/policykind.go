package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/espalier-cloud/espalier/policy"
)

// guessKind tells what a policy most likely is for: what its file or one of the two folders above is called for, and
// else what it looks like.
func guessKind(name string, text []byte) policy.Kind {
	part := strings.TrimSuffix(name, filepath.Ext(name))
	for range 3 {
		if kind, ok := kindInName(filepath.Base(part)); ok {
			return kind
		}
		part = filepath.Dir(part)
	}
	return kindOf(statementsIn(text))
}

// kindInName finds a kind in the name of a file or folder: scp or rcp as one of its words, or any kind as all of it,
// such as trust, trust-policy and boundaries.
func kindInName(name string) (policy.Kind, bool) {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) })
	text := " " + strings.Join(words, " ") + " "
	for _, known := range []string{"scp", "rcp"} {
		long := map[string]string{"scp": " service control ", "rcp": " resource control "}[known]
		if strings.Contains(text, " "+known+" ") || strings.Contains(text, " "+known+"s ") || strings.Contains(text, long) {
			return kindNames[known], true
		}
	}
	text = strings.TrimSpace(text)
	for _, suffix := range []string{" policies", " policy", "s"} {
		text = strings.TrimSuffix(text, suffix)
	}
	if text == "boundarie" {
		text = "boundary"
	}
	kind, ok := kindNames[text]
	return kind, ok
}

// sketch is as much of a statement as guessing takes. The text need not be a policy.
type sketch struct {
	Effect       any
	Principal    any
	NotPrincipal any
	Action       any
	Resource     any
	NotResource  any
}

func statementsIn(text []byte) []sketch {
	var document struct{ Statement json.RawMessage }
	if json.Unmarshal(text, &document) != nil {
		return nil
	}
	var all []sketch
	if json.Unmarshal(document.Statement, &all) == nil {
		return all
	}
	var one sketch
	if json.Unmarshal(document.Statement, &one) != nil {
		return nil
	}
	return []sketch{one}
}

// kindOf guesses by the elements of the statements: policies of the principal's side name no principal, and of those
// service control policies mostly deny.
func kindOf(statements []sketch) policy.Kind {
	every := func(is func(sketch) bool) bool {
		return len(statements) > 0 && !slices.ContainsFunc(statements, func(s sketch) bool { return !is(s) })
	}
	some := func(is func(sketch) bool) bool { return slices.ContainsFunc(statements, is) }
	switch {
	case !some(sketch.namesPrincipals):
		if len(statements) == 0 || some(sketch.denies) || some(sketch.full) {
			return policy.ServiceControlPolicy
		}
		return policy.IdentityPolicy
	case every(func(s sketch) bool { return s.only("sts:") && s.Resource == nil && s.NotResource == nil }):
		return policy.TrustPolicy
	case every(func(s sketch) bool { return s.only("organizations:") }):
		return policy.DelegationPolicy
	case every(func(s sketch) bool { return s.denies() && s.toEverybody() && s.NotPrincipal == nil && !s.acts("*") }):
		return policy.ResourceControlPolicy
	default:
		return policy.ResourcePolicy
	}
}

func (s sketch) namesPrincipals() bool { return s.Principal != nil || s.NotPrincipal != nil }

func (s sketch) denies() bool { return s.Effect == policy.Deny.String() }

func (s sketch) full() bool { return s.acts("*") && slices.Contains(texts(s.Resource), "*") }

func (s sketch) acts(action string) bool { return slices.Contains(texts(s.Action), action) }

// only tells whether all actions of a statement are of a service.
func (s sketch) only(service string) bool {
	actions := texts(s.Action)
	return len(actions) > 0 && !slices.ContainsFunc(actions, func(a string) bool { return !strings.HasPrefix(strings.ToLower(a), service) })
}

func (s sketch) toEverybody() bool {
	if named, ok := s.Principal.(map[string]any); ok {
		return len(named) == 1 && slices.Contains(texts(named["AWS"]), "*")
	}
	return s.Principal == "*"
}

// texts returns a text, or the texts of a list.
func texts(value any) []string {
	if list, ok := value.([]any); ok {
		var all []string
		for _, element := range list {
			all = append(all, texts(element)...)
		}
		return all
	}
	if text, ok := value.(string); ok {
		return []string{text}
	}
	return nil
}
