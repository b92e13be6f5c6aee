package ops_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

func (g *garden) accountRefusals() []refusal {
	create := func(email, name, role string, tags ...organizations.Tag) *organizations.CreateAccountInput {
		in := &organizations.CreateAccountInput{Email: email, AccountName: name, Tags: tags}
		if role != "" {
			in.RoleName = &role
		}
		return in
	}
	const email, name = "new@example.com", "New"
	closeAccount := func(id string) *organizations.CloseAccountInput {
		return &organizations.CloseAccountInput{AccountId: id}
	}
	return append(forPairs([]refusal{
		{in: create("", name, ""), code: "InvalidInput", reason: "INPUT_REQUIRED:EMAIL"},
		{in: create(email, "", ""), code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_NAME"},
		{in: create("a@b.c", name, ""), code: "InvalidInput", reason: "MIN_LENGTH_EXCEEDED:EMAIL"},
		{in: create(strings.Repeat("x", 60)+"@b.com", name, ""), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:EMAIL"},
		{in: create("no address", name, ""), code: "InvalidInput", reason: "INVALID_PATTERN:EMAIL"},
		{in: create(".new@example.com", name, ""), code: "InvalidInput", reason: "INVALID_PATTERN:EMAIL"},
		{in: create("n,w@example.com", name, ""), code: "InvalidInput", reason: "INVALID_PATTERN:EMAIL"},
		{in: create(email, strings.Repeat("x", 51), ""), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:ACCOUNT_NAME"},
		{in: create(email, "Café", ""), code: "InvalidInput", reason: "INVALID_PATTERN:ACCOUNT_NAME"},
		{in: create(email, name, "no role"), code: "InvalidInput", reason: "INVALID_PATTERN:ROLE_NAME"},
		{in: create(email, name, "AWSServiceRoleForSupport"), code: "InvalidInput", reason: "INVALID_ROLE_NAME"},
		{in: &organizations.CreateAccountInput{Email: email, AccountName: name, IamUserAccessToBilling: new(organizations.IAMUserAccessToBilling("MAYBE"))},
			code: "InvalidInput", reason: "INVALID_ENUM:IAM_USER_ACCESS_TO_BILLING"},
		{in: create(email, name, "", tagged("a", "", "a", "")...), code: "InvalidInput", reason: "DUPLICATE_TAG_KEY"},
		{in: create(email, name, "", tagged("AWS:a", "")...), code: "InvalidInput", reason: "INVALID_SYSTEM_TAGS_PARAMETER"},
		{in: create(email, name, "", organizations.Tag{Key: "a"}), code: "InvalidInput", reason: "INPUT_REQUIRED:TAGS_VALUE"},
		{in: create(email, name, "", tagged("a", "1", "b", "2")...), code: "ConstraintViolation", reason: "MAX_TAG_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Tags = 1 }},
		{in: create(email, name, ""), code: "ConstraintViolation", reason: "ACCOUNT_NUMBER_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Accounts = 8 }},
		{in: create(email, name, ""), code: "ConstraintViolation", reason: "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.CreationsPerDay = 1 }},
		{in: create(email, name, ""), of: &g.management, said: lacking(org.PaymentMethod), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{in: create(email, name, ""), of: &g.management, said: lacking(org.ContactInformation), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_MISSING_CONTACT_INFO"},
		{in: create(email, name, ""), of: &g.management, said: lacking(org.MarketplaceAddress), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE"},
		{in: create(email, name, ""), code: "TooManyRequests", rules: func(r *org.Rules) { r.ConcurrentCreations = 0 }},
	}), []refusal{
		{in: &organizations.CreateGovCloudAccountInput{Email: email, AccountName: "A name"}, code: "InvalidInput", reason: "INVALID_PATTERN:ACCOUNT_NAME"},
		{in: &organizations.CreateGovCloudAccountInput{Email: email, AccountName: name}, by: &g.hermit, code: "ConstraintViolation", reason: "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED"},

		{in: &organizations.DescribeCreateAccountStatusInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:CREATE_ACCOUNT_REQUEST_ID"},
		{in: &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: "car-1"}, code: "InvalidInput", reason: "INVALID_PATTERN:CREATE_ACCOUNT_REQUEST_ID"},
		{in: &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: unknownCreation}, code: "CreateAccountStatusNotFound"},
		{in: &organizations.ListCreateAccountStatusInput{States: []organizations.CreateAccountState{"DONE"}}, code: "InvalidInput", reason: "INVALID_LIST_MEMBER:STATES"},
		{in: &organizations.DescribeAccountInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_ID"},
		{in: &organizations.DescribeAccountInput{AccountId: "12345678901x"}, code: "InvalidInput", reason: "INVALID_PATTERN:ACCOUNT_ID"},
		{in: &organizations.DescribeAccountInput{AccountId: "1234567890123"}, code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:ACCOUNT_ID"},
		{in: &organizations.DescribeAccountInput{AccountId: string(g.outsider.Account)}, code: "AccountNotFound"},

		{in: closeAccount(""), code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_ID"},
		{in: closeAccount(unknownAccount), code: "AccountNotFound"},
		{in: closeAccount(string(g.closing.Account)), code: "Conflict"},
		{in: closeAccount(string(g.closed.Account)), code: "AccountAlreadyClosed"},
		{in: closeAccount(string(g.management.Account)), code: "ConstraintViolation", reason: "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"},
		{in: closeAccount(string(g.member.Account)), code: "ConstraintViolation", reason: "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
			rules: func(r *org.Rules) { r.ConcurrentClosures = 1 }},
		{in: closeAccount(string(g.member.Account)), code: "ConstraintViolation", reason: "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
			rules: func(r *org.Rules) { r.ClosuresPerMonth = func(int) int { return 2 } }},
	}...)
}

// forPairs adds to refusals of CreateAccount those of CreateGovCloudAccount, which refuses the same.
func forPairs(refusals []refusal) []refusal {
	for _, r := range slices.Clone(refusals) {
		if in, ok := r.in.(*organizations.CreateAccountInput); ok {
			r.in = new(organizations.CreateGovCloudAccountInput(*in))
			refusals = append(refusals, r)
		}
	}
	return refusals
}

func (g *garden) organizationRefusals() []refusal {
	move := func(id, from, to string) *organizations.MoveAccountInput {
		return &organizations.MoveAccountInput{AccountId: id, SourceParentId: from, DestinationParentId: to}
	}
	remove := func(id string) *organizations.RemoveAccountFromOrganizationInput {
		return &organizations.RemoveAccountFromOrganizationInput{AccountId: id}
	}
	member := string(g.member.Account)
	return []refusal{
		{in: &organizations.CreateOrganizationInput{}, code: "AlreadyInOrganization"},
		{in: &organizations.CreateOrganizationInput{}, code: "AlreadyInOrganization", by: &g.member},
		{in: &organizations.CreateOrganizationInput{FeatureSet: new(organizations.OrganizationFeatureSet("SOME"))}, by: &g.outsider, code: "InvalidInput", reason: "INVALID_ENUM:FEATURE_SET"},
		{in: &organizations.CreateOrganizationInput{FeatureSet: new(organizations.OrganizationFeatureSetConsolidatedBilling)}, by: &g.govCloud,
			code: "ConstraintViolation", reason: "CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION"},
		{in: &organizations.CreateOrganizationInput{}, by: &g.outsider, denied: "iam:CreateServiceLinkedRole",
			code: "AccessDeniedForDependency", reason: "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE"},
		{in: &organizations.CreateOrganizationInput{}, by: &g.outsider, of: &g.outsider, said: lacking(org.PaymentMethod), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{in: &organizations.CreateOrganizationInput{}, by: &g.outsider, of: &g.outsider, said: lacking(org.ContactInformation), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_MISSING_CONTACT_INFO"},
		{in: &organizations.CreateOrganizationInput{}, by: &g.outsider, of: &g.outsider, said: lacking(org.BusinessLicense), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE"},
		{in: &organizations.CreateOrganizationInput{}, by: &g.applicant, code: "ConstraintViolation", reason: "ACCOUNT_CREATION_NOT_COMPLETE"},
		{in: &organizations.DeleteOrganizationInput{}, code: "OrganizationNotEmpty"},

		{in: move("", g.root, g.empty), code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_ID"},
		{in: move(member, member, g.empty), code: "InvalidInput", reason: "INVALID_PATTERN:SOURCE_PARENT_ID"},
		{in: move(unknownAccount, g.root, g.empty), code: "AccountNotFound"},
		{in: move(member, g.empty, g.root), code: "AccountNotFound"},
		{in: move(member, unknownRoot, g.empty), code: "SourceParentNotFound"},
		{in: move(member, g.root, unknownUnit), code: "DestinationParentNotFound"},
		{in: move(member, g.root, g.root), code: "DuplicateAccount"},

		{in: remove(""), code: "InvalidInput", reason: "INPUT_REQUIRED:ACCOUNT_ID"},
		{in: remove(unknownAccount), code: "AccountNotFound"},
		{in: remove(string(g.management.Account)), code: "MasterCannotLeaveOrganization"},
		{in: remove(string(g.young.Account)), code: "ConstraintViolation", reason: "WAIT_PERIOD_ACTIVE"},
		{in: remove(string(g.debtor.Account)), code: "ConstraintViolation", reason: "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{in: remove(string(g.member.Account)), of: &g.member, said: lacking(org.SupportedPaymentMethod), code: "ConstraintViolation", reason: "INVALID_PAYMENT_INSTRUMENT"},
		{in: remove(string(g.member.Account)), of: &g.member, said: lacking(org.PhoneVerification), code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"},
		{in: remove(string(g.member.Account)), of: &g.member, said: lacking(org.Agreement), code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA"},
		{in: remove(string(g.admin.Account)), code: "ConstraintViolation", reason: "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"},
		{in: remove(string(g.closed.Account)), code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"},
		{in: remove(string(g.closing.Account)), code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"},

		{in: &organizations.LeaveOrganizationInput{}, code: "MasterCannotLeaveOrganization"},
		{in: &organizations.LeaveOrganizationInput{}, by: &g.young, code: "ConstraintViolation", reason: "WAIT_PERIOD_ACTIVE"},
		{in: &organizations.LeaveOrganizationInput{}, by: &g.debtor, code: "ConstraintViolation", reason: "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{in: &organizations.LeaveOrganizationInput{}, by: &g.admin, code: "ConstraintViolation", reason: "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"},
	}
}

// newUnfinishedGarden plants an organization that AWS is still making.
func newUnfinishedGarden(t testing.TB) *garden {
	t.Helper()
	g := &garden{world: newWorld(t)}
	g.rules.FinalizingPeriod = time.Hour
	g.management = g.organization(t, organizations.OrganizationFeatureSetAll)
	g.govCloudOf(t, g.management)
	g.member = g.management
	return g
}

func (g *garden) unfinishedRefusals() []refusal {
	return forPairs([]refusal{
		{in: &organizations.CreateAccountInput{AccountName: "Early", Email: "early@example.com"}, code: "FinalizingOrganization"},
		{in: inviting("ACCOUNT", unknownAccount), code: "FinalizingOrganization"},
	})
}

func TestUnfinishedOrganization(t *testing.T) {
	g := newUnfinishedGarden(t)
	for _, c := range g.unfinishedRefusals() {
		t.Run(c.name(), func(t *testing.T) { g.check(t, c) })
	}
	g.clock.advance(time.Hour)
	g.member = g.world.member(t, g.management, "Late")
}
