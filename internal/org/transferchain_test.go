package org

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// towered makes organizations of which each but the first pays for the one before it.
func towered(t *testing.T, n *neighbours, length int) []*Draft {
	t.Helper()
	var all []*Draft
	for i := range length {
		all = append(all, n.found(t, i+1))
		if i > 0 {
			n.transfer(t, all[i], all[i-1])
		}
	}
	return all
}

// TestTransferLevels: a chain may grow at its top, at its bottom and in the middle, up
// to the quota.
func TestTransferLevels(t *testing.T) {
	for _, c := range []struct {
		levels int
		below  int // organizations that the source's chain has below it
		above  int // that the target's chain has above it
		ok     bool
	}{
		{1, 0, 0, true}, {1, 1, 0, false}, {1, 0, 1, false},
		{2, 1, 0, true}, {2, 0, 1, true}, {2, 1, 1, false}, {2, 2, 0, false}, {2, 0, 2, false},
		{3, 1, 1, true}, {3, 2, 0, true}, {3, 2, 1, false},
	} {
		n := newNeighbours()
		n.rules.TransferLevels = 9
		chain := towered(t, n, c.below+1)
		source, target := chain[c.below], n.found(t, 50)
		upper := target
		for i := range c.above {
			next := n.found(t, 60+i)
			n.transfer(t, next, upper)
			upper = next
		}
		h := n.invite(t, target, source)
		n.rules.TransferLevels = c.levels
		err := n.accept(target, source, h)
		if c.ok {
			must(t, err)
			continue
		}
		refused(t, err, ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION")
		in := offer(target, source)
		_, err = target.CancelHandshake(h.ID, factsOfOwner(target))
		must(t, err)
		_, err = target.InviteToTransferResponsibility(in, n.find)
		refused(t, err, ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION")
	}
}

// TestTransfersInACircle: nobody pays for himself by way of others.
func TestTransfersInACircle(t *testing.T) {
	n := newNeighbours()
	n.rules.TransferLevels = 9
	all := towered(t, n, 3) // the last one pays for all
	_, err := all[0].InviteToTransferResponsibility(offer(all[0], all[2]), n.find)
	refused(t, err, ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION")
}

// TestChainedTransfers: the payer at the top manages what all below him bring along.
func TestChainedTransfers(t *testing.T) {
	n := newNeighbours()
	top, middle, leaf, brings, brought := n.found(t, 1), n.found(t, 2), n.found(t, 3), n.found(t, 4), n.found(t, 5)
	n.transfer(t, top, middle)
	n.transfer(t, middle, leaf)
	n.transfer(t, brings, brought)
	h := n.invite(t, top, brings)
	n.rules.ChainedTransfers = 3
	refused(t, n.accept(top, brings, h), ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION")
	n.rules.ChainedTransfers = 4
	must(t, n.accept(top, brings, h))
	n.rules.InboundTransfers = 9
	_, err := middle.InviteToTransferResponsibility(offer(middle, n.found(t, 6)), n.find)
	refused(t, err, ConstraintViolation, "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION")

	chain, err := ChainOf(leaf.Organization, middle.Organization, day0, 3, n.find)
	must(t, err)
	if !slices.Equal(chain.Above, []AccountID{owner(1).ID}) || len(chain.Below) != 0 {
		t.Errorf("the chain of the leaf: %+v", chain)
	}
	chain, err = ChainOf(brings.Organization, top.Organization, day0, 3, n.find)
	must(t, err)
	if len(chain.Above) != 0 || !slices.Equal(chain.Below, []AccountID{owner(5).ID}) {
		t.Errorf("the chain of who brings somebody: %+v", chain)
	}
}

// TestInheritedTransfer: who pays for others by way of one sees their transfers, no
// deeper than the levels, and nobody else's.
func TestInheritedTransfer(t *testing.T) {
	n := newNeighbours()
	top, middle, leaf, stranger := n.found(t, 1), n.found(t, 2), n.found(t, 3), n.found(t, 4)
	n.transfer(t, top, middle)
	id := n.transfer(t, middle, leaf)
	found, err := top.InheritedTransfer(id, day0, 2, n.find)
	must(t, err)
	if found.ID != id || found.Name != "Bills" || found.Direction != Inbound {
		t.Errorf("found %+v", found)
	}
	for name, look := range map[string]func() (*ResponsibilityTransfer, error){
		"not so deep":   func() (*ResponsibilityTransfer, error) { return top.InheritedTransfer(id, day0, 1, n.find) },
		"by a stranger": func() (*ResponsibilityTransfer, error) { return stranger.InheritedTransfer(id, day0, 2, n.find) },
		"by its source": func() (*ResponsibilityTransfer, error) { return leaf.InheritedTransfer(id, day0, 2, n.find) },
		"of nothing":    func() (*ResponsibilityTransfer, error) { return top.InheritedTransfer("rt-00000000", day0, 2, n.find) },
	} {
		if _, err := look(); err == nil {
			t.Errorf("%s: found", name)
		} else {
			refused(t, err, ResponsibilityTransferNotFound, "")
		}
	}
	n.rules.TransferLevels = 3
	further := n.transfer(t, leaf, n.found(t, 7))
	_, err = top.InheritedTransfer(further, day0, 3, n.find)
	must(t, err)
	must(t, withdraw(n, top, top.manages(t, middle)))
	_, err = top.InheritedTransfer(id, april, 3, n.find)
	refused(t, err, ResponsibilityTransferNotFound, "")
}

// TestChainsNeedTheirOrganizations: one that cannot be looked at is no end of a chain.
func TestChainsNeedTheirOrganizations(t *testing.T) {
	n := newNeighbours()
	all := towered(t, n, 3)
	nowhere := func(ID) (*Organization, error) { return nil, errNowhere }
	for name, look := range map[string]func() error{
		"above": func() error {
			_, err := ChainOf(all[0].Organization, all[1].Organization, day0, 2, nowhere)
			return err
		},
		"below": func() error {
			_, err := ChainOf(all[2].Organization, n.found(t, 9).Organization, day0, 2, nowhere)
			return err
		},
		"inherit": func() error { _, err := all[2].InheritedTransfer("rt-00000000", day0, 2, nowhere); return err },
		"invite": func() error {
			_, err := n.found(t, 8).InviteToTransferResponsibility(offer(n.of["o-0000000008"], all[2]), nowhere)
			return err
		},
	} {
		if err := look(); !errors.Is(err, errNowhere) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// manages returns the transfer by which an organization pays for another one.
func (d *Draft) manages(t *testing.T, source *Draft) TransferID {
	t.Helper()
	for _, transfer := range d.unended(Inbound, d.now) {
		if transfer.Source.Organization == source.settings.ID {
			return transfer.ID
		}
	}
	t.Fatal("no such transfer")
	return ""
}

func withdraw(n *neighbours, by *Draft, id TransferID) error {
	_, err := by.WithdrawTransfer(id, time.Time{}, n.draft)
	return err
}
