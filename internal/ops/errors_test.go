package ops_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

// errorsDocument is generated from this test.
const errorsDocument = "../../docs/errors.md"

// answer is an operation's answer with an exception.
type answer struct{ operation, code string }

// proved returns the answers that the tests of this package make, with their
// reasons.
func proved(t *testing.T) map[answer][]string {
	t.Helper()
	g := newGarden(t)
	made := map[answer][]string{}
	for _, c := range slices.Concat(g.refusals(), g.staleRefusals(), newBillingGarden(t).billingRefusals(),
		newGovCloudGarden(t).govCloudRefusals(), newUnfinishedGarden(t).unfinishedRefusals(),
		newMigratingGarden(t).migratingRefusals(), newTransferGarden(t).transferRefusals(), newBusyGarden(t).busyRefusals()) {
		at := answer{nameOf(c.in), c.code + "Exception"}
		made[at] = append(made[at], c.reason)
	}
	for _, m := range g.mutations() { // TestConflicts
		if name := nameOf(m.in); name == "UpdateResponsibilityTransfer" {
			made[answer{name, "TooManyRequestsException"}] = nil
		} else {
			made[answer{name, "ConcurrentModificationException"}] = nil
		}
	}
	for _, name := range []string{"CancelHandshake", "EnableAllFeatures"} { // TestMigrationsInARow
		made[answer{name, "TooManyRequestsException"}] = nil
	}
	made[answer{"AcceptHandshake", "AWSOrganizationsNotInUseException"}] = nil // TestMigrationOfADeletedOrganization
	for _, name := range implemented() {
		made[answer{name, "AccessDeniedException"}] = nil // TestEveryOperationHasItsCallers
		if !strings.Contains(admitted()[name], "s") {
			made[answer{name, "AWSOrganizationsNotInUseException"}] = nil
		}
		made[answer{name, "ServiceException"}] = nil // TestFailures
	}
	return made
}

// impossible says why an operation never answers with an exception that its
// model lists. An entry without an operation speaks for all that do not prove
// the contrary.
func impossible() map[answer]string {
	return map[answer]string{
		{"", "TooManyRequestsException"}:                  "Espalier has no rates. A fault profile makes any operation answer so.",
		{"", "UnsupportedAPIEndpointException"}:           "The operation is offered in every partition.",
		{"", "InvalidInputException"}:                     "The operation has no input.",
		{"", "ConcurrentModificationException"}:           "A read does not conflict with anything.",
		{"UntagResource", "ConstraintViolationException"}: "Its one reason is a violated tag policy, and taking tags off violates none.",
	}
}

// listed returns the exceptions that the model lists for what is implemented.
func listed() []answer {
	var all []answer
	for _, name := range implemented() {
		for _, code := range organizations.Service().Operations[name].Errors {
			all = append(all, answer{name, code})
		}
	}
	return all
}

func why(a answer) string {
	if reason, ok := impossible()[a]; ok {
		return reason
	}
	return impossible()[answer{"", a.code}]
}

func TestEveryExceptionIsProvedOrImpossible(t *testing.T) {
	made, all := proved(t), listed()
	for _, a := range all {
		if _, ok := made[a]; !ok && why(a) == "" {
			t.Errorf("%s of %s is neither made by a test nor said to be impossible", a.code, a.operation)
		}
	}
	for a := range made {
		if !slices.Contains(all, a) {
			t.Errorf("%s answers with %s, which its model does not list", a.operation, a.code)
		}
	}
	for a := range impossible() {
		needed := slices.ContainsFunc(all, func(b answer) bool {
			_, ok := made[b]
			return !ok && b.code == a.code && (a.operation == "" || a.operation == b.operation)
		})
		if !needed {
			t.Errorf("%s of %q is said to be impossible for nothing", a.code, a.operation)
		}
	}
}

// Every Reason is one of the model, but for the one that the model has in the
// wrong place.
func TestReasonsAreThoseOfTheModel(t *testing.T) {
	model := map[string]bool{"": true, "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED": true}
	for _, reason := range organizations.InvalidInputExceptionReason("").Values() {
		model[string(reason)] = true
	}
	for _, reason := range organizations.ConstraintViolationExceptionReason("").Values() {
		model[string(reason)] = true
	}
	for _, reason := range organizations.HandshakeConstraintViolationExceptionReason("").Values() {
		model[string(reason)] = true
	}
	for _, reason := range organizations.AccessDeniedForDependencyExceptionReason("").Values() {
		model[string(reason)] = true
	}
	for a, reasons := range proved(t) {
		for _, reason := range reasons {
			if reason, _, _ = strings.Cut(reason, ":"); !model[reason] {
				t.Errorf("%s answers %s with the reason %s", a.operation, a.code, reason)
			}
		}
	}
}

func TestErrorsDocument(t *testing.T) {
	want := document(proved(t))
	if *update {
		if err := os.WriteFile(errorsDocument, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(errorsDocument); err != nil || string(have) != want {
		t.Errorf("docs/errors.md is not up to date (%v): run go test ./internal/ops -run TestErrorsDocument -update", err)
	}
}

const introduction = `<!-- Generated by go test ./internal/ops -run TestErrorsDocument -update. Do not edit. -->

# Errors

Every exception that the model of AWS Organizations lists for an operation that Espalier implements is either provoked by
a test or impossible, for the reason given here. No operation answers with an exception that its model does not list;
what comes before the operation (signatures, malformed requests) is not part of the model.

## Exceptions

| exception | answered by | impossible |
| --- | --- | --- |
`

// document writes docs/errors.md.
func document(made map[answer][]string) string {
	var b strings.Builder
	b.WriteString(introduction)
	operations := map[string][]string{} // by exception
	for _, a := range listed() {
		operations[a.code] = append(operations[a.code], a.operation)
	}
	for _, code := range slices.Sorted(maps.Keys(operations)) {
		var yes []string
		never := map[string][]string{} // operations by reason
		for _, name := range operations[code] {
			a := answer{name, code}
			if _, ok := made[a]; ok {
				yes = append(yes, name)
			} else {
				never[why(a)] = append(never[why(a)], name)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", code, operationsOf(yes, operations[code]), impossibilities(never, operations[code]))
	}
	b.WriteString("\n## Reasons\n\nA reason that names a parameter behind a colon is shown here without it.\n\n| exception | reason | operations |\n| --- | --- | --- |\n")
	writeReasons(&b, made)
	b.WriteString("\n## Not there yet\n\nThe other operations of the model answer `UnsupportedAPIEndpointException`, and these exceptions are theirs alone:\n\n")
	for _, code := range theirs(operations) {
		fmt.Fprintf(&b, "- `%s`\n", code)
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

func writeReasons(b *strings.Builder, made map[answer][]string) {
	operations := map[answer][]string{} // by exception and reason
	for a, reasons := range made {
		for _, reason := range reasons {
			reason, _, _ = strings.Cut(reason, ":")
			if key := (answer{reason, a.code}); reason != "" && !slices.Contains(operations[key], a.operation) {
				operations[key] = append(operations[key], a.operation)
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(operations), func(a, b answer) int {
		return strings.Compare(a.code+a.operation, b.code+b.operation)
	})
	for _, key := range keys {
		names := strings.Join(slices.Sorted(slices.Values(operations[key])), ", ")
		if slices.Contains(constraints(), key.operation) {
			names = "all with a parameter that can break it"
		}
		fmt.Fprintf(b, "| `%s` | `%s` | %s |\n", key.code, key.operation, names)
	}
}

// constraints returns the reasons of inputs that break a constraint of the model.
func constraints() []string {
	return []string{
		"INPUT_REQUIRED", "INVALID_ENUM", "INVALID_ENUM_POLICY_TYPE", "INVALID_LIST_MEMBER", "INVALID_PATTERN", "INVALID_PATTERN_TARGET_ID", "INVALID_SYNTAX_POLICY_ID",
		"MAX_LENGTH_EXCEEDED", "MAX_VALUE_EXCEEDED", "MIN_LENGTH_EXCEEDED", "MIN_VALUE_EXCEEDED",
	}
}

// theirs returns the exceptions that only operations list which are not
// implemented.
func theirs(ours map[string][]string) []string {
	codes := map[string]bool{}
	for _, description := range organizations.Service().Operations {
		for _, code := range description.Errors {
			codes[code] = len(ours[code]) == 0
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(codes)), func(code string) bool { return !codes[code] })
}
