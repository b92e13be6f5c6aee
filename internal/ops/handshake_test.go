package ops_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

const day = 24 * time.Hour

// handshake returns a handshake as a party sees it.
func (w *world) handshake(t testing.TB, by identity.Caller, id string) organizations.Handshake {
	t.Helper()
	return *give[organizations.DescribeHandshakeOutput](t, w, by, &organizations.DescribeHandshakeInput{HandshakeId: id}).Handshake
}

// state returns the state of a handshake.
func (w *world) state(t testing.TB, by identity.Caller, id string) organizations.HandshakeState {
	t.Helper()
	return *w.handshake(t, by, id).State
}

// inbox returns the ids of the handshakes that an account received.
func (w *world) inbox(t testing.TB, by identity.Caller, filter *organizations.HandshakeFilter) []string {
	t.Helper()
	return handshakeIDs(give[organizations.ListHandshakesForAccountOutput](t, w, by, &organizations.ListHandshakesForAccountInput{Filter: filter}).Handshakes)
}

// outbox returns the ids of the handshakes that an organization sent.
func (w *world) outbox(t testing.TB, by identity.Caller, filter *organizations.HandshakeFilter) []string {
	t.Helper()
	return handshakeIDs(give[organizations.ListHandshakesForOrganizationOutput](t, w, by, &organizations.ListHandshakesForOrganizationInput{Filter: filter}).Handshakes)
}

func handshakeIDs(all []organizations.Handshake) []string {
	ids := []string{}
	for _, h := range all {
		ids = append(ids, *h.Id)
	}
	return ids
}

// about is a resource of a handshake.
func about(of organizations.HandshakeResourceType, value string, nested ...organizations.HandshakeResource) organizations.HandshakeResource {
	return organizations.HandshakeResource{Type: &of, Value: &value, Resources: nested}
}

// TestInvitation: an invitation looks as AWS's samples do, to both sides, and an
// acceptance makes a member.
func TestInvitation(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	guest := w.standalone(t, "Guest")
	organization := string(w.organizationOf(t, by))
	for _, target := range []organizations.HandshakeParty{{Type: "ACCOUNT", Id: string(guest.Account)}, {Type: "EMAIL", Id: "GUEST@example.com"}} {
		in := inviting(target.Type, target.Id, tagged("team", "garden")...)
		in.Notes = new("welcome")
		sent := *give[organizations.InviteAccountToOrganizationOutput](t, w, by, in).Handshake
		owner := give[organizations.DescribeOrganizationOutput](t, w, by, &organizations.DescribeOrganizationInput{}).Organization
		want := organizations.Handshake{
			Id: sent.Id, Arn: new("arn:aws:organizations::" + string(by.Account) + ":handshake/" + organization + "/invite/" + *sent.Id),
			Parties: []organizations.HandshakeParty{{Id: organization, Type: "ORGANIZATION"}, target},
			State:   new(organizations.HandshakeStateOpen), Action: new(organizations.ActionTypeInvite),
			RequestedTimestamp: sent.RequestedTimestamp, ExpirationTimestamp: sent.RequestedTimestamp.Add(15 * day),
			Resources: []organizations.HandshakeResource{
				about("ORGANIZATION", organization, about("MASTER_EMAIL", *owner.MasterAccountEmail),
					about("MASTER_NAME", strings.ToUpper((*owner.MasterAccountEmail)[:1])+strings.TrimSuffix((*owner.MasterAccountEmail)[1:], "@example.com")),
					about("ORGANIZATION_FEATURE_SET", "ALL")),
				about(organizations.HandshakeResourceType(target.Type), target.Id), about("NOTES", "welcome"),
			},
		}
		for name, got := range map[string]organizations.Handshake{"answer": sent, "seen by the sender": w.handshake(t, by, *sent.Id), "seen by the guest": w.handshake(t, guest, *sent.Id)} {
			if difference := cmp.Diff(want, got); difference != "" {
				t.Errorf("%s: %s", name, difference)
			}
		}
		if got := w.inbox(t, guest, nil); !slices.Contains(got, *sent.Id) {
			t.Errorf("the guest received %v", got)
		}
		w.boot()
		accepted := *give[organizations.AcceptHandshakeOutput](t, w, guest, accepting(*sent.Id)).Handshake
		want.State = new(organizations.HandshakeStateAccepted)
		if difference := cmp.Diff(want, accepted); difference != "" {
			t.Errorf("accepted: %s", difference)
		}
		w.checkJoined(t, by, guest)
		w.do(t, guest, &organizations.LeaveOrganizationInput{})
	}
	if got := w.inbox(t, guest, nil); len(got) != 2 {
		t.Errorf("the guest sees %v of what has ended", got)
	}
}

// checkJoined checks what a guest is who accepted an invitation.
func (w *world) checkJoined(t *testing.T, by, guest identity.Caller) {
	t.Helper()
	shown := w.account(t, by, guest.Account)
	root := *w.rootOf(t, by).Id
	if *shown.JoinedMethod != "INVITED" || *shown.State != "ACTIVE" || !strings.Contains(shown.Paths[0], root+"/"+string(guest.Account)) || *shown.Email != "guest@example.com" {
		t.Errorf("the member is %+v", shown)
	}
	tags := give[organizations.ListTagsForResourceOutput](t, w, by, &organizations.ListTagsForResourceInput{ResourceId: string(guest.Account)}).Tags
	if len(tags) != 1 || tags[0].Key != "team" || *tags[0].Value != "garden" {
		t.Errorf("the tags are %+v", tags)
	}
	roles := give[iam.ListRolesOutput](t, w, guest, &iam.ListRolesInput{}).Roles
	if len(roles) != 1 || roles[0].RoleName != "AWSServiceRoleForOrganizations" {
		t.Errorf("the roles are %+v", roles)
	}
	if events := w.trail(t, guest); events[0].EventName != "AcceptHandshake" || strings.Contains(events[0].doc, "@example.com") || strings.Contains(events[0].doc, "welcome") {
		t.Errorf("the last event is %s", events[0].doc)
	}
}

// TestInvitationOfAnAccountToCome: an invitation waits for an account that does not
// exist yet.
func TestInvitationOfAnAccountToCome(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	id := w.invite(t, by, "EMAIL", "later@example.com")
	if e := w.refuse(t, by, inviting("EMAIL", "LATER@example.com")); e.ErrorCode() != "DuplicateHandshakeException" {
		t.Errorf("a second invitation: %v", e)
	}
	later := w.standalone(t, "Later")
	w.do(t, later, accepting(id))
	if got := w.organizationOf(t, later); got != w.organizationOf(t, by) {
		t.Errorf("the account belongs to %q", got)
	}
}

// TestTransfer: a member goes from one organization to another in one commit.
func TestTransfer(t *testing.T) {
	w := newWorld(t)
	from, to := w.organization(t, organizations.OrganizationFeatureSetAll), w.organization(t, organizations.OrganizationFeatureSetAll)
	member := w.member(t, from, "Member")
	w.clock.advance(5 * day)
	w.do(t, from, &organizations.TagResourceInput{ResourceId: string(member.Account), Tags: tagged("old", "1")})
	root := *w.rootOf(t, from).Id
	w.do(t, from, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: "SERVICE_CONTROL_POLICY"})
	scp := w.policy(t, from, organizations.PolicyTypeServiceControlPolicy, "Guard")
	w.do(t, from, &organizations.AttachPolicyInput{PolicyId: scp, TargetId: string(member.Account)})
	id := w.invite(t, to, "ACCOUNT", string(member.Account))
	w.do(t, member, accepting(id))

	shown := w.account(t, to, member.Account)
	if *shown.JoinedMethod != "INVITED" || w.organizationOf(t, member) != w.organizationOf(t, to) {
		t.Errorf("the member is %+v of %s", shown, w.organizationOf(t, member))
	}
	if e := w.refuse(t, from, &organizations.DescribeAccountInput{AccountId: string(member.Account)}); e.ErrorCode() != "AccountNotFoundException" {
		t.Errorf("the old organization: %v", e)
	}
	if tags := give[organizations.ListTagsForResourceOutput](t, w, to, &organizations.ListTagsForResourceInput{ResourceId: string(member.Account)}).Tags; len(tags) != 1 || tags[0].Key != "team" {
		t.Errorf("the tags are %+v", tags)
	}
	w.do(t, from, &organizations.DeletePolicyInput{PolicyId: scp}) // attached to nothing any more
	if events := w.trail(t, member); events[0].EventName != "AcceptHandshake" {
		t.Errorf("the last event of the member is %s", events[0].doc)
	}
	for _, party := range []identity.Caller{from, to} {
		if events := w.trail(t, party); events[0].EventName == "AcceptHandshake" {
			t.Errorf("the trail of %s has the acceptance", party.Account)
		}
	}
}

// TestTransferIsWholeOrNot: whatever changes meanwhile, an account is in the
// organization that it names and in no other.
func TestTransferIsWholeOrNot(t *testing.T) {
	w := newWorld(t)
	w.rules.WaitPeriod = 0
	owners := []identity.Caller{w.organization(t, organizations.OrganizationFeatureSetAll), w.organization(t, organizations.OrganizationFeatureSetAll), w.organization(t, organizations.OrganizationFeatureSetAll)}
	member := w.member(t, owners[0], "Member")
	ids := []string{w.invite(t, owners[1], "ACCOUNT", string(member.Account)), w.invite(t, owners[2], "ACCOUNT", string(member.Account))}
	var racers sync.WaitGroup
	for _, call := range []func() (any, error){
		func() (any, error) { return w.call(t.Context(), member, accepting(ids[0])) },
		func() (any, error) { return w.call(t.Context(), member, accepting(ids[1])) },
		func() (any, error) { return w.call(t.Context(), member, &organizations.LeaveOrganizationInput{}) },
		func() (any, error) {
			return w.call(t.Context(), owners[0], &organizations.RemoveAccountFromOrganizationInput{AccountId: string(member.Account)})
		},
		func() (any, error) { return w.call(t.Context(), owners[1], cancelling(ids[0])) },
	} {
		racers.Go(func() {
			if _, err := call(); err != nil && exception(&organizations.AcceptHandshakeInput{}, err).HTTPStatus() != 400 {
				t.Error(err)
			}
		})
	}
	racers.Wait()
	w.boot()
	in := []org.ID{}
	for _, owner := range owners {
		o, err := w.registry.Organization(t.Context(), org.ID(w.organizationOf(t, owner)))
		if err != nil {
			t.Fatal(err)
		}
		if o.Standing(org.AccountID(member.Account)) == org.Member {
			in = append(in, o.Settings().ID)
		}
	}
	if of := w.organizationOf(t, member); of == "" && len(in) != 0 || of != "" && !slices.Equal(in, []org.ID{org.ID(of)}) {
		t.Errorf("the account says that it is in %q, and is in %v", of, in)
	}
}

// TestInvitationsEnd: they expire after fifteen days, are shown for thirty more
// and leave nothing behind.
func TestInvitationsEnd(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	guest := w.standalone(t, "Guest")
	id := w.invite(t, by, "ACCOUNT", string(guest.Account))
	w.clock.advance(15*day - time.Minute)
	w.work(t)
	if got := w.state(t, guest, id); got != organizations.HandshakeStateOpen {
		t.Errorf("after almost fifteen days it is %s", got)
	}
	w.clock.advance(time.Minute)
	for _, when := range []string{"before", "after"} { // the work that writes it down
		if got := w.state(t, guest, id); got != organizations.HandshakeStateExpired {
			t.Errorf("%s, it is %s", when, got)
		}
		if e := w.refuse(t, guest, accepting(id)); e.ErrorCode() != "InvalidHandshakeTransitionException" {
			t.Errorf("%s, accepting: %v", when, e)
		}
		w.work(t)
	}
	w.clock.advance(30*day - time.Minute)
	w.work(t)
	if got := append(w.inbox(t, guest, nil), w.outbox(t, by, nil)...); !slices.Equal(got, []string{id, id}) {
		t.Errorf("listed are %v", got)
	}
	w.clock.advance(time.Minute)
	for range 2 {
		if got := append(w.inbox(t, guest, nil), w.outbox(t, by, nil)...); len(got) != 0 {
			t.Errorf("listed are %v", got)
		}
		if e := w.refuse(t, guest, &organizations.DescribeHandshakeInput{HandshakeId: id}); e.ErrorCode() != "HandshakeNotFoundException" {
			t.Errorf("describing: %v", e)
		}
		w.work(t)
	}
	if n := w.jobs(t); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
	w.noClaims(t)
}

// noClaims checks that no invitation is found any more.
func (w *world) noClaims(t *testing.T) {
	t.Helper()
	for _, space := range []string{registry.SpaceHandshake, registry.SpaceInvitation} {
		if left, err := w.store.Claims(t.Context(), space, "", 10); err != nil || len(left) != 0 {
			t.Errorf("in the space %s is left %v (%v)", space, left, err)
		}
	}
}

// TestSlots: an open invitation takes the place of an account until it ends.
func TestSlots(t *testing.T) {
	w := newWorld(t)
	w.rules.Accounts = 2
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	guest := w.standalone(t, "Guest")
	create := &organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com"}
	full := func(when string) {
		t.Helper()
		if e := w.refuse(t, by, create); reasonOf(e) != "ACCOUNT_NUMBER_LIMIT_EXCEEDED" {
			t.Errorf("%s: %v", when, e)
		}
		if e := w.refuse(t, by, inviting("ACCOUNT", unknownAccount)); e.ErrorCode() != "HandshakeConstraintViolationException" || reasonOf(e) != "ACCOUNT_NUMBER_LIMIT_EXCEEDED" {
			t.Errorf("%s: %v", when, e)
		}
	}
	for name, end := range map[string]func(string){
		"declined": func(id string) { w.do(t, guest, declining(id)) },
		"canceled": func(id string) { w.do(t, by, cancelling(id)) },
		"expired":  func(string) { w.clock.advance(15 * day) },
		"accepted": func(id string) {
			w.do(t, guest, accepting(id))
			full("a member")
			w.do(t, guest, &organizations.LeaveOrganizationInput{})
		},
	} {
		id := w.invite(t, by, "ACCOUNT", string(guest.Account))
		full("before it is " + name)
		end(id)
	}
	w.do(t, by, create)
	full("while an account is created")
}

// TestManagementAccountsAreNotToldOfInvitations: until their organization is
// deleted.
func TestManagementAccountsAreNotToldOfInvitations(t *testing.T) {
	g := newGarden(t)
	if got := g.inbox(t, g.hermit, nil); len(got) != 0 {
		t.Errorf("the hermit is told of %v", got)
	}
	g.do(t, g.hermit, &organizations.DeleteOrganizationInput{})
	if got := g.inbox(t, g.hermit, nil); !slices.Equal(got, []string{g.toHermit}) {
		t.Errorf("without an organization, the hermit is told of %v", got)
	}
	g.do(t, g.hermit, accepting(g.toHermit))
	if got := g.inbox(t, g.member, nil); len(got) != 0 {
		t.Errorf("of an organization that is gone, the member is told of %v", got)
	}
}

// TestInboxPages: what an account received by its id and by its address comes in
// one order, page by page.
func TestInboxPages(t *testing.T) {
	w := newWorld(t)
	guest := w.standalone(t, "Guest")
	var want []string
	for i := range 25 {
		by := w.organization(t, organizations.OrganizationFeatureSetAll)
		if i%2 == 0 {
			want = append(want, w.invite(t, by, "ACCOUNT", string(guest.Account)))
		} else {
			want = append(want, w.invite(t, by, "EMAIL", "guest@example.com"))
		}
		if i%5 == 0 { // not to be seen any more
			want = want[:len(want)-1]
			w.do(t, by, &organizations.DeleteOrganizationInput{})
		}
	}
	for _, size := range []*int32{nil, new(int32(1)), new(int32(3))} {
		pages := w.walk(t, guest, list{&organizations.ListHandshakesForAccountInput{}, "Id"}, size, func() {})
		if got := slices.Concat(pages...); !slices.Equal(got, want) {
			t.Errorf("by pages: %v, want %v", got, want)
		}
	}
	invite := organizations.ActionTypeInvite
	if got := w.inbox(t, guest, &organizations.HandshakeFilter{ActionType: &invite}); len(got) != 20 {
		t.Errorf("%d invitations", len(got))
	}
	transfer := organizations.ActionTypeTransferResponsibility
	if got := w.inbox(t, guest, &organizations.HandshakeFilter{ActionType: &transfer}); len(got) != 0 {
		t.Errorf("transfers: %v", got)
	}
	another := w.standalone(t, "Another")
	token := give[organizations.ListHandshakesForAccountOutput](t, w, guest, &organizations.ListHandshakesForAccountInput{MaxResults: new(int32(5))}).NextToken
	if e := w.refuse(t, another, &organizations.ListHandshakesForAccountInput{NextToken: token}); reasonOf(e) != "INVALID_NEXT_TOKEN" {
		t.Errorf("the token of another account: %v", e)
	}
}

// TestMigrationsInARow: a migration is not given up, and none begins, before all
// invitations are taken back that make no sense by the last one. What is taken back
// stays so.
func TestMigrationsInARow(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	many := func() (last string) {
		for i := range 201 { // one more than a commit takes back
			last = w.invite(t, by, "EMAIL", fmt.Sprintf("guest%d@example.com", i))
		}
		return last
	}
	wait := func(in api.Input) {
		t.Helper()
		if e := w.refuse(t, by, in); e.ErrorCode() != "TooManyRequestsException" {
			t.Errorf("%s: %v", nameOf(in), e)
		}
		w.work(t)
	}
	first := many()
	migration := *give[organizations.EnableAllFeaturesOutput](t, w, by, &organizations.EnableAllFeaturesInput{}).Handshake.Id
	wait(cancelling(migration))
	second := many()
	w.do(t, by, cancelling(migration))
	wait(&organizations.EnableAllFeaturesInput{})
	w.do(t, by, &organizations.EnableAllFeaturesInput{})
	if got := w.state(t, by, first) + w.state(t, by, second); got != "CANCELEDCANCELED" {
		t.Errorf("the invitations are %s", got)
	}
}

// TestManyInvitations: what is too much for one commit is done in several, also
// when the organization goes.
func TestManyInvitations(t *testing.T) {
	w := newWorld(t)
	by := w.organization(t, organizations.OrganizationFeatureSetAll)
	const many = 450
	for i := range many {
		w.invite(t, by, "EMAIL", fmt.Sprintf("guest%d@example.com", i))
	}
	w.clock.advance(15 * day)
	w.work(t)
	open := 0
	o, err := w.registry.Organization(t.Context(), org.ID(w.organizationOf(t, by)))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range o.Handshakes(org.HandshakeFilter{}, start(), "") { // long ago nothing had expired by itself
		if h.State == org.HandshakeOpen {
			open++
		}
	}
	if open != 0 {
		t.Errorf("%d invitations did not expire", open)
	}
	w.do(t, by, &organizations.DeleteOrganizationInput{})
	w.work(t)
	w.noClaims(t)
	if n := w.jobs(t); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

// TestMigration: an organization of invited and created members gets all features.
func TestMigration(t *testing.T) {
	w := newWorld(t)
	w.rules.WaitPeriod = 0
	by := w.organization(t, organizations.OrganizationFeatureSetConsolidatedBilling)
	var guests []identity.Caller
	for i := range 3 {
		guest := w.standalone(t, fmt.Sprintf("Guest%d", i))
		w.do(t, guest, accepting(w.invite(t, by, "ACCOUNT", string(guest.Account))))
		guests = append(guests, guest)
	}
	created, careless := w.member(t, by, "Created"), w.member(t, by, "Careless")
	w.do(t, careless, &iam.DeleteServiceLinkedRoleInput{RoleName: "AWSServiceRoleForOrganizations"})
	stale := w.invite(t, by, "EMAIL", "stale@example.com")

	parent := *give[organizations.EnableAllFeaturesOutput](t, w, by, &organizations.EnableAllFeaturesInput{}).Handshake
	organization := string(w.organizationOf(t, by))
	want := organizations.Handshake{
		Id: parent.Id, Arn: new("arn:aws:organizations::" + string(by.Account) + ":handshake/" + organization + "/enable_all_features/" + *parent.Id),
		Parties: []organizations.HandshakeParty{{Id: organization, Type: "ORGANIZATION"}}, Resources: []organizations.HandshakeResource{about("ORGANIZATION", organization)},
		State: new(organizations.HandshakeStateRequested), Action: new(organizations.ActionTypeEnableAllFeatures),
		RequestedTimestamp: parent.RequestedTimestamp, ExpirationTimestamp: parent.RequestedTimestamp.Add(90 * day),
	}
	if difference := cmp.Diff(want, parent); difference != "" {
		t.Error(difference)
	}
	if got := w.state(t, by, stale); got != organizations.HandshakeStateCanceled {
		t.Errorf("an invitation to less is %s", got)
	}
	children := w.outbox(t, by, &organizations.HandshakeFilter{ParentHandshakeId: parent.Id})
	if len(children) != 4 || len(w.inbox(t, created, nil)) != 0 {
		t.Fatalf("the members are asked for %v, and who has his role for %v", children, w.inbox(t, created, nil))
	}
	ask := func(guest identity.Caller) organizations.Handshake {
		return give[organizations.ListHandshakesForAccountOutput](t, w, guest, &organizations.ListHandshakesForAccountInput{
			Filter: &organizations.HandshakeFilter{ParentHandshakeId: parent.Id}}).Handshakes[0]
	}
	child := ask(guests[0])
	if *child.Action != "APPROVE_ALL_FEATURES" || *child.State != "OPEN" || !child.ExpirationTimestamp.Equal(parent.ExpirationTimestamp) ||
		cmp.Diff(child.Resources, []organizations.HandshakeResource{about("PARENT_HANDSHAKE", *parent.Id), about("ORGANIZATION", organization), about("ACCOUNT", string(guests[0].Account))}) != "" ||
		cmp.Diff(child.Parties, []organizations.HandshakeParty{{Id: organization, Type: "ORGANIZATION"}, {Id: string(guests[0].Account), Type: "ACCOUNT"}}) != "" {
		t.Errorf("a member is asked for %+v", child)
	}
	if role := ask(careless); *role.Action != "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE" {
		t.Errorf("who has lost his role is asked for %+v", role)
	}

	w.do(t, guests[0], &iam.DeleteServiceLinkedRoleInput{RoleName: "AWSServiceRoleForOrganizations"})
	w.do(t, guests[0], accepting(*child.Id))
	w.do(t, careless, accepting(*ask(careless).Id))
	for _, member := range []identity.Caller{guests[0], careless} {
		if _, err := w.call(t.Context(), member, &iam.GetRoleInput{RoleName: "AWSServiceRoleForOrganizations"}); err != nil {
			t.Errorf("the role of %s: %v", member.Account, err)
		}
	}
	w.do(t, guests[1], declining(*ask(guests[1]).Id))
	w.do(t, guests[2], accepting(*ask(guests[2]).Id))
	if got := w.state(t, by, *parent.Id); got != organizations.HandshakeStateRequested {
		t.Errorf("with a refusal, the migration is %s", got)
	}
	w.do(t, by, &organizations.RemoveAccountFromOrganizationInput{AccountId: string(guests[1].Account)})
	if got := w.state(t, by, *parent.Id); got != organizations.HandshakeStateOpen {
		t.Errorf("without who refused, the migration is %s", got)
	}
	late := w.invite(t, by, "ACCOUNT", string(guests[1].Account))
	if features := *w.handshake(t, by, late).Resources[0].Resources[2].Value; features != "ALL" {
		t.Errorf("an invitation offers %s", features)
	}
	w.do(t, guests[1], accepting(late))
	features := func() organizations.OrganizationFeatureSet {
		return *give[organizations.DescribeOrganizationOutput](t, w, by, &organizations.DescribeOrganizationInput{}).Organization.FeatureSet
	}
	if features() != "CONSOLIDATED_BILLING" {
		t.Error("the features changed too early")
	}
	w.do(t, by, accepting(*parent.Id))
	if features() != "ALL" || w.state(t, by, *parent.Id) != organizations.HandshakeStateAccepted {
		t.Errorf("finalized, the features are %s", features())
	}
	w.do(t, by, &organizations.EnablePolicyTypeInput{RootId: *w.rootOf(t, by).Id, PolicyType: "SERVICE_CONTROL_POLICY"})
	w.do(t, guests[0], &iam.DeleteServiceLinkedRoleInput{RoleName: "AWSServiceRoleForOrganizations"}) // in vain
	if _, err := w.call(t.Context(), guests[0], &iam.GetRoleInput{RoleName: "AWSServiceRoleForOrganizations"}); err != nil {
		t.Errorf("the role is not protected: %v", err)
	}
}

// TestMigrationWithoutMembers: nobody has to be asked.
func TestMigrationWithoutMembers(t *testing.T) {
	g := newGarden(t)
	id := *give[organizations.EnableAllFeaturesOutput](t, g.world, g.frugal, &organizations.EnableAllFeaturesInput{}).Handshake.Id
	if got := g.state(t, g.frugal, id); got != organizations.HandshakeStateOpen {
		t.Errorf("the migration is %s", got)
	}
	g.do(t, g.frugal, accepting(id))
}

// TestMigrationIsGivenUp: what it asked for goes with it, and it can begin again.
func TestMigrationIsGivenUp(t *testing.T) {
	for name, end := range map[string]func(*garden){
		"cancelled": func(g *garden) { g.do(t, g.management, cancelling(g.migration)) },
		"expired":   func(g *garden) { g.clock.advance(10 * day) },
	} {
		t.Run(name, func(t *testing.T) {
			g := newMigratingGarden(t)
			g.clock.advance(80 * day)
			g.work(t)
			invitation := g.invite(t, g.management, "ACCOUNT", unknownAccount)
			end(g)
			for range 2 {
				for _, id := range []string{g.approval, invitation} {
					if got := g.state(t, g.management, id); got == organizations.HandshakeStateOpen {
						t.Errorf("%s is still %s", id, got)
					}
				}
				g.work(t)
			}
			if e := g.refuse(t, g.member, accepting(g.approval)); e.ErrorCode() != "InvalidHandshakeTransitionException" {
				t.Errorf("approving: %v", e)
			}
			if e := g.refuse(t, g.management, accepting(g.migration)); e.ErrorCode() != "InvalidHandshakeTransitionException" {
				t.Errorf("finalizing: %v", e)
			}
			again := *give[organizations.EnableAllFeaturesOutput](t, g.world, g.management, &organizations.EnableAllFeaturesInput{}).Handshake.Id
			if children := g.outbox(t, g.management, &organizations.HandshakeFilter{ParentHandshakeId: &again}); len(children) != 1 {
				t.Errorf("again, the members are asked for %v", children)
			}
		})
	}
}

// TestMigrationOfADeletedOrganization: an acceptance that was overtaken by the
// deletion comes from an account without an organization.
func TestMigrationOfADeletedOrganization(t *testing.T) {
	g := newGarden(t)
	in := accepting(*give[organizations.EnableAllFeaturesOutput](t, g.world, g.frugal, &organizations.EnableAllFeaturesInput{}).Handshake.Id)
	caller, err := g.caller(t.Context(), g.frugal, in)
	if err != nil {
		t.Fatal(err)
	}
	g.do(t, g.frugal, &organizations.DeleteOrganizationInput{})
	_, err = g.operations["organizations.AcceptHandshake"].Invoke(t.Context(), caller, in)
	if err == nil {
		t.Fatal("it succeeded")
	}
	g.compare(t, refusal{in: in, code: "AWSOrganizationsNotInUse"}, exception(in, err))
}

// TestWhoSeesHandshakes: delegated administrators see what their organization
// sends.
func TestWhoSeesHandshakes(t *testing.T) {
	g := newGarden(t)
	for _, by := range []identity.Caller{g.management, g.admin, g.delegate, g.outsider} {
		g.handshake(t, by, g.invited)
	}
}

// TestDamagedClaim: an invitation without an organization is not found.
func TestDamagedClaim(t *testing.T) {
	g := newGarden(t)
	err := g.registry.Write(t.Context(), registry.AccountKey(g.outsider.Account), "test", func(tx *registry.Tx) error {
		return errors.Join(tx.Claim(registry.SpaceHandshake, unknownHandshake, "o-gone"), tx.Claim(registry.SpaceInvitation, string(g.outsider.Account)+" 0 "+unknownHandshake, "o-gone"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := g.inbox(t, g.outsider, nil); !slices.Equal(got, []string{g.invited}) {
		t.Errorf("the inbox has %v", got)
	}
	if e := g.refuse(t, g.outsider, &organizations.DescribeHandshakeInput{HandshakeId: unknownHandshake}); e.ErrorCode() != "HandshakeNotFoundException" {
		t.Errorf("described: %v", e)
	}
}
