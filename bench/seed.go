package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// seed makes a data directory with an organization of a number of accounts besides the management account. The server
// founds the organization. The accounts come by the same rules, through the same registry and into the same tables as
// those of CreateAccount, but many in a commit. With states each of them gets its own state as well: its roles, and the
// claim of its e-mail address.
func (in *installation) seed(name string, accounts int, states bool) ([]string, error) {
	management, err := in.found(name)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = in.seeding(name, func(ctx context.Context, r *registry.Registry) error {
		ids, err = createAccounts(ctx, r, management, accounts, states)
		return err
	})
	return ids, err
}

// seeding works on the database of a data directory.
func (in *installation) seeding(name string, work func(context.Context, *registry.Registry) error) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{SQLitePath: filepath.Join(in.directory, name, "espalier.db")})
	if err != nil {
		return err
	}
	rules := org.AWSRules()
	rules.Accounts, rules.ConcurrentClosures, rules.ClosuresPerMonth = math.MaxInt, math.MaxInt, func(int) int { return math.MaxInt }
	r := registry.New(registry.Config{Store: s, Clock: time.Now, Rand: rand.Reader, Rules: rules})
	return errors.Join(work(ctx, r), s.Close())
}

// found lets a server create an organization and returns the management account.
func (in *installation) found(name string) (identity.AccountID, error) {
	s, err := in.run(name)
	if err != nil {
		return "", err
	}
	defer s.stop()
	answer, err := s.mustCall("CreateOrganization", "{}")
	if err != nil {
		return "", err
	}
	var out struct {
		Organization struct{ MasterAccountId identity.AccountID }
	}
	err = json.Unmarshal(answer, &out)
	return out.Organization.MasterAccountId, err
}

// How many accounts are created in one commit: as many as are quickest.
const (
	perCommit           = 50_000
	perCommitWithStates = 200
)

func createAccounts(ctx context.Context, r *registry.Registry, management identity.AccountID, accounts int, states bool) ([]string, error) {
	view, err := r.View(ctx, management)
	if err != nil {
		return nil, err
	}
	id := view.Organization.Settings().ID
	atOnce := perCommit
	if states {
		atOnce = perCommitWithStates
	}
	var ids []string
	for len(ids) < accounts {
		n := min(atOnce, accounts-len(ids))
		var created []string
		err := r.Write(ctx, registry.OrganizationKey(id), "CreateAccount", func(tx *registry.Tx) error {
			d, err := tx.Organization(id)
			if err != nil {
				return err
			}
			created = created[:0]
			for i := range n {
				account, err := createAccount(tx, d, len(ids)+i, states)
				if err != nil {
					return err
				}
				created = append(created, string(account))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		ids = append(ids, created...)
	}
	return ids, nil
}

func createAccount(tx *registry.Tx, d *org.Draft, number int, state bool) (identity.AccountID, error) {
	creation, err := d.CreateAccount(org.NewAccount{Name: fmt.Sprintf("Workload %07d", number), Email: fmt.Sprintf("workload-%07d@example.com", number)})
	if err != nil {
		return "", err
	}
	id, err := freeAccountID(tx, d)
	if err != nil {
		return "", err
	}
	if _, err := d.FinishCreation(creation.ID, org.AccountID(id), ""); err != nil || !state {
		return id, err
	}
	return id, createState(tx, d.Settings(), id, creation)
}

// freeAccountID draws an account id. Among a million it is likely that two of the random ones are the same.
func freeAccountID(tx *registry.Tx, d *org.Draft) (identity.AccountID, error) {
	for {
		id, err := identity.NewAccountID(tx.Rand)
		if err != nil {
			return "", err
		}
		if _, err := d.Account(org.AccountID(id)); err != nil {
			return id, nil // it is not found
		}
	}
}

// createState makes what an account is for itself.
func createState(tx *registry.Tx, organization org.Settings, id identity.AccountID, creation *org.Creation) error {
	a, err := identity.NewAccount(id, identity.Partition(organization.Partition), creation.AccountName, creation.Email, tx.Now, tx.Rand)
	if err != nil {
		return err
	}
	if err := a.JoinOrganization(identity.OrganizationID(organization.ID)); err != nil {
		return err
	}
	if _, err := a.CreateOrganizationAccessRole(creation.RoleName, identity.AccountID(organization.ManagementAccount)); err != nil {
		return err
	}
	if _, err := a.EnsureOrganizationsRole(); err != nil {
		return err
	}
	if err := tx.NewAccount(a); err != nil {
		return err
	}
	return tx.Claim(registry.SpaceEmail, creation.Email, string(id))
}
