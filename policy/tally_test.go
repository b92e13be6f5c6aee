package policy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

// tally measures what random pairs are worth: how often each verdict came, and how often each
// operator and element of the policies decided it.
type tally struct{ verdicts, decisive map[string]int }

func newTally() tally { return tally{map[string]int{}, map[string]int{}} }

func (t tally) add(other tally) {
	for name, count := range other.verdicts {
		t.verdicts[name] += count
	}
	for name, count := range other.decisive {
		t.decisive[name] += count
	}
}

func (t tally) countVerdict(v naiveVerdict) {
	t.verdicts[v.Result.String()]++
	t.verdicts[v.String()]++
}

// String returns the verdict in words.
func (v naiveVerdict) String() string {
	if v.Kind == 0 {
		return v.Result.String() + " by nothing"
	}
	return v.Result.String() + " by " + v.Kind.String()
}

// countDecisive inverts each operator and element of the policies in turn, and counts those that
// change the verdict.
func (t tally) countDecisive(r naiveRequest, policies naivePolicies) {
	verdict := (&naive{naiveRequest: r, naivePolicies: policies}).decide()
	for name := range policies.names() {
		if (&naive{r, policies, name}).decide() != verdict {
			t.countOperator(name)
		}
	}
}

// names are the elements and operators that occur in the policies.
func (p naivePolicies) names() map[string]bool {
	names := map[string]bool{}
	documents := slices.Concat(slices.Concat(p.serviceControl...), slices.Concat(p.resourceControl...), p.identity, p.boundary, p.session, p.endpoint)
	if p.resource != nil {
		documents = append(documents, *p.resource)
	}
	for _, d := range documents {
		for _, s := range d.statements {
			for element, value := range s {
				names[element] = true
				if element == "Condition" {
					for operator := range value.(map[string]any) {
						names[operator] = true
					}
				}
			}
		}
	}
	return names
}

// check fails the test when something that must be tried was tried too seldom.
func (t tally) check(test *testing.T) {
	test.Helper()
	sum := t.verdicts["Allowed"] + t.verdicts["ExplicitDeny"] + t.verdicts["ImplicitDeny"]
	for _, least := range []struct {
		verdict string
		percent float64
	}{
		{"Allowed", 15}, {"ExplicitDeny", 15}, {"ImplicitDeny", 15},
	} {
		if count := t.verdicts[least.verdict]; float64(count) < least.percent/100*float64(sum) {
			test.Errorf("%d of %d verdicts are %s, want %v%%", count, sum, least.verdict, least.percent)
		}
	}
	kinds := []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy, policy.EndpointPolicy, policy.PermissionsBoundary,
		policy.SessionPolicy, policy.IdentityPolicy, policy.ResourcePolicy}
	for _, kind := range kinds {
		for _, result := range []policy.Result{policy.ExplicitDeny, policy.ImplicitDeny} {
			if name := (naiveVerdict{result, kind}).String(); t.verdicts[name]*500 < sum {
				test.Errorf("%d of %d verdicts are %q, want one in 500", t.verdicts[name], sum, name)
			}
		}
	}
	for _, name := range mustDecide() {
		if t.decisive[name] == 0 {
			test.Errorf("%s never decided", name)
		}
	}
}

// countOperator counts an operator that decided: by itself, without its modifiers, and as the use of
// its modifiers on operators of its sort.
func (t tally) countOperator(name string) {
	t.decisive[name]++
	for _, sort := range everySort() {
		for _, operator := range sorts[sort].operators {
			if base := strings.TrimSuffix(name[strings.IndexByte(name, ':')+1:], "IfExists"); base == operator {
				t.decisive["any "+operator]++
				t.decisive[strings.Replace(name, operator, sorts[sort].operators[0]+" or the like ", 1)]++
			}
		}
	}
}

// mustDecide are all elements of a statement, all operators, and all modifiers on operators of each
// sort.
func mustDecide() []string {
	names := []string{"Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Null", "ForAllValues:Null", "ForAnyValue:Null"}
	for _, sort := range everySort() {
		for _, operator := range sorts[sort].operators {
			names = append(names, "any "+operator)
		}
		for _, set := range []string{"", "ForAllValues:", "ForAnyValue:"} {
			like := set + sorts[sort].operators[0] + " or the like "
			names = append(names, like, like+"IfExists")
		}
	}
	return names
}

// String lists the counts, one a line.
func (t tally) String() string {
	var b strings.Builder
	for _, counts := range []map[string]int{t.verdicts, t.decisive} {
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&b, "%8d %s\n", counts[name], name)
		}
	}
	return b.String()
}
