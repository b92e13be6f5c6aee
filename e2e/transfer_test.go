package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// TestResponsibilityTransferStory: an organization pays the bills of another one until that ends it, whichever server
// they ask: who pays asks the first one, who is paid for the other.
func TestResponsibilityTransferStory(t *testing.T) {
	needsOperation(t, "organizations", "terminate-responsibility-transfer")
	t.Parallel()
	onEverySite(t, `{"quotas": {"inboundTransfers": 1}}`, func(t *testing.T, one, other *server) {
		tale := &transferStory{payer: one.founder(t, "payer", types.OrganizationFeatureSetAll), tenant: one.founder(t, "tenant", types.OrganizationFeatureSetAll), start: monthAfterNext()}
		tale.tenant.Client = other.patientClient(tale.tenant.keys)
		tale.pays, tale.isPaidFor = newCLI(t, one, tale.payer.keys), newCLI(t, other, tale.tenant.keys)

		tale.declines(t)
		tale.accepts(t)
		one.restart()
		tale.isSeen(t)
		tale.ends(t)
		tale.offers() // the quota is returned
	})
}

// transferStory is what the chapters of the story tell each other.
type transferStory struct {
	payer, tenant   *party
	pays, isPaidFor cli
	start           time.Time
	id              string // of the transfer
}

// offers invites the tenant and returns the id of the invitation.
func (s *transferStory) offers() string {
	return s.pays.value("Handshake.Id", organizations("invite-organization-to-transfer-responsibility", "--type", "BILLING",
		"--target", "Type=EMAIL,Id="+s.tenant.email, "--start-timestamp", s.start.Format(time.RFC3339), "--source-name", "Tenant", "--notes", "We pay", "--tags", "Key=team,Value=finance")...)
}

func (s *transferStory) declines(t *testing.T) {
	call(t, s.tenant.DeclineHandshake, &sdk.DeclineHandshakeInput{HandshakeId: aws.String(s.offers())})
}

func (s *transferStory) accepts(t *testing.T) {
	invitation := s.offers()
	refused[*types.DuplicateHandshakeException](t, s.payer.InviteOrganizationToTransferResponsibility, &sdk.InviteOrganizationToTransferResponsibilityInput{
		Type: types.ResponsibilityTransferTypeBilling, Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: &s.tenant.email},
		StartTimestamp: &s.start, SourceName: aws.String("Tenant"),
	})
	refused[*types.AccessDeniedException](t, s.payer.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: &invitation})
	refused[*types.ConstraintViolationException](t, s.payer.DeleteOrganization, &sdk.DeleteOrganizationInput{})
	transfers := s.isPaidFor.values("ResponsibilityTransfers[].[Id, Status][]", organizations("list-outbound-responsibility-transfers", "--type", "BILLING")...)
	if len(transfers) != 4 || transfers[1] != "DECLINED" || transfers[3] != "REQUESTED" {
		t.Fatalf("the tenant is asked for %q", transfers)
	}
	s.id = transfers[2]
	s.isPaidFor.do(organizations("accept-handshake", "--handshake-id", invitation)...)
}

// isSeen: both sides see the transfer, but only one its name.
func (s *transferStory) isSeen(t *testing.T) {
	s.pays.do(organizations("update-responsibility-transfer", "--id", s.id, "--name", "Our tenant")...)
	refused[*types.InvalidInputException](t, s.tenant.UpdateResponsibilityTransfer, &sdk.UpdateResponsibilityTransferInput{Id: &s.id, Name: aws.String("Us")})
	const members = "ResponsibilityTransfer.[Status, Source.ManagementAccountId, Target.ManagementAccountId, Name || '']"
	for side, name := range map[*cli]string{&s.pays: "Our tenant", &s.isPaidFor: ""} {
		if seen := side.values(members, organizations("describe-responsibility-transfer", "--id", s.id)...); !slices.Equal(seen, []string{"ACCEPTED", s.tenant.id, s.payer.id, name}) {
			t.Errorf("one side sees %q", seen)
		}
	}
	for _, p := range []*party{s.payer, s.tenant} {
		refused[*types.ConstraintViolationException](t, p.DeleteOrganization, &sdk.DeleteOrganizationInput{})
	}
}

func (s *transferStory) ends(t *testing.T) {
	end := s.start.Add(-time.Second)
	terminate := func(at time.Time) []string {
		return organizations("terminate-responsibility-transfer", "--id", s.id, "--end-timestamp", at.Format(time.RFC3339))
	}
	s.isPaidFor.refused("InvalidInputException", terminate(end.Add(-time.Hour))...)
	s.isPaidFor.do(terminate(end)...)
	refused[*types.ResponsibilityTransferAlreadyInStatusException](t, s.payer.TerminateResponsibilityTransfer, &sdk.TerminateResponsibilityTransferInput{Id: &s.id})
	inbound := call(t, s.payer.ListInboundResponsibilityTransfers, &sdk.ListInboundResponsibilityTransfersInput{Type: types.ResponsibilityTransferTypeBilling, Id: &s.id}).ResponsibilityTransfers
	if len(inbound) != 1 || inbound[0].Status != types.ResponsibilityTransferStatusWithdrawn || !inbound[0].StartTimestamp.Equal(s.start) || !inbound[0].EndTimestamp.Equal(end.Add(999*time.Millisecond)) {
		t.Errorf("the payer sees %+v", inbound)
	}
}

// monthAfterNext returns when a transfer can start whatever the day is today.
func monthAfterNext() time.Time {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 2, 0)
}
