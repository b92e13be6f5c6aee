package identity

import (
	"strings"
	"testing"
	"time"
)

func TestCreateServiceLinkedRoleRefuses(t *testing.T) {
	d := newDraft(t)
	autoscaling, organizations := linkedRole(t, "autoscaling.amazonaws.com"), linkedRole(t, OrganizationsService)
	r, err := d.CreateServiceLinkedRole(autoscaling, "web", "mine")
	must(t, err)
	if r.Name != "AWSServiceRoleForAutoScaling_web" || r.Description != "mine" {
		t.Errorf("got %+v", r)
	}
	plain, err := d.CreateServiceLinkedRole(autoscaling, "", "")
	must(t, err)
	if plain.Description != "" {
		t.Errorf("whoever gives no description gets %q", plain.Description)
	}
	for _, c := range []struct {
		linked              ServiceLinkedRole
		suffix, description string
		kind                ErrorKind
		text                string
	}{
		{autoscaling, "web", "", InvalidInput, "Service role name AWSServiceRoleForAutoScaling_web has been taken in this account, please try a different suffix."},
		{organizations, "x", "", InvalidInput, "Custom suffix is not allowed for organizations.amazonaws.com"},
		{autoscaling, "b", strings.Repeat("x", 1001), ValidationError, "description"},
		{autoscaling, strings.Repeat("x", 64), "", ValidationError, "customSuffix"},
	} {
		unchanged(t, d, func() {
			_, err := d.CreateServiceLinkedRole(c.linked, c.suffix, c.description)
			wantRefusal(t, err, c.kind, c.text)
		})
	}
}

// linkedRole returns a service-linked role of AWS.
func linkedRole(t *testing.T, service string) ServiceLinkedRole {
	t.Helper()
	linked, err := AWSServiceRoles().Role(service)
	must(t, err)
	return linked
}

const ledger = "ledger.example.com"

// ledgerRole is the role of a service that is not AWS's.
func ledgerRole(document string) ServiceLinkedRole {
	return ServiceLinkedRole{Service: ledger, Name: "ServiceRoleForLedger", Description: "Lets the ledger read accounts", Document: document}
}

const mayList = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:List*","Resource":"*"}}`

func TestServiceRolesWith(t *testing.T) {
	own, err := AWSServiceRoles().With(ledgerRole(mayList), ServiceLinkedRole{Service: "account.amazonaws.com", Name: "AWSServiceRoleForAccounts"})
	must(t, err)
	for service, name := range map[string]string{ledger: "ServiceRoleForLedger", "account.amazonaws.com": "AWSServiceRoleForAccounts", "sso.amazonaws.com": "AWSServiceRoleForSSO"} {
		if linked, err := own.Role(service); err != nil || linked.Name != name || linked.Service != service {
			t.Errorf("%s: %+v, %v", service, linked, err)
		}
	}
	_, err = AWSServiceRoles().Role(ledger)
	wantRefusal(t, err, InvalidInput, "Service linked role is not supported for service "+ledger)
	var ofAWS *ServiceRoles
	if linked, err := ofAWS.Role("sso.amazonaws.com"); err != nil || linked != linkedRole(t, "sso.amazonaws.com") {
		t.Errorf("nil has %+v, %v", linked, err)
	}
	for _, c := range []struct {
		role ServiceLinkedRole
		kind ErrorKind
		text string
	}{
		{ServiceLinkedRole{Service: "Ledger", Name: "X"}, ValidationError, "no service principal"},
		{ServiceLinkedRole{Service: "ledger", Name: "X"}, ValidationError, "no service principal"},
		{ServiceLinkedRole{Service: "a..b", Name: "X"}, ValidationError, "no service principal"},
		{ServiceLinkedRole{Service: "a/b.example.com", Name: "X"}, ValidationError, "no service principal"},
		{ServiceLinkedRole{Service: strings.Repeat("a", 128) + ".b", Name: "X"}, ValidationError, "no service principal"},
		{ServiceLinkedRole{Service: OrganizationsService, Name: "X"}, ValidationError, "is fixed"},
		{ServiceLinkedRole{Service: ledger}, ValidationError, "roleName"},
		{ServiceLinkedRole{Service: ledger, Name: "a/b"}, ValidationError, "roleName"},
		{ServiceLinkedRole{Service: ledger, Name: "awsSERVICErolefORsso"}, ValidationError, "belongs to sso.amazonaws.com"},
		{ServiceLinkedRole{Service: ledger, Name: "X", Description: strings.Repeat("x", 1001)}, ValidationError, "description"},
		{ServiceLinkedRole{Service: ledger, Name: "X", Document: "{}"}, MalformedPolicyDocument, "Syntax errors in policy."},
	} {
		_, err := ofAWS.With(c.role)
		wantRefusal(t, err, c.kind, c.text)
	}
}

// A service that assumes its role is known to need it until the session ends, and renews what the role may do.
func TestUseServiceLinkedRole(t *testing.T) {
	d := newDraft(t)
	r, err := d.CreateServiceLinkedRole(ledgerRole(mayList), "", "")
	must(t, err)
	if again := d.RenewServiceLinkedRole(r, ledgerRole(mayList)); again != r {
		t.Errorf("nothing is new, but the role is %+v", again)
	}
	if r.ManagedPolicies != nil || len(r.InlinePolicies) != 1 || r.InlinePolicies[0] != (InlinePolicy{"ServiceRoleForLedgerPolicy", mayList}) || r.InUse != nil {
		t.Errorf("got %+v", r)
	}
	if got := d.ServiceLinkedRoleARN(ledgerRole("")); got != d.RoleARN(r) {
		t.Errorf("the ARN is %s, should be %s", got, d.RoleARN(r))
	}
	if got := LinkedService(d.RoleARN(r)); got != ledger {
		t.Errorf("the role is linked to %q", got)
	}
	for _, arn := range []string{"", "arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:role/x/aws-service-role/a.b/Reader"} {
		if got := LinkedService(arn); got != "" {
			t.Errorf("%q is linked to %q", arn, got)
		}
	}
	use := func(name string, d *Draft, linked ServiceLinkedRole, life time.Duration) *ServiceUse {
		t.Helper()
		r, _ := d.Role(r.Name)
		s, err := d.Account().RoleSession(r, ServiceCaller(ledger, ""), NewRoleSession{Operation: SessionAssumeRole, Name: name, Duration: life}, d.now)
		must(t, err)
		d.UseServiceLinkedRole(d.RenewServiceLinkedRole(r, linked), s)
		r, _ = d.Role(r.Name)
		if r.InlinePolicies[0].Document != linked.Document {
			t.Errorf("the permissions are %+v", r.InlinePolicies)
		}
		return r.InUse
	}
	const session = "arn:aws:sts::111122223333:assumed-role/ServiceRoleForLedger/"
	if got, want := use("long", d, ledgerRole(mayList), time.Hour), (ServiceUse{session + "long", d.now.Add(time.Hour)}); *got != want {
		t.Errorf("in use by %+v, want %+v", got, want)
	}
	if got := use("short", d, ledgerRole(strings.Replace(mayList, "List", "Describe", 1)), 15*time.Minute); got.Session != session+"long" {
		t.Errorf("in use by %+v", got)
	}
}

func TestDeleteServiceLinkedRole(t *testing.T) {
	d := newPopulation(t)
	r, err := d.EnsureOrganizationsRole()
	must(t, err)
	if r.Description != linkedRole(t, OrganizationsService).Description {
		t.Errorf("AWS Organizations describes its role as %q", r.Description)
	}
	failed, err := d.DeleteServiceLinkedRole(r.Name, &RoleUsage{"in use", []string{"arn:aws:x"}})
	must(t, err)
	if !strings.HasPrefix(failed.ID, "task/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations/") || failed.Succeeded() || failed.Reason != "in use" {
		t.Errorf("got %+v", failed)
	}
	if _, ok := d.Role(r.Name); !ok {
		t.Error("a role that is needed is gone")
	}
	task, err := d.DeleteServiceLinkedRole("awsserviceroleFORorganizations", nil)
	must(t, err)
	if got, err := d.DeletionTask(task.ID); err != nil || got != task || !got.Succeeded() {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = d.DeletionTask(failed.ID)
	wantRefusal(t, err, NoSuchEntity, failed.ID)
	for _, id := range []string{"", "x", "task/a/b/c/d"} {
		_, err = d.DeletionTask(id)
		wantRefusal(t, err, InvalidInput, "not valid")
	}
	for _, name := range []string{r.Name, "Reader", "Nobody"} {
		_, err = d.DeleteServiceLinkedRole(name, nil)
		wantRefusal(t, err, NoSuchEntity, "The role with name "+name+" cannot be found.")
	}
}
