package registry

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
)

// View is an account and the organization to which it belongs, as they were
// when the view was taken.
type View struct {
	Account      *identity.Account
	Organization *org.Organization // nil when the account is standalone
}

// agrees tells whether the organization that the account names has the account.
// It does at any moment, but a commit may have come between looking at the one
// and at the other.
func (v *View) agrees() bool {
	return v.Account.Organization() == "" || v.Organization.Standing(org.AccountID(v.Account.ID())) != org.Outside
}

// glances is how often a view is taken until its parts agree.
const glances = 8

// View returns the present state of an account and of its organization, or
// ErrNotFound. It sees every change that was answered before, by any server.
func (r *Registry) View(ctx context.Context, id identity.AccountID) (*View, error) {
	var v *View
	for range glances {
		var err error
		if v, err = r.glance(ctx, AccountKey(id)); err != nil || v.agrees() {
			return v, err
		}
		r.settle()
	}
	return v, nil
}

// glance returns the state of an account and of the organization that it names.
// The organization of a moment ago is most likely still the account's, so that
// both are brought up to date at once.
func (r *Registry) glance(ctx context.Context, key Key) (*View, error) {
	var guess org.ID
	if s := r.memory.peek(key); s != nil {
		guess = membership(s)
	}
	for {
		keys := []Key{key}
		if guess != "" {
			keys = append(keys, OrganizationKey(guess))
		}
		snapshots, err := r.fresh(ctx, keys...)
		if err != nil {
			return nil, err
		}
		account := snapshots[0]
		switch {
		case account.version == 0:
			return nil, ErrNotFound
		case membership(account) == "":
			return &View{Account: account.account}, nil
		case membership(account) == guess:
			return &View{Account: account.account, Organization: snapshots[1].organization}, nil
		}
		guess = membership(account)
	}
}

// membership returns the organization that an account belongs to.
func membership(s *snapshot) org.ID { return org.ID(s.account.Organization()) }
