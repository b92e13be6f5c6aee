package org

import (
	"iter"
	"time"
)

// Delegation says that an account is a delegated administrator of a service.
type Delegation struct {
	Account   AccountID        `json:"account"`
	Principal ServicePrincipal `json:"principal"`
	Enabled   time.Time        `json:"enabled"`
}

func (d *Delegation) kind() string { return kindDelegation }
func (d *Delegation) id() string   { return delegationID(d.Account, d.Principal) }

func delegationID(account AccountID, principal ServicePrincipal) string {
	return string(account) + "/" + string(principal)
}

func (d *Delegation) put(o *Organization) {
	o.delegations.Set(d.id(), d)
	o.delegationsByService.Set(d.keyByService(), d)
}

func (d *Delegation) remove(o *Organization) {
	o.delegations.Delete(d.id())
	o.delegationsByService.Delete(d.keyByService())
}

func (d *Delegation) keyByService() string {
	return key(string(d.Principal), at(d.Enabled), string(d.Account))
}

// DelegatedAdministrator is an account that administers services for the
// organization.
type DelegatedAdministrator struct {
	*Account
	Enabled time.Time // when it was registered first, or for the service that was asked for
}

// IsDelegatedAdministrator tells whether an account is registered for any
// service.
func (o *Organization) IsDelegatedAdministrator(account AccountID) bool {
	return occupied(o.delegations, delegationID(account, ""))
}

// DelegatedAdministrators lists the delegated administrators of a service in the
// order of their registration, or those of all services by account id when
// principal is empty, from behind the cursor. It returns InvalidInput
// UNRECOGNIZED_SERVICE_PRINCIPAL for a service that is not in the catalogue, and
// ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
func (o *Organization) DelegatedAdministrators(services *Catalogue, principal ServicePrincipal, after Cursor) (iter.Seq2[Cursor, DelegatedAdministrator], error) {
	if err := o.requireAllFeatures(); err != nil {
		return nil, err
	}
	if principal == "" {
		return o.allDelegatedAdministrators(after), nil
	}
	registered := key(string(principal), "")
	if _, known := services.Service(principal); !known && !occupied(o.delegationsByService, registered) {
		return nil, invalid("UNRECOGNIZED_SERVICE_PRINCIPAL")
	}
	return mapped(walk(o.delegationsByService, registered, after), func(d *Delegation) DelegatedAdministrator {
		account, _ := o.accounts.Get(string(d.Account))
		return DelegatedAdministrator{Account: account, Enabled: d.Enabled}
	}), nil
}

// allDelegatedAdministrators lists each account once. Its cursors are account
// ids.
func (o *Organization) allDelegatedAdministrators(after Cursor) iter.Seq2[Cursor, DelegatedAdministrator] {
	return func(yield func(Cursor, DelegatedAdministrator) bool) {
		for {
			next := o.delegatedAdministratorBehind(after)
			if next.Account == nil || !yield(Cursor(next.ID), next) {
				return
			}
			after = Cursor(next.ID)
		}
	}
}

// delegatedAdministratorBehind returns the delegated administrator with the
// lowest account id above a cursor; there is none when its Account is nil.
func (o *Organization) delegatedAdministratorBehind(after Cursor) DelegatedAdministrator {
	var found DelegatedAdministrator
	if after != "" {
		after += "0" // comes behind the "/" of the account's own registrations
	}
	for _, delegation := range walk(o.delegations, "", after) {
		switch {
		case found.Account == nil:
			account, _ := o.accounts.Get(string(delegation.Account))
			found = DelegatedAdministrator{Account: account, Enabled: delegation.Enabled}
		case delegation.Account != found.ID:
			return found
		case delegation.Enabled.Before(found.Enabled):
			found.Enabled = delegation.Enabled
		}
	}
	return found
}

// DelegatedServices lists the services for which an account is a delegated
// administrator by their principals, from behind the cursor. It returns
// AccountNotFound, AccountNotRegistered and ConstraintViolation
// ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
func (o *Organization) DelegatedServices(account AccountID, after Cursor) (iter.Seq2[Cursor, *Delegation], error) {
	if err := o.requireAllFeatures(); err != nil {
		return nil, err
	}
	if _, member := o.accounts.Get(string(account)); !member {
		return nil, refuse(AccountNotFound)
	}
	if !o.IsDelegatedAdministrator(account) {
		return nil, refuse(AccountNotRegistered)
	}
	return walk(o.delegations, delegationID(account, ""), after), nil
}

// RegisterDelegatedAdministrator makes a member the delegated administrator of a
// service. It returns InvalidInput UNRECOGNIZED_SERVICE_PRINCIPAL for a service
// that is unknown or has none, AccountNotFound, AccountAlreadyRegistered, and
// ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE,
// CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR,
// CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR,
// SERVICE_ACCESS_NOT_ENABLED, DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE or
// MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED.
func (d *Draft) RegisterDelegatedAdministrator(id AccountID, principal ServicePrincipal) error {
	if err := d.requireAllFeatures(); err != nil {
		return err
	}
	service, known := d.rules.Services.Service(principal)
	if !known || service.DelegatedAdmins == 0 {
		return invalid("UNRECOGNIZED_SERVICE_PRINCIPAL")
	}
	account, member := d.accounts.Get(string(id))
	switch {
	case !member:
		return refuse(AccountNotFound)
	case id == d.settings.ManagementAccount:
		return violate("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
	case account.State != Active:
		return violate("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR")
	}
	if _, registered := d.delegations.Get(delegationID(id, principal)); registered {
		return refuse(AccountAlreadyRegistered)
	}
	if !d.Trusts(principal) {
		return violate("SERVICE_ACCESS_NOT_ENABLED")
	}
	switch others := count(d.delegationsByService, key(string(principal), ""), ""); {
	case others >= service.DelegatedAdmins && service.DelegatedAdmins == 1:
		return violate("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
	case others >= service.DelegatedAdmins:
		return violate("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED")
	}
	d.put(&Delegation{Account: id, Principal: principal, Enabled: d.now})
	return nil
}

// DeregisterDelegatedAdministrator takes the administration of a service from an
// account. It returns InvalidInput UNRECOGNIZED_SERVICE_PRINCIPAL for a service
// that is unknown or for which the account is not registered, AccountNotFound,
// AccountNotRegistered for an account without any registration, and
// ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE or
// CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR.
func (d *Draft) DeregisterDelegatedAdministrator(account AccountID, principal ServicePrincipal) error {
	if err := d.requireAllFeatures(); err != nil {
		return err
	}
	if delegation, registered := d.delegations.Get(delegationID(account, principal)); registered {
		d.drop(delegation)
		return nil
	}
	_, known := d.rules.Services.Service(principal)
	_, member := d.accounts.Get(string(account))
	switch {
	case !known:
		return invalid("UNRECOGNIZED_SERVICE_PRINCIPAL")
	case !member:
		return refuse(AccountNotFound)
	case account == d.settings.ManagementAccount:
		return violate("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
	case !d.IsDelegatedAdministrator(account):
		return refuse(AccountNotRegistered)
	}
	return invalid("UNRECOGNIZED_SERVICE_PRINCIPAL")
}

// dropDelegations removes the registrations of an account that goes away.
func (d *Draft) dropDelegations(account AccountID) {
	var gone []*Delegation
	for _, delegation := range walk(d.delegations, delegationID(account, ""), "") {
		gone = append(gone, delegation)
	}
	for _, delegation := range gone {
		d.drop(delegation)
	}
}
