package org

import (
	"iter"
	"time"
)

// AccountState is the state of an account as the State member shows it.
type AccountState string

// The states of the model.
const (
	PendingActivation AccountState = "PENDING_ACTIVATION"
	Active            AccountState = "ACTIVE"
	Suspended         AccountState = "SUSPENDED"
	PendingClosure    AccountState = "PENDING_CLOSURE"
	Closed            AccountState = "CLOSED"
)

// Status returns the state as the older Status member shows it.
func (s AccountState) Status() string {
	switch s {
	case Closed, Suspended:
		return "SUSPENDED"
	case PendingClosure:
		return "PENDING_CLOSURE"
	case Active, PendingActivation:
		return "ACTIVE"
	}
	return string(s)
}

// JoinedMethod says how an account came into the organization.
type JoinedMethod string

// The joined methods of the model. The management account counts as invited.
const (
	Invited JoinedMethod = "INVITED"
	Created JoinedMethod = "CREATED"
)

// Account is the membership of an account in the organization.
type Account struct {
	ID           AccountID    `json:"id"`
	Parent       ParentID     `json:"parent"`
	Name         string       `json:"name"`
	Email        string       `json:"email"`
	State        AccountState `json:"state"`
	JoinedMethod JoinedMethod `json:"joinedMethod"`
	Joined       time.Time    `json:"joined"`
	CloseAsked   time.Time    `json:"closeAsked,omitzero"` // when CloseAccount was called
	ClosedAt     time.Time    `json:"closedAt,omitzero"`   // when the closing was completed
	Tags         Tags         `json:"tags,omitempty"`
}

func (a *Account) kind() string { return kindAccount }
func (a *Account) id() string   { return string(a.ID) }

func (a *Account) put(o *Organization) {
	o.accounts.Set(string(a.ID), a)
	o.accountsByJoin.Set(key(at(a.Joined), string(a.ID)), a)
	o.accountsByParent.Set(key(string(a.Parent), at(a.Joined), string(a.ID)), a)
	if !a.CloseAsked.IsZero() {
		o.closures.Set(key(string(a.State), at(a.CloseAsked), string(a.ID)), a)
	}
	if !a.ClosedAt.IsZero() {
		o.closed.Set(key(at(a.ClosedAt), string(a.ID)), a)
	}
}

func (a *Account) remove(o *Organization) {
	o.accounts.Delete(string(a.ID))
	o.accountsByJoin.Delete(key(at(a.Joined), string(a.ID)))
	o.accountsByParent.Delete(key(string(a.Parent), at(a.Joined), string(a.ID)))
	if !a.CloseAsked.IsZero() {
		o.closures.Delete(key(string(a.State), at(a.CloseAsked), string(a.ID)))
	}
	if !a.ClosedAt.IsZero() {
		o.closed.Delete(key(at(a.ClosedAt), string(a.ID)))
	}
}

// Account returns an account of the organization, or AccountNotFound.
func (o *Organization) Account(id AccountID) (*Account, error) {
	account, ok := o.accounts.Get(string(id))
	if !ok {
		return nil, refuse(AccountNotFound)
	}
	return account, nil
}

// RenameAccount takes over what an account is called now and which e-mail address
// its root user has. It returns AccountNotFound.
func (d *Draft) RenameAccount(id AccountID, name, email string) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	renamed := *account
	renamed.Name, renamed.Email = name, email
	d.put(&renamed)
	return nil
}

// Accounts lists the accounts in the order in which they joined, from behind
// the cursor. Closed accounts are listed until they are purged.
func (o *Organization) Accounts(after Cursor) iter.Seq2[Cursor, *Account] {
	return walk(o.accountsByJoin, "", after)
}

// AccountsWithin lists the accounts that are, or are below, any of the targets, in the
// order of their ids, from one on. It returns TargetNotFound.
func (o *Organization) AccountsWithin(from AccountID, targets ...TargetID) (iter.Seq[*Account], error) {
	those := map[TargetID]bool{}
	for _, target := range targets {
		if !o.hasTarget(target) {
			return nil, refuse(TargetNotFound)
		}
		those[target] = true
	}
	return func(yield func(*Account) bool) {
		o.accounts.Ascend(string(from), func(_ string, account *Account) bool {
			return !o.below(TargetID(account.ID), those) || yield(account)
		})
	}, nil
}

// AccountsForParent lists the accounts directly below a parent in the order in
// which they joined, from behind the cursor. It returns ParentNotFound.
func (o *Organization) AccountsForParent(parent ParentID, after Cursor) (iter.Seq2[Cursor, *Account], error) {
	if !o.hasParent(parent) {
		return nil, refuse(ParentNotFound)
	}
	return walk(o.accountsByParent, key(string(parent), ""), after), nil
}
