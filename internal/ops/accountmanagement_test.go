package ops_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
)

const accounts = "account.amazonaws.com"

// orchard is an organization whose members are managed from the management account
// and by a delegated administrator.
type orchard struct {
	*world
	management, admin, member, outsider identity.Caller
}

func newOrchard(t testing.TB) *orchard {
	t.Helper()
	o := &orchard{world: newWorld(t)}
	o.management = o.organization(t, organizations.OrganizationFeatureSetAll)
	o.admin, o.member, o.outsider = o.world.member(t, o.management, "Admin"), o.world.member(t, o.management, "Member"), o.standalone(t, "Outsider")
	o.do(t, o.management, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: accounts})
	o.do(t, o.management, &organizations.RegisterDelegatedAdministratorInput{AccountId: string(o.admin.Account), ServicePrincipal: accounts})
	return o
}

func (o *orchard) distrust(t testing.TB) {
	t.Helper()
	o.do(t, o.management, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: accounts})
}

// code returns the code for the new e-mail address of an account.
func (w *world) code(t testing.TB, of identity.Caller) string {
	t.Helper()
	update, err := w.accounts.EmailUpdate(t.Context(), of.Account)
	if err != nil {
		t.Fatal(err)
	}
	return update.Code.Reveal()
}

func contact() *account.ContactInformation {
	return &account.ContactInformation{
		FullName: "A Gardener", AddressLine1: "1 Orchard Lane", City: "Reading", StateOrRegion: new("Berkshire"), PostalCode: "RG1",
		CountryCode: "GB", PhoneNumber: "+44 1", CompanyName: new("Orchards"), WebsiteUrl: new("https://example.com"),
	}
}

// managing are calls of all operations about an account, nil for the caller's own,
// in an order in which all of them succeed.
func managing(id *string) []api.Input {
	return []api.Input{
		&account.GetAccountInformationInput{AccountId: id},
		&account.PutAccountNameInput{AccountId: id, AccountName: "Renamed"},
		&account.PutContactInformationInput{AccountId: id, ContactInformation: contact()},
		&account.GetContactInformationInput{AccountId: id},
		&account.PutAlternateContactInput{AccountId: id, AlternateContactType: "BILLING", Name: "B", Title: "T", EmailAddress: "b@example.com", PhoneNumber: "1"},
		&account.GetAlternateContactInput{AccountId: id, AlternateContactType: "BILLING"},
		&account.DeleteAlternateContactInput{AccountId: id, AlternateContactType: "BILLING"},
		&account.ListRegionsInput{AccountId: id},
		&account.GetRegionOptStatusInput{AccountId: id, RegionName: "af-south-1"},
		&account.EnableRegionInput{AccountId: id, RegionName: "af-south-1"},
	}
}

// managingMember are calls of the operations that are only about members.
func managingMember(id string) []api.Input {
	return []api.Input{
		&account.GetPrimaryEmailInput{AccountId: id},
		&account.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "new@example.com"},
		&account.AcceptPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "new@example.com", Otp: "000000"},
		&account.DisableRegionInput{AccountId: &id, RegionName: "af-south-1"},
		&account.GetGovCloudAccountInformationInput{StandardAccountId: &id},
	}
}

// TestAccountManagementCallers covers who may manage whose account.
func TestAccountManagementCallers(t *testing.T) {
	const (
		alone   = "The management account can only be managed using the standalone context from the management account."
		enable  = "Your organization must first enable trusted access with AWS Account Management."
		because = " ("
	)
	o := newOrchard(t)
	distrustful := newOrchard(t)
	distrustful.distrust(t)
	billing := newWorld(t)
	payer := billing.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	paid := billing.member(t, payer, "Paid")
	for name, tt := range map[string]struct {
		in     *world
		by     identity.Caller
		named  identity.AccountID
		reason string // "" for a refusal without one, "-" for none
	}{
		"the management account a member":                 {o.world, o.management, o.member.Account, "-"},
		"the management account the administrator":        {o.world, o.management, o.admin.Account, "-"},
		"the administrator a member":                      {o.world, o.admin, o.member.Account, "-"},
		"the administrator itself":                        {o.world, o.admin, o.admin.Account, "-"},
		"the administrator the management account":        {o.world, o.admin, o.management.Account, ""},
		"the management account itself":                   {o.world, o.management, o.management.Account, alone},
		"the management account a stranger":               {o.world, o.management, o.outsider.Account, ""},
		"the management account nobody":                   {o.world, o.management, "999999999999", ""},
		"a member another one":                            {o.world, o.member, o.admin.Account, ""},
		"a member itself":                                 {o.world, o.member, o.member.Account, ""},
		"a standalone account itself":                     {o.world, o.outsider, o.outsider.Account, ""},
		"a standalone account a member":                   {o.world, o.outsider, o.member.Account, ""},
		"without trusted access a member":                 {distrustful.world, distrustful.management, distrustful.member.Account, enable},
		"without trusted access the management account":   {distrustful.world, distrustful.management, distrustful.management.Account, alone},
		"without trusted access the administrator itself": {distrustful.world, distrustful.admin, distrustful.admin.Account, enable},
		"without all features a member":                   {billing, payer, paid.Account, ""},
	} {
		t.Run(name, func(t *testing.T) {
			id := string(tt.named)
			for _, in := range append(managing(&id), managingMember(id)...) {
				out, err := tt.in.call(t.Context(), tt.by, in)
				denied, isDenied := errors.AsType[*account.AccessDeniedException](err)
				if tt.reason == "-" {
					if isDenied {
						t.Errorf("%s: %v", nameOf(in), err)
					}
					continue
				}
				if !isDenied {
					t.Errorf("%s: %+v, %v", nameOf(in), out, err)
					continue
				}
				want := "User: " + tt.by.ARN + " is not authorized to perform: account:" + nameOf(in)
				if tt.reason != "" {
					want += because + tt.reason + ")"
				}
				if denied.Message != want {
					t.Errorf("%s: %q, want %q", nameOf(in), denied.Message, want)
				}
			}
		})
	}
}

// TestAccountManagement: every operation has its effect on the account that it is
// about, and on no other.
func TestAccountManagement(t *testing.T) {
	for name, of := range map[string]func(*orchard) (by, about identity.Caller, named *string){
		"own account":               func(o *orchard) (identity.Caller, identity.Caller, *string) { return o.outsider, o.outsider, nil },
		"own account of a member":   func(o *orchard) (identity.Caller, identity.Caller, *string) { return o.member, o.member, nil },
		"own account of management": func(o *orchard) (identity.Caller, identity.Caller, *string) { return o.management, o.management, nil },
		"member, by management": func(o *orchard) (identity.Caller, identity.Caller, *string) {
			return o.management, o.member, new(string(o.member.Account))
		},
		"member, by the administrator": func(o *orchard) (identity.Caller, identity.Caller, *string) {
			return o.admin, o.member, new(string(o.member.Account))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrchard(t)
			by, about, named := of(o)
			events := len(o.trail(t, by))
			for _, in := range managing(named) {
				o.do(t, by, in)
			}
			if more := len(o.trail(t, by)) - events; more != 5 {
				t.Errorf("five changes left %d events", more)
			}
			o.checkManaged(t, about)
			if about.Account != by.Account {
				if name := give[account.GetAccountInformationOutput](t, o.world, by, &account.GetAccountInformationInput{}).AccountName; *name == "Renamed" {
					t.Error("the account of the caller was renamed")
				}
			}
		})
	}
}

// checkManaged checks what [managing] leads to.
func (o *orchard) checkManaged(t *testing.T, about identity.Caller) {
	t.Helper()
	info := give[account.GetAccountInformationOutput](t, o.world, about, &account.GetAccountInformationInput{})
	if *info.AccountId != string(about.Account) || *info.AccountName != "Renamed" || *info.AccountState != "ACTIVE" || info.AccountCreatedDate.IsZero() {
		t.Errorf("the account is %s %q, %s since %v", *info.AccountId, *info.AccountName, *info.AccountState, info.AccountCreatedDate)
	}
	if about.Account != o.outsider.Account {
		if name := *o.account(t, o.management, about.Account).Name; name != "Renamed" {
			t.Errorf("the organization calls it %q", name)
		}
	}
	if c := give[account.GetContactInformationOutput](t, o.world, about, &account.GetContactInformationInput{}).ContactInformation; *c.StateOrRegion != "Berkshire" || c.AddressLine2 != nil || c.PhoneNumber != "+44 1" {
		t.Errorf("the contact is %+v", c)
	}
	status := func() account.RegionOptStatus {
		return *give[account.GetRegionOptStatusOutput](t, o.world, about, &account.GetRegionOptStatusInput{RegionName: "af-south-1"}).RegionOptStatus
	}
	if s := status(); s != "ENABLING" {
		t.Errorf("the region is %s", s)
	}
	o.work(t)
	if s := status(); s != "ENABLED" || o.jobs(t) != 0 {
		t.Errorf("the region is %s, with %d jobs", s, o.jobs(t))
	}
}

func TestUpdatePrimaryEmail(t *testing.T) {
	o := newOrchard(t)
	id := string(o.member.Account)
	email := func() string {
		return *give[account.GetPrimaryEmailOutput](t, o.world, o.admin, &account.GetPrimaryEmailInput{AccountId: id}).PrimaryEmail
	}
	before := email()
	if s := *give[account.StartPrimaryEmailUpdateOutput](t, o.world, o.management, &account.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "New@example.com"}).Status; s != "PENDING" {
		t.Errorf("the update is %s", s)
	}
	if email() != before {
		t.Error("the address changed before it was confirmed")
	}
	accept := &account.AcceptPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "New@example.com", Otp: o.code(t, o.member)}
	if s := *give[account.AcceptPrimaryEmailUpdateOutput](t, o.world, o.management, accept).Status; s != "ACCEPTED" {
		t.Errorf("the update is %s", s)
	}
	if email() != "New@example.com" || *o.account(t, o.management, o.member.Account).Email != "New@example.com" {
		t.Errorf("the address is %s", email())
	}
	if _, _, err := o.accounts.Create(t.Context(), "thief", "new@Example.com"); !errors.Is(err, ops.ErrEmailTaken) {
		t.Errorf("the new address is free: %v", err)
	}
	if _, _, err := o.accounts.Create(t.Context(), "heir", before); err != nil {
		t.Errorf("the old address is not free: %v", err)
	}
	if _, err := o.accounts.EmailUpdate(t.Context(), o.member.Account); !errors.Is(err, ops.ErrNoEmailUpdate) {
		t.Errorf("the code is still told: %v", err)
	}
	for _, e := range o.trail(t, o.management) {
		if strings.Contains(e.doc, accept.Otp) || strings.Contains(strings.ToLower(e.doc), "new@example.com") {
			t.Errorf("the trail tells %s", e.doc)
		}
	}
}

// TestPrimaryEmailIsLost: the address may have become somebody else's while the code
// was on its way.
func TestPrimaryEmailIsLost(t *testing.T) {
	o := newOrchard(t)
	id := string(o.member.Account)
	before := *o.account(t, o.management, o.member.Account).Email
	o.do(t, o.management, &account.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "thief@example.com"})
	o.standalone(t, "Thief")
	refused := o.refuse(t, o.management, &account.AcceptPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "thief@example.com", Otp: o.code(t, o.member)})
	if refused.ErrorCode() != "ConflictException" {
		t.Errorf("refused by %v", refused)
	}
	if now := *o.account(t, o.management, o.member.Account).Email; now != before {
		t.Errorf("the address is %s", now)
	}
}

// TestWrongCodesAreCounted: they are, although the calls are refused.
func TestWrongCodesAreCounted(t *testing.T) {
	o := newOrchard(t)
	id := string(o.member.Account)
	o.do(t, o.management, &account.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "new@example.com"})
	right, events := o.code(t, o.member), len(o.trail(t, o.management))
	for range 5 {
		refused := o.refuse(t, o.management, &account.AcceptPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "new@example.com", Otp: "000000"})
		if invalid, ok := refused.(*account.ValidationException); !ok || *invalid.FieldList[0].Name != "otp" {
			t.Fatalf("refused by %v", refused)
		}
	}
	refused := o.refuse(t, o.management, &account.AcceptPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "new@example.com", Otp: right})
	if refused.ErrorCode() != "ResourceNotFoundException" {
		t.Errorf("refused by %v", refused)
	}
	if more := len(o.trail(t, o.management)) - events; more != 0 {
		t.Errorf("the operation left %d events of what it refused", more)
	}
}

// TestAccountManagementRefusals provokes every exception beside AccessDenied.
func TestAccountManagementRefusals(t *testing.T) {
	o := newOrchard(t)
	o.delays.RegionOpt = time.Hour
	o.boot()
	id := string(o.member.Account)
	o.do(t, o.member, &account.EnableRegionInput{RegionName: "af-south-1"})
	twice := o.standalone(t, "Twice")
	for range 3 {
		o.do(t, o.management, &account.StartPrimaryEmailUpdateInput{AccountId: string(o.admin.Account), PrimaryEmail: "new@example.com"})
	}
	for name, tt := range map[string]struct {
		by      identity.Caller
		in      api.Input
		code    string
		reason  account.ValidationExceptionReason
		message string
	}{
		"no contact":                 {o.outsider, &account.GetContactInformationInput{}, "ResourceNotFoundException", "", "No contact information"},
		"no alternate contact":       {o.outsider, &account.GetAlternateContactInput{AlternateContactType: "SECURITY"}, "ResourceNotFoundException", "", "No contact of the inputted alternate contact type found."},
		"no contact to delete":       {o.outsider, &account.DeleteAlternateContactInput{AlternateContactType: "SECURITY"}, "ResourceNotFoundException", "", ""},
		"no pair":                    {o.outsider, &account.GetGovCloudAccountInformationInput{}, "ResourceNotFoundException", "", ""},
		"no update":                  {o.management, &account.AcceptPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "new@example.com", Otp: "000000"}, "ResourceNotFoundException", "", ""},
		"an address that is taken":   {o.management, &account.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "twice@example.com"}, "ConflictException", "", ""},
		"the address that it has":    {o.management, &account.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: *o.account(t, o.management, o.member.Account).Email}, "ConflictException", "", ""},
		"an address that is none":    {o.management, &account.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: "nobody"}, "ValidationException", "fieldValidationFailed", ""},
		"too many updates":           {o.management, &account.StartPrimaryEmailUpdateInput{AccountId: string(o.admin.Account), PrimaryEmail: "new@example.com"}, "TooManyRequestsException", "", ""},
		"a region that is none":      {o.member, &account.GetRegionOptStatusInput{RegionName: "garden-1"}, "ValidationException", "invalidRegionOptTarget", ""},
		"a region by default":        {o.member, &account.DisableRegionInput{RegionName: "us-east-1"}, "ValidationException", "invalidRegionOptTarget", "Unable to switch region status because of its current opt-in status."},
		"a region on its way":        {o.member, &account.DisableRegionInput{RegionName: "af-south-1"}, "ConflictException", "", ""},
		"an account id that is none": {o.management, &account.PutAccountNameInput{AccountId: new("1"), AccountName: "n"}, "ValidationException", "fieldValidationFailed", "accountId"},
		"a name that is none":        {o.member, &account.PutAccountNameInput{AccountName: "<>"}, "ValidationException", "fieldValidationFailed", "accountName"},
		"an address without a state": {o.member, &account.PutContactInformationInput{ContactInformation: func() *account.ContactInformation {
			c := contact()
			c.StateOrRegion = nil
			return c
		}()}, "ValidationException", "fieldValidationFailed", "state"},
		"a token that is none": {twice, &account.ListRegionsInput{NextToken: new("x")}, "ValidationException", "fieldValidationFailed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			refused := o.refuse(t, tt.by, tt.in)
			if refused.ErrorCode() != tt.code || !strings.Contains(refused.ErrorMessage(), tt.message) {
				t.Errorf("refused by %v", refused)
			}
			if invalid, ok := refused.(*account.ValidationException); ok && invalid.Reason != tt.reason {
				t.Errorf("the reason is %s", invalid.Reason)
			}
		})
	}
}

func TestListRegions(t *testing.T) {
	o := newOrchard(t)
	o.do(t, o.member, &account.EnableRegionInput{RegionName: "eu-south-2"})
	o.work(t)
	var names []string
	in := &account.ListRegionsInput{MaxResults: new(int32(10)), RegionOptStatusContains: []account.RegionOptStatus{"ENABLED", "DISABLED"}}
	for pages := 0; pages == 0 || in.NextToken != nil; pages++ {
		out := give[account.ListRegionsOutput](t, o.world, o.member, in)
		for _, r := range out.Regions {
			names = append(names, *r.RegionName)
		}
		in.NextToken = out.NextToken
	}
	if len(names) != 17 || !slices.IsSorted(names) || !slices.Contains(names, "eu-south-2") {
		t.Errorf("the regions are %q", names)
	}
	out := give[account.ListRegionsOutput](t, o.world, o.member, &account.ListRegionsInput{RegionOptStatusContains: []account.RegionOptStatus{"ENABLED"}})
	if len(out.Regions) != 1 || *out.Regions[0].RegionName != "eu-south-2" {
		t.Errorf("enabled are %+v", out.Regions)
	}
	if n := len(give[account.ListRegionsOutput](t, o.world, o.member, &account.ListRegionsInput{}).Regions); n != 34 {
		t.Errorf("there are %d regions", n)
	}
}

// TestRegionOptTakesTime: the delay is configured, and survives a restart.
func TestRegionOptTakesTime(t *testing.T) {
	o := newOrchard(t)
	o.delays.RegionOpt = time.Hour
	o.boot()
	status := func() account.RegionOptStatus {
		return *give[account.GetRegionOptStatusOutput](t, o.world, o.member, &account.GetRegionOptStatusInput{RegionName: "af-south-1"}).RegionOptStatus
	}
	o.do(t, o.member, &account.EnableRegionInput{RegionName: "af-south-1"})
	o.clock.advance(59 * time.Minute)
	o.work(t)
	if s := status(); s != "ENABLING" {
		t.Errorf("after 59 minutes the region is %s", s)
	}
	o.boot()
	o.clock.advance(time.Minute)
	o.work(t)
	if s := status(); s != "ENABLED" {
		t.Errorf("after an hour the region is %s", s)
	}
	o.do(t, o.member, &account.DisableRegionInput{RegionName: "af-south-1"})
	o.clock.advance(2 * time.Hour)
	o.work(t)
	if s := status(); s != "DISABLED" {
		t.Errorf("in the end the region is %s", s)
	}
}

// TestContactInformationOfManagement: what an organization asks of its management
// account can be given through the API.
func TestContactInformationOfManagement(t *testing.T) {
	w := newWorld(t)
	by := w.standalone(t, "Owner")
	w.set(t, by, lacking(org.ContactInformation))
	create := &organizations.CreateOrganizationInput{}
	if refused, ok := w.refuse(t, by, create).(*organizations.ConstraintViolationException); !ok || refused.Reason != "MASTER_ACCOUNT_MISSING_CONTACT_INFO" {
		t.Fatalf("refused by %v", refused)
	}
	w.do(t, by, &account.PutContactInformationInput{ContactInformation: contact()})
	w.do(t, by, create)
	member := w.member(t, by, "Heir")
	if c := give[account.GetContactInformationOutput](t, w, member, &account.GetContactInformationInput{}).ContactInformation; c.FullName != "A Gardener" {
		t.Errorf("a created account has the contact %+v", c)
	}
	w.set(t, by, lacking(org.ContactInformation))
	if refused := w.refuse(t, by, &account.GetContactInformationInput{}); refused.ErrorCode() != "ResourceNotFoundException" {
		t.Errorf("refused by %v", refused)
	}
}

// TestManagedAccountLeaves: an account that left while a call was under way is not
// touched any more.
func TestManagedAccountLeaves(t *testing.T) {
	o := newOrchard(t)
	id := string(o.member.Account)
	in := &account.PutAccountNameInput{AccountId: &id, AccountName: "Renamed"}
	caller, err := o.caller(t.Context(), o.management, in)
	if err != nil {
		t.Fatal(err)
	}
	o.clock.advance(30 * 24 * time.Hour)
	o.do(t, o.member, &organizations.LeaveOrganizationInput{})
	_, err = o.operations["account.PutAccountName"].Invoke(t.Context(), caller, in)
	if _, denied := errors.AsType[*account.AccessDeniedException](err); !denied {
		t.Errorf("got %v", err)
	}
	if name := *give[account.GetAccountInformationOutput](t, o.world, o.member, &account.GetAccountInformationInput{}).AccountName; name != "Member" {
		t.Errorf("the account is called %s", name)
	}
}
