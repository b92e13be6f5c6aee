package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// AccountChange is what an operator says about an account. What is nil stays as it
// is.
type AccountChange struct {
	Lacks  *[]org.Requirement // all that the account lacks from now on
	Seller *string            // of record
	State  *identity.State    // active, suspended or pending activation
}

// Set changes what is known of an account. It returns registry.ErrNotFound, and
// *identity.Error or *org.Error for what cannot be.
func (a *Accounts) Set(ctx context.Context, id identity.AccountID, change AccountChange) error {
	return a.Registry.Write(ctx, registry.AccountKey(id), "SetAccount", func(tx *registry.Tx) error {
		account, err := tx.Account(id)
		if err != nil {
			return err
		}
		known := account.Profile().Circumstances
		if change.Lacks != nil {
			if known.Lacks, err = requirementNames(*change.Lacks); err != nil {
				return err
			}
		}
		if change.Seller != nil {
			known.Seller = *change.Seller
		}
		account.SetCircumstances(known)
		if change.State == nil {
			return nil
		}
		return setState(tx, account, *change.State)
	})
}

// requirementNames returns the names of requirements as accounts keep them.
func requirementNames(lacks []org.Requirement) ([]string, error) {
	var names []string
	for _, l := range lacks {
		if !slices.Contains(org.Requirements(), l) {
			return nil, &identity.Error{Kind: identity.ValidationError, Message: fmt.Sprintf("An account cannot lack %q, only some of %q.", l, org.Requirements())}
		}
		names = append(names, string(l))
	}
	return names, nil
}

// setState changes the state of an account, in its organization as well.
func setState(tx *registry.Tx, account *identity.Draft, state identity.State) error {
	if err := account.SetState(state); err != nil {
		return err
	}
	if account.Organization() == "" {
		return nil
	}
	d, err := tx.Organization(org.ID(account.Organization()))
	if err != nil {
		return err
	}
	return d.SetState(org.AccountID(account.ID()), org.AccountState(state))
}

// Reinstate makes an account active again that is closed or closing, as AWS
// Support does within ninety days, and its pair in AWS GovCloud (US) with it. It
// returns registry.ErrNotFound, and *org.Error for an account that is neither, that
// its organization has let go, or that was closed with its pair.
func (a *Accounts) Reinstate(ctx context.Context, id identity.AccountID) error {
	return a.Registry.Write(ctx, registry.AccountKey(id), "ReinstateAccount", func(tx *registry.Tx) error {
		account, err := tx.Account(id)
		if err != nil {
			return err
		}
		d, err := tx.Organization(org.ID(account.Organization()))
		if errors.Is(err, registry.ErrNotFound) || account.Partition() == identity.PartitionGovCloud {
			return org.Refuse(org.Conflict, "", err)
		}
		if err != nil {
			return err
		}
		govCloud, err := pairOf(tx, account)
		if err != nil {
			return err
		}
		if err := d.Reinstate(org.AccountID(id)); err != nil {
			return err
		}
		account.Reopen()
		return govCloud.reopen()
	})
}
