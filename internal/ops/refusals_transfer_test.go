package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
)

// april is when transfers can begin in the worlds of the tests.
func april() time.Time { return time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC) }

// offering invites an organization to transfer the responsibility for its bills.
func offering(source identity.Caller) *organizations.InviteOrganizationToTransferResponsibilityInput {
	return &organizations.InviteOrganizationToTransferResponsibilityInput{
		Type: "BILLING", Target: &organizations.HandshakeParty{Type: "ACCOUNT", Id: string(source.Account)}, StartTimestamp: april(), SourceName: "Bills",
	}
}

// offer invites an organization and returns the id of the invitation.
func (w *world) offer(t testing.TB, target, source identity.Caller) string {
	t.Helper()
	return *give[organizations.InviteOrganizationToTransferResponsibilityOutput](t, w, target, offering(source)).Handshake.Id
}

// transfer lets one organization pay the bills of another one, and returns the id of
// the transfer.
func (w *world) transfer(t testing.TB, target, source identity.Caller) string {
	t.Helper()
	h := give[organizations.AcceptHandshakeOutput](t, w, source, accepting(w.offer(t, target, source))).Handshake
	return resourceOf(h, "RESPONSIBILITY_TRANSFER")
}

// resourceOf returns the value of a resource of a handshake, or "".
func resourceOf(h *organizations.Handshake, of organizations.HandshakeResourceType) string {
	for _, r := range h.Resources {
		if *r.Type == of {
			return *r.Value
		}
	}
	return ""
}

// transferGarden is an organization that pays for others, with every status that a
// transfer can have.
type transferGarden struct {
	*garden
	asked, agreed, left, leaf, frugal, payer identity.Caller   // management accounts of organizations
	ids                                      map[string]string // of the transfers of the management account
	handshakes                               map[string]string // of the same
	inherited, toPayer                       string            // transfers of others
}

func newTransferGarden(t testing.TB) *transferGarden {
	t.Helper()
	g := &transferGarden{garden: &garden{world: newWorld(t)}, ids: map[string]string{}, handshakes: map[string]string{}}
	g.rules.InboundTransfers, g.rules.TransferLevels, g.rules.ChainedTransfers = 9, 2, 9
	for _, owner := range []*identity.Caller{&g.management, &g.hermit, &g.asked, &g.agreed, &g.left, &g.leaf, &g.payer} {
		*owner = g.organization(t, organizations.OrganizationFeatureSetAll)
	}
	g.frugal = g.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	g.outsider, g.member = g.standalone(t, "Outsider"), g.world.member(t, g.management, "Member")
	invite := func(name string, source identity.Caller) string {
		h := give[organizations.InviteOrganizationToTransferResponsibilityOutput](t, g.world, g.management, offering(source)).Handshake
		g.ids[name], g.handshakes[name] = resourceOf(h, "RESPONSIBILITY_TRANSFER"), *h.Id
		return *h.Id
	}
	g.do(t, g.asked, declining(invite("declined", g.asked)))
	g.do(t, g.management, cancelling(invite("canceled", g.asked)))
	invite("requested", g.asked)
	g.do(t, g.agreed, accepting(invite("accepted", g.agreed)))
	g.do(t, g.left, accepting(invite("withdrawn", g.left)))
	g.do(t, g.left, &organizations.TerminateResponsibilityTransferInput{Id: g.ids["withdrawn"], EndTimestamp: time.Date(2026, 4, 30, 23, 59, 59, 0, time.UTC)})
	g.inherited = g.transfer(t, g.agreed, g.leaf)
	g.toPayer = g.offer(t, g.payer, g.agreed)
	for range 20 { // as many as every organization may send in a day
		g.do(t, g.payer, cancelling(g.offer(t, g.payer, g.hermit)))
	}
	return g
}

func TestTransferRefusals(t *testing.T) {
	g := newTransferGarden(t)
	for _, c := range g.transferRefusals() {
		t.Run(c.name(), func(t *testing.T) { g.check(t, c) })
	}
}

func (g *transferGarden) transferRefusals() []refusal {
	refusals := append(g.offerRefusals(), g.acceptanceRefusals()...)
	refusals = append(refusals, g.endRefusals()...)
	const none = "ResponsibilityTransferNotFound"
	for _, id := range []string{unknownTransfer, g.inherited} {
		for _, by := range []*identity.Caller{&g.hermit, &g.asked} {
			refusals = append(refusals,
				refusal{in: &organizations.DescribeResponsibilityTransferInput{Id: id}, by: by, code: none},
				refusal{in: &organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING", Id: &id}, by: by, code: none},
				refusal{in: &organizations.TerminateResponsibilityTransferInput{Id: id}, by: by, code: none},
				refusal{in: &organizations.UpdateResponsibilityTransferInput{Id: id, Name: "New"}, by: by, code: none})
		}
	}
	agreed := g.ids["accepted"]
	return append(refusals,
		refusal{in: &organizations.TerminateResponsibilityTransferInput{Id: g.inherited}, code: none},
		refusal{in: &organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING", Id: &agreed}, by: &g.agreed, code: none},
		refusal{in: &organizations.DescribeResponsibilityTransferInput{Id: "x"}, code: "InvalidInput", reason: "INVALID_PATTERN:ID"},
		refusal{in: &organizations.ListInboundResponsibilityTransfersInput{Type: "TAXES"}, code: "InvalidInput", reason: "INVALID_ENUM:TYPE"},
		refusal{in: &organizations.ListOutboundResponsibilityTransfersInput{}, code: "InvalidInput", reason: "INPUT_REQUIRED:TYPE"},
		refusal{in: &organizations.ListOutboundResponsibilityTransfersInput{Type: "BILLING", NextToken: new("AAAA")}, code: "InvalidInput", reason: "INVALID_NEXT_TOKEN"},
		refusal{in: &organizations.UpdateResponsibilityTransferInput{Id: agreed, Name: "\n"}, code: "InvalidInput", reason: "INVALID_PATTERN:NAME"},
		refusal{in: &organizations.UpdateResponsibilityTransferInput{Id: agreed, Name: strings.Repeat("x", 129)}, code: "InvalidInput", reason: "MAX_LENGTH_EXCEEDED:NAME"},
		refusal{in: &organizations.UpdateResponsibilityTransferInput{Id: agreed, Name: "New"}, by: &g.agreed, code: "InvalidInput", reason: "UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER"},
		refusal{in: &organizations.UpdateResponsibilityTransferInput{Id: g.ids["requested"], Name: "New"}, by: &g.asked, code: "InvalidInput", reason: "UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER"},
		refusal{in: &organizations.UpdateResponsibilityTransferInput{Id: g.inherited, Name: "New"}, code: "ConstraintViolation", reason: "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED"},
		refusal{in: &organizations.UpdateResponsibilityTransferInput{Id: g.ids["declined"], Name: "New"}, code: "ConstraintViolation", reason: "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED"},
		refusal{in: &organizations.DeleteOrganizationInput{}, by: &g.agreed, code: "ConstraintViolation", reason: "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"},
		refusal{in: &organizations.DeleteOrganizationInput{}, by: &g.left, code: "ConstraintViolation", reason: "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"},
		refusal{in: &organizations.DeleteOrganizationInput{}, by: &g.payer, code: "ConstraintViolation", reason: "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"},
	)
}

// unfit is what may be the matter with a management account, by the reason for which
// it may then not take part in a transfer.
func unfit() map[string]ops.AccountChange {
	return map[string]ops.AccountChange{
		"UNSUPPORTED_PRICING": lacking(org.TransferablePricing), "UNMET_BILLING_PREREQUISITE": lacking(org.BillingPrerequisites),
		"UNUSED_PREPAYMENT_BALANCE": lacking(org.SettledPrepayments), "PAST_DUE_INVOICE": lacking(org.SettledInvoices),
		"LEGACY_PERMISSIONS_STILL_IN_USE": lacking(org.BillingPermissions), "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD": elsewhere(),
		"ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY": {State: new(identity.Suspended)},
	}
}

func codeOf(reason string) string {
	switch reason {
	case "UNSUPPORTED_PRICING", "UNMET_BILLING_PREREQUISITE", "ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY":
		return "ConstraintViolation"
	}
	return "HandshakeConstraintViolation"
}

func (g *transferGarden) offerRefusals() []refusal {
	with := func(change func(*organizations.InviteOrganizationToTransferResponsibilityInput)) *organizations.InviteOrganizationToTransferResponsibilityInput {
		in := offering(g.hermit)
		change(in)
		return in
	}
	of := func(kind organizations.HandshakePartyType, id string) *organizations.InviteOrganizationToTransferResponsibilityInput {
		return with(func(in *organizations.InviteOrganizationToTransferResponsibilityInput) {
			in.Target = &organizations.HandshakeParty{Type: kind, Id: id}
		})
	}
	on := func(year int, month time.Month, day, hour int) *organizations.InviteOrganizationToTransferResponsibilityInput {
		return with(func(in *organizations.InviteOrganizationToTransferResponsibilityInput) {
			in.StartTimestamp = time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
		})
	}
	labelled := func(tags ...organizations.Tag) *organizations.InviteOrganizationToTransferResponsibilityInput {
		return with(func(in *organizations.InviteOrganizationToTransferResponsibilityInput) { in.Tags = tags })
	}
	const bad, violation, handshake = "InvalidInput", "ConstraintViolation", "HandshakeConstraintViolation"
	refusals := []refusal{
		{in: &organizations.InviteOrganizationToTransferResponsibilityInput{}, code: bad, reason: "INPUT_REQUIRED:TYPE"},
		{in: with(func(in *organizations.InviteOrganizationToTransferResponsibilityInput) { in.Type = "TAXES" }), code: bad, reason: "INVALID_ENUM:TYPE"},
		{in: with(func(in *organizations.InviteOrganizationToTransferResponsibilityInput) { in.SourceName = "é" }), code: bad, reason: "INVALID_PATTERN:SOURCE_NAME"},
		{in: of("ORGANIZATION", "o-abcdefghij"), code: bad, reason: "INVALID_PARTY_TYPE_TARGET"},
		{in: of("ACCOUNT", "12345"), code: bad, reason: "INVALID_PATTERN:TARGET_ID"},
		{in: of("EMAIL", "nobody"), code: bad, reason: "INVALID_EMAIL_ADDRESS_TARGET"},
		{in: on(2026, 4, 2, 1), code: bad, reason: "START_DATE_NOT_BEGINNING_OF_MONTH"},
		{in: on(2026, 4, 1, 1), code: bad, reason: "START_DATE_NOT_BEGINNING_OF_DAY"},
		{in: on(2026, 3, 1, 0), code: bad, reason: "START_DATE_TOO_EARLY"},
		{in: on(2026, 6, 1, 0), code: bad, reason: "START_DATE_TOO_LATE"},
		{in: offering(g.left), by: &g.hermit, code: bad, reason: "INVALID_START_DATE"},
		{in: labelled(tagged("a", "1", "a", "2")...), code: bad, reason: "DUPLICATE_TAG_KEY"},
		{in: labelled(tagged("aws:a", "1")...), code: bad, reason: "INVALID_SYSTEM_TAGS_PARAMETER"},
		{in: labelled(tagged("a", "1", "b", "2")...), code: violation, reason: "MAX_TAG_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Tags = 1 }},

		{in: of("ACCOUNT", string(g.management.Account)), code: handshake, reason: "SOURCE_AND_TARGET_CANNOT_MATCH"},
		{in: of("ACCOUNT", unknownAccount), code: handshake, reason: "TARGET_ACCOUNT_VALIDATION_FAILURE"},
		{in: of("EMAIL", "nobody@example.com"), code: handshake, reason: "TARGET_ACCOUNT_VALIDATION_FAILURE"},
		{in: offering(g.outsider), code: handshake, reason: "TARGET_ACCOUNT_VALIDATION_FAILURE"},
		{in: offering(g.member), by: &g.hermit, code: handshake, reason: "TARGET_ACCOUNT_VALIDATION_FAILURE"},
		{in: offering(g.frugal), code: violation, reason: "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"},
		{in: offering(g.asked), code: "DuplicateHandshake"},
		{in: offering(g.agreed), code: handshake, reason: "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"},
		{in: offering(g.management), by: &g.agreed, code: handshake, reason: "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"},
		{in: offering(g.hermit), code: violation, reason: "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION", rules: func(r *org.Rules) { r.InboundTransfers = 3 }},
		{in: offering(g.hermit), by: &g.payer, code: handshake, reason: "HANDSHAKE_RATE_LIMIT_EXCEEDED", rules: func(r *org.Rules) { r.Accounts = 0 }},
		{in: offering(g.hermit), by: &g.leaf, code: violation, reason: "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION"},
		{in: offering(g.hermit), code: violation, reason: "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION", rules: func(r *org.Rules) { r.ChainedTransfers = 3 }},
	}
	for reason, said := range unfit() {
		refusals = append(refusals, refusal{in: offering(g.hermit), of: &g.hermit, said: said, code: codeOf(reason), reason: reason},
			refusal{in: offering(g.hermit), of: &g.management, said: said, code: codeOf(reason), reason: reason})
	}
	return refusals
}

func (g *transferGarden) acceptanceRefusals() []refusal {
	const shut, same = "InvalidHandshakeTransition", "HandshakeAlreadyInState"
	h := g.handshakes
	refusals := []refusal{
		{in: accepting(h["requested"]), code: "AccessDenied"},
		{in: declining(h["requested"]), code: "AccessDenied"},
		{in: cancelling(h["requested"]), by: &g.asked, code: "AccessDenied"},
		{in: cancelling(h["requested"]), by: &g.member, code: "AccessDenied"},
		{in: accepting(h["requested"]), by: &g.hermit, code: "HandshakeNotFound"},
		{in: declining(h["requested"]), by: &g.outsider, code: "HandshakeNotFound"},
		{in: accepting(h["accepted"]), by: &g.agreed, code: same}, {in: declining(h["accepted"]), by: &g.agreed, code: shut}, {in: cancelling(h["accepted"]), code: shut},
		{in: accepting(h["declined"]), by: &g.asked, code: shut}, {in: declining(h["declined"]), by: &g.asked, code: same}, {in: cancelling(h["declined"]), code: shut},
		{in: accepting(h["canceled"]), by: &g.asked, code: shut}, {in: declining(h["canceled"]), by: &g.asked, code: shut}, {in: cancelling(h["canceled"]), code: same},
		{in: accepting(g.toPayer), by: &g.agreed, code: "ConstraintViolation", reason: "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION"},
		{in: accepting(h["requested"]), by: &g.asked, code: "ConstraintViolation", reason: "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION", rules: func(r *org.Rules) { r.TransferLevels = 0 }},
		{in: accepting(h["requested"]), by: &g.asked, code: "ConstraintViolation", reason: "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION", rules: func(r *org.Rules) { r.ChainedTransfers = 3 }},
	}
	for reason, said := range unfit() {
		refusals = append(refusals, refusal{in: accepting(h["requested"]), by: &g.asked, of: &g.asked, said: said, code: codeOf(reason), reason: reason},
			refusal{in: accepting(h["requested"]), by: &g.asked, of: &g.management, said: said, code: codeOf(reason), reason: reason})
	}
	return refusals
}

func (g *transferGarden) endRefusals() []refusal {
	end := func(id string, month time.Month, day, second int) *organizations.TerminateResponsibilityTransferInput {
		return &organizations.TerminateResponsibilityTransferInput{Id: id, EndTimestamp: time.Date(2026, month, day, 23, 59, second, 0, time.UTC)}
	}
	agreed := g.ids["accepted"]
	refusals := []refusal{
		{in: end("rt-", 4, 30, 59), code: "InvalidInput", reason: "INVALID_PATTERN:ID"},
		{in: end(agreed, 3, 31, 58), code: "InvalidInput", reason: "END_DATE_NOT_END_OF_MONTH"},
		{in: end(agreed, 4, 1, 59), by: &g.agreed, code: "InvalidInput", reason: "END_DATE_NOT_END_OF_MONTH"},
		{in: end(agreed, 2, 28, 59), code: "InvalidInput", reason: "END_DATE_TOO_EARLY"},
		{in: end(agreed, 5, 31, 59), code: "InvalidInput", reason: "INVALID_END_DATE"},
		{in: end(g.ids["withdrawn"], 4, 30, 59), code: "ResponsibilityTransferAlreadyInStatus"},
		{in: end(g.ids["withdrawn"], 4, 30, 59), by: &g.left, code: "ResponsibilityTransferAlreadyInStatus"},
	}
	for _, status := range []string{"requested", "declined", "canceled"} {
		for _, by := range []*identity.Caller{&g.management, &g.asked} {
			refusals = append(refusals, refusal{in: end(g.ids[status], 4, 30, 59), by: by, code: "InvalidResponsibilityTransferTransition"})
		}
	}
	return refusals
}
