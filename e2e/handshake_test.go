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
	email := name + "@example.com"
	p := s.newAccount(t, "account", "create", "--name", name, "--email", email)
	p.email = email
	return p
}

// newAccount runs the command of an operator that makes an account.
func (s *server) newAccount(t *testing.T, command ...string) *party {
	t.Helper()
	out, err := exec.Command(binary, append(command, "--data-dir", s.dataDir, "--format", "json")...).Output()
	if err != nil {
		t.Fatalf("espalier %s: %v", strings.Join(command, " "), err)
	}
	var key struct{ AccountID, AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal(out, &key); err != nil {
		t.Fatal(err)
	}
	keys := credentials{accessKeyID: key.AccessKeyID, secretAccessKey: key.SecretAccessKey}
	return &party{id: key.AccountID, keys: keys, Client: s.patientClient(keys)}
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

// wasTold checks that the trail of a management account tells of a membership: the account, and how it joined or departed.
func (c cli) wasTold(event, account, how string) {
	c.t.Helper()
	records := c.values("Events[].CloudTrailEvent", "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue="+event)
	if !slices.ContainsFunc(records, func(r string) bool { return strings.Contains(r, `"`+account+`"`) && strings.Contains(r, `"`+how+`"`) }) {
		c.t.Errorf("of %s the trail tells %q, and not that %s is %s", event, records, account, how)
	}
}

// TestHandshakeStory: invite by e-mail and accept with the other account's keys, move directly, leave; refuse and take
// back.
func TestHandshakeStory(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	onEverySite(t, configuration, func(t *testing.T, one, other *server) {
		first, second, guest := one.founder(t, "first", types.OrganizationFeatureSetAll), other.founder(t, "second", types.OrganizationFeatureSetAll), other.account(t, "guest")
		inviter, rival, invited := newCLI(t, one, first.keys), newCLI(t, other, second.keys), newCLI(t, other, guest.keys)

		id := inviter.value("Handshake.Id", organizations("invite-account-to-organization", "--target", "Type=EMAIL,Id=Guest@example.com", "--notes", "Join us")...)
		refused[*types.DuplicateHandshakeException](t, first.InviteAccountToOrganization,
			&sdk.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: &guest.id}})
		one.restart()
		received := invited.values("Handshakes[].[Id, State, Resources[?Type=='NOTES'].Value | [0]][]", organizations("list-handshakes-for-account")...)
		if !slices.Equal(received, []string{id, "OPEN", "Join us"}) {
			t.Fatalf("the guest received %q", received)
		}
		refused[*types.AccessDeniedException](t, first.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: &id})
		refused[*types.HandshakeNotFoundException](t, second.DescribeHandshake, &sdk.DescribeHandshakeInput{HandshakeId: &id})
		if state := invited.value("Handshake.State", organizations("accept-handshake", "--handshake-id", id)...); state != "ACCEPTED" || !first.has(t, guest.id) {
			t.Errorf("the acceptance is %s", state)
		}
		invited.refused("HandshakeAlreadyInStateException", organizations("accept-handshake", "--handshake-id", id)...)

		id = rival.value("Handshake.Id", organizations("invite-account-to-organization", "--target", "Type=ACCOUNT,Id="+guest.id)...)
		invited.do(organizations("accept-handshake", "--handshake-id", id)...)
		if first.has(t, guest.id) || !second.has(t, guest.id) || invited.value("Organization.Id", organizations("describe-organization")...) != second.organization(t) {
			t.Error("the guest did not move")
		}
		invited.do(organizations("leave-organization")...)
		if second.has(t, guest.id) || guest.organization(t) != "" {
			t.Error("the guest did not leave")
		}
		refusesAndTakesBack(t, first, guest)
		inviter.wasTold("AccountDepartedOrganization", guest.id, "LEFT")
	})
}

// refusesAndTakesBack lets a guest decline an invitation, and the host cancel another one.
func refusesAndTakesBack(t *testing.T, host, guest *party) {
	t.Helper()
	call(t, guest.DeclineHandshake, &sdk.DeclineHandshakeInput{HandshakeId: host.invite(t, types.HandshakePartyTypeAccount, guest.id)})
	again := host.invite(t, types.HandshakePartyTypeAccount, guest.id)
	call(t, host.CancelHandshake, &sdk.CancelHandshakeInput{HandshakeId: again})
	refused[*types.InvalidHandshakeTransitionException](t, guest.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: again})
	sent := call(t, host.ListHandshakesForOrganization, &sdk.ListHandshakesForOrganizationInput{Filter: &types.HandshakeFilter{ActionType: types.ActionTypeInviteAccountToOrganization}}).Handshakes
	if len(sent) != 3 || sent[1].State != types.HandshakeStateDeclined || sent[2].State != types.HandshakeStateCanceled {
		t.Errorf("the organization sent %+v", sent)
	}
}

// TestAllFeaturesStory: an organization with six invited members gets all features.
func TestAllFeaturesStory(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	onEverySite(t, configuration, func(t *testing.T, one, other *server) {
		owner := one.founder(t, "owner", types.OrganizationFeatureSetConsolidatedBilling)
		var members []*party
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			member := other.account(t, "member-"+name)
			call(t, member.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: owner.invite(t, types.HandshakePartyTypeAccount, member.id)})
			members = append(members, member)
		}
		manager := newCLI(t, one, owner.keys)
		parent := manager.value("Handshake.Id", organizations("enable-all-features")...)
		manager.refused("InvalidHandshakeTransitionException", organizations("accept-handshake", "--handshake-id", parent)...)
		one.restart()
		for _, member := range members[1:] {
			asked := call(t, member.ListHandshakesForAccount, &sdk.ListHandshakesForAccountInput{Filter: &types.HandshakeFilter{ParentHandshakeId: &parent}}).Handshakes
			if len(asked) != 1 || asked[0].Action != types.ActionTypeApproveAllFeatures {
				t.Fatalf("%s is asked for %+v", member.email, asked)
			}
			call(t, member.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: asked[0].Id})
		}
		last := newCLI(t, other, members[0].keys)
		asked := last.value("Handshakes[0].Id", organizations("list-handshakes-for-account", "--filter", "ActionType=APPROVE_ALL_FEATURES")...)
		last.do(organizations("accept-handshake", "--handshake-id", asked)...)
		if now := manager.value("Handshake.State", organizations("describe-handshake", "--handshake-id", parent)...); now != "OPEN" {
			t.Errorf("when all agreed, the migration is %s", now)
		}
		manager.do(organizations("accept-handshake", "--handshake-id", parent)...)
		if features := manager.value("Organization.FeatureSet", organizations("describe-organization")...); features != "ALL" {
			t.Errorf("the organization has the features %s", features)
		}
		root := call(t, owner.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id
		call(t, owner.EnablePolicyType, &sdk.EnablePolicyTypeInput{RootId: root, PolicyType: types.PolicyTypeServiceControlPolicy})
	})
}

// TestClosingStory: an account is closed with its pair in AWS GovCloud (US). It stays listed for a while, and its
// organization cannot be deleted before it is gone.
func TestClosingStory(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	onEverySite(t, `{"waitPeriod": "0s", "closedRetention": "5s"}`, func(t *testing.T, one, other *server) {
		owner := one.founder(t, "owner", types.OrganizationFeatureSetAll)
		manager := newCLI(t, other, owner.keys)
		closing := createAccount(t, owner.Client, "closing")
		pair := newCLI(t, one, one.newAccount(t, "account", "govcloud", closing).keys)
		pair.refused("AWSOrganizationsNotInUseException", organizations("describe-organization")...)
		manager.do(organizations("close-account", "--account-id", closing)...)
		eventually(t, "the account to be closed", func() bool {
			account := call(t, owner.DescribeAccount, &sdk.DescribeAccountInput{AccountId: &closing}).Account
			return account.State == types.AccountStateClosed && account.Status == types.AccountStatusSuspended
		})
		manager.refused("OrganizationNotEmptyException", organizations("delete-organization")...)
		pair.refused("UnrecognizedClientException", organizations("describe-organization")...)
		eventually(t, "the account to be gone", func() bool { return !owner.has(t, closing) })
		manager.wasTold("AccountDepartedOrganization", closing, "CLEANED")
		manager.do(organizations("delete-organization")...)
		manager.refused("AWSOrganizationsNotInUseException", organizations("describe-organization")...)
		call(t, owner.CreateOrganization, &sdk.CreateOrganizationInput{}) // the account is free again
	})
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
