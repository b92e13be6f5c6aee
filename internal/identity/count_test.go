package identity

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCount(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	must(t, second(d.CreatePolicyVersion(ownPolicy, allowAll, false)))
	must(t, second(d.EnsureOrganizationsRole()))
	_, _, err := d.CreateRootAccessKey(keyring)
	must(t, err)
	want := Count{Users: 1, Groups: 1, Roles: 1, Policies: 1, PolicyVersions: 2, RootAccessKeys: 1}
	if diff := cmp.Diff(want, d.Count()); diff != "" {
		t.Error(diff)
	}
}

// TestNothingWithoutRandomness: what needs an id fails without one and changes nothing.
func TestNothingWithoutRandomness(t *testing.T) {
	a := newPopulation(t).Account()
	slr := a.Draft(testTime, drawRandom())
	must(t, second(slr.EnsureOrganizationsRole()))
	d := slr.Account().Draft(testTime, bytes.NewReader(nil))
	for name, err := range map[string]error{
		"user":   second(d.CreateUser(NewUser{Name: "x"})),
		"group":  second(d.CreateGroup("x", "")),
		"role":   second(d.CreateRole(NewRole{Name: "x", TrustPolicy: trustAll})),
		"policy": second(d.CreatePolicy(NewPolicy{Name: "x", Document: allowAll})),
		"task":   second(d.DeleteServiceLinkedRole("AWSServiceRoleForOrganizations", nil)),
	} {
		if !errors.Is(err, io.EOF) || len(d.Changes()) > 0 {
			t.Errorf("%s: %v, %+v", name, err, d.Changes())
		}
	}
}
