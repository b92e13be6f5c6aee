package ops

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// factsOf returns what the rules about memberships must know of an account.
func factsOf(p identity.Profile) org.Facts {
	moved := p.Joined
	if moved.Before(p.Left) {
		moved = p.Left
	}
	return org.Facts{
		Moved: moved,
		ID:    org.AccountID(p.ID), Name: p.Name, Email: p.Email, State: org.AccountState(p.State), Partition: string(p.Partition),
		Seller: p.Circumstances.Seller, Lacks: lacksOf(p),
	}
}

// lacksOf returns the requirements that an account does not meet.
func lacksOf(p identity.Profile) org.Lacks {
	var lacks org.Lacks
	for _, l := range p.Circumstances.Lacks {
		lacks = append(lacks, org.Requirement(l))
	}
	return lacks
}

// managementOf returns the facts about the management account.
func managementOf(tx *registry.Tx, o *org.Organization) (org.Facts, error) {
	account, err := tx.Account(identity.AccountID(o.Settings().ManagementAccount))
	if err != nil {
		return org.Facts{}, err
	}
	return factsOf(account.Profile()), nil
}
