package authz_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

var day0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// The accounts of the tests, by what they are to the organization.
const (
	management identity.AccountID = "111111111111"
	member     identity.AccountID = "222222222222"
	delegate   identity.AccountID = "333333333333" // a delegated administrator of a service
	named      identity.AccountID = "444444444444" // by the resource policy
	standalone identity.AccountID = "555555555555"
)

// The roles of each account.
const (
	administrator = "Administrator" // with AdministratorAccess
	powerless     = "Powerless"     // without any policy
	renewed       = "Renewed"       // with AdministratorAccess, made after the sessions of one of that name
)

// world is an organization and accounts in and outside of it.
type world struct {
	organization *org.Organization
	accounts     map[identity.AccountID]*identity.Account
	sessions     map[identity.AccountID]map[string]*identity.SessionIssuer
	policy       org.PolicyID
	root         org.RootID
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{accounts: map[identity.AccountID]*identity.Account{}, sessions: map[identity.AccountID]map[string]*identity.SessionIssuer{}}
	for _, id := range []identity.AccountID{management, member, delegate, named, standalone} {
		w.addAccount(t, id)
	}
	d := org.NewDraft(org.AWSRules(), day0, rand.Reader)
	errs := []error{d.CreateOrganization(org.NewID(rand.Reader), org.AllFeatures, org.Owner{ID: org.AccountID(management), Name: "management", Email: "m@example.com"})}
	for _, id := range []identity.AccountID{member, delegate, named} {
		creation := must[*org.Creation](t)(d.CreateAccount(org.NewAccount{Email: string(id) + "@example.com", Name: "member"}))
		must[*org.Account](t)(d.FinishCreation(creation.ID, org.AccountID(id), ""))
	}
	const service = "config.amazonaws.com"
	errs = append(errs, d.EnableService(service), d.RegisterDelegatedAdministrator(org.AccountID(delegate), service))
	must[*org.Root](t)(d.EnablePolicyType(d.Root().ID, org.TagPolicy))
	w.policy, w.root = must[*org.Policy](t)(d.CreatePolicy(org.TagPolicy, "tags", "", `{"tags":{}}`, nil)).ID, d.Root().ID
	must[*org.ResourcePolicy](t)(d.PutResourcePolicy(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"`+string(named)+`"},"Action":"organizations:ListRoots","Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":"`+string(named)+`"},"Action":"organizations:AttachPolicy","Resource":"*",
			"Condition":{"StringEquals":{"organizations:PolicyType":"TAG_POLICY"}}}]}`, nil))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	w.organization = d.Organization
	return w
}

// addAccount makes an account with its roles.
func (w *world) addAccount(t *testing.T, id identity.AccountID) {
	t.Helper()
	d := must[*identity.Draft](t)(identity.NewAccount(id, identity.PartitionAWS, "account", string(id)+"@example.com", day0, rand.Reader))
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + string(id) + `"},"Action":"sts:AssumeRole"}}`
	w.sessions[id] = map[string]*identity.SessionIssuer{}
	add := func(name string) {
		role := must[*identity.Role](t)(d.CreateRole(identity.NewRole{Name: name, TrustPolicy: trust}))
		w.sessions[id][name] = &identity.SessionIssuer{ARN: d.RoleARN(role), ID: role.ID, Name: name, SessionName: "session"}
	}
	add(administrator)
	add(powerless)
	add(renewed)
	older := w.sessions[id][renewed]
	err := d.DeleteRole(renewed)
	add(renewed)
	w.sessions[id][renewed] = older
	for _, name := range []string{administrator, renewed} {
		err = errors.Join(err, d.AttachPolicy(identity.RoleNamed(name), identity.AdministratorAccess(identity.PartitionAWS)))
	}
	if err != nil {
		t.Fatal(err)
	}
	w.accounts[id] = d.Account()
}

// request is a call by a principal of an account, which is a role's name or a
// kind of principal.
func (w *world) request(id identity.AccountID, principal string) authz.Request {
	r := authz.Request{Account: w.accounts[id], Organization: w.organization}
	if id == standalone {
		r.Organization = nil
	}
	by := &identity.Caller{Account: id, ARN: "arn:aws:iam::" + string(id) + ":user/somebody"}
	if role, ok := w.sessions[id][principal]; ok {
		by.Type, by.Role, by.ARN = identity.AssumedRole, role, identity.AssumedRoleARN(identity.PartitionAWS, id, role.Name, role.SessionName)
	} else if by.Type = identity.PrincipalType(principal); by.Type == identity.Root {
		by.ARN = identity.RootARN(identity.PartitionAWS, id)
	}
	r.Caller, r.Call = by, org.Call{Account: org.AccountID(id), Principal: by.ARN}
	return r
}

// resources are what ids name.
func (w *world) resources(ids []string) []org.Resource {
	var all []org.Resource
	for _, id := range ids {
		all = append(all, w.organization.Resource(org.ResourceID(id)))
	}
	return all
}

// verdict is what Authorize decided.
func verdict(err error) any {
	var denied *authz.DeniedError
	var refused *org.Error
	switch {
	case err == nil:
		return "yes"
	case errors.As(err, &denied):
		return "denied"
	case errors.As(err, &refused):
		return refused.Kind
	}
	return err
}

// TestCategories: which accounts may call an operation, by its category
// (behaviour of the real service: "Caller matrix").
func TestCategories(t *testing.T) {
	w := newWorld(t)
	const yes = "yes"
	columns := []identity.AccountID{standalone, member, delegate, named, management}
	for _, tt := range []struct {
		callers org.Callers
		action  string
		want    [5]any // by account
	}{
		{org.AnyAccount, "ListHandshakesForAccount", [5]any{yes, yes, yes, yes, yes}},
		{org.StandaloneAccount, "CreateOrganization", [5]any{yes, org.AlreadyInOrganization, org.AlreadyInOrganization, org.AlreadyInOrganization, org.AlreadyInOrganization}},
		{org.AnyInOrganization, "DescribeOrganization", [5]any{org.NotInUse, yes, yes, yes, yes}},
		{org.MemberOnly, "LeaveOrganization", [5]any{org.NotInUse, yes, yes, yes, org.MasterCannotLeaveOrganization}},
		{org.ManagementOnly, "CreateAccount", [5]any{org.NotInUse, org.AccessDenied, org.AccessDenied, org.AccessDenied, yes}},
		{org.ManagementOrDelegate, "ListRoots", [5]any{org.NotInUse, org.AccessDenied, yes, yes, yes}},
		{org.ManagementOrDelegate, "ListAccounts", [5]any{org.NotInUse, org.AccessDenied, yes, org.AccessDenied, yes}},
		{org.ManagementOrPolicy, "EnablePolicyType", [5]any{org.NotInUse, org.AccessDenied, org.AccessDenied, org.AccessDenied, yes}},
	} {
		for i, id := range columns {
			for principal, may := range map[string]bool{
				"Root": true, administrator: true, powerless: false, renewed: false, "IAMUser": false, "FederatedUser": false, "AWSService": false, "Stranger": false, "AssumedRole": false,
			} {
				r := w.request(id, principal)
				r.Callers, r.Action = tt.callers, policy.NewAction("organizations:"+tt.action)
				want := tt.want[i]
				if !may && want != org.NotInUse { // an account outside of any organization learns that first
					want = "denied"
				}
				if got := verdict(new(authz.Chains).Authorize(r)); got != want {
					t.Errorf("%s by %s of %s: got %v, want %v", tt.action, principal, id, got, want)
				}
			}
		}
	}
}

// TestDelegatedPolicyType: the resource policy allows to attach policies of one
// type, which the call names or the policy has.
func TestDelegatedPolicyType(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		ids        []string
		policyType string
		want       any
	}{
		{[]string{string(w.policy), string(w.root)}, "", "yes"},
		{[]string{string(w.root)}, "TAG_POLICY", "yes"},
		{[]string{string(w.root)}, "SERVICE_CONTROL_POLICY", org.AccessDenied},
		{[]string{"p-FullAWSAccess", string(w.root)}, "", org.AccessDenied},
		{[]string{"p-unknown12", string(w.root)}, "", org.AccessDenied},
		{nil, "", org.AccessDenied},
	} {
		r := w.request(named, "Root")
		r.Callers, r.Action, r.Resources = org.ManagementOrPolicy, policy.NewAction("organizations:AttachPolicy"), w.resources(tt.ids)
		if tt.policyType != "" {
			r.Context = new(policy.Context)
			r.Context.Set("organizations:PolicyType", tt.policyType)
		}
		if got := verdict(new(authz.Chains).Authorize(r)); got != tt.want {
			t.Errorf("%v %q: got %v, want %v", tt.ids, tt.policyType, got, tt.want)
		}
	}
}

// TestDenied: the sentence names the principal, the action and the first
// resource, which need not exist.
func TestDenied(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		account identity.AccountID
		ids     []string
		want    string
	}{
		{management, nil, "*"},
		{management, []string{string(w.root), "p-unknown12"}, w.organization.ResourceARN(org.ResourceID(w.root))},
		{management, []string{"999999999999"}, w.organization.ResourceARN("999999999999")},
		{standalone, nil, "*"},
	} {
		r := w.request(tt.account, "IAMUser")
		r.Callers, r.Action, r.Resources = org.AnyAccount, policy.NewAction("organizations:Test"), w.resources(tt.ids)
		want := fmt.Sprintf("User: arn:aws:iam::%s:user/somebody is not authorized to perform: organizations:Test on resource: %s because no identity-based policy allows the organizations:Test action", tt.account, tt.want)
		if err := new(authz.Chains).Authorize(r); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
