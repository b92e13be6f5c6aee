package e2e_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

// party is an account that takes part in a handshake.
type party struct {
	id, email string
	keys      credentials
	*sdk.Client
}

// account makes an account outside of any organization, as an operator does.
func (s *server) account(t *testing.T, name string) *party {
	t.Helper()
	p := &party{email: name + "@example.com"}
	arguments := []string{"account", "create", "--data-dir", s.dataDir, "--name", name, "--email", p.email, "--format", "json"}
	out, err := exec.Command(binary, arguments...).Output()
	if err != nil {
		t.Fatalf("espalier account create: %v", err)
	}
	var key struct{ AccountID, AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal(out, &key); err != nil {
		t.Fatal(err)
	}
	p.id, p.keys = key.AccountID, credentials{accessKeyID: key.AccessKeyID, secretAccessKey: key.SecretAccessKey}
	p.Client = s.patientClient(p.keys)
	return p
}

// founder makes an account with an organization.
func (s *server) founder(t *testing.T, name string, features types.OrganizationFeatureSet) *party {
	t.Helper()
	p := s.account(t, name)
	call(t, p.CreateOrganization, &sdk.CreateOrganizationInput{FeatureSet: features})
	return p
}

// invite invites an account and returns the id of the invitation.
func (p *party) invite(t *testing.T, of types.HandshakePartyType, target string) *string {
	t.Helper()
	return call(t, p.InviteAccountToOrganization, &sdk.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Type: of, Id: &target}, Notes: aws.String("Join us"),
	}).Handshake.Id
}

// organization returns the id of the organization that an account says it is in, or "".
func (p *party) organization(t *testing.T) string {
	t.Helper()
	out, err := p.DescribeOrganization(t.Context(), &sdk.DescribeOrganizationInput{})
	if code, _ := errorCode(err); code == "AWSOrganizationsNotInUseException" {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return *out.Organization.Id
}

// has tells whether an organization lists an account.
func (p *party) has(t *testing.T, account string) bool {
	t.Helper()
	return slices.ContainsFunc(call(t, p.ListAccounts, &sdk.ListAccountsInput{}).Accounts, func(a types.Account) bool { return *a.Id == account })
}

// TestHandshakeStory: invite, accept, leave; move directly; refuse and take back.
func TestHandshakeStory(t *testing.T) {
	t.Parallel()
	onEverySite(t, configuration, func(t *testing.T, one, other *server) {
		first, second, guest := one.founder(t, "first", types.OrganizationFeatureSetAll), other.founder(t, "second", types.OrganizationFeatureSetAll), other.account(t, "guest")

		invitation := first.invite(t, types.HandshakePartyTypeEmail, "Guest@example.com")
		refused[*types.DuplicateHandshakeException](t, first.InviteAccountToOrganization,
			&sdk.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: &guest.id}})
		one.restart()
		received := call(t, guest.ListHandshakesForAccount, &sdk.ListHandshakesForAccountInput{}).Handshakes
		if len(received) != 1 || *received[0].Id != *invitation || received[0].State != types.HandshakeStateOpen {
			t.Fatalf("the guest received %+v", received)
		}
		refused[*types.AccessDeniedException](t, first.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: invitation})
		refused[*types.HandshakeNotFoundException](t, second.DescribeHandshake, &sdk.DescribeHandshakeInput{HandshakeId: invitation})
		accepted := call(t, guest.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: invitation}).Handshake
		if accepted.State != types.HandshakeStateAccepted || !first.has(t, guest.id) {
			t.Errorf("after the acceptance: %+v", accepted)
		}
		refused[*types.HandshakeAlreadyInStateException](t, guest.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: invitation})

		transfer := second.invite(t, types.HandshakePartyTypeAccount, guest.id)
		call(t, guest.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: transfer})
		if first.has(t, guest.id) || !second.has(t, guest.id) || guest.organization(t) != second.organization(t) {
			t.Error("the guest did not move")
		}
		call(t, guest.LeaveOrganization, &sdk.LeaveOrganizationInput{})
		if second.has(t, guest.id) || guest.organization(t) != "" {
			t.Error("the guest did not leave")
		}

		call(t, guest.DeclineHandshake, &sdk.DeclineHandshakeInput{HandshakeId: first.invite(t, types.HandshakePartyTypeAccount, guest.id)})
		again := first.invite(t, types.HandshakePartyTypeAccount, guest.id)
		call(t, first.CancelHandshake, &sdk.CancelHandshakeInput{HandshakeId: again})
		refused[*types.InvalidHandshakeTransitionException](t, guest.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: again})
		sent := call(t, first.ListHandshakesForOrganization, &sdk.ListHandshakesForOrganizationInput{Filter: &types.HandshakeFilter{ActionType: types.ActionTypeInviteAccountToOrganization}}).Handshakes
		if len(sent) != 3 || sent[1].State != types.HandshakeStateDeclined || sent[2].State != types.HandshakeStateCanceled {
			t.Errorf("the organization sent %+v", sent)
		}
	})
}

// TestAllFeaturesStory: an organization with six invited members gets all features.
func TestAllFeaturesStory(t *testing.T) {
	t.Parallel()
	onEverySite(t, configuration, func(t *testing.T, one, other *server) {
		owner := one.founder(t, "owner", types.OrganizationFeatureSetConsolidatedBilling)
		var members []*party
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			member := other.account(t, "member-"+name)
			call(t, member.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: owner.invite(t, types.HandshakePartyTypeAccount, member.id)})
			members = append(members, member)
		}
		parent := call(t, owner.EnableAllFeatures, &sdk.EnableAllFeaturesInput{}).Handshake
		if parent.State != types.HandshakeStateRequested || parent.Action != types.ActionTypeEnableAllFeatures {
			t.Errorf("the migration is %+v", parent)
		}
		refused[*types.InvalidHandshakeTransitionException](t, owner.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: parent.Id})
		one.restart()
		for _, member := range members {
			asked := call(t, member.ListHandshakesForAccount, &sdk.ListHandshakesForAccountInput{Filter: &types.HandshakeFilter{ParentHandshakeId: parent.Id}}).Handshakes
			if len(asked) != 1 || asked[0].Action != types.ActionTypeApproveAllFeatures {
				t.Fatalf("%s is asked for %+v", member.email, asked)
			}
			call(t, member.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: asked[0].Id})
		}
		if now := call(t, owner.DescribeHandshake, &sdk.DescribeHandshakeInput{HandshakeId: parent.Id}).Handshake; now.State != types.HandshakeStateOpen {
			t.Errorf("when all agreed, the migration is %s", now.State)
		}
		call(t, owner.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: parent.Id})
		if o := call(t, owner.DescribeOrganization, &sdk.DescribeOrganizationInput{}).Organization; o.FeatureSet != types.OrganizationFeatureSetAll {
			t.Errorf("the organization has the features %s", o.FeatureSet)
		}
		root := call(t, owner.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id
		call(t, owner.EnablePolicyType, &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: types.PolicyTypeServiceControlPolicy})
	})
}

// TestClosingStory: a closed account stays listed for a while, and its organization cannot be deleted before it is gone.
func TestClosingStory(t *testing.T) {
	t.Parallel()
	onEverySite(t, `{"waitPeriod": "0s", "closedRetention": "5s"}`, func(t *testing.T, one, other *server) {
		owner := one.founder(t, "owner", types.OrganizationFeatureSetAll)
		elsewhere := other.patientClient(owner.keys)
		closing := createAccount(t, owner.Client, "closing")
		call(t, elsewhere.CloseAccount, &sdk.CloseAccountInput{AccountId: &closing})
		eventually(t, "the account to be closed", func() bool {
			account := call(t, owner.DescribeAccount, &sdk.DescribeAccountInput{AccountId: &closing}).Account
			return account.State == types.AccountStateClosed && account.Status == types.AccountStatusSuspended
		})
		refused[*types.OrganizationNotEmptyException](t, owner.DeleteOrganization, &sdk.DeleteOrganizationInput{})
		eventually(t, "the account to be gone", func() bool { return !owner.has(t, closing) })
		call(t, owner.DeleteOrganization, &sdk.DeleteOrganizationInput{})
		refused[*types.AWSOrganizationsNotInUseException](t, elsewhere.DescribeOrganization, &sdk.DescribeOrganizationInput{})
		call(t, elsewhere.CreateOrganization, &sdk.CreateOrganizationInput{}) // the account is free again
	})
}

// TestHandshakesOnTheCommandLine: the AWS CLI invites by e-mail, and the invited account accepts with its own keys.
func TestHandshakesOnTheCommandLine(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	s := start(t, database{})
	owner, guest := s.founder(t, "owner", types.OrganizationFeatureSetAll), s.account(t, "guest")
	inviter, invited := newCLI(t, s, owner.keys), newCLI(t, s, guest.keys)
	id := inviter.value("Handshake.Id", organizations("invite-account-to-organization", "--target", "Type=EMAIL,Id=guest@example.com", "--notes", "Join us")...)
	if got := invited.value("Handshakes[0].Id", organizations("list-handshakes-for-account")...); got != id {
		t.Errorf("the guest received %s, want %s", got, id)
	}
	if notes := invited.value("Handshake.Resources[?Type=='NOTES'].Value | [0]", organizations("describe-handshake", "--handshake-id", id)...); notes != "Join us" {
		t.Errorf("the notes are %q", notes)
	}
	if state := invited.value("Handshake.State", organizations("accept-handshake", "--handshake-id", id)...); state != "ACCEPTED" {
		t.Errorf("the state is %s", state)
	}
	inviter.do(organizations("remove-account-from-organization", "--account-id", guest.id)...)
	invited.refused("AWSOrganizationsNotInUseException", organizations("describe-organization")...)
}

// travellers are accounts that go from one organization to another, again and again.
type travellers struct {
	owners   []*party
	accounts []*party
}

func (s *server) travellers(t *testing.T) *travellers {
	t.Helper()
	v := &travellers{owners: []*party{s.founder(t, "east", types.OrganizationFeatureSetAll), s.founder(t, "west", types.OrganizationFeatureSetAll)}}
	for _, name := range []string{"ann", "bob", "cid"} {
		v.accounts = append(v.accounts, s.account(t, name))
	}
	return v
}

// check compares what each account says of itself with what the organizations say.
func (v *travellers) check(t *testing.T) {
	t.Helper()
	for _, account := range v.accounts {
		in := []string{}
		for _, owner := range v.owners {
			if owner.has(t, account.id) {
				in = append(in, owner.organization(t))
			}
		}
		if of := account.organization(t); strings.Join(in, " ") != of {
			t.Errorf("%s says it is in %q, and is in %q", account.email, of, in)
		}
	}
}

// travel sends an account to the other organization; it returns false when the server does not answer.
func travel(t *testing.T, to *sdk.Client, account *sdk.Client, id string) (alive bool) {
	invitation, err := to.InviteAccountToOrganization(t.Context(), &sdk.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: &id}})
	if err != nil {
		return isRefusal(err)
	}
	_, err = account.AcceptHandshake(t.Context(), &sdk.AcceptHandshakeInput{HandshakeId: invitation.Handshake.Id})
	return err == nil || isRefusal(err)
}

// TestTransfersAreWholeInACrash: a server that dies in the middle of transfers leaves every account in one
// organization, which it names.
func TestTransfersAreWholeInACrash(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		v := s.travellers(t)
		for round := range 4 {
			killer, answers := s.process.Process, 0
			var mu sync.Mutex
			var work sync.WaitGroup
			for _, account := range v.accounts {
				mine := s.client(account.keys)
				work.Go(func() {
					for step := 0; travel(t, s.client(v.owners[step%2].keys), mine, account.id); step++ {
						mu.Lock()
						if answers++; answers == 15+7*round {
							_ = killer.Kill()
						}
						mu.Unlock()
					}
				})
			}
			work.Wait()
			s.restart()
			v.check(t)
		}
	})
}

// TestTransfersRace: two servers accept two invitations of one account at once.
func TestTransfersRace(t *testing.T) {
	race := func(t *testing.T, servers ...*server) {
		v := servers[0].travellers(t)
		for range 5 {
			var work sync.WaitGroup
			for _, account := range v.accounts {
				for n, owner := range v.owners {
					s := servers[n%len(servers)]
					work.Go(func() {
						if !travel(t, s.client(owner.keys), s.client(account.keys), account.id) {
							t.Error("the server does not answer")
						}
					})
				}
			}
			work.Wait()
			v.check(t)
		}
	}
	onBothDatabases(t, func(t *testing.T, db database) { race(t, start(t, db)) })
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		t.Parallel()
		db := database{url: storetest.Postgres(t)}
		first := start(t, db)
		race(t, first, startIn(t, first.dataDir, db))
	})
}
