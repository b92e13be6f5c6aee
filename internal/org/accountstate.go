package org

// SetState makes an account active, suspended or waiting for its activation, as
// AWS does by itself. It returns AccountNotFound, and Conflict for an account that
// is closed or closing, and for other states.
func (d *Draft) SetState(id AccountID, state AccountState) error {
	account, err := d.Account(id)
	if err != nil {
		return err
	}
	for _, s := range []AccountState{account.State, state} {
		if s != Active && s != Suspended && s != PendingActivation {
			return refuse(Conflict)
		}
	}
	if account.State == state {
		return nil
	}
	changed := *account
	changed.State = state
	d.put(&changed)
	return nil
}
