package policies

import (
	"iter"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// Cedar is cedar-go on a workload, in the way that serves it best:
//
//   - A statement that denies is a forbid policy; one permit stands for the levels that allow everything, and the level
//     that lists services is a forbid unless the action is of them. One decision over one set decides all levels.
//   - One action is a comparison. Several, and those of wildcards, are a group that the entities of its actions have as
//     a parent; the set itself ("action in [...]") would be built anew in each evaluation.
//   - Resources and principals are entities with a type of their own, so that arn:aws:ec2:*:*:instance/* is
//     "resource is ec2_instance"; names are attributes and are compared with == or like.
//   - The context is a record of typed values. Keys that all requests have are not asked for with "has".
//   - cedar-go evaluates every policy for every request. The iterator is a slice, faster than its PolicySet's map.
type Cedar struct {
	policies cedarPolicies
	actions  types.EntityMap
	sorts    map[string]sort
}

// cedarPolicies are policies in a slice.
type cedarPolicies []cedarPolicy

type cedarPolicy struct {
	id     cedar.PolicyID
	policy *cedar.Policy
}

// All returns the policies.
func (p cedarPolicies) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for i := range p {
			if !yield(p[i].id, p[i].policy) {
				return
			}
		}
	}
}

// NewCedar translates the documents of a workload.
func NewCedar(w Workload) (*Cedar, error) {
	denies, listed, err := guardrailsOf(w)
	if err != nil {
		return nil, err
	}
	t := newCedarTranslation()
	text := "permit (principal, action, resource);\n"
	if listed != nil {
		text += "forbid (principal, action, resource) unless { action in " + t.group(listed) + " };\n"
	}
	for _, s := range denies {
		translated, err := t.forbid(s)
		if err != nil {
			return nil, err
		}
		text += translated
	}
	list, err := cedar.NewPolicyListFromBytes("guardrails", []byte(text))
	if err != nil {
		return nil, err
	}
	c := &Cedar{actions: t.entities(), sorts: sortsOf(denies)}
	for i, p := range list {
		c.policies = append(c.policies, cedarPolicy{cedar.PolicyID(strconv.Itoa(i)), p})
	}
	return c, nil
}

// cedarEntities are the actions, and what is new with each request.
type cedarEntities struct {
	actions             types.EntityMap
	principal, resource types.Entity
}

// Get returns an entity.
func (e *cedarEntities) Get(id types.EntityUID) (types.Entity, bool) {
	switch id {
	case e.resource.UID:
		return e.resource, true
	case e.principal.UID:
		return e.principal, true
	}
	return e.actions.Get(id)
}

// Prepare makes entities and a record of strings.
func (c *Cedar) Prepare(q Request) (func() (bool, error), error) {
	var arn string
	values := make(types.RecordMap, len(q.Context))
	for _, p := range q.Context {
		if p.Key == "aws:PrincipalArn" {
			arn = p.Values[0]
		}
		value, err := c.value(p)
		if err != nil {
			return nil, err
		}
		values[types.String(p.Key)] = value
	}
	entities := &cedarEntities{c.actions, cedarEntity(arn), cedarEntity(q.Resource)}
	r := cedar.Request{
		Principal: entities.principal.UID, Action: types.NewEntityUID("Action", types.String(q.Action)), Resource: entities.resource.UID,
		Context: types.NewRecord(values),
	}
	return func() (bool, error) {
		decision, diagnostic := cedar.Authorize(c.policies, entities, r)
		return decision == cedar.Allow, firstError(diagnostic)
	}, nil
}

func firstError(d cedar.Diagnostic) error {
	if len(d.Errors) > 0 {
		return cedarError(d.Errors[0])
	}
	return nil
}

type cedarError cedar.DiagnosticError

func (e cedarError) Error() string { return cedar.DiagnosticError(e).String() }

func cedarEntity(arn string) types.Entity {
	e := newEntity(arn)
	return types.Entity{
		UID:        types.NewEntityUID(types.EntityType(e.kind), types.String(arn)),
		Attributes: types.NewRecord(types.RecordMap{"account": types.String(e.account), "name": types.String(e.name)}),
	}
}

func (c *Cedar) value(p Pair) (types.Value, error) {
	if p.Multivalued {
		members := make([]types.Value, len(p.Values))
		for i, v := range p.Values {
			members[i] = types.String(v)
		}
		return types.NewSet(members...), nil
	}
	switch c.sorts[p.Key] {
	case truth:
		return types.Boolean(strings.EqualFold(p.Values[0], "true")), nil
	case number:
		n, err := strconv.ParseInt(p.Values[0], 10, 64)
		return types.Long(n), err
	case address:
		return types.ParseIPAddr(p.Values[0])
	case text:
	}
	return types.String(p.Values[0]), nil
}
