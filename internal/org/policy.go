package org

import (
	"iter"
	"time"
)

// Policy is a policy of the organization, or one that AWS manages.
type Policy struct {
	ID          PolicyID   `json:"id"`
	Type        PolicyType `json:"type"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Content     string     `json:"content"`
	AWSManaged  bool       `json:"-"` // managed policies are part of the program, never stored
	Created     time.Time  `json:"created"`
	Updated     time.Time  `json:"updated,omitzero"` // by UpdatePolicy
	Tags        Tags       `json:"tags,omitempty"`
}

func (p *Policy) kind() string { return kindPolicy }
func (p *Policy) id() string   { return string(p.ID) }

func (p *Policy) put(o *Organization) {
	o.policies.Set(string(p.ID), p)
	o.policiesByType.Set(key(string(p.Type), at(p.Created), string(p.ID)), p)
	o.policyNames.Set(key(string(p.Type), p.Name), p.ID)
	o.countPolicies(p.Type, 1)
}

func (p *Policy) remove(o *Organization) {
	o.policies.Delete(string(p.ID))
	o.policiesByType.Delete(key(string(p.Type), at(p.Created), string(p.ID)))
	o.policyNames.Delete(key(string(p.Type), p.Name))
	o.countPolicies(p.Type, -1)
}

func (o *Organization) countPolicies(t PolicyType, more int) {
	n, _ := o.policyCounts.Get(string(t))
	o.policyCounts.Set(string(t), n+more)
}

// Policy returns a policy of the organization or one that AWS manages. It
// returns PolicyNotFound.
func (o *Organization) Policy(id PolicyID) (*Policy, error) {
	policy, ok := o.policy(id)
	if !ok {
		return nil, refuse(PolicyNotFound).saying("You specified a policy that doesn't exist.")
	}
	return policy, nil
}

func (o *Organization) policy(id PolicyID) (*Policy, bool) {
	if managed := managedPolicy(id); managed != nil {
		return managed, true
	}
	return o.policies.Get(string(id))
}

// Policies lists the policies of a type, whether or not it is enabled, from
// behind the cursor: the one that AWS manages, and then the others in the order
// of their creation.
func (o *Organization) Policies(t PolicyType, after Cursor) iter.Seq2[Cursor, *Policy] {
	managed := defaultPolicy(t)
	return Chained(after, alone(managed, managed != nil), func(after Cursor) iter.Seq2[Cursor, *Policy] {
		return walk(o.policiesByType, key(string(t), ""), after)
	})
}

// CreatePolicy adds a policy, which may be of a type that is not enabled. It
// returns PolicyTypeNotAvailableForOrganization, InvalidInput for the tags,
// MalformedPolicyDocument, DuplicatePolicy, and ConstraintViolation
// POLICY_CONTENT_LIMIT_EXCEEDED, POLICY_NUMBER_LIMIT_EXCEEDED or
// MAX_TAG_LIMIT_EXCEEDED.
func (d *Draft) CreatePolicy(t PolicyType, name, description, content string, tags Tags) (*Policy, error) {
	if d.settings.FeatureSet != AllFeatures {
		return nil, refuse(PolicyTypeNotAvailableForOrganization)
	}
	tags, err := d.newTags(tags)
	if err != nil {
		return nil, err
	}
	if content, err = d.checkContent(t, content); err != nil {
		return nil, err
	}
	if d.policyNameTaken(t, name) {
		return nil, refuse(DuplicatePolicy)
	}
	if n, _ := d.policyCounts.Get(string(t)); n >= d.rules.Policies[t].Policies {
		return nil, violate("POLICY_NUMBER_LIMIT_EXCEEDED")
	}
	policy := &Policy{
		ID:   PolicyID("p-" + random(d.rand, lowerAlnum, 10)),
		Type: t, Name: name, Description: description, Content: content, Created: d.now, Tags: tags,
	}
	d.put(policy)
	return policy, nil
}

// UpdatePolicy changes what is not nil of a policy. It returns PolicyNotFound,
// InvalidInput IMMUTABLE_POLICY, MalformedPolicyDocument, DuplicatePolicy,
// PolicyChangesInProgress, and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE or POLICY_CONTENT_LIMIT_EXCEEDED.
func (d *Draft) UpdatePolicy(id PolicyID, name, description, content *string) (*Policy, error) {
	if err := d.requireAllFeatures(); err != nil {
		return nil, err
	}
	policy, err := d.ownPolicy(id)
	if err != nil {
		return nil, err
	}
	if err := d.requireSettled(policy.Type); err != nil {
		return nil, err
	}
	next := *policy
	if content != nil {
		if next.Content, err = d.checkContent(policy.Type, *content); err != nil {
			return nil, err
		}
	}
	if name != nil && *name != policy.Name {
		if d.policyNameTaken(policy.Type, *name) {
			return nil, refuse(DuplicatePolicy)
		}
		next.Name = *name
	}
	if description != nil {
		next.Description = *description
	}
	next.Updated = d.now
	d.put(&next)
	return &next, nil
}

// DeletePolicy removes a policy that is attached to nothing, and its tags. It
// returns PolicyNotFound, InvalidInput IMMUTABLE_POLICY and PolicyInUse. An
// organization without all features has no policy to delete.
func (d *Draft) DeletePolicy(id PolicyID) error {
	policy, err := d.ownPolicy(id)
	if err != nil {
		return err
	}
	if occupied(d.attachmentsByPolicy, key(string(id), "")) {
		return refuse(PolicyInUse)
	}
	d.drop(policy)
	return nil
}

// ownPolicy returns a policy that the organization itself may change.
func (d *Draft) ownPolicy(id PolicyID) (*Policy, error) {
	policy, ok := d.policy(id)
	if !ok {
		return nil, refuse(PolicyNotFound)
	}
	if policy.AWSManaged {
		return nil, invalid("IMMUTABLE_POLICY")
	}
	return policy, nil
}

// policyNameTaken tells whether a policy of the type has the name, in exactly
// this case. AWS's text speaks of "the specified name and type".
func (o *Organization) policyNameTaken(t PolicyType, name string) bool {
	if managed := defaultPolicy(t); managed != nil && managed.Name == name {
		return true
	}
	_, taken := o.policyNames.Get(key(string(t), name))
	return taken
}
