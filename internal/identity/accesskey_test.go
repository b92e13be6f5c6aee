package identity

import (
	"slices"
	"testing"
)

func TestUserAccessKeys(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	key, secret, err := d.CreateAccessKey("ANN", keyring)
	must(t, err)
	if key.Principal != "Ann" || len(secret.Reveal()) != 40 {
		t.Errorf("got %+v", key)
	}
	root, _, err := d.CreateRootAccessKey(keyring)
	must(t, err)
	if got := slices.Collect(d.AccessKeysOf("ann")); len(got) != 1 || got[0] != key {
		t.Errorf("Ann has %+v", got)
	}
	if got, err := d.AccessKeyOf("ann", key.ID); err != nil || got != key {
		t.Errorf("got %+v, %v", got, err)
	}
	for principal, id := range map[string]AccessKeyID{"ann": root.ID, RootPrincipal: key.ID} {
		_, err := d.AccessKeyOf(principal, id)
		wantRefusal(t, err, NoSuchEntity, "The Access Key with id "+string(id)+" cannot be found.")
	}
	_, err = d.AccessKeyOf("Nobody", key.ID)
	wantRefusal(t, err, NoSuchEntity, "The user with name Nobody cannot be found.")
	_, _, err = d.CreateAccessKey("Nobody", keyring)
	wantRefusal(t, err, NoSuchEntity, "The user with name Nobody cannot be found.")
	_, _, err = d.CreateAccessKey("Ann", keyring)
	must(t, err)
	_, _, err = d.CreateAccessKey("Ann", keyring)
	wantRefusal(t, err, LimitExceeded, "Cannot exceed quota for AccessKeysPerUser: 2")
	for range d.AccessKeysOf("ann") {
		break
	}
	if by := d.Caller(&AccessKey{Principal: "Nobody"}); by.Type != IAMUser || by.ARN != "" {
		t.Errorf("a key of nobody speaks for %+v", by)
	}
}
