package ops_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
)

// inviting is an invitation.
func inviting(of organizations.HandshakePartyType, target string, tags ...organizations.Tag) *organizations.InviteAccountToOrganizationInput {
	return &organizations.InviteAccountToOrganizationInput{Target: &organizations.HandshakeParty{Type: of, Id: target}, Tags: tags}
}

func accepting(id string) *organizations.AcceptHandshakeInput {
	return &organizations.AcceptHandshakeInput{HandshakeId: id}
}

func declining(id string) *organizations.DeclineHandshakeInput {
	return &organizations.DeclineHandshakeInput{HandshakeId: id}
}

func cancelling(id string) *organizations.CancelHandshakeInput {
	return &organizations.CancelHandshakeInput{HandshakeId: id}
}

// elsewhere says that an account buys from another company.
func elsewhere() ops.AccountChange { return ops.AccountChange{Seller: new("aws-india")} }

func (g *garden) invitationRefusals() []refusal {
	outsider, member := string(g.outsider.Account), string(g.member.Account)
	long := inviting("ACCOUNT", unknownAccount)
	long.Notes = new(strings.Repeat("x", 1025))
	return []refusal{
		{in: &organizations.InviteAccountToOrganizationInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:TARGET"},
		{in: inviting("ACCOUNT", ""), code: "InvalidInput", reason: "INPUT_REQUIRED:TARGET_ID"},
		{in: inviting("", unknownAccount), code: "InvalidInput", reason: "INPUT_REQUIRED:TARGET_TYPE"},
		{in: inviting("ACCOUNT", strings.Repeat("1", 65)), code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:TARGET_ID"},
		{in: long, code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:NOTES"},
		{in: inviting("ROLE", unknownAccount), code: "InvalidInput", reason: "INVALID_PARTY_TYPE_TARGET"},
		{in: inviting("ORGANIZATION", "o-abcdefghij"), code: "InvalidInput", reason: "INVALID_PARTY_TYPE_TARGET"},
		{in: inviting("ACCOUNT", "12345"), code: "InvalidInput", reason: "INVALID_PATTERN:TARGET_ID"},
		{in: inviting("EMAIL", "nobody"), code: "InvalidInput", reason: "INVALID_EMAIL_ADDRESS_TARGET"},
		{in: inviting("ACCOUNT", unknownAccount, tagged("a", "1", "a", "2")...), code: "InvalidInput", reason: "DUPLICATE_TAG_KEY"},
		{in: inviting("ACCOUNT", unknownAccount, tagged("aws:a", "1")...), code: "InvalidInput", reason: "INVALID_SYSTEM_TAGS_PARAMETER"},
		{in: inviting("ACCOUNT", unknownAccount, tagged("a", "1", "b", "2")...), code: "ConstraintViolation", reason: "MAX_TAG_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Tags = 1 }},

		{in: inviting("ACCOUNT", unknownAccount), of: &g.management, said: lacking(org.PaymentMethod), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{in: inviting("ACCOUNT", unknownAccount), of: &g.management, said: lacking(org.ContactInformation), code: "ConstraintViolation", reason: "MASTER_ACCOUNT_MISSING_CONTACT_INFO"},
		{in: inviting("ACCOUNT", unknownAccount), of: &g.management, said: lacking(org.VerifiedEmail), code: "AccountOwnerNotVerified"},
		{in: inviting("ACCOUNT", outsider), code: "DuplicateHandshake"},
		{in: inviting("EMAIL", "OUTSIDER@example.com"), code: "DuplicateHandshake"},
		{in: inviting("ACCOUNT", member), code: "HandshakeConstraintViolation", reason: "ALREADY_IN_AN_ORGANIZATION"},
		{in: inviting("EMAIL", "young@example.com"), code: "HandshakeConstraintViolation", reason: "ALREADY_IN_AN_ORGANIZATION"},
		{in: inviting("ACCOUNT", string(g.management.Account)), code: "HandshakeConstraintViolation", reason: "ALREADY_IN_AN_ORGANIZATION"},
		{in: inviting("ACCOUNT", string(g.govCloud.Account)), code: "HandshakeConstraintViolation", reason: "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD"},
		{in: inviting("ACCOUNT", string(g.wanderer.Account)), of: &g.wanderer, said: elsewhere(), code: "HandshakeConstraintViolation", reason: "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD"},
		{in: inviting("ACCOUNT", unknownAccount), code: "HandshakeConstraintViolation", reason: "ACCOUNT_NUMBER_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Accounts = 12 }},
	}
}

func (g *garden) handshakeRefusals() []refusal {
	const notFound, shut, same = "HandshakeNotFound", "InvalidHandshakeTransition", "HandshakeAlreadyInState"
	accepted, declined, canceled := g.ended["ACCEPTED"], g.ended["DECLINED"], g.ended["CANCELED"]
	from := func(account identity.Caller) *organizations.AcceptHandshakeInput {
		return accepting(g.fromHermit[account.Account])
	}
	refusals := []refusal{
		{in: accepting(g.toHermit), by: &g.hermit, code: "MasterCannotLeaveOrganization"},
		{in: accepting(g.toYoung), by: &g.young, code: "HandshakeConstraintViolation", reason: "ALREADY_IN_AN_ORGANIZATION"},
		{in: accepting(g.invited), by: &g.outsider, of: &g.outsider, said: lacking(org.PaymentMethod), code: "HandshakeConstraintViolation", reason: "PAYMENT_INSTRUMENT_REQUIRED"},
		{in: accepting(g.invited), by: &g.outsider, of: &g.outsider, said: elsewhere(), code: "HandshakeConstraintViolation", reason: "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD"},
		{in: accepting(g.invited), by: &g.outsider, of: &g.management, said: lacking(org.VerifiedEmail), code: "HandshakeConstraintViolation", reason: "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED"},
		{in: accepting(g.invited), by: &g.outsider, code: "HandshakeConstraintViolation", reason: "ACCOUNT_NUMBER_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Accounts = 9 }},
		{in: from(g.member), by: &g.member, code: "HandshakeConstraintViolation", reason: "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.MembershipPeriod = 30 * day }},
		{in: accepting(g.invited), by: &g.outsider, denied: "iam:CreateServiceLinkedRole", code: "AccessDeniedForDependency", reason: "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE"},
		{in: accepting(g.invited), code: "AccessDenied"},
		{in: declining(g.invited), code: "AccessDenied"},
		{in: cancelling(g.invited), by: &g.outsider, code: "AccessDenied"},
		{in: cancelling(g.invited), by: &g.member, code: "AccessDenied"},

		{in: from(g.young), by: &g.young, code: "ConstraintViolation", reason: "WAIT_PERIOD_ACTIVE"},
		{in: from(g.admin), by: &g.admin, code: "ConstraintViolation", reason: "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"},
		{in: from(g.closing), by: &g.closing, code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"},
		{in: from(g.debtor), by: &g.debtor, code: "ConstraintViolation", reason: "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{in: from(g.member), by: &g.member, of: &g.member, said: lacking(org.SupportedPaymentMethod), code: "ConstraintViolation", reason: "INVALID_PAYMENT_INSTRUMENT"},
		{in: from(g.member), by: &g.member, of: &g.member, said: lacking(org.PhoneVerification), code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"},
		{in: from(g.member), by: &g.member, of: &g.member, said: lacking(org.Agreement), code: "ConstraintViolation", reason: "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA"},
		{in: from(g.member), by: &g.member, denied: "organizations:LeaveOrganization", code: "AccessDenied"},

		{in: accepting(accepted), by: &g.wanderer, code: same}, {in: accepting(declined), by: &g.wanderer, code: shut}, {in: accepting(canceled), by: &g.wanderer, code: shut},
		{in: declining(accepted), by: &g.wanderer, code: shut}, {in: declining(declined), by: &g.wanderer, code: same}, {in: declining(canceled), by: &g.wanderer, code: shut},
		{in: cancelling(accepted), code: shut}, {in: cancelling(declined), code: shut}, {in: cancelling(canceled), code: same},

		{in: &organizations.EnableAllFeaturesInput{}, code: "HandshakeConstraintViolation", reason: "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"},
		{in: &organizations.DescribeHandshakeInput{HandshakeId: g.invited}, by: &g.member, code: notFound},
		{in: &organizations.DescribeHandshakeInput{HandshakeId: g.invited}, by: &g.hermit, code: notFound},
	}
	for _, id := range []string{"", "h-1", "h-" + strings.Repeat("0", 33), unknownHandshake} {
		code, reason := "InvalidInput", map[string]string{"": "INPUT_REQUIRED:HANDSHAKE_ID", "h-1": "INVALID_PATTERN:HANDSHAKE_ID"}[id]
		switch {
		case id == unknownHandshake:
			code = notFound
		case reason == "":
			reason = "MAX_LENGTH_EXCEEDED:HANDSHAKE_ID"
		}
		refusals = append(refusals,
			refusal{in: accepting(id), code: code, reason: reason}, refusal{in: declining(id), code: code, reason: reason}, refusal{in: cancelling(id), code: code, reason: reason},
			refusal{in: &organizations.DescribeHandshakeInput{HandshakeId: id}, code: code, reason: reason})
	}
	return append(refusals, handshakeFilterRefusals()...)
}

func handshakeFilterRefusals() []refusal {
	action, parent := organizations.ActionTypeInvite, unknownHandshake
	var refusals []refusal
	for reason, filter := range map[string]organizations.HandshakeFilter{
		"MAX_LIMIT_EXCEEDED_FILTER":                  {ActionType: &action, ParentHandshakeId: &parent},
		"INVALID_ENUM:FILTER_ACTION_TYPE":            {ActionType: new(organizations.ActionType("MEET"))},
		"INVALID_PATTERN:FILTER_PARENT_HANDSHAKE_ID": {ParentHandshakeId: new("h-1")},
	} {
		refusals = append(refusals,
			refusal{in: &organizations.ListHandshakesForAccountInput{Filter: &filter}, code: "InvalidInput", reason: reason},
			refusal{in: &organizations.ListHandshakesForOrganizationInput{Filter: &filter}, code: "InvalidInput", reason: reason})
	}
	return append(refusals, refusal{in: &organizations.ListHandshakesForAccountInput{NextToken: new("AAAA")}, code: "InvalidInput", reason: "INVALID_NEXT_TOKEN"})
}

// newMigratingGarden plants an organization on its way to all features, with an
// invited member who has not agreed yet.
func newMigratingGarden(t testing.TB) *garden {
	t.Helper()
	g := &garden{world: newWorld(t)}
	g.management = g.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	g.root = *g.rootOf(t, g.management).Id
	g.member = g.standalone(t, "Member")
	g.do(t, g.member, accepting(g.invite(t, g.management, organizations.HandshakePartyTypeAccount, string(g.member.Account))))
	g.migration = *give[organizations.EnableAllFeaturesOutput](t, g.world, g.management, &organizations.EnableAllFeaturesInput{}).Handshake.Id
	g.approval = *give[organizations.ListHandshakesForAccountOutput](t, g.world, g.member, &organizations.ListHandshakesForAccountInput{
		Filter: &organizations.HandshakeFilter{ParentHandshakeId: &g.migration},
	}).Handshakes[0].Id
	return g
}

func (g *garden) migratingRefusals() []refusal {
	return []refusal{
		{in: &organizations.EnableAllFeaturesInput{}, code: "HandshakeConstraintViolation", reason: "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"},
		{in: inviting("ACCOUNT", unknownAccount), code: "HandshakeConstraintViolation", reason: "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
			rules: func(r *org.Rules) { r.NoInvitesInMigration = true }},
		{in: accepting(g.migration), code: "InvalidHandshakeTransition"},
		{in: declining(g.migration), code: "AccessDenied"},
		{in: accepting(g.migration), by: &g.member, code: "HandshakeNotFound"},
		{in: cancelling(g.migration), by: &g.member, code: "AccessDenied"},
		{in: accepting(g.approval), code: "AccessDenied"},
		{in: cancelling(g.approval), code: "InvalidHandshakeTransition"},
	}
}

func TestMigratingOrganization(t *testing.T) {
	g := newMigratingGarden(t)
	for _, c := range g.migratingRefusals() {
		t.Run(c.name(), func(t *testing.T) { g.check(t, c) })
	}
}

// newBusyGarden plants an organization that has sent as many invitations as it may
// in a day, and taken them back.
func newBusyGarden(t testing.TB) *garden {
	t.Helper()
	g := &garden{world: newWorld(t)}
	g.rules.Accounts = 5
	g.management = g.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	g.member = g.management
	for i := range 20 {
		g.do(t, g.management, cancelling(g.invite(t, g.management, organizations.HandshakePartyTypeEmail, fmt.Sprintf("guest%d@example.com", i))))
	}
	return g
}

func (g *garden) busyRefusals() []refusal {
	return []refusal{
		{in: inviting("ACCOUNT", unknownAccount), code: "HandshakeConstraintViolation", reason: "HANDSHAKE_RATE_LIMIT_EXCEEDED"},
		{in: &organizations.EnableAllFeaturesInput{}, code: "ConstraintViolation", reason: "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.MigrationAccounts = 0 }},
	}
}

func TestBusyOrganization(t *testing.T) {
	g := newBusyGarden(t)
	for _, c := range g.busyRefusals() {
		t.Run(c.name(), func(t *testing.T) { g.check(t, c) })
	}
}
