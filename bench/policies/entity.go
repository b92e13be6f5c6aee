package policies

import (
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// entity is an ARN, or a pattern of ARNs, as engines that know nothing of ARNs are best told it: a type and a name.
type entity struct{ kind, account, name string }

// newEntity takes "arn:aws:iam::111122223333:role/x" to a name "x" of the kind "iam_role". What has no ARN is of the
// kind "none".
func newEntity(arn string) entity {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return entity{kind: "none", name: arn}
	}
	service, name := parts[2], parts[5]
	kind := service
	switch service {
	case "s3", "sqs", "sns":
	default:
		if i := strings.IndexAny(name, "/:"); i >= 0 {
			kind, name = kind+"_"+name[:i], name[i+1:]
		} else {
			kind, name = kind+"_"+name, ""
		}
	}
	return entity{strings.ReplaceAll(kind, "-", "_"), parts[4], name}
}

// present returns the keys that a statement need not ask for: those that every request has, and those for which the
// statement says Null: false.
func present(s policy.Statement) map[string]bool {
	keys := map[string]bool{"aws:PrincipalArn": true}
	for _, p := range circumstances() {
		keys[p.Key] = true
	}
	for _, c := range s.Conditions {
		if c.Operator.Test == policy.Null && c.Values[0] == "false" {
			keys[c.Key] = true
		}
	}
	return keys
}

// nullFirst returns the conditions of a statement, those that ask for the presence of a key before those that use it.
func nullFirst(s policy.Statement) []policy.Condition {
	sorted := slices.Clone(s.Conditions)
	slices.SortStableFunc(sorted, func(a, b policy.Condition) int { return rank(a) - rank(b) })
	return sorted
}

func rank(c policy.Condition) int {
	if c.Operator.Test == policy.Null {
		return 0
	}
	return 1
}

// sort is the type of a condition key, which engines with typed values want to know.
type sort int

const (
	text sort = iota
	truth
	number
	address
)

// sortsOf tells the keys that are not texts, by the operators that are used on them.
func sortsOf(statements []policy.Statement) map[string]sort {
	sorts := map[string]sort{}
	for _, s := range statements {
		for _, c := range s.Conditions {
			switch c.Operator.Test { //nolint:exhaustive // the rest are texts
			case policy.Bool:
				sorts[c.Key] = truth
			case policy.NumericLessThan:
				sorts[c.Key] = number
			case policy.IPAddress, policy.NotIPAddress:
				sorts[c.Key] = address
			}
		}
	}
	return sorts
}
