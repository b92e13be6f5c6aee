package org

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
// was created too short a time ago, and the reasons that follow from what it lacks:
// MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED, INVALID_PAYMENT_INSTRUMENT,
// ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION and
// ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA.
func (d *Draft) RemoveAccount(id AccountID, lacks ...Requirement) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	if err := d.mayLeave(account, lacks); err != nil {
		return err
	}
	d.dropAccount(account)
	return nil
}

// Leave takes the caller's own account out of the organization: see
// RemoveAccount.
func (d *Draft) Leave(id AccountID, lacks ...Requirement) error { return d.RemoveAccount(id, lacks...) }

// mayLeave refuses to let an account go.
func (d *Draft) mayLeave(account *Account, lacks Lacks) error {
	reason := lacks.forLeaving()
	switch {
	case account.ID == d.settings.ManagementAccount:
		return refuse(MasterCannotLeaveOrganization)
	case account.State != Active:
		return violate("ACCOUNT_CANNOT_LEAVE_ORGANIZATION")
	case d.IsDelegatedAdministrator(account.ID):
		return violate("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
	case account.JoinedMethod == Created && d.now.Before(account.Joined.Add(d.rules.WaitPeriod)):
		return violate("WAIT_PERIOD_ACTIVE")
	case reason != "":
		return violate(reason)
	}
	return nil
}

// dropAccount removes an account and what the organization keeps about it. A
// migration does not wait for it any more.
func (d *Draft) dropAccount(account *Account) {
	d.dropAttachments(TargetID(account.ID))
	d.drop(account)
	d.stopAsking(account.ID)
}
