package org

import "time"

// Delegation says that an account is a delegated administrator of a service.
type Delegation struct {
	Account   AccountID        `json:"account"`
	Principal ServicePrincipal `json:"principal"`
	Enabled   time.Time        `json:"enabled"`
}

func (d *Delegation) kind() string           { return kindDelegation }
func (d *Delegation) id() string             { return string(d.Account) + "/" + string(d.Principal) }
func (d *Delegation) put(o *Organization)    { o.delegations.Set(d.id(), d) }
func (d *Delegation) remove(o *Organization) { o.delegations.Delete(d.id()) }
