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

// validate checks an effective policy, of that many bytes, by what its schema
// asks. AWS tells of each missing member, of the first one that is too many, and
// of each combination that is not allowed.
func (s *State) validate(root *node, size int) []ValidationError {
	v := validation{schema: s.schema}
	v.container(root, "")
	if limit := s.schema.MaxBytes; limit > 0 && size > limit {
		v.report(ElementsTooMany, root.nodes[0].name.text, "Effective policy size is %d bytes, which exceeds the maximum limit of %d bytes", size, limit)
	}
	if len(v.found) == 0 {
		return nil
	}
	// Who contributed is worked out only now: nearly every policy is valid.
	explanation := s.Explain()
	for i := range v.found {
		v.found[i].ContributingPolicies = explanation.contributors(v.found[i].Path, v.values[i])
	}
	return v.found
}

// validation checks one effective policy.
type validation struct {
	schema *schema
	found  []ValidationError
	values []string // per error, the one value whose contributors are meant, or ""
	block  string   // the path of the block that errors of combination are reported for
}

func (v *validation) report(code ErrorCode, path, message string, args ...any) {
	v.found = append(v.found, ValidationError{Code: code, Message: fmt.Sprintf(message, args...), Path: path})
	v.values = append(v.values, "")
}

func (v *validation) member(n *node, path string) {
	if n.setting {
		v.setting(n, path)
		return
	}
	v.container(n, path)
}

func (v *validation) setting(n *node, path string) {
	if n.field == nil {
		return
	}
	if limit := n.field.MaxItems; limit > 0 && len(n.values) > limit {
		v.report(ElementsTooMany, path, "'%s' exceeds the allowed maximum limit %d", n.name.text, limit)
	}
	if limit := n.field.MinItems; len(n.values) < limit {
		v.report(ElementsTooFew, path, "'%s' is less than the allowed minimum limit %d", n.name.text, limit)
	}
}

func (v *validation) container(n *node, path string) {
	block := v.block
	if n.field != nil {
		v.required(n, path)
		v.maxMembers(n, path)
		v.maxUses(n, path)
		if n.field.Block {
			v.block = path
		}
		v.conflicts(n, path)
	}
	for _, member := range n.nodes {
		v.member(member, join(path, member.name.text))
	}
	v.block = block
}

func (v *validation) required(n *node, path string) {
	for _, required := range n.field.Required {
		if n.child(required) == nil {
			v.report(KeyRequired, path, "'%s' is missing", required)
		}
	}
}

func (v *validation) maxMembers(n *node, path string) {
	if limit := n.field.MaxMembers; limit > 0 && len(n.nodes) > limit {
		surplus := n.nodes[limit].name.text
		v.report(ElementsTooMany, join(path, surplus), "'%s' exceeds the allowed maximum limit %d", surplus, limit)
	}
}

// maxUses checks how many members name the same value in a list of theirs. AWS
// has this for the tags that a resource type must have.
func (v *validation) maxUses(n *node, path string) {
	for _, setting := range slices.Sorted(maps.Keys(n.field.MaxUses)) {
		limit := n.field.MaxUses[setting]
		if len(n.nodes) <= limit {
			continue
		}
		users := n.users(setting)
		for _, value := range slices.Sorted(maps.Keys(users)) {
			if names := users[value]; len(names) > limit {
				shown := names[:min(5, len(names))]
				v.report(ElementsTooMany, path,
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

func (v *validation) conflicts(n *node, path string) {
	for _, conflict := range n.field.Conflicts {
		settings := conflict.conflicting(n)
		if settings == nil {
			continue
		}
		dependent := make([]string, len(settings))
		for i, setting := range settings {
			dependent[i] = setting.String()
		}
		at := path
		if v.block != "" {
			at = v.block
		}
		v.report(CrossAttribute, at, "Dependent fields %s in policy block %s are invalid when used together",
			strings.Join(dependent, ","), at[strings.LastIndexByte(at, '/')+1:])
	}
}

// join returns the path of a member of a container.
func join(path, member string) string {
	if path == "" {
		return member
	}
	return path + "/" + member
}
