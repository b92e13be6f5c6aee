package ops

import (
	"iter"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// TaggedResource is a resource that has tags.
type TaggedResource struct {
	ARN          string            `json:"arn"`
	ResourceType string            `json:"resourceType"`
	Tags         map[string]string `json:"tags"`
}

// taggedResources lists the resources of an account that have tags, from behind the
// cursor. Those of an organization are its management account's.
func taggedResources(view *registry.View, after org.Cursor) iter.Seq2[org.Cursor, TaggedResource] {
	a := view.Account
	lists := []func(org.Cursor) iter.Seq2[org.Cursor, TaggedResource]{
		inIAM(typeIAMUser, func(after string) iter.Seq[*identity.User] { return a.Users("", after) }, func(u *identity.User) (string, string, []identity.Tag) {
			return u.Name, a.UserARN(u), u.Tags
		}),
		inIAM(typeIAMRole, func(after string) iter.Seq[*identity.Role] { return a.Roles("", after) }, func(r *identity.Role) (string, string, []identity.Tag) {
			return r.Name, a.RoleARN(r), r.Tags
		}),
		inIAM(typeIAMPolicy, func(after string) iter.Seq[*identity.Policy] { return a.Policies("", after) }, func(p *identity.Policy) (string, string, []identity.Tag) {
			return p.Name, a.PolicyARN(p), p.Tags
		}),
		inIAM(typeIAMOIDCProvider, a.OIDCProviders, func(p *identity.OIDCProvider) (string, string, []identity.Tag) {
			return p.URL, a.OIDCProviderARN(p), p.Tags
		}),
	}
	if o := view.Organization; o.Standing(org.AccountID(a.ID())) == org.Management {
		lists = append(lists, func(after org.Cursor) iter.Seq2[org.Cursor, TaggedResource] { return inOrganization(o, after) })
	}
	return org.Chained(after, lists...)
}

// inIAM returns what lists one kind of resource of IAM, by names, as far as they
// have tags.
func inIAM[T any](resourceType string, list func(after string) iter.Seq[T], describe func(T) (name, arn string, tags []identity.Tag)) func(org.Cursor) iter.Seq2[org.Cursor, TaggedResource] {
	return func(after org.Cursor) iter.Seq2[org.Cursor, TaggedResource] {
		return func(yield func(org.Cursor, TaggedResource) bool) {
			for element := range list(string(after)) {
				name, arn, tags := describe(element)
				if len(tags) == 0 {
					continue
				}
				resource := TaggedResource{ARN: arn, ResourceType: resourceType, Tags: map[string]string{}}
				for _, tag := range tags {
					resource.Tags[tag.Key] = tag.Value
				}
				if !yield(org.Cursor(name), resource) {
					return
				}
			}
		}
	}
}

// inOrganization lists the resources of an organization that have tags.
func inOrganization(o *org.Organization, after org.Cursor) iter.Seq2[org.Cursor, TaggedResource] {
	return func(yield func(org.Cursor, TaggedResource) bool) {
		for cursor, tagged := range o.Tagged(after) {
			resource := TaggedResource{ARN: o.ResourceARN(tagged.ID), ResourceType: typeOf(string(tagged.ID)), Tags: map[string]string{}}
			for _, tag := range tagged.Tags {
				resource.Tags[tag.Key] = tag.Value
			}
			if !yield(cursor, resource) {
				return
			}
		}
	}
}
