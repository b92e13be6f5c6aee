package ops

import (
	"reflect"
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// iamResource is the member of an input of IAM that names what the operation is authorized on:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html.
type iamResource struct {
	iamMember
	index int
	path  int // of the path of something new, or noMember
}

// iamMember is a member that names a resource of a kind.
type iamMember struct {
	member string
	kind   string
	tagged bool                                                      // the kind has tags
	find   func(a *identity.Account, name, path string) org.Resource // nil for operations that are authorized on "*"
}

// iamMembers are the members that name resources, the first that an input has counts: an operation
// on a group and a user is authorized on the group.
var iamMembers = []iamMember{
	{"GroupName", "group", false, groupNamed},
	{"RoleName", "role", true, roleNamed},
	{"UserName", "user", true, userNamed},
	{"PolicyArn", "policy", true, policyAt},
	{"PolicyName", "policy", true, func(a *identity.Account, name, path string) org.Resource {
		return org.Resource{ARN: iamARN(a, "policy", path, name)}
	}},
	{"OpenIDConnectProviderArn", "oidc-provider", true, providerAt},
	{"Url", "oidc-provider", true, func(a *identity.Account, url, _ string) org.Resource {
		return org.Resource{ARN: iamARN(a, "oidc-provider", "/", strings.TrimPrefix(url, "https://"))}
	}},
	{"AWSServiceName", "role", true, func(a *identity.Account, service, _ string) org.Resource {
		return org.Resource{ARN: iamARN(a, "role", "/aws-service-role/"+service+"/", "*")}
	}},
}

// newIAMResource returns the member of the inputs of an operation, of which one is given.
func newIAMResource(in any) iamResource {
	for _, r := range iamMembers {
		if m := member(in, r.member); m != noMember {
			return iamResource{iamMember: r, index: m, path: member(in, "Path")}
		}
	}
	return iamResource{}
}

// resources returns what an input is about, none for "*". A call that names no user is about the
// caller, and one that names something by what is no ARN, which its constraints refuse, is about
// nothing.
func (r *iamResource) resources(by *Caller, in any) []org.Resource {
	v := reflect.ValueOf(in).Elem()
	name, given := textOf(v.Field(r.index))
	path := "/"
	if r.path != noMember {
		if p, ok := textOf(v.Field(r.path)); ok {
			path = p
		}
	}
	switch {
	case given:
		found := r.find(by.View.Account, name, path)
		if _, err := policy.ParseARN(found.ARN); err != nil {
			return nil
		}
		return []org.Resource{found}
	case r.kind == "user" && by.Type == identity.Root:
		return []org.Resource{{ARN: by.ARN}}
	case r.kind == "user" && by.Type == identity.IAMUser:
		if u, ok := by.View.Account.UserByARN(by.ARN); ok {
			return []org.Resource{userNamed(by.View.Account, u.Name, path)}
		}
	}
	return nil
}

func groupNamed(a *identity.Account, name, path string) org.Resource {
	if g, ok := a.Group(name); ok {
		return org.Resource{ARN: a.GroupARN(g)}
	}
	return org.Resource{ARN: iamARN(a, "group", path, name)}
}

func roleNamed(a *identity.Account, name, path string) org.Resource {
	if r, ok := a.Role(name); ok {
		return org.Resource{ARN: a.RoleARN(r), Tags: asResourceTags(r.Tags)}
	}
	return org.Resource{ARN: iamARN(a, "role", path, name)}
}

func userNamed(a *identity.Account, name, path string) org.Resource {
	if u, ok := a.User(name); ok {
		return org.Resource{ARN: a.UserARN(u), Tags: asResourceTags(u.Tags)}
	}
	return org.Resource{ARN: iamARN(a, "user", path, name)}
}

func policyAt(a *identity.Account, arn, _ string) org.Resource {
	r := org.Resource{ARN: arn}
	if p, ok := a.Policy(arn); ok {
		r.Tags = asResourceTags(p.Tags)
	}
	return r
}

func providerAt(a *identity.Account, arn, _ string) org.Resource {
	r := org.Resource{ARN: arn}
	if p, err := a.OIDCProvider(arn); err == nil {
		r.Tags = asResourceTags(p.Tags)
	}
	return r
}

// asResourceTags returns the tags of an entity as those of a resource.
func asResourceTags(tags []identity.Tag) org.Tags {
	all := make(org.Tags, len(tags))
	for i, t := range tags {
		all[i] = org.Tag(t)
	}
	return all
}

// iamARN is the ARN of something that does not exist yet. What cannot be a path stands for "/".
func iamARN(a *identity.Account, kind, path, name string) string {
	if !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") {
		path = "/"
	}
	return "arn:" + string(a.Partition()) + ":iam::" + string(a.ID()) + ":" + kind + path + name
}
