package e2e_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

// TestResponsibilityTransferStory: an organization pays the bills of another one until that ends it, whichever server
// they ask.
func TestResponsibilityTransferStory(t *testing.T) {
	const quota = `{"quotas": {"inboundTransfers": 1}}`
	onBothDatabases(t, func(t *testing.T, db database) {
		s := startConfigured(t, t.TempDir(), db, quota)
		transferBilling(t, s, s)
	})
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		t.Parallel()
		db := database{url: storetest.Postgres(t)}
		first := startConfigured(t, t.TempDir(), db, quota)
		transferBilling(t, first, startConfigured(t, first.dataDir, db, quota))
	})
}

// transferBilling tells the story: who pays asks the first server, who is paid for the second one.
func transferBilling(t *testing.T, first, second *server) {
	start := monthAfterNext()
	payer, tenant := first.founder(t, "payer", types.OrganizationFeatureSetAll), first.founder(t, "tenant", types.OrganizationFeatureSetAll)
	tenant.Client = second.patientClient(tenant.keys)
	offer := &sdk.InviteOrganizationToTransferResponsibilityInput{
		Type: types.ResponsibilityTransferTypeBilling, Target: &types.HandshakeParty{Type: types.HandshakePartyTypeEmail, Id: &tenant.email},
		StartTimestamp: aws.Time(start), SourceName: aws.String("Tenant"), Notes: aws.String("We pay"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("finance")}},
	}
	call(t, tenant.DeclineHandshake, &sdk.DeclineHandshakeInput{HandshakeId: call(t, payer.InviteOrganizationToTransferResponsibility, offer).Handshake.Id})
	invitation := call(t, payer.InviteOrganizationToTransferResponsibility, offer).Handshake
	refused[*types.DuplicateHandshakeException](t, payer.InviteOrganizationToTransferResponsibility, offer)
	refused[*types.AccessDeniedException](t, payer.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: invitation.Id})
	refused[*types.ConstraintViolationException](t, payer.DeleteOrganization, &sdk.DeleteOrganizationInput{})

	transfers := call(t, tenant.ListOutboundResponsibilityTransfers, &sdk.ListOutboundResponsibilityTransfersInput{Type: types.ResponsibilityTransferTypeBilling}).ResponsibilityTransfers
	if len(transfers) != 2 || transfers[0].Status != types.ResponsibilityTransferStatusDeclined || transfers[1].Status != types.ResponsibilityTransferStatusRequested {
		t.Fatalf("the tenant is asked for %+v", transfers)
	}
	id := transfers[1].Id
	call(t, tenant.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: invitation.Id})
	first.restart()
	call(t, payer.UpdateResponsibilityTransfer, &sdk.UpdateResponsibilityTransferInput{Id: id, Name: aws.String("Our tenant")})
	refused[*types.InvalidInputException](t, tenant.UpdateResponsibilityTransfer, &sdk.UpdateResponsibilityTransferInput{Id: id, Name: aws.String("Us")})
	for _, p := range []*party{payer, tenant} {
		transfer := call(t, p.DescribeResponsibilityTransfer, &sdk.DescribeResponsibilityTransferInput{Id: id}).ResponsibilityTransfer
		if transfer.Status != types.ResponsibilityTransferStatusAccepted || *transfer.Source.ManagementAccountId != tenant.id || *transfer.Target.ManagementAccountId != payer.id ||
			!transfer.StartTimestamp.Equal(start) || (p == payer) != (aws.ToString(transfer.Name) == "Our tenant") {
			t.Errorf("%s sees %+v", p.email, transfer)
		}
		refused[*types.ConstraintViolationException](t, p.DeleteOrganization, &sdk.DeleteOrganizationInput{})
	}

	end := start.Add(-time.Second)
	refused[*types.InvalidInputException](t, tenant.TerminateResponsibilityTransfer, &sdk.TerminateResponsibilityTransferInput{Id: id, EndTimestamp: aws.Time(end.Add(-time.Hour))})
	newCLI(t, second, tenant.keys).do(organizations("terminate-responsibility-transfer", "--id", *id, "--end-timestamp", end.Format(time.RFC3339))...)
	refused[*types.ResponsibilityTransferAlreadyInStatusException](t, payer.TerminateResponsibilityTransfer, &sdk.TerminateResponsibilityTransferInput{Id: id})
	inbound := call(t, payer.ListInboundResponsibilityTransfers, &sdk.ListInboundResponsibilityTransfersInput{Type: types.ResponsibilityTransferTypeBilling, Id: id}).ResponsibilityTransfers
	if len(inbound) != 1 || inbound[0].Status != types.ResponsibilityTransferStatusWithdrawn || !inbound[0].EndTimestamp.Equal(end.Add(999*time.Millisecond)) {
		t.Errorf("the payer sees %+v", inbound)
	}
	call(t, payer.InviteOrganizationToTransferResponsibility, offer) // the quota is returned
}

// monthAfterNext returns when a transfer can start whatever the day is today.
func monthAfterNext() time.Time {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 2, 0)
}
