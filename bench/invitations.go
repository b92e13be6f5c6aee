package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	fewInvitations  = 100
	manyInvitations = 10_000
	// acceptances is how many more invitations are sent and accepted beside those that are open.
	acceptances = 100
)

// invitationTimes are how long it takes to accept one and to list a page, both medians, and what the expiry of one costs.
type invitationTimes struct{ accept, list, expire time.Duration }

// invitations compares what is done with an invitation among many with the same among few.
func (b *bench) invitations() error {
	few, err := b.invitationsAmong("few", fewInvitations, "300000")
	if err != nil {
		return err
	}
	many, err := b.invitationsAmong("many", manyInvitations, "400000")
	if err != nil {
		return err
	}
	compare := func(name string, few, many time.Duration) figure {
		return figure{name: name, value: float64(many) / float64(few), target: 1.5, unit: " times", detail: fmt.Sprintf("%v, among few %v", short(many), short(few))}
	}
	b.group(fmt.Sprintf("%d open invitations, compared with %d", manyInvitations, fewInvitations), []figure{
		compare("accept one", few.accept, many.accept), compare("list a page", few.list, many.list), compare("expire one", few.expire, many.expire),
	})
	return nil
}

// invitationsAmong measures beside a number of open invitations. The guests' account ids begin with a prefix of half
// their length.
func (b *bench) invitationsAmong(name string, open int, prefix string) (times invitationTimes, err error) {
	if _, err := b.found(name); err != nil {
		return times, err
	}
	s, err := b.runWithClock(name)
	if err != nil {
		return times, err
	}
	defer s.stop()
	if err := s.inviteMany(open); err != nil {
		return times, err
	}
	var accepted, listed []time.Duration
	for i := range acceptances {
		took, err := s.inviteAndAccept(fmt.Sprintf("%s%06d", prefix, i))
		if err != nil {
			return times, err
		}
		accepted = append(accepted, took)
		start := time.Now()
		if _, err := s.mustCall("ListHandshakesForOrganization", "{}"); err != nil {
			return times, err
		}
		listed = append(listed, time.Since(start))
	}
	start := time.Now()
	err = s.advance("361h")
	return invitationTimes{median(accepted), median(listed), time.Since(start) / time.Duration(open)}, err
}

// inviteMany invites people who have no account.
func (e endpoint) inviteMany(number int) error {
	errs := make([]error, clients)
	var work sync.WaitGroup
	for n := range clients {
		work.Go(func() {
			for i := n; i < number && errs[n] == nil; i += clients {
				_, errs[n] = e.mustCall("InviteAccountToOrganization", fmt.Sprintf(`{"Target":{"Type":"EMAIL","Id":"guest-%d@example.com"}}`, i))
			}
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// inviteAndAccept invites an account, which it makes, and returns how long the account takes to accept.
func (e endpoint) inviteAndAccept(account string) (time.Duration, error) {
	guest := e
	guest.credentials.AccessKeyID = account
	if _, err := guest.mustCall("ListHandshakesForAccount", "{}"); err != nil {
		return 0, err
	}
	answer, err := e.mustCall("InviteAccountToOrganization", fmt.Sprintf(`{"Target":{"Type":"ACCOUNT","Id":%q}}`, account))
	if err != nil {
		return 0, err
	}
	var out struct{ Handshake struct{ Id string } }
	if err := json.Unmarshal(answer, &out); err != nil {
		return 0, err
	}
	start := time.Now()
	_, err = guest.mustCall("AcceptHandshake", fmt.Sprintf(`{"HandshakeId":%q}`, out.Handshake.Id))
	return time.Since(start), err
}
