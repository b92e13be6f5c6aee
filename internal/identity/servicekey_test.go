package identity

import (
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"
)

func TestServiceKeys(t *testing.T) {
	ring, err := NewKeyring(make([]byte, MasterKeySize))
	must(t, err)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	none := ServiceKeys{Service: ledger}
	one, first, secret, err := none.Create(ring, now, rand.Reader)
	must(t, err)
	two, second, _, err := one.Create(ring, now, rand.Reader)
	must(t, err)
	if _, _, _, err := two.Create(ring, now, rand.Reader); true {
		wantRefusal(t, err, LimitExceeded, "AccessKeysPerService: 2")
	}
	if len(none.Keys) != 0 || len(one.Keys) != 1 || len(two.Keys) != 2 || first.ID == second.ID {
		t.Errorf("there are %d, %d and %d keys", len(none.Keys), len(one.Keys), len(two.Keys))
	}
	doc, err := json.Marshal(two)
	must(t, err)
	var loaded ServiceKeys
	must(t, json.Unmarshal(doc, &loaded))
	key, ok := loaded.Key(first.ID)
	if !ok || key.Status != KeyActive || !key.Created.Equal(now) || key.Principal != ledger {
		t.Errorf("loaded: %+v", key)
	}
	if opened, err := ring.Open(SecretID(key.ID), key.Sealed); err != nil || string(opened) != secret.Reveal() || len(opened) != 40 {
		t.Errorf("the secret does not open: %v", err)
	}
	rotated, err := two.Delete(first.ID)
	must(t, err)
	if _, known := rotated.Key(first.ID); known || len(rotated.Keys) != 1 || len(two.Keys) != 2 || rotated.Keys[0].ID != second.ID {
		t.Errorf("after the rotation: %+v", rotated)
	}
	_, err = rotated.Delete(first.ID)
	wantRefusal(t, err, NoSuchEntity, string(first.ID))
	if _, _, _, err := one.Create(ring, now, noRandom{}); err == nil {
		t.Error("makes a key without randomness")
	}
	if by := ServiceCaller(ledger, first.ID); by.ARN != ledger || by.UserID != ledger || by.Type != Service || by.Account != "" || by.AccessKeyID != first.ID {
		t.Errorf("the caller is %+v", by)
	}
}

// noRandom is a source that has dried up.
type noRandom struct{}

func (noRandom) Read([]byte) (int, error) { return 0, ErrSealBroken }
