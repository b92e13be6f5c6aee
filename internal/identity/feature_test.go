package identity

import (
	"slices"
	"testing"
)

func TestFeatures(t *testing.T) {
	d := newDraft(t)
	must(t, d.JoinOrganization("o-aaaaaaaaaa"))
	d.SetFeature(RootSessions, true)
	d.SetFeature(RootCredentialsManagement, true)
	d.SetFeature(RootSessions, true)
	if got := d.Profile().Features; !slices.Equal(got, []Feature{RootCredentialsManagement, RootSessions}) {
		t.Errorf("got %q", got)
	}
	d.SetFeature(RootSessions, false)
	d.SetFeature(RootSessions, false)
	if got := d.Profile().Features; !slices.Equal(got, []Feature{RootCredentialsManagement}) {
		t.Errorf("got %q", got)
	}
	must(t, d.LeaveOrganization())
	if got := d.Profile().Features; got != nil {
		t.Errorf("after leaving: %q", got)
	}
	d.SetFeature(RootSessions, false)
	if got := d.Profile().Features; got != nil {
		t.Errorf("got %q", got)
	}
}
