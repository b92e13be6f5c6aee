package ops

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// spaceAlias is the space of claims of account aliases. It is stored: its name
// never changes.
const spaceAlias = "account-alias"

// CreateAccountAlias gives the caller's account an alias that no other account
// has, in the place of the one that it has.
func (i *IAM) CreateAccountAlias(ctx context.Context, by Caller, in *iam.CreateAccountAliasInput) (*iam.CreateAccountAliasOutput, error) {
	out, err := change(ctx, i, by, func(tx *registry.Tx, d *identity.Draft) (*iam.CreateAccountAliasOutput, error) {
		before := d.Profile().Alias
		if before == in.AccountAlias {
			return nil, identity.AliasTaken(in.AccountAlias)
		}
		if err := d.SetAlias(in.AccountAlias); err != nil {
			return nil, err
		}
		if before != "" {
			tx.Release(spaceAlias, before, string(by.Account))
		}
		return &iam.CreateAccountAliasOutput{}, tx.Claim(spaceAlias, in.AccountAlias, string(by.Account))
	})
	if claimed, ok := errors.AsType[*store.ClaimedError](err); ok && claimed.Space == spaceAlias {
		return nil, identity.AliasTaken(in.AccountAlias)
	}
	return out, err
}

// DeleteAccountAlias takes the alias from the caller's account.
func (i *IAM) DeleteAccountAlias(ctx context.Context, by Caller, in *iam.DeleteAccountAliasInput) (*iam.DeleteAccountAliasOutput, error) {
	return change(ctx, i, by, func(tx *registry.Tx, d *identity.Draft) (*iam.DeleteAccountAliasOutput, error) {
		if err := d.DeleteAlias(in.AccountAlias); err != nil {
			return nil, err
		}
		tx.Release(spaceAlias, in.AccountAlias, string(by.Account))
		return &iam.DeleteAccountAliasOutput{}, nil
	})
}

// ListAccountAliases lists the alias of the caller's account.
func (i *IAM) ListAccountAliases(_ context.Context, by Caller, in *iam.ListAccountAliasesInput) (*iam.ListAccountAliasesOutput, error) {
	var all []string
	if alias := by.View.Account.Profile().Alias; alias != "" {
		all = append(all, alias)
	}
	aliases, page, err := list(i, by, paging{in.MaxItems, in.Marker}, "", numbered(all), same)
	if err != nil {
		return nil, err
	}
	return &iam.ListAccountAliasesOutput{AccountAliases: aliases, IsTruncated: page.truncated, Marker: page.marker}, nil
}
