package org

import (
	"slices"
	"time"
)

// Organizations finds another organization by its id.
type Organizations func(ID) (*Organization, error)

// TransferChain is what hangs together by responsibility transfers: who accepts one
// brings along those whose bills he pays, and who pays for somebody may have his own
// bills paid.
type TransferChain struct {
	Above []AccountID // management accounts that pay for the target, the nearest first
	Below []AccountID // management accounts whose bills the source pays

	payers []*Organization // the target, and who pays for it
	loop   bool            // the source is one of them
	levels int             // transfers that follow one another, the one that the chain is of included
}

// ChainOf returns the chain to which a transfer from source to target belongs, of the
// transfers that have not ended before a time. No more than depth levels are looked at
// above the target, and as many below the source.
func ChainOf(source, target *Organization, from time.Time, depth int, find Organizations) (*TransferChain, error) {
	above, up, err := linked(target, Outbound, from, depth, find)
	if err != nil {
		return nil, err
	}
	below, down, err := linked(source, Inbound, from, depth, find)
	if err != nil {
		return nil, err
	}
	return &TransferChain{
		Above: owners(above), Below: owners(below), payers: append([]*Organization{target}, above...),
		loop: slices.Contains(owners(above), source.settings.ManagementAccount), levels: up + 1 + down,
	}, nil
}

// mayChain refuses a transfer from source by which a chain becomes too long, or one of
// those who pay for it manages too much.
func (d *Draft) mayChain(source *Organization, from time.Time, find Organizations) error {
	depth := d.rules.TransferLevels + 1
	c, err := ChainOf(source, d.Organization, from, depth, find)
	if err != nil {
		return err
	}
	if c.loop || c.levels > d.rules.TransferLevels {
		return violate("RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION")
	}
	for _, payer := range c.payers {
		managed, _, err := linked(payer, Inbound, from, depth, find)
		if err != nil {
			return err
		}
		if len(managed)+1+len(c.Below) > d.rules.ChainedTransfers {
			return violate("RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION")
		}
	}
	return nil
}

// linked returns the organizations to which transfers in one direction lead from one,
// each once, and how many transfers follow one another there.
func linked(o *Organization, direction TransferDirection, from time.Time, depth int, find Organizations) (all []*Organization, steps int, err error) {
	if depth == 0 {
		return nil, 0, nil
	}
	for _, t := range o.unended(direction, from) {
		next, err := find(t.other().Organization)
		if err != nil {
			return nil, 0, err
		}
		further, more, err := linked(next, direction, from, depth-1, find)
		if err != nil {
			return nil, 0, err
		}
		for _, o := range append([]*Organization{next}, further...) {
			if !slices.ContainsFunc(all, func(known *Organization) bool { return known.settings.ID == o.settings.ID }) {
				all = append(all, o)
			}
		}
		steps = max(steps, 1+more)
	}
	return all, steps, nil
}

// owners returns the management accounts of organizations.
func owners(all []*Organization) []AccountID {
	var accounts []AccountID
	for _, o := range all {
		accounts = append(accounts, o.settings.ManagementAccount)
	}
	return accounts
}

// InheritedTransfer finds a transfer between two other organizations whose bills this
// one pays. No more than depth levels are looked at. It returns the document of the
// target, or ResponsibilityTransferNotFound.
func (o *Organization) InheritedTransfer(id TransferID, now time.Time, depth int, find Organizations) (*ResponsibilityTransfer, error) {
	managed, _, err := linked(o, Inbound, now, max(0, depth-1), find)
	if err != nil {
		return nil, err
	}
	for _, target := range managed {
		if t, ok := target.transfers.Get(string(id)); ok && t.Direction == Inbound && !t.Accepted.IsZero() {
			return t, nil
		}
	}
	return nil, refuse(ResponsibilityTransferNotFound)
}
