package ops_test

import (
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/store"
)

// mutation is a call that changes something in a garden that was just planted.
type mutation struct {
	in api.Input
	by identity.Caller
}

// mutations returns one call of every operation that changes something.
func (g *garden) mutations() []mutation {
	m, member := g.management, string(g.member.Account)
	return []mutation{
		{&organizations.AcceptHandshakeInput{HandshakeId: g.invited}, g.outsider},
		{&organizations.AttachPolicyInput{PolicyId: g.spare, TargetId: g.root}, m},
		{&organizations.CancelHandshakeInput{HandshakeId: g.toHermit}, m},
		{&organizations.CloseAccountInput{AccountId: member}, m},
		{&organizations.CreateAccountInput{AccountName: "New", Email: "new@example.com", Tags: tagged("a", "1")}, m},
		{&organizations.CreateGovCloudAccountInput{AccountName: "Two", Email: "two@example.com", Tags: tagged("a", "1")}, m},
		{&organizations.CreateOrganizationInput{}, g.outsider},
		{&organizations.CreateOrganizationalUnitInput{ParentId: g.root, Name: "New"}, m},
		{&organizations.CreatePolicyInput{Type: "BACKUP_POLICY", Name: "New", Description: new("new"), Content: `{"plans":{}}`}, m},
		{&organizations.DeclineHandshakeInput{HandshakeId: g.toHermit}, g.hermit},
		{&organizations.DeleteOrganizationInput{}, g.hermit},
		{&organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: g.empty}, m},
		{&organizations.DeletePolicyInput{PolicyId: g.spare}, m},
		{&organizations.DeleteResourcePolicyInput{}, m},
		{&organizations.DeregisterDelegatedAdministratorInput{AccountId: string(g.admin.Account), ServicePrincipal: guardDuty}, m},
		{&organizations.DetachPolicyInput{PolicyId: g.scp, TargetId: member}, m},
		{&organizations.DisableAWSServiceAccessInput{ServicePrincipal: ram}, m},
		{&organizations.DisablePolicyTypeInput{RootId: g.root, PolicyType: "TAG_POLICY"}, m},
		{&organizations.EnableAWSServiceAccessInput{ServicePrincipal: health}, m},
		{&organizations.EnableAllFeaturesInput{}, g.frugal},
		{&organizations.EnablePolicyTypeInput{RootId: g.root, PolicyType: "BACKUP_POLICY"}, m},
		{&organizations.InviteAccountToOrganizationInput{Target: &organizations.HandshakeParty{Type: "ACCOUNT", Id: unknownAccount}}, m},
		{offering(g.hermit), m},
		{&organizations.LeaveOrganizationInput{}, g.member},
		{&organizations.MoveAccountInput{AccountId: member, SourceParentId: g.root, DestinationParentId: g.empty}, m},
		{&organizations.PutResourcePolicyInput{Content: delegation(member)}, m},
		{&organizations.RegisterDelegatedAdministratorInput{AccountId: member, ServicePrincipal: config}, m},
		{&organizations.RemoveAccountFromOrganizationInput{AccountId: member}, m},
		{&organizations.TagResourceInput{ResourceId: g.root, Tags: tagged("a", "1")}, m},
		{&organizations.TerminateResponsibilityTransferInput{Id: g.bills}, g.tenant},
		{&organizations.UntagResourceInput{ResourceId: g.resourcePolicy, TagKeys: []string{"team"}}, m},
		{&organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: g.empty, Name: new("New")}, m},
		{&organizations.UpdatePolicyInput{PolicyId: g.spare, Name: new("New")}, m},
		{&organizations.UpdateResponsibilityTransferInput{Id: g.bills, Name: "Rent"}, m},
	}
}

// eachMutation runs a test of every mutation in a garden of its own.
func eachMutation(t *testing.T, test func(t *testing.T, g *garden, m mutation)) {
	for i, m := range newGarden(t).mutations() {
		t.Run(nameOf(m.in), func(t *testing.T) {
			g := newGarden(t)
			test(t, g, g.mutations()[i])
		})
	}
}

// implemented returns the names of the operations, in their order.
func implemented() []string { return slices.Sorted(maps.Keys(organizations.Service().Operations)) }

// fileOf returns the file in which a method is written.
func fileOf(method reflect.Method) string {
	at := method.Func.Pointer()
	file, _ := runtime.FuncForPC(at).FileLine(at)
	return file
}

func TestMutationsAreAllOperationsThatWrite(t *testing.T) {
	g := newGarden(t)
	var want, have []string
	for _, name := range implemented() {
		if !g.table[name].ReadOnly() {
			want = append(want, name)
		}
	}
	for _, m := range g.mutations() {
		have = append(have, nameOf(m.in))
	}
	if !slices.Equal(want, have) {
		t.Errorf("the operations that write are %q, the test has %q", want, have)
	}
	if n := len(implemented()); n != 63 {
		t.Errorf("%d operations are implemented", n)
	}
}

// A change gives up when another server is faster again and again.
func TestConflicts(t *testing.T) {
	eachMutation(t, func(t *testing.T, g *garden, m mutation) {
		kinds := map[store.AggregateID]store.Kind{store.AggregateID(m.by.Account): "account"}
		if id := g.organizationOf(t, m.by); id != "" {
			kinds[store.AggregateID(id)] = "organization"
		}
		attempts := 0
		g.overtake = func() {
			attempts++
			g.advance(t, kinds)
		}
		code := "ConcurrentModification"
		if nameOf(m.in) == "UpdateResponsibilityTransfer" {
			code = "TooManyRequests" // its model lists nothing better
		}
		g.compare(t, refusal{in: m.in, code: code}, g.refuse(t, m.by, m.in))
		if attempts < 2 {
			t.Errorf("it gave up after %d attempts", attempts)
		}
		g.overtake = nil
		g.boot()
		g.do(t, m.by, m.in)
	})
}

// advance moves organizations and accounts on as another server would.
func (w *world) advance(t testing.TB, kinds map[store.AggregateID]store.Kind) {
	versions, err := w.store.Versions(t.Context(), slices.Collect(maps.Keys(kinds))...)
	if err != nil {
		t.Error(err)
	}
	var batch store.Batch
	for id, kind := range kinds {
		batch.Aggregates = append(batch.Aggregates, store.Advance{ID: id, Kind: kind, From: versions[id], To: versions[id] + 1, At: start(), Operation: "test", Changes: []byte("[]")})
	}
	if err := w.store.Commit(t.Context(), batch); err != nil {
		t.Error(err)
	}
}

// A database that is gone makes every call fail, and its error stays inside.
func TestFailures(t *testing.T) {
	g := newGarden(t)
	g.store.Close()
	check := func(t *testing.T, by identity.Caller, in api.Input) {
		if e := g.refuse(t, by, in); e.ErrorCode() != "ServiceException" || e.HTTPStatus() != 500 || strings.Contains(e.ErrorMessage(), "sql") {
			t.Errorf("%s: status %d, %v", nameOf(in), e.HTTPStatus(), e)
		}
	}
	for _, m := range g.mutations() { // the states are in memory, the changes cannot be written
		check(t, m.by, m.in)
	}
	g.boot()
	for _, name := range implemented() {
		check(t, g.management, organizations.Service().Operations[name].New())
	}
}

// staleRefusals are of calls that were admitted before a change that overtook
// them.
func (g *garden) staleRefusals() []refusal {
	var refusals []refusal
	for _, m := range g.mutations() {
		switch nameOf(m.in) {
		case "CreateOrganization":
			refusals = append(refusals, refusal{in: m.in, by: &g.outsider, code: "AlreadyInOrganization"})
		case "AcceptHandshake":
			refusals = append(refusals, refusal{in: m.in, by: &g.outsider, code: "MasterCannotLeaveOrganization"})
		case "CancelHandshake":
			refusals = append(refusals, refusal{in: &organizations.CancelHandshakeInput{HandshakeId: g.fromHermit[g.young.Account]}, by: &g.hermit, code: "HandshakeNotFound"})
		case "DeclineHandshake":
			refusals = append(refusals, refusal{in: &organizations.DeclineHandshakeInput{HandshakeId: g.fromHermit[g.young.Account]}, by: &g.young, code: "HandshakeNotFound"})
		case "DeleteOrganization":
		case "TerminateResponsibilityTransfer", "UpdateResponsibilityTransfer": // nobody can leave one that there is a transfer of
		case "LeaveOrganization":
			refusals = append(refusals, refusal{in: m.in, by: &g.member, code: "AccountNotFound"})
		default:
			refusals = append(refusals, refusal{in: m.in, by: &g.hermit, code: "AWSOrganizationsNotInUse"})
		}
	}
	return append(refusals, refusal{in: &organizations.DeleteOrganizationInput{}, by: &g.hermit, code: "AWSOrganizationsNotInUse"})
}

func TestOvertakenCalls(t *testing.T) {
	g := newGarden(t)
	type admitted struct {
		refusal
		invoke func() (any, error)
	}
	var calls []admitted
	for _, c := range g.staleRefusals() {
		caller, err := g.caller(t.Context(), *c.by, c.in)
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, admitted{c, func() (any, error) {
			return g.operations["organizations."+nameOf(c.in)].Invoke(t.Context(), caller, c.in)
		}})
	}
	g.do(t, g.outsider, &organizations.CreateOrganizationInput{})
	g.do(t, g.member, &organizations.LeaveOrganizationInput{})
	g.do(t, g.hermit, &organizations.DeleteOrganizationInput{})
	for _, c := range calls {
		t.Run(c.name(), func(t *testing.T) {
			out, err := c.invoke()
			if err == nil {
				t.Fatalf("it succeeded: %+v", out)
			}
			g.compare(t, c.refusal, exception(c.in, err))
		})
	}
}
