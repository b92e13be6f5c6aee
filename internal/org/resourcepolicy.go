package org

import (
	"unicode/utf8"

	"github.com/espalier-cloud/espalier/policy"
)

// ResourcePolicy is the organization's resource-based delegation policy: it lets
// members manage policies.
type ResourcePolicy struct {
	ID      ResourcePolicyID `json:"id"`
	Content string           `json:"content"`
	Tags    Tags             `json:"tags,omitempty"`

	compiled *policy.Set // what Content delegates, nil when nothing
}

func (r *ResourcePolicy) kind() string { return kindResourcePolicy }
func (r *ResourcePolicy) id() string   { return string(r.ID) }

func (r *ResourcePolicy) put(o *Organization) {
	if r.compiled == nil {
		// A document that today's grammar does not know delegates nothing.
		if document, err := parseDelegationPolicy(r.Content); err == nil {
			r.compiled = compileDelegation(document)
		}
	}
	o.resourcePolicy = r
}

func (r *ResourcePolicy) remove(o *Organization) { o.resourcePolicy = nil }

// ResourcePolicy returns the resource-based delegation policy. It returns
// ResourcePolicyNotFound and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
func (o *Organization) ResourcePolicy() (*ResourcePolicy, error) {
	if err := o.requireAllFeatures(); err != nil {
		return nil, err
	}
	if o.resourcePolicy == nil {
		return nil, refuse(ResourcePolicyNotFound)
	}
	return o.resourcePolicy, nil
}

// PutResourcePolicy makes or replaces the resource-based delegation policy,
// whose id stays. Tags can only be given when it is made. It returns
// ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE or
// MAX_TAG_LIMIT_EXCEEDED, and InvalidInput MAX_LENGTH_EXCEEDED:CONTENT,
// INVALID_RESOURCE_POLICY_JSON, INVALID_PRINCIPAL,
// UNSUPPORTED_ACTION_IN_RESOURCE_POLICY, UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY,
// UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY, DUPLICATE_TAG_KEY,
// INVALID_SYSTEM_TAGS_PARAMETER or, for tags that come too late,
// UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED.
func (d *Draft) PutResourcePolicy(content string, tags Tags) (*ResourcePolicy, error) {
	if err := d.requireAllFeatures(); err != nil {
		return nil, err
	}
	document, err := d.checkDelegationPolicy(content)
	if err != nil {
		return nil, err
	}
	if d.resourcePolicy != nil && len(tags) > 0 {
		return nil, invalid("UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED")
	}
	next := &ResourcePolicy{Content: content, compiled: compileDelegation(document)}
	if d.resourcePolicy != nil {
		next.ID, next.Tags = d.resourcePolicy.ID, d.resourcePolicy.Tags
	} else {
		next.ID = ResourcePolicyID("rp-" + random(d.rand, lowerAlnum, 8))
		if next.Tags, err = d.newTags(tags); err != nil {
			return nil, err
		}
	}
	d.put(next)
	return next, nil
}

// checkDelegationPolicy reads a document that can be the organization's resource
// policy.
func (d *Draft) checkDelegationPolicy(content string) (*policy.Document, error) {
	if utf8.RuneCountInString(content) > d.rules.ResourcePolicyMaxChars {
		return nil, invalidParameter("MAX_LENGTH_EXCEEDED", "CONTENT")
	}
	document, err := parseDelegationPolicy(content)
	if err != nil {
		return nil, err
	}
	for i := range document.Statements {
		if err := d.checkDelegation(&document.Statements[i]); err != nil {
			return nil, err
		}
	}
	return document, nil
}

// DeleteResourcePolicy removes the resource-based delegation policy and its
// tags. It returns ResourcePolicyNotFound and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
func (d *Draft) DeleteResourcePolicy() error {
	found, err := d.ResourcePolicy()
	if err != nil {
		return err
	}
	d.drop(found)
	return nil
}
