package identity

import (
	"cmp"
	"slices"

	"github.com/espalier-cloud/espalier/policy"
)

// InlinePolicy is a policy that is part of one user, group or role.
type InlinePolicy struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

// InlinePolicy returns the inline policy of that name. Unlike the names of entities, case distinguishes it.
func (e *Entity) InlinePolicy(name string) (InlinePolicy, bool) {
	i, found := slices.BinarySearchFunc(e.InlinePolicies, name, byPolicyName)
	if !found {
		return InlinePolicy{}, false
	}
	return e.InlinePolicies[i], true
}

func byPolicyName(p InlinePolicy, name string) int { return cmp.Compare(p.Name, name) }

// InlinePolicy returns an inline policy of a user, group or role. It refuses a name that does not exist as NoSuchEntity.
func (s *state) InlinePolicy(of Ref, name string) (InlinePolicy, error) {
	e, err := s.Entity(of)
	if err != nil {
		return InlinePolicy{}, err
	}
	p, ok := e.InlinePolicy(name)
	if !ok {
		return p, of.noSuchInlinePolicy(name)
	}
	return p, nil
}

// PutInlinePolicy adds an inline policy to a user, group or role, or replaces the one of that name. It refuses a name
// of an entity that does not exist as NoSuchEntity, a document that is none as MalformedPolicyDocument, more text than the
// entity can have as LimitExceeded, and a service-linked role as UnmodifiableEntity.
func (d *Draft) PutInlinePolicy(of Ref, name, document string) error {
	return d.change(of, func(e *Entity) error {
		if err := checkName("policyName", name, maxPolicyName); err != nil {
			return err
		}
		if err := checkDocument(policy.IdentityPolicy, document); err != nil {
			return err
		}
		p := InlinePolicy{name, document}
		inline := slices.Clone(e.InlinePolicies)
		if i, found := slices.BinarySearchFunc(inline, name, byPolicyName); found {
			inline[i] = p
		} else {
			inline = slices.Insert(inline, i, p)
		}
		size := 0
		for _, p := range inline {
			size += documentSize(p.Document)
		}
		if limit := d.inlineCharacters(of); size > limit {
			return refuse(LimitExceeded, "Maximum policy size of %d bytes exceeded for %s %s", limit, of.kind, e.Name)
		}
		e.InlinePolicies = inline
		return nil
	})
}

// DeleteInlinePolicy deletes an inline policy of a user, group or role. It refuses a name that does not exist as
// NoSuchEntity, and a service-linked role as UnmodifiableEntity.
func (d *Draft) DeleteInlinePolicy(of Ref, name string) error {
	return d.change(of, func(e *Entity) error {
		i, found := slices.BinarySearchFunc(e.InlinePolicies, name, byPolicyName)
		if !found {
			return of.noSuchInlinePolicy(name)
		}
		e.InlinePolicies = slices.Delete(slices.Clone(e.InlinePolicies), i, i+1)
		if len(e.InlinePolicies) == 0 {
			e.InlinePolicies = nil
		}
		return nil
	})
}

func (r Ref) noSuchInlinePolicy(name string) error {
	return refuse(NoSuchEntity, "The %s policy with name %s cannot be found.", r.kind, name)
}

func (d *Draft) inlineCharacters(of Ref) int {
	switch of.kind {
	case KindUser:
		return d.quotas.UserPolicyCharacters
	case KindGroup:
		return d.quotas.GroupPolicyCharacters
	default:
		return d.quotas.RolePolicyCharacters
	}
}
