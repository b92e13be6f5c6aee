package identity

import (
	"errors"
	"slices"
	"testing"
)

func TestCircumstances(t *testing.T) {
	d := newDraft(t)
	lacks := []string{"payment-method"}
	d.SetCircumstances(Circumstances{Lacks: lacks, Seller: "aws-india"})
	lacks[0] = "changed by the caller"
	if c := d.Account().Profile().Circumstances; !slices.Equal(c.Lacks, []string{"payment-method"}) || c.Seller != "aws-india" {
		t.Errorf("the circumstances are %+v", c)
	}
	loaded, err := Load(sequence(d.Changes()))
	must(t, err)
	if c := loaded.Profile().Circumstances; !slices.Equal(c.Lacks, []string{"payment-method"}) || c.Seller != "aws-india" {
		t.Errorf("loaded, the circumstances are %+v", c)
	}
}

func TestSetState(t *testing.T) {
	d := newDraft(t)
	for state, usable := range map[State]bool{Suspended: false, PendingActivation: true, Active: true} {
		if err := d.SetState(state); err != nil || d.Profile().State != state || state.Usable() != usable {
			t.Errorf("%s: %v, state %s, usable %v", state, err, d.Profile().State, state.Usable())
		}
	}
	var refused *Error
	if err := d.SetState(Closed); !errors.As(err, &refused) || refused.Kind != ValidationError {
		t.Errorf("closed by hand: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.SetState(Active); !errors.As(err, &refused) || refused.Kind != AccountClosed || Closed.Usable() {
		t.Errorf("a closed account: %v", err)
	}
}
