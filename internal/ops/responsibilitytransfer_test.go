package ops_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// describeTransfer returns a transfer as an account sees it.
func (w *world) describeTransfer(t testing.TB, by identity.Caller, id string) organizations.ResponsibilityTransfer {
	t.Helper()
	return *give[organizations.DescribeResponsibilityTransferOutput](t, w, by, &organizations.DescribeResponsibilityTransferInput{Id: id}).ResponsibilityTransfer
}

func (w *world) inbound(t testing.TB, by identity.Caller) []organizations.ResponsibilityTransfer {
	t.Helper()
	return give[organizations.ListInboundResponsibilityTransfersOutput](t, w, by, &organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING"}).ResponsibilityTransfers
}

func (w *world) outbound(t testing.TB, by identity.Caller) []organizations.ResponsibilityTransfer {
	t.Helper()
	return give[organizations.ListOutboundResponsibilityTransfersOutput](t, w, by, &organizations.ListOutboundResponsibilityTransfersInput{Type: "BILLING"}).ResponsibilityTransfers
}

func statuses(transfers []organizations.ResponsibilityTransfer) string {
	var all []string
	for _, t := range transfers {
		all = append(all, string(*t.Status))
	}
	return strings.Join(all, " ")
}

// TestResponsibilityTransfer: from the invitation to the end both sides see the same
// transfer, each from its side, also after a restart.
func TestResponsibilityTransfer(t *testing.T) {
	w := newWorld(t)
	w.rules.InboundTransfers = 1
	target, source := w.organization(t, "ALL"), w.organization(t, "ALL")
	emails := map[identity.AccountID]string{}
	for _, owner := range []identity.Caller{target, source} {
		emails[owner.Account] = *give[organizations.DescribeOrganizationOutput](t, w, owner, &organizations.DescribeOrganizationInput{}).Organization.MasterAccountEmail
	}
	in := offering(source)
	in.Target = &organizations.HandshakeParty{Type: "EMAIL", Id: strings.ToUpper(emails[source.Account])}
	in.Notes, in.Tags = new("We pay"), tagged("team", "finance")
	sent := *give[organizations.InviteOrganizationToTransferResponsibilityOutput](t, w, target, in).Handshake
	id, organization := resourceOf(&sent, "RESPONSIBILITY_TRANSFER"), string(w.organizationOf(t, target))
	wantHandshake := organizations.Handshake{
		Id: sent.Id, Arn: new("arn:aws:organizations::" + string(target.Account) + ":handshake/" + organization + "/transfer_responsibility/" + *sent.Id),
		Parties: []organizations.HandshakeParty{{Id: organization, Type: "ORGANIZATION"}, *in.Target},
		State:   new(organizations.HandshakeStateRequested), Action: new(organizations.ActionTypeTransferResponsibility),
		RequestedTimestamp: sent.RequestedTimestamp, ExpirationTimestamp: time.Date(2026, 3, 30, 23, 59, 59, 0, time.UTC),
		Resources: []organizations.HandshakeResource{
			about("TRANSFER_TYPE", "BILLING"), about("TRANSFER_START_TIMESTAMP", "2026-04-01T00:00:00Z"), about("RESPONSIBILITY_TRANSFER", id),
			about("MANAGEMENT_ACCOUNT", string(target.Account)), about("MANAGEMENT_EMAIL", emails[target.Account]),
			about("MANAGEMENT_NAME", strings.ToUpper(emails[target.Account][:1])+strings.TrimSuffix(emails[target.Account][1:], "@example.com")),
			about("EMAIL", in.Target.Id), about("NOTES", "We pay"),
		},
	}
	want := map[identity.AccountID]organizations.ResponsibilityTransfer{}
	for owner, direction := range map[*identity.Caller]string{&target: "inbound", &source: "outbound"} {
		want[owner.Account] = organizations.ResponsibilityTransfer{
			Id: &id, Arn: new(fmt.Sprintf("arn:aws:organizations::%s:transfer/%s/billing/%s/%s", owner.Account, w.organizationOf(t, *owner), direction, id)),
			Type: new(organizations.ResponsibilityTransferTypeBilling), Status: new(organizations.ResponsibilityTransferStatusRequested),
			Source:         &organizations.TransferParticipant{ManagementAccountEmail: &in.Target.Id},
			Target:         &organizations.TransferParticipant{ManagementAccountId: new(string(target.Account)), ManagementAccountEmail: new(emails[target.Account])},
			StartTimestamp: april(), ActiveHandshakeId: sent.Id,
		}
	}
	named := want[target.Account]
	named.Name = new("Bills")
	want[target.Account] = named
	check := func(t *testing.T) {
		t.Helper()
		for owner, list := range map[*identity.Caller][]organizations.ResponsibilityTransfer{&target: w.inbound(t, target), &source: w.outbound(t, source)} {
			for _, got := range append(list, w.describeTransfer(t, *owner, id)) {
				if difference := cmp.Diff(want[owner.Account], got); difference != "" {
					t.Errorf("seen by %s: %s", owner.Account, difference)
				}
			}
			if len(list) != 1 {
				t.Errorf("%s lists %d transfers", owner.Account, len(list))
			}
			if wantHandshake.Id == nil {
				continue
			}
			if got := w.handshake(t, *owner, *sent.Id); cmp.Diff(wantHandshake, got) != "" {
				t.Errorf("the handshake: %s", cmp.Diff(wantHandshake, got))
			}
		}
		if got := len(w.inbound(t, source)) + len(w.outbound(t, target)); got != 0 {
			t.Errorf("%d transfers go the wrong way", got)
		}
	}
	set := func(status organizations.ResponsibilityTransferStatus, change func(*organizations.ResponsibilityTransfer)) {
		for account, transfer := range want {
			transfer.Status = &status
			if change != nil {
				change(&transfer)
			}
			want[account] = transfer
		}
	}
	check(t)
	if got := w.inbox(t, source, nil); !slices.Equal(got, []string{*sent.Id}) {
		t.Errorf("the source received %v", got)
	}
	if got := w.outbox(t, target, nil); !slices.Equal(got, []string{*sent.Id}) {
		t.Errorf("the target sent %v", got)
	}

	w.boot()
	w.do(t, source, accepting(*sent.Id))
	wantHandshake.State = new(organizations.HandshakeStateAccepted)
	set("ACCEPTED", func(transfer *organizations.ResponsibilityTransfer) {
		transfer.Source = &organizations.TransferParticipant{ManagementAccountId: new(string(source.Account)), ManagementAccountEmail: new(emails[source.Account])}
	})
	check(t)
	w.boot()
	check(t)

	renamed := *give[organizations.UpdateResponsibilityTransferOutput](t, w, target, &organizations.UpdateResponsibilityTransferInput{Id: id, Name: "Rent"}).ResponsibilityTransfer
	named = want[target.Account]
	named.Name = new("Rent")
	want[target.Account] = named
	if difference := cmp.Diff(named, renamed); difference != "" {
		t.Errorf("renamed: %s", difference)
	}
	check(t)

	w.clock.advance(40 * day)
	wantHandshake.Id = nil // it is forgotten
	end := time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC)
	ended := *give[organizations.TerminateResponsibilityTransferOutput](t, w, source, &organizations.TerminateResponsibilityTransferInput{Id: id, EndTimestamp: end}).ResponsibilityTransfer
	set("WITHDRAWN", func(transfer *organizations.ResponsibilityTransfer) {
		transfer.EndTimestamp = end.Add(999 * time.Millisecond)
	})
	if difference := cmp.Diff(want[source.Account], ended); difference != "" {
		t.Errorf("ended: %s", difference)
	}
	w.boot()
	check(t)
	w.clock.advance(100 * day)
	w.work(t)
	if got := statuses(w.inbound(t, target)) + statuses(w.outbound(t, source)); got != "WITHDRAWNWITHDRAWN" {
		t.Errorf("long after: %s", got)
	}
	w.do(t, source, &organizations.DeleteOrganizationInput{})
	w.do(t, target, &organizations.DeleteOrganizationInput{})
	if n := w.jobs(t); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

// TestTransferTags: those of the invitation are the target's; each side has its own.
func TestTransferTags(t *testing.T) {
	w := newWorld(t)
	w.rules.InboundTransfers = 1
	target, source := w.organization(t, "ALL"), w.organization(t, "ALL")
	in := offering(source)
	in.Tags = tagged("team", "finance")
	h := give[organizations.InviteOrganizationToTransferResponsibilityOutput](t, w, target, in).Handshake
	id := resourceOf(h, "RESPONSIBILITY_TRANSFER")
	if e := w.refuse(t, source, &organizations.TagResourceInput{ResourceId: id, Tags: tagged("a", "1")}); e.ErrorCode() != "TargetNotFoundException" {
		t.Errorf("the source before it agrees: %v", e)
	}
	w.do(t, source, accepting(*h.Id))
	w.do(t, source, &organizations.TagResourceInput{ResourceId: id, Tags: tagged("team", "accounts", "paid-by", "others")})
	w.do(t, source, &organizations.UntagResourceInput{ResourceId: id, TagKeys: []string{"paid-by"}})
	for owner, want := range map[*identity.Caller]string{&target: "finance", &source: "accounts"} {
		tags := give[organizations.ListTagsForResourceOutput](t, w, *owner, &organizations.ListTagsForResourceInput{ResourceId: id}).Tags
		if len(tags) != 1 || tags[0].Key != "team" || *tags[0].Value != want {
			t.Errorf("tags: %+v, want %s", tags, want)
		}
	}
}

// TestTransferEvents: whom a transfer concerns learns of it by the same event.
func TestTransferEvents(t *testing.T) {
	w := newWorld(t)
	w.rules.InboundTransfers, w.rules.TransferLevels = 2, 3
	top, target, source, leaf, stranger := w.organization(t, "ALL"), w.organization(t, "ALL"), w.organization(t, "ALL"), w.organization(t, "ALL"), w.organization(t, "ALL")
	w.transfer(t, source, leaf)
	w.transfer(t, top, target)
	before := map[identity.AccountID]int{}
	for _, owner := range []identity.Caller{top, target, source, leaf, stranger} {
		before[owner.Account] = len(w.trail(t, owner))
	}
	id := w.transfer(t, target, source)
	w.do(t, target, &organizations.TerminateResponsibilityTransferInput{Id: id})
	shared := map[string][]string{}
	for _, owner := range []identity.Caller{top, target, source, leaf, stranger} {
		events := w.trail(t, owner)
		for _, e := range events[:len(events)-before[owner.Account]] {
			if e.EventType == "AwsServiceEvent" {
				shared[e.EventName+" "+e.SharedEventID] = append(shared[e.EventName+" "+e.SharedEventID], e.RecipientAccountID)
				e.checkTransfer(t, id, source, target, []identity.Caller{source, target, top})
			}
		}
	}
	want := []string{string(top.Account), string(target.Account), string(source.Account), string(leaf.Account)}
	if len(shared) != 2 {
		t.Errorf("events: %v", shared)
	}
	for name, recipients := range shared {
		if strings.HasSuffix(name, " ") || !slices.Equal(recipients, want) {
			t.Errorf("%s was told to %v, want %v", name, recipients, want)
		}
	}
}

// checkTransfer checks what an event tells about a transfer.
func (e event) checkTransfer(t *testing.T, id string, source, target identity.Caller, chain []identity.Caller) {
	t.Helper()
	details := maps.Clone(e.ServiceEventDetails.(map[string]any))
	status, requester := "ACCEPTED", source.Account
	if e.EventName == "ResponsibilityTransferTerminated" {
		status, requester = "WITHDRAWN", target.Account
		if details["endTimestamp"] != float64(april().UnixMilli()-1) {
			t.Errorf("it ends at %v", details["endTimestamp"])
		}
	}
	payers := []any{}
	for _, c := range chain {
		payers = append(payers, string(c.Account))
	}
	delete(details, "endTimestamp")
	want := map[string]any{
		"id": id, "transferChain": payers, "type": "BILLING", "status": status, "requester": string(requester), "startTimestamp": float64(april().UnixMilli()),
		"source": map[string]any{"managementAccountId": string(source.Account)}, "target": map[string]any{"managementAccountId": string(target.Account)},
	}
	if difference := cmp.Diff(want, details); difference != "" {
		t.Errorf("%s: %s", e.EventName, difference)
	}
}

// TestInheritedTransfers: who pays for others by way of one is shown their transfers
// when he names them, by their names and without renaming them.
func TestInheritedTransfers(t *testing.T) {
	g := newTransferGarden(t)
	if got := statuses(g.inbound(t, g.management)); got != "DECLINED CANCELED REQUESTED ACCEPTED WITHDRAWN" {
		t.Errorf("inbound: %s", got)
	}
	shown := g.describeTransfer(t, g.management, g.inherited)
	listed := give[organizations.ListInboundResponsibilityTransfersOutput](t, g.world, g.management, &organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING", Id: &g.inherited})
	if difference := cmp.Diff([]organizations.ResponsibilityTransfer{shown}, listed.ResponsibilityTransfers); difference != "" || listed.NextToken != nil {
		t.Errorf("listed: %s", difference)
	}
	direct := g.describeTransfer(t, g.agreed, g.inherited)
	if *shown.Name != "Bills" || *shown.Status != "ACCEPTED" || !strings.Contains(*shown.Arn, string(g.organizationOf(t, g.management))+"/billing/inbound/") || *direct.Arn == *shown.Arn {
		t.Errorf("the inherited transfer is shown as %+v", shown)
	}
	if got := statuses(g.outbound(t, g.agreed)); got != "ACCEPTED REQUESTED" {
		t.Errorf("outbound: %s", got)
	}
}

// TestTransferInvitationsExpire: by themselves, not early, and once; and are forgotten
// by both sides thirty days later.
func TestTransferInvitationsExpire(t *testing.T) {
	w := newWorld(t)
	w.rules.InboundTransfers = 1
	target, source := w.organization(t, "ALL"), w.organization(t, "ALL")
	id := w.offer(t, target, source)
	h := w.handshake(t, target, id)
	transfer := resourceOf(&h, "RESPONSIBILITY_TRANSFER")
	expires := h.ExpirationTimestamp
	w.clock.advance(expires.Sub(start()) - time.Second)
	w.work(t)
	if got := w.state(t, source, id); got != "REQUESTED" {
		t.Errorf("a second before: %s", got)
	}
	w.clock.advance(time.Second)
	for _, tidied := range []bool{false, true} {
		if tidied {
			w.work(t)
		}
		if got := string(w.state(t, source, id)) + statuses(w.inbound(t, target)) + statuses(w.outbound(t, source)); got != "EXPIREDEXPIREDEXPIRED" {
			t.Errorf("tidied %t: %s", tidied, got)
		}
		if e := w.refuse(t, source, accepting(id)); e.ErrorCode() != "InvalidHandshakeTransitionException" {
			t.Errorf("accepted late: %v", e)
		}
	}
	in := offering(source)
	in.StartTimestamp = april().AddDate(0, 1, 0)
	w.do(t, target, in) // the quota is returned
	w.clock.advance(30 * day)
	w.work(t)
	for _, by := range []identity.Caller{target, source} {
		if e := w.refuse(t, by, &organizations.DescribeResponsibilityTransferInput{Id: transfer}); e.ErrorCode() != "ResponsibilityTransferNotFoundException" {
			t.Errorf("a forgotten one: %v", e)
		}
	}
	if got := len(w.inbound(t, target)) + len(w.outbound(t, source)); got != 2 {
		t.Errorf("%d are listed", got)
	}
}

// TestDeletedOrganizationsLeaveNoOffers: what was found by them is given up with them.
func TestDeletedOrganizationsLeaveNoOffers(t *testing.T) {
	w := newWorld(t)
	w.rules.InboundTransfers = 1
	target, source := w.organization(t, "ALL"), w.organization(t, "ALL")
	id := w.offer(t, target, source)
	w.do(t, source, declining(id))
	w.do(t, target, &organizations.DeleteOrganizationInput{})
	if got := len(w.inbox(t, source, nil)) + len(w.outbound(t, source)); got != 0 {
		t.Errorf("the source sees %d offers", got)
	}
	w.noClaims(t)
}

// TestWhoAcceptsTransfers: the account that was asked, as long as it manages an
// organization, be it another one than before.
func TestWhoAcceptsTransfers(t *testing.T) {
	w := newWorld(t)
	w.rules.InboundTransfers = 3
	target, source, third := w.organization(t, "ALL"), w.organization(t, "ALL"), w.organization(t, "ALL")
	id := w.offer(t, target, source)
	w.do(t, source, &organizations.DeleteOrganizationInput{})
	if got := w.inbox(t, source, nil); !slices.Equal(got, []string{id}) {
		t.Errorf("without an organization it sees %v", got)
	}
	if e := w.refuse(t, source, accepting(id)); e.ErrorCode() != "AWSOrganizationsNotInUseException" {
		t.Errorf("without an organization: %v", e)
	}
	membership := w.invite(t, third, "ACCOUNT", string(source.Account))
	w.do(t, source, accepting(membership))
	if e := w.refuse(t, source, accepting(id)); e.ErrorCode() != "AccessDeniedException" {
		t.Errorf("as a member: %v", e)
	}
	w.do(t, source, &organizations.LeaveOrganizationInput{})
	w.do(t, source, &organizations.CreateOrganizationInput{FeatureSet: new(organizations.OrganizationFeatureSetConsolidatedBilling)})
	if e := w.refuse(t, source, accepting(id)); reasonOf(e) != "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE" {
		t.Errorf("with consolidated billing: %v", e)
	}
	w.do(t, source, &organizations.DeleteOrganizationInput{})
	w.do(t, source, &organizations.CreateOrganizationInput{})
	w.do(t, source, accepting(id))
	if got := statuses(w.outbound(t, source)); got != "ACCEPTED" {
		t.Errorf("outbound: %s", got)
	}
	role := w.handshake(t, source, id)
	if len(role.Parties) != 2 || role.Parties[1].Id != string(source.Account) {
		t.Errorf("parties: %+v", role.Parties)
	}
}

// TestTransferIsWholeOrNotMade: when other servers change either organization again and
// again, neither has agreed or ended anything.
func TestTransferIsWholeOrNotMade(t *testing.T) {
	g := newGarden(t)
	id := g.offer(t, g.management, g.hermit)
	advance := func(owner identity.Caller) {
		g.advance(t, map[store.AggregateID]store.Kind{store.AggregateID(g.organizationOf(t, owner)): "organization"})
	}
	g.overtake = func() { advance(g.hermit) }
	if e := g.refuse(t, g.hermit, accepting(id)); e.ErrorCode() != "ConcurrentModificationException" {
		t.Errorf("overtaken: %v", e)
	}
	g.overtake = func() { advance(g.tenant) }
	if e := g.refuse(t, g.management, &organizations.TerminateResponsibilityTransferInput{Id: g.bills}); e.ErrorCode() != "ConcurrentModificationException" {
		t.Errorf("overtaken: %v", e)
	}
	g.overtake = nil
	g.boot()
	if got := statuses(g.inbound(t, g.management)) + " " + statuses(g.outbound(t, g.hermit)) + " " + statuses(g.outbound(t, g.tenant)); got != "ACCEPTED REQUESTED REQUESTED ACCEPTED" {
		t.Errorf("the transfers are %s", got)
	}
}

// TestTransferKeys: policies tell transfers apart by their type and direction, their
// ARNs and their tags.
func TestTransferKeys(t *testing.T) {
	g := newGarden(t)
	g.do(t, g.management, &organizations.TagResourceInput{ResourceId: g.bills, Tags: tagged("team", "finance")})
	user := func(of identity.Caller, condition string, resource string) identity.Caller {
		name := fmt.Sprintf("user%d", g.clock.Now().UnixMicro())
		g.do(t, of, &iam.CreateUserInput{UserName: name})
		g.do(t, of, &iam.PutUserPolicyInput{UserName: name, PolicyName: "transfers", PolicyDocument: fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:*","Resource":%q,"Condition":{"StringEquals":%s}}}`, resource, condition)})
		return identity.Caller{Account: of.Account, Type: identity.IAMUser, ARN: "arn:aws:iam::" + string(of.Account) + ":user/" + name}
	}
	const inbound, outbound = `{"organizations:TransferDirection":"inbound","organizations:TransferType":"billing"}`, `{"organizations:TransferDirection":"outbound"}`
	calls := []api.Input{
		&organizations.DescribeResponsibilityTransferInput{Id: g.bills},
		&organizations.UpdateResponsibilityTransferInput{Id: g.bills, Name: "New"},
		&organizations.TerminateResponsibilityTransferInput{Id: g.bills},
		&organizations.TagResourceInput{ResourceId: g.bills, Tags: tagged("a", "1")},
		&organizations.ListTagsForResourceInput{ResourceId: g.bills},
		&organizations.UntagResourceInput{ResourceId: g.bills, TagKeys: []string{"a"}},
		offering(g.hermit),
		&organizations.ListInboundResponsibilityTransfersInput{Type: "BILLING"},
		&organizations.ListOutboundResponsibilityTransfersInput{Type: "BILLING"},
		&organizations.ListRootsInput{},
	}
	for _, c := range []struct {
		name    string
		by      identity.Caller
		allowed string // of the calls in their order
	}{
		{"inbound at the target", user(g.management, inbound, "*"), "yyyyyyyy--"},
		{"outbound at the target", user(g.management, outbound, "*"), "--------y-"},
		{"inbound at the source", user(g.tenant, inbound, "*"), "------yy--"},
		{"outbound at the source", user(g.tenant, outbound, "*"), "yyyyyy--y-"},
		{"by ARN at the target", user(g.management, `{}`, "arn:aws:organizations::*:transfer/*/billing/inbound/rt-*"), "yyyyyy----"},
		{"by ARN at the source", user(g.tenant, `{}`, "arn:aws:organizations::*:transfer/*/billing/inbound/rt-*"), "----------"},
		{"by tag at the target", user(g.management, `{"aws:ResourceTag/team":"finance"}`, "*"), "yyyyyy----"},
		{"by tag at the source", user(g.tenant, `{"aws:ResourceTag/team":"finance"}`, "*"), "----------"},
	} {
		got := ""
		for _, in := range calls {
			answer := "y"
			if code := g.admits(t, c.by, in); code == "AccessDeniedException" {
				answer = "-"
			} else if code != "" {
				t.Errorf("%s: %s is refused with %s", c.name, nameOf(in), code)
			}
			got += answer
		}
		if got != c.allowed {
			t.Errorf("%s: %s, want %s", c.name, got, c.allowed)
		}
	}
}
