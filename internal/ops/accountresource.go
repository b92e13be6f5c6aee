package ops

import (
	"reflect"

	"github.com/espalier-cloud/espalier/internal/org"
)

// accountResource is the member of an input of Account Management that names the account that a call is
// authorized on: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsaccountmanagement.html.
type accountResource struct {
	index int
	types []string // the resource types that it may name; nil for the operations of other services
}

const (
	typeOwnAccount    = "account"
	typeMemberAccount = "accountInOrganization"
)

// newAccountResource returns the member of the inputs of an operation, of which one is given. Where it is
// required, the operation is about members alone.
func newAccountResource(in any) accountResource {
	r := accountResource{index: member(in, "AccountId"), types: []string{typeOwnAccount, typeMemberAccount}}
	if r.index == noMember {
		r.index = member(in, "StandardAccountId")
	}
	if reflect.TypeOf(in).Elem().Field(r.index).Type.Kind() == reflect.String {
		r.types = []string{typeMemberAccount}
	}
	return r
}

// resource returns what a call is authorized on: the account that it names, with its place in the
// organization and its tags there, or the caller's own.
func (r *accountResource) resource(by *Caller, in any) org.Resource {
	prefix := "arn:" + string(by.View.Account.Partition()) + ":account::"
	named, given := textOf(reflect.ValueOf(in).Elem().Field(r.index))
	o := by.View.Organization
	switch {
	case !given:
		return org.Resource{ARN: prefix + string(by.Account) + ":account"}
	case o == nil:
		return org.Resource{ARN: prefix + named + ":account"} // which it may not manage
	}
	settings := o.Settings()
	about := org.Resource{ARN: prefix + string(settings.ManagementAccount) + ":account/" + string(settings.ID) + "/" + named}
	if account, err := o.Account(org.AccountID(named)); err == nil {
		about.Tags, about.Paths = account.Tags, []string{o.ParentPath(account.Parent)}
	}
	return about
}
