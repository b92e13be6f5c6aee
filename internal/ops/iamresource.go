package ops

import (
	"reflect"
	"strings"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// IAMResource is the member of an input of IAM that names what the operation is authorized on:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html.
type IAMResource struct {
	arn    func(a *identity.Account, name, path string) string // nil for operations that are authorized on "*"
	member int
	path   int  // of the path of something new, or noMember
	self   bool // a call that names no user is about the caller
}

// iamMembers are the members that name resources, the first that an input has counts: an operation
// on a group and a user is authorized on the group.
var iamMembers = []struct {
	member string
	arn    func(a *identity.Account, name, path string) string
}{
	{"GroupName", groupARN},
	{"RoleName", roleARN},
	{"UserName", userARN},
	{"PolicyArn", func(_ *identity.Account, arn, _ string) string { return arn }},
	{"PolicyName", func(a *identity.Account, name, path string) string { return iamARN(a, "policy", path, name) }},
	{"OpenIDConnectProviderArn", func(_ *identity.Account, arn, _ string) string { return arn }},
	{"Url", func(a *identity.Account, url, _ string) string {
		return iamARN(a, "oidc-provider", "/", strings.TrimPrefix(url, "https://"))
	}},
	{"AWSServiceName", func(a *identity.Account, service, _ string) string {
		return iamARN(a, "role", "/aws-service-role/"+service+"/", "*")
	}},
}

// NewIAMResource returns the member of the inputs of an operation, of which one is given.
func NewIAMResource(in any) IAMResource {
	for _, r := range iamMembers {
		if m := member(in, r.member); m != noMember {
			return IAMResource{arn: r.arn, member: m, path: member(in, "Path"), self: r.member == "UserName"}
		}
	}
	return IAMResource{}
}

// ARNs returns the ARN of what an input is about, none for "*". What does not exist has the ARN that
// it would have.
func (r *IAMResource) ARNs(by *Caller, in any) []string {
	if r.arn == nil {
		return nil
	}
	v := reflect.ValueOf(in).Elem()
	name, given := textOf(v.Field(r.member))
	path := "/"
	if r.path != noMember {
		if p, ok := textOf(v.Field(r.path)); ok {
			path = p
		}
	}
	switch {
	case given:
		return []string{r.arn(by.View.Account, name, path)}
	case r.self && by.Type == identity.IAMUser:
		return []string{by.ARN}
	}
	return nil
}

func groupARN(a *identity.Account, name, path string) string {
	if g, ok := a.Group(name); ok {
		return a.GroupARN(g)
	}
	return iamARN(a, "group", path, name)
}

func roleARN(a *identity.Account, name, path string) string {
	if r, ok := a.Role(name); ok {
		return a.RoleARN(r)
	}
	return iamARN(a, "role", path, name)
}

func userARN(a *identity.Account, name, path string) string {
	if u, ok := a.User(name); ok {
		return a.UserARN(u)
	}
	return iamARN(a, "user", path, name)
}

// iamARN is the ARN of something that does not exist yet. What cannot be a path stands for "/".
func iamARN(a *identity.Account, kind, path, name string) string {
	if !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") {
		path = "/"
	}
	return "arn:" + string(a.Partition()) + ":iam::" + string(a.ID()) + ":" + kind + path + name
}
