package ops_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
)

// answer is an operation's answer with an exception.
type answer struct{ operation, code string }

// exceptions are those that the model of a service lists for its operations, and what becomes of each.
type exceptions struct {
	listed []answer
	made   map[answer][]string // by the tests of this package, with their reasons
	// impossible says why an operation never answers with an exception. An entry without an operation
	// speaks for all that do not prove the contrary.
	impossible map[answer]string
}

// listedFor returns the exceptions that a model lists for some operations.
func listedFor(service *api.Service, operations []string) []answer {
	var all []answer
	for _, name := range operations {
		for _, code := range service.Operations[name].Errors {
			all = append(all, answer{name, code})
		}
	}
	return all
}

// proved tells whether a test makes an answer.
func (e *exceptions) proved(a answer) bool {
	_, ok := e.made[a]
	return ok
}

// why says why an answer is impossible, or "".
func (e *exceptions) why(a answer) string {
	if reason, ok := e.impossible[a]; ok {
		return reason
	}
	return e.impossible[answer{"", a.code}]
}

// check fails the test unless every exception is either proved or impossible, and the model lists every other answer that
// is made, but those beyond it.
func (e *exceptions) check(t *testing.T, beyond func(answer) bool) {
	t.Helper()
	for _, a := range e.listed {
		if !e.proved(a) && e.why(a) == "" {
			t.Errorf("%s of %s is neither made by a test nor said to be impossible", a.code, a.operation)
		}
	}
	for a := range e.made {
		if !slices.Contains(e.listed, a) && !beyond(a) {
			t.Errorf("%s answers with %s, which its model does not list", a.operation, a.code)
		}
	}
	for a := range e.impossible {
		needed := slices.ContainsFunc(e.listed, func(b answer) bool {
			return !e.proved(b) && b.code == a.code && (a.operation == "" || a.operation == b.operation)
		})
		if !needed {
			t.Errorf("%s of %q is said to be impossible for nothing", a.code, a.operation)
		}
	}
}

// table writes a row for each exception.
func (e *exceptions) table() string {
	operations := map[string][]string{} // by exception
	for _, a := range e.listed {
		operations[a.code] = append(operations[a.code], a.operation)
	}
	var b strings.Builder
	b.WriteString("| exception | answered by | impossible |\n| --- | --- | --- |\n")
	for _, code := range slices.Sorted(maps.Keys(operations)) {
		var yes []string
		never := map[string][]string{} // operations by reason
		for _, name := range operations[code] {
			if a := (answer{name, code}); e.proved(a) {
				yes = append(yes, name)
			} else {
				never[e.why(a)] = append(never[e.why(a)], name)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", code, operationsOf(yes, operations[code]), impossibilities(never, operations[code]))
	}
	return b.String()
}

// operationsOf names operations shortly when they are most of those that could be.
func operationsOf(some, all []string) string {
	switch {
	case len(some) == 0:
		return "none"
	case len(some) == len(all) && len(all) > 10:
		return fmt.Sprintf("all %d that list it", len(all))
	case len(some) > 10:
		return fmt.Sprintf("%d of the %d that list it", len(some), len(all))
	}
	return strings.Join(some, ", ")
}

func impossibilities(never map[string][]string, all []string) string {
	var cells []string
	for _, reason := range slices.Sorted(maps.Keys(never)) {
		cells = append(cells, operationsOf(never[reason], all)+": "+reason)
	}
	return strings.Join(cells, " ")
}

// checkDocument holds a document to what its test, which is named, would write.
func checkDocument(t *testing.T, file, want, test string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || string(have) != want {
		t.Errorf("%s is not up to date (%v): run go test ./internal/ops -run %s -update", file, err, test)
	}
}
