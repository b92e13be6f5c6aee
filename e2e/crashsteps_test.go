package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// crashRounds is how often a server dies in the middle of something.
const crashRounds = 6

// killedDuring makes a call, kills the server at some moment of it, and starts it again. It reports whether the call was
// answered.
func (s *server) killedDuring(t *testing.T, longest time.Duration, call func() error) (answered bool) {
	t.Helper()
	answers := make(chan error, 1)
	go func() { answers <- call() }()
	moment := time.NewTimer(rand.N(longest))
	<-moment.C
	s.restart()
	err := <-answers
	if err != nil && isRefusal(err) {
		t.Fatalf("refused: %v", err)
	}
	return err == nil
}

// hasty is a client that asks once.
func (s *server) hasty(p *party) *sdk.Client { return s.client(p.keys) }

// TestDirectTransferInACrash: an account that moves is in one organization or in the other, with the handshake, whenever
// the server dies.
func TestDirectTransferInACrash(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		from, to, guest := s.founder(t, "first", types.OrganizationFeatureSetAll), s.founder(t, "second", types.OrganizationFeatureSetAll), s.account(t, "guest")
		call(t, guest.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: from.invite(t, types.HandshakePartyTypeAccount, guest.id)})
		for range crashRounds {
			invitation := to.invite(t, types.HandshakePartyTypeAccount, guest.id)
			accept := &sdk.AcceptHandshakeInput{HandshakeId: invitation}
			answered := s.killedDuring(t, 12*time.Millisecond, func() error {
				_, err := s.hasty(guest).AcceptHandshake(t.Context(), accept)
				return err
			})
			state := call(t, to.DescribeHandshake, &sdk.DescribeHandshakeInput{HandshakeId: invitation}).Handshake.State
			moved := state == types.HandshakeStateAccepted
			if answered && !moved {
				t.Error("an answered acceptance is lost")
			}
			if !moved && state != types.HandshakeStateOpen || to.has(t, guest.id) != moved || from.has(t, guest.id) == moved {
				t.Errorf("the handshake is %s, the account is listed by the old organization: %v, by the new one: %v", state, from.has(t, guest.id), to.has(t, guest.id))
			}
			if in := guest.organization(t); in != map[bool]string{true: to.organization(t), false: from.organization(t)}[moved] {
				t.Errorf("the handshake is %s and the account says that it is in %s", state, in)
			}
			if !moved {
				call(t, guest.AcceptHandshake, accept)
			}
			from, to = to, from
		}
	})
}

// TestFinalizationInACrash: an organization has all features and its handshake is accepted, or neither.
func TestFinalizationInACrash(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		for round := range crashRounds / 2 {
			owner := s.founder(t, fmt.Sprint("owner-", round), types.OrganizationFeatureSetConsolidatedBilling)
			member := s.account(t, fmt.Sprint("member-", round))
			call(t, member.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: owner.invite(t, types.HandshakePartyTypeAccount, member.id)})
			parent := call(t, owner.EnableAllFeatures, &sdk.EnableAllFeaturesInput{}).Handshake.Id
			approval := call(t, member.ListHandshakesForAccount, &sdk.ListHandshakesForAccountInput{Filter: &types.HandshakeFilter{ParentHandshakeId: parent}}).Handshakes[0].Id
			call(t, member.AcceptHandshake, &sdk.AcceptHandshakeInput{HandshakeId: approval})
			eventually(t, "everybody's approval", func() bool {
				return call(t, owner.DescribeHandshake, &sdk.DescribeHandshakeInput{HandshakeId: parent}).Handshake.State == types.HandshakeStateOpen
			})
			accept := &sdk.AcceptHandshakeInput{HandshakeId: parent}
			answered := s.killedDuring(t, 12*time.Millisecond, func() error {
				_, err := s.hasty(owner).AcceptHandshake(t.Context(), accept)
				return err
			})
			done := func() bool {
				all := call(t, owner.DescribeOrganization, &sdk.DescribeOrganizationInput{}).Organization.FeatureSet == types.OrganizationFeatureSetAll
				state := call(t, owner.DescribeHandshake, &sdk.DescribeHandshakeInput{HandshakeId: parent}).Handshake.State
				if all != (state == types.HandshakeStateAccepted) || !all && state != types.HandshakeStateOpen {
					t.Errorf("the handshake is %s, all features: %v", state, all)
				}
				return all
			}
			if !done() {
				if answered {
					t.Error("an answered finalization is lost")
				}
				call(t, owner.AcceptHandshake, accept)
			}
			if !done() {
				t.Error("all features are not enabled")
			}
		}
	})
}

// TestProvisioningInACrash: a server that dies before, while or after a provisioner makes an account asks for the same
// account again, and in the end there is one.
func TestProvisioningInACrash(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		c := newCloud(t)
		s := startConfigured(t, t.TempDir(), db, c.configuration())
		owner := s.founder(t, "owner", types.OrganizationFeatureSetAll)
		dead := make(chan struct{}, 1)
		die := func(int) { s.process.Process.Kill(); dead <- struct{}{} }
		for round, crash := range map[string]func(){
			"asked":    func() { c.reacts(func(attempt int) bool { die(attempt); return false }, nil) },
			"made":     func() { c.reacts(func(attempt int) bool { die(attempt); return true }, nil) },
			"answered": func() { c.reacts(nil, die) },
		} {
			crash()
			request := owner.create(t, round)
			<-dead
			c.reacts(nil, nil)
			s.restart()
			c.checkMade(t, owner, request)
		}
		// Before anybody is asked, and whenever else.
		for round := range crashRounds / 2 {
			name := fmt.Sprint("sometime-", round)
			s.killedDuring(t, 8*time.Millisecond, func() error {
				_, err := s.hasty(owner).CreateAccount(t.Context(), &sdk.CreateAccountInput{AccountName: &name, Email: new(name + "@example.com")})
				return err
			})
			pages := call(t, owner.ListCreateAccountStatus, &sdk.ListCreateAccountStatusInput{}).CreateAccountStatuses
			if i := slices.IndexFunc(pages, func(s types.CreateAccountStatus) bool { return *s.AccountName == name }); i >= 0 {
				c.checkMade(t, owner, pages[i].Id)
			}
		}
	})
}
