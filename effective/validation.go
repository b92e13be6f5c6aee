package effective

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrorCode is what kind of thing is wrong with an effective policy.
type ErrorCode string

// The codes that AWS documents or was seen to answer.
const (
	KeyRequired     ErrorCode = "KEY_REQUIRED"
	ElementsTooMany ErrorCode = "ELEMENTS_TOO_MANY"
	ElementsTooFew  ErrorCode = "ELEMENTS_TOO_FEW"
	CrossAttribute  ErrorCode = "CROSS_ATTRIBUTE_VALIDATION"
)

// ValidationError is one thing that is wrong with an effective policy, as
// ListEffectivePolicyValidationErrors tells it.
type ValidationError struct {
	Code                 ErrorCode
	Message              string
	Path                 string   // of the member, by names and slashes
	ContributingPolicies []string // ids, those of higher levels first
}

// validate checks an effective policy of that many bytes, and works out who
// contributed to what is wrong with it.
func (s *State) validate(root *node, size int) []ValidationError {
	v := s.schema.check(root, size)
	if len(v.found) == 0 {
		return nil
	}
	explanation := s.Explain() // only now: nearly every policy is valid
	for i := range v.found {
		v.found[i].ContributingPolicies = explanation.contributors(v.found[i].Path, v.values[i])
	}
	return v.found
}

// check checks an effective policy by what its schema asks. AWS tells of each
// missing member, of the first one that is too many, and of each combination
// that is not allowed.
func (s *schema) check(root *node, size int) validation {
	var v validation
	if root == nil {
		return v
	}
	v.members(root)
	if s.MaxBytes > 0 && size > s.MaxBytes {
		v.report(ElementsTooMany, trail{root, root.nodes[0]},
			"Effective policy size is %d bytes, which exceeds the maximum limit of %d bytes", size, s.MaxBytes)
	}
	return v
}

// validation checks one effective policy.
type validation struct {
	found  []ValidationError
	values []string // per error, the one value whose contributors are meant, or ""
	at     trail    // of the member being checked
	block  int      // how long the path of the block is that errors of combination are reported for; 0 is none
}

// trail leads to a member, from the document down.
type trail []*node

func (t trail) String() string {
	var names []string
	for _, n := range t[1:] {
		names = append(names, n.name.text)
	}
	return strings.Join(names, "/")
}

func (v *validation) report(code ErrorCode, at trail, message string, args ...any) {
	v.found = append(v.found, ValidationError{Code: code, Message: fmt.Sprintf(message, args...), Path: at.String()})
	v.values = append(v.values, "")
}

// members checks a member and all below it, as far as its schema asks anything of them.
func (v *validation) members(n *node) {
	if n.field == nil || !n.field.checked {
		return
	}
	v.at = append(v.at, n)
	block := v.block
	if n.setting {
		v.setting(n)
	} else {
		if n.field.Block {
			v.block = len(v.at)
		}
		v.required(n)
		v.maxMembers(n)
		v.maxUses(n)
		v.conflicts(n)
	}
	for _, member := range n.nodes {
		v.members(member)
	}
	v.at, v.block = v.at[:len(v.at)-1], block
}

func (v *validation) setting(n *node) {
	if limit := n.field.MaxItems; limit > 0 && len(n.values) > limit {
		v.report(ElementsTooMany, v.at, "'%s' exceeds the allowed maximum limit %d", n.name.text, limit)
	}
	if limit := n.field.MinItems; len(n.values) < limit {
		v.report(ElementsTooFew, v.at, "'%s' is less than the allowed minimum limit %d", n.name.text, limit)
	}
}

func (v *validation) required(n *node) {
	for _, required := range n.field.Required {
		if n.child(required) == nil {
			v.report(KeyRequired, v.at, "'%s' is missing", required)
		}
	}
}

func (v *validation) maxMembers(n *node) {
	if limit := n.field.MaxMembers; limit > 0 && len(n.nodes) > limit {
		surplus := n.nodes[limit]
		v.report(ElementsTooMany, append(v.at, surplus), "'%s' exceeds the allowed maximum limit %d", surplus.name.text, limit)
	}
}

// maxUses checks how many members name the same value in a list of theirs. AWS
// has this for the tags that a resource type must have.
func (v *validation) maxUses(n *node) {
	for _, setting := range slices.Sorted(maps.Keys(n.field.MaxUses)) {
		limit := n.field.MaxUses[setting]
		if len(n.nodes) <= limit {
			continue
		}
		users := n.users(setting)
		for _, value := range slices.Sorted(maps.Keys(users)) {
			if names := users[value]; len(names) > limit {
				shown := names[:min(5, len(names))]
				v.report(ElementsTooMany, v.at,
					"Resource type '%s' has %d tags for '%s', which exceeds the maximum limit of %d. Contributing tag keys include: %s and %d more",
					unquote(value), len(names), setting, limit, strings.Join(shown, ", "), len(names)-len(shown))
				v.values[len(v.values)-1] = value
			}
		}
	}
}

// users returns, for each value of a list that members of a container have, the
// names of the members that have it, sorted.
func (n *node) users(setting string) map[string][]string {
	users := map[string][]string{}
	for _, member := range n.nodes {
		if list := member.child(setting); list != nil {
			for _, value := range list.values {
				users[value] = append(users[value], member.name.text)
			}
		}
	}
	return users
}

func (v *validation) conflicts(n *node) {
	for _, conflict := range n.field.Conflicts {
		settings := conflict.conflicting(n)
		if settings == nil {
			continue
		}
		dependent := make([]string, len(settings))
		for i, setting := range settings {
			dependent[i] = setting.String()
		}
		at := v.at
		if v.block > 0 {
			at = v.at[:v.block]
		}
		v.report(CrossAttribute, at, "Dependent fields %s in policy block %s are invalid when used together",
			strings.Join(dependent, ","), at[len(at)-1].name.text)
	}
}

// join returns the path of a member of a container.
func join(path, member string) string {
	if path == "" {
		return member
	}
	return path + "/" + member
}
