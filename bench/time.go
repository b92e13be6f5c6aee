package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// closedAccounts is how many closed accounts are forgotten when their ninety days are over.
const closedAccounts = 10_000

// time measures what happens as time passes.
func (b *bench) time() error { return errors.Join(b.invitations(), b.forgetting()) }

// forgetting puts the clock forward to when closed accounts are forgotten.
func (b *bench) forgetting() error {
	ids, err := b.seed("time", closedAccounts, true)
	if err != nil {
		return err
	}
	last := len(ids) - 1
	err = b.seeding("time", func(ctx context.Context, r *registry.Registry) error { return closeAccounts(ctx, r, ids[:last]) })
	if err != nil {
		return err
	}
	s, err := b.runWithClock("time")
	if err != nil {
		return err
	}
	defer s.stop()
	// The last one is closed by the server, which thereby begins to wait.
	if _, err := s.mustCall("CloseAccount", describe(ids[last])); err != nil {
		return err
	}
	if err := s.advance("1s"); err != nil {
		return err
	}
	took, calls, err := s.purge()
	if err != nil {
		return err
	}
	if err := s.mustBeGone(ids); err != nil {
		return err
	}
	b.group(fmt.Sprintf("Ninety days later, %d closed accounts", len(ids)), append([]figure{{
		name: "accounts forgotten", value: float64(len(ids)) / took.Seconds(), target: 5000, atLeast: true, unit: "/s", detail: fmt.Sprintf("in %v", short(took)),
	}}, calls...))
	return nil
}

// runWithClock runs a server whose clock can be put forward, as the root user of the account that is in its database.
func (in *installation) runWithClock(name string) (*espalier, error) {
	known, err := in.run(name)
	if err != nil {
		return nil, err
	}
	management, err := known.management()
	known.stop()
	if err != nil {
		return nil, err
	}
	s, err := in.start(name, "--dev")
	if err != nil {
		return nil, err
	}
	s.credentials = aws.Credentials{AccessKeyID: management, SecretAccessKey: "any"}
	return s, s.await(s.ready)
}

// management returns the id of the organization's management account.
func (e endpoint) management() (string, error) {
	answer, err := e.mustCall("DescribeOrganization", "{}")
	if err != nil {
		return "", err
	}
	var out struct {
		Organization struct{ MasterAccountId string }
	}
	err = json.Unmarshal(answer, &out)
	return out.Organization.MasterAccountId, err
}

// closeAccounts closes accounts as CloseAccount does, but many in a commit.
func closeAccounts(ctx context.Context, r *registry.Registry, ids []string) error {
	view, err := r.View(ctx, identity.AccountID(ids[0]))
	if err != nil {
		return err
	}
	organization := view.Organization.Settings().ID
	for some := range slices.Chunk(ids, perCommitWithStates) {
		err := r.Write(ctx, registry.OrganizationKey(organization), "CloseAccount", func(tx *registry.Tx) error {
			d, err := tx.Organization(organization)
			if err != nil {
				return err
			}
			for _, id := range some {
				if err := closeAccount(tx, d, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func closeAccount(tx *registry.Tx, d *org.Draft, id string) error {
	account, err := tx.Account(identity.AccountID(id))
	if err != nil {
		return err
	}
	return errors.Join(d.CloseAccount(org.AccountID(id)), d.FinishClosing(org.AccountID(id)), account.Close())
}

// advance puts the clock forward and returns when what is due then is done.
func (e endpoint) advance(by string) error {
	response, err := http.Post("http://"+e.address+"/_espalier/clock", "application/json", strings.NewReader(`{"advance": "`+by+`"}`))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("%s: %s", response.Status, text), err)
	}
	return nil
}

// purge lets ninety days pass, and measures how long the work takes that is due then, and calls made meanwhile.
func (e endpoint) purge() (took time.Duration, calls []figure, err error) {
	other := e
	other.credentials.AccessKeyID = "777777777777"
	if _, err := other.mustCall("CreateOrganization", "{}"); err != nil {
		return 0, nil, err
	}
	here, err := newUnits(e)
	if err != nil {
		return 0, nil, err
	}
	there, err := newUnits(other)
	if err != nil {
		return 0, nil, err
	}
	loads := []struct {
		name   string
		source func(int) (func() ([]byte, error), error)
		of     endpoint
	}{
		{"a read meanwhile, 99 %", e.repeated("DescribeOrganization", func(int) string { return "{}" }), e},
		{"a write to the same organization, 99 %", func(int) (func() ([]byte, error), error) { return here, nil }, e},
		{"a write to another organization, 99 %", func(int) (func() ([]byte, error), error) { return there, nil }, other},
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	measured, errs := make([]measurement, len(loads)), make([]error, len(loads))
	var work sync.WaitGroup
	for i, l := range loads {
		work.Go(func() { measured[i], errs[i] = l.of.load(ctx, 1, paced(ctx, l.source)) })
	}
	start := time.Now()
	err = e.advance("2160h")
	took = time.Since(start)
	cancel()
	work.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return 0, nil, err
	}
	for i, l := range loads {
		latencies := measured[i].latencies
		calls = append(calls, figure{
			name: l.name, value: milliseconds(percentile(latencies, 99)), target: 50, unit: " ms",
			detail: fmt.Sprintf("%d calls, at most %v", len(latencies), short(percentile(latencies, 100))),
		})
	}
	return took, calls, nil
}

// pace is the time between two calls of somebody who is not there to be a load.
const pace = 10 * time.Millisecond

// paced makes a source whose connections send no more than one request in a while.
func paced(ctx context.Context, source func(int) (func() ([]byte, error), error)) func(int) (func() ([]byte, error), error) {
	return func(connection int) (func() ([]byte, error), error) {
		next, err := source(connection)
		tick := time.NewTicker(pace)
		context.AfterFunc(ctx, tick.Stop)
		return func() ([]byte, error) {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
			return next()
		}, err
	}
}

// mustBeGone checks that the organization has forgotten accounts.
func (e endpoint) mustBeGone(ids []string) error {
	for _, id := range []string{ids[0], ids[len(ids)-1]} {
		if answer, _, err := e.call("DescribeAccount", describe(id)); err != nil || !strings.Contains(string(answer), "AccountNotFoundException") {
			return errors.Join(fmt.Errorf("account %s is still there: %s", id, answer), err)
		}
	}
	return nil
}
