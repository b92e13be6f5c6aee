package org

import "time"

// Organizations finds another organization by its id.
type Organizations func(ID) (*Organization, error)

// TransferChain is what hangs together by responsibility transfers: who accepts one
// brings along those whose bills he pays, and who pays for somebody may have his own
// bills paid.
type TransferChain struct {
	Above []AccountID // who pays for the target, the nearest first
	Below []AccountID // whose bills the source pays
	loop  bool        // the source pays for the target
	steps int         // from the source down to who pays for nobody
	payer *Organization
}

// ChainOf returns the chain to which a transfer from source to target belongs, of the
// transfers that run from a time on. No more than depth levels are looked at below,
// and as many above.
func ChainOf(source, target *Organization, from time.Time, depth int, find Organizations) (*TransferChain, error) {
	c := &TransferChain{payer: target}
	for range depth {
		above := c.payer.manager(from)
		if above == "" {
			break
		}
		payer, err := find(above)
		if err != nil {
			return nil, err
		}
		c.payer, c.loop = payer, c.loop || above == source.settings.ID
		c.Above = append(c.Above, payer.settings.ManagementAccount)
	}
	var err error
	c.Below, c.steps, err = below(source, from, depth, find)
	return c, err
}

// levels is how many transfers follow one another, the one that the chain is of
// included.
func (c *TransferChain) levels() int { return c.steps + 1 + len(c.Above) }

// manager returns the organization that pays for this one from a time on, or "".
func (o *Organization) manager(from time.Time) ID {
	for _, t := range o.unended(Outbound, from) {
		return t.Target.Organization
	}
	return ""
}

// below returns the management accounts of the organizations whose bills one pays,
// directly or not, and how many transfers follow one another there.
func below(o *Organization, from time.Time, depth int, find Organizations) (accounts []AccountID, steps int, err error) {
	if depth == 0 {
		return nil, 0, nil
	}
	for _, t := range o.unended(Inbound, from) {
		source, err := find(t.Source.Organization)
		if err != nil {
			return nil, 0, err
		}
		more, further, err := below(source, from, depth-1, find)
		if err != nil {
			return nil, 0, err
		}
		accounts = append(append(accounts, t.Source.Account), more...)
		steps = max(steps, 1+further)
	}
	return accounts, steps, nil
}

// mayChain refuses a transfer from source by which a chain becomes too long, or its
// payer manages too much.
func (d *Draft) mayChain(source *Organization, from time.Time, find Organizations) error {
	depth := d.rules.TransferLevels + 1
	c, err := ChainOf(source, d.Organization, from, depth, find)
	if err != nil {
		return err
	}
	if c.loop || c.levels() > d.rules.TransferLevels {
		return violate("RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION")
	}
	managed, _, err := below(c.payer, from, depth, find)
	if err != nil {
		return err
	}
	if len(managed)+1+len(c.Below) > d.rules.ChainedTransfers {
		return violate("RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION")
	}
	return nil
}

// InheritedTransfer finds a transfer between two other organizations whose bills this
// one pays. No more than depth levels are looked at. It returns the document of the
// target, or ResponsibilityTransferNotFound.
func (o *Organization) InheritedTransfer(id TransferID, now time.Time, depth int, find Organizations) (*ResponsibilityTransfer, error) {
	t, err := o.inherited(id, now, depth, find)
	if err == nil && t == nil {
		err = refuse(ResponsibilityTransferNotFound)
	}
	return t, err
}

func (o *Organization) inherited(id TransferID, now time.Time, depth int, find Organizations) (*ResponsibilityTransfer, error) {
	if depth <= 1 {
		return nil, nil
	}
	for _, managed := range o.unended(Inbound, now) {
		target, err := find(managed.Source.Organization)
		if err != nil {
			return nil, err
		}
		if t, ok := target.transfers.Get(string(id)); ok && t.Direction == Inbound && !t.Accepted.IsZero() {
			return t, nil
		}
		if t, err := target.inherited(id, now, depth-1, find); t != nil || err != nil {
			return t, err
		}
	}
	return nil, nil
}
