package org

import "slices"

// MoveAccount moves an account from its parent to another one. What is attached
// to it stays attached. It returns AccountNotFound, also when the account is not
// below the source, SourceParentNotFound, DestinationParentNotFound, and
// DuplicateAccount when source and destination are the same.
func (d *Draft) MoveAccount(id AccountID, source, destination ParentID) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if !d.hasParent(source) {
		return refuse(SourceParentNotFound)
	}
	if !d.hasParent(destination) {
		return refuse(DestinationParentNotFound)
	}
	if account.Parent != source {
		return refuse(AccountNotFound)
	}
	if source == destination {
		return refuse(DuplicateAccount)
	}
	moved := *account
	moved.Parent = destination
	d.put(&moved)
	return nil
}

// RemoveAccount takes a member account out of the organization, with its tags
// and its policy attachments. It returns AccountNotFound,
// MasterCannotLeaveOrganization, and ConstraintViolation
// ACCOUNT_CANNOT_LEAVE_ORGANIZATION for an account that is closed or closing,
// CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG, WAIT_PERIOD_ACTIVE for one that
// was created too short a time ago, and what SetMissing set.
func (d *Draft) RemoveAccount(id AccountID) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if err := d.mayLeave(account); err != nil {
		return err
	}
	d.dropAccount(account)
	return nil
}

// Leave takes the caller's own account out of the organization: see
// RemoveAccount.
func (d *Draft) Leave(id AccountID) error { return d.RemoveAccount(id) }

// mayLeave refuses to let an account go.
func (d *Draft) mayLeave(account *Account) error {
	switch {
	case account.ID == d.settings.ManagementAccount:
		return refuse(MasterCannotLeaveOrganization)
	case account.State != Active:
		return violate("ACCOUNT_CANNOT_LEAVE_ORGANIZATION")
	case d.IsDelegatedAdministrator(account.ID):
		return violate("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
	case account.JoinedMethod == Created && d.now.Before(account.Joined.Add(d.rules.WaitPeriod)):
		return violate("WAIT_PERIOD_ACTIVE")
	case len(account.Missing) > 0:
		return violate(account.Missing[0])
	}
	return nil
}

// dropAccount removes an account and what the organization keeps about it.
func (d *Draft) dropAccount(account *Account) {
	d.dropAttachments(TargetID(account.ID))
	d.drop(account)
}

// SetMissing says what an account lacks to stand alone, as reasons of
// ConstraintViolation such as MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED: the
// first one is the reason for which it may not leave. No reasons mean that it
// lacks nothing, as a new account does. It returns AccountNotFound.
func (d *Draft) SetMissing(id AccountID, missing ...Reason) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	changed := *account
	changed.Missing = slices.Clone(missing)
	d.put(&changed)
	return nil
}
