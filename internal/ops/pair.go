package ops

import (
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// pair is the account in AWS GovCloud (US) that an account is paired with.
type pair struct {
	account      *identity.Draft // nil when there is none
	organization *org.Draft      // that it is in, or nil
}

// pairOf returns what is paired with an account of the partition aws.
func pairOf(tx *registry.Tx, standard *identity.Draft) (p pair, err error) {
	if standard.Partition() != identity.PartitionAWS || standard.Paired() == "" {
		return pair{}, nil
	}
	if p.account, err = tx.Account(standard.Paired()); err != nil {
		return pair{}, err
	}
	if id := p.account.Organization(); id != "" {
		p.organization, err = tx.Organization(org.ID(id))
	}
	return p, err
}

// manages tells whether the account in AWS GovCloud (US) manages an organization, which
// cannot be without it.
func (p pair) manages() bool {
	return p.organization != nil && p.organization.Standing(org.AccountID(p.account.ID())) == org.Management
}

// mayCloseWithPair refuses as Conflict to close an account whose pair manages an
// organization.
func mayCloseWithPair(tx *registry.Tx, id identity.AccountID) error {
	standard, err := tx.Account(id)
	if err != nil {
		return err
	}
	govCloud, err := pairOf(tx, standard)
	if err == nil && govCloud.manages() {
		err = org.Refuse(org.Conflict, "", nil)
	}
	return err
}

// close closes the account in AWS GovCloud (US), in its organization as well.
func (p pair) close(tx *registry.Tx) error {
	if p.account == nil || p.account.State() == identity.Closed {
		return nil
	}
	if err := p.account.Close(); err != nil || p.organization == nil {
		return err
	}
	if err := p.organization.CloseWithPair(org.AccountID(p.account.ID())); err != nil {
		return err
	}
	return schedulePurge(tx, p.organization)
}

// reopen takes back that the account in AWS GovCloud (US) was closed.
func (p pair) reopen() error {
	if p.account == nil || p.account.State() != identity.Closed {
		return nil
	}
	p.account.Reopen()
	if p.organization == nil {
		return nil
	}
	return p.organization.Reinstate(org.AccountID(p.account.ID()))
}
