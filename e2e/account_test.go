package e2e_test

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// accountClient returns an Account Management client that tries each request once.
func (s *server) accountClient(as credentials) *account.Client {
	return account.NewFromConfig(s.configuration(as), func(o *account.Options) { o.Retryer = aws.NopRetryer{} })
}

// accountOperation is a method of the Account Management client.
type accountOperation[In, Out any] func(context.Context, *In, ...func(*account.Options)) (*Out, error)

// manage makes a request that must succeed.
func manage[In, Out any](t *testing.T, do accountOperation[In, Out], in *In) *Out {
	t.Helper()
	out, err := do(t.Context(), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// mayNot makes a request that must fail with an exception of type E.
func mayNot[E error, In, Out any](t *testing.T, do accountOperation[In, Out], in *In) E {
	t.Helper()
	_, err := do(t.Context(), in)
	exception, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("%T: %v, want %T", in, err, exception)
	}
	return exception
}

// member creates a member account and returns its id.
func (p *party) member(t *testing.T, name string) *string {
	t.Helper()
	status := call(t, p.CreateAccount, &sdk.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")}).CreateAccountStatus
	eventually(t, "the account "+name, func() bool {
		status = call(t, p.DescribeCreateAccountStatus, &sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id}).CreateAccountStatus
		return status.State == organizationstypes.CreateAccountStateSucceeded
	})
	return status.AccountId
}

const accountService = "account.amazonaws.com"

// TestAccountManagementStory: a member is managed from the management account while the organization trusts the service,
// and its own account by everybody.
func TestAccountManagementStory(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		owner := s.founder(t, "owner", organizationstypes.OrganizationFeatureSetAll)
		member := owner.member(t, "member")
		client := s.accountClient(owner.keys)

		rename := &account.PutAccountNameInput{AccountId: member, AccountName: aws.String("Orchard")}
		if denied := mayNot[*types.AccessDeniedException](t, client.PutAccountName, rename); !strings.Contains(*denied.Message, "must first enable trusted access") {
			t.Errorf("denied with %s", *denied.Message)
		}
		call(t, owner.EnableAWSServiceAccess, &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(accountService)})
		manage(t, client.PutAccountName, rename)
		mayNot[*types.AccessDeniedException](t, client.PutAccountName, &account.PutAccountNameInput{AccountId: &owner.id, AccountName: aws.String("Office")})
		manage(t, client.PutAccountName, &account.PutAccountNameInput{AccountName: aws.String("Office")})

		telephone(t, client, member)
		opensARegion(t, client, member)
		getsAnAddress(t, s, client, member)
		s.restart()
		shown := call(t, owner.DescribeAccount, &sdk.DescribeAccountInput{AccountId: member}).Account
		if *shown.Name != "Orchard" || *shown.Email != "orchard@example.com" {
			t.Errorf("the organization shows %s, %s", *shown.Name, *shown.Email)
		}
		info := manage(t, client.GetAccountInformation, &account.GetAccountInformationInput{})
		if *info.AccountName != "Office" || info.AccountState != types.AccountStateActive || info.AccountCreatedDate == nil {
			t.Errorf("the management account is %+v", info)
		}
		mayNot[*types.ResourceNotFoundException](t, client.GetGovCloudAccountInformation, &account.GetGovCloudAccountInformationInput{})

		call(t, owner.DisableAWSServiceAccess, &sdk.DisableAWSServiceAccessInput{ServicePrincipal: aws.String(accountService)})
		mayNot[*types.AccessDeniedException](t, client.GetPrimaryEmail, &account.GetPrimaryEmailInput{AccountId: member})
		asMember := s.accountClient(s.memberCredentials(t, owner.keys, *member))
		if c := manage(t, asMember.GetContactInformation, &account.GetContactInformationInput{}).ContactInformation; *c.FullName != "A Gardener" {
			t.Errorf("the member has the contact %+v", c)
		}
	})
}

// telephone puts and takes contacts.
func telephone(t *testing.T, client *account.Client, member *string) {
	t.Helper()
	contact := &types.ContactInformation{
		FullName: aws.String("A Gardener"), AddressLine1: aws.String("1 Orchard Lane"), City: aws.String("Utrecht"),
		PostalCode: aws.String("3511"), CountryCode: aws.String("NL"), PhoneNumber: aws.String("+31 1"),
	}
	mayNot[*types.ResourceNotFoundException](t, client.GetContactInformation, &account.GetContactInformationInput{AccountId: member})
	manage(t, client.PutContactInformation, &account.PutContactInformationInput{AccountId: member, ContactInformation: contact})
	stateless := *contact
	stateless.CountryCode = aws.String("US")
	if invalid := mayNot[*types.ValidationException](t, client.PutContactInformation, &account.PutContactInformationInput{AccountId: member, ContactInformation: &stateless}); invalid.Reason != types.ValidationExceptionReasonFieldValidationFailed || *invalid.FieldList[0].Name != "contactInformation.stateOrRegion" {
		t.Errorf("refused with %+v", invalid)
	}
	for _, of := range types.AlternateContactTypeBilling.Values() {
		manage(t, client.PutAlternateContact, &account.PutAlternateContactInput{
			AccountId: member, AlternateContactType: of, Name: aws.String(string(of)), Title: aws.String("T"), EmailAddress: aws.String("a@example.com"), PhoneNumber: aws.String("1"),
		})
	}
	manage(t, client.DeleteAlternateContact, &account.DeleteAlternateContactInput{AccountId: member, AlternateContactType: types.AlternateContactTypeBilling})
	mayNot[*types.ResourceNotFoundException](t, client.GetAlternateContact, &account.GetAlternateContactInput{AccountId: member, AlternateContactType: types.AlternateContactTypeBilling})
	if c := manage(t, client.GetAlternateContact, &account.GetAlternateContactInput{AccountId: member, AlternateContactType: types.AlternateContactTypeSecurity}).AlternateContact; *c.Name != "SECURITY" {
		t.Errorf("the security contact is %+v", c)
	}
}

// opensARegion enables and disables a region.
func opensARegion(t *testing.T, client *account.Client, member *string) {
	t.Helper()
	region := aws.String("af-south-1")
	becomes := func(want types.RegionOptStatus) {
		t.Helper()
		eventually(t, string(want), func() bool {
			return manage(t, client.GetRegionOptStatus, &account.GetRegionOptStatusInput{AccountId: member, RegionName: region}).RegionOptStatus == want
		})
	}
	manage(t, client.EnableRegion, &account.EnableRegionInput{AccountId: member, RegionName: region})
	becomes(types.RegionOptStatusEnabled)
	if invalid := mayNot[*types.ValidationException](t, client.EnableRegion, &account.EnableRegionInput{AccountId: member, RegionName: region}); invalid.Reason != types.ValidationExceptionReasonInvalidRegionOptTarget {
		t.Errorf("refused with %+v", invalid)
	}
	var names []string
	pages := account.NewListRegionsPaginator(client, &account.ListRegionsInput{AccountId: member, MaxResults: aws.Int32(7)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Regions {
			names = append(names, *r.RegionName)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != 34 {
		t.Errorf("the regions are %q", names)
	}
	manage(t, client.DisableRegion, &account.DisableRegionInput{AccountId: member, RegionName: region})
	becomes(types.RegionOptStatusDisabled)
}

// getsAnAddress changes the e-mail address of a member, with the code that the operator reads.
func getsAnAddress(t *testing.T, s *server, client *account.Client, member *string) {
	t.Helper()
	email := aws.String("orchard@example.com")
	if started := manage(t, client.StartPrimaryEmailUpdate, &account.StartPrimaryEmailUpdateInput{AccountId: member, PrimaryEmail: email}); started.Status != types.PrimaryEmailUpdateStatusPending {
		t.Errorf("the update is %s", started.Status)
	}
	out, err := exec.Command(binary, "account", "email-code", "--data-dir", s.dataDir, *member).Output()
	if err != nil {
		t.Fatalf("espalier account email-code: %v", err)
	}
	code, _, _ := strings.Cut(string(out), " ")
	mayNot[*types.ValidationException](t, client.AcceptPrimaryEmailUpdate, &account.AcceptPrimaryEmailUpdateInput{AccountId: member, PrimaryEmail: email, Otp: aws.String("000000")})
	accepted := manage(t, client.AcceptPrimaryEmailUpdate, &account.AcceptPrimaryEmailUpdateInput{AccountId: member, PrimaryEmail: email, Otp: &code})
	if accepted.Status != types.PrimaryEmailUpdateStatusAccepted || *manage(t, client.GetPrimaryEmail, &account.GetPrimaryEmailInput{AccountId: member}).PrimaryEmail != *email {
		t.Errorf("the update is %s", accepted.Status)
	}
}

// TestAWSCLIManagesAccounts: the AWS CLI finds the service, and understands its answers and errors.
func TestAWSCLIManagesAccounts(t *testing.T) {
	needsOperation(t, "account", "put-account-name")
	s := start(t, database{})
	owner := s.founder(t, "owner", organizationstypes.OrganizationFeatureSetAll)
	member := *owner.member(t, "member")
	c := newCLI(t, s, owner.keys)
	put := []string{"account", "put-alternate-contact", "--account-id", member, "--alternate-contact-type", "SECURITY", "--name", "S", "--title", "T", "--email-address", "s@example.com", "--phone-number", "1"}
	c.refused("AccessDeniedException", put...)
	c.do("organizations", "enable-aws-service-access", "--service-principal", accountService)
	c.do(put...)
	c.do("account", "put-account-name", "--account-id", member, "--account-name", "Orchard")
	if name := c.value("AlternateContact.Name", "account", "get-alternate-contact", "--account-id", member, "--alternate-contact-type", "SECURITY"); name != "S" {
		t.Errorf("the contact is %s", name)
	}
	c.refused("ResourceNotFoundException", "account", "get-alternate-contact", "--alternate-contact-type", "SECURITY")
	c.refused("ValidationException", "account", "enable-region", "--region-name", "us-east-1")
	if names := c.values("Regions[].RegionName", "account", "list-regions", "--region-opt-status-contains", "ENABLED_BY_DEFAULT", "--page-size", "5"); len(names) != 17 {
		t.Errorf("the regions are %q", names)
	}
	if name := c.value("Account.Name", "organizations", "describe-account", "--account-id", member); name != "Orchard" {
		t.Errorf("the account is %s", name)
	}
	trail := c.values("Events[].CloudTrailEvent", "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventSource,AttributeValue="+accountService)
	if len(trail) == 0 || strings.Contains(strings.Join(trail, ""), "s@example.com") {
		t.Errorf("the trail is %q", trail)
	}
}
