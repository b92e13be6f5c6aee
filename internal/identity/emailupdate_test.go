package identity

import (
	"regexp"
	"testing"
	"time"
)

// code returns the code that the operator can read.
func code(t *testing.T, d *Draft, k *Keyring) string {
	t.Helper()
	_, secret, _, err := d.Account().EmailUpdate(d.now, k)
	must(t, err)
	return secret.Reveal()
}

func TestEmailUpdate(t *testing.T) {
	d, k := newDraft(t), newKeyring(t)
	must(t, d.StartEmailUpdate("new@example.com", k))
	email, secret, until, err := d.Account().EmailUpdate(d.now, k)
	must(t, err)
	if email != "new@example.com" || !until.Equal(d.now.Add(24*time.Hour)) || !regexp.MustCompile(`^[A-Z2-7]{6}$`).MatchString(secret.Reveal()) {
		t.Errorf("%s until %v, %q", email, until, secret.Reveal())
	}
	if p := d.Profile(); p.Email != "root@example.com" {
		t.Errorf("the address is %s before it is confirmed", p.Email)
	}
	loaded, err := Load(sequence(d.Changes()))
	must(t, err)
	d = loaded.Draft(d.now, d.rand)
	accepted, err := d.AcceptEmailUpdate("New@Example.com", secret.Reveal(), k)
	must(t, err)
	if p := d.Profile(); !accepted || p.Email != "new@example.com" || p.EmailUpdate != nil {
		t.Errorf("accepted %v: %+v", accepted, p)
	}
	_, err = d.AcceptEmailUpdate("new@example.com", secret.Reveal(), k)
	wantRefusal(t, err, NoSuchEntity, "")
}

func TestStartEmailUpdateRefuses(t *testing.T) {
	d, k := newDraft(t), newKeyring(t)
	wantRefusal(t, d.StartEmailUpdate("nobody", k), ValidationError, "")
	wantRefusal(t, d.StartEmailUpdate("Root@Example.com", k), EntityAlreadyExists, "")
	for range 3 {
		must(t, d.StartEmailUpdate("new@example.com", k))
		d.now = d.now.Add(time.Second)
	}
	wantRefusal(t, d.StartEmailUpdate("new@example.com", k), LimitExceeded, "")
	d.now = d.now.Add(27 * time.Second) // thirty after the first
	must(t, d.StartEmailUpdate("new@example.com", k))
	wantRefusal(t, d.StartEmailUpdate("new@example.com", k), LimitExceeded, "")
}

func TestAcceptEmailUpdateRefuses(t *testing.T) {
	k := newKeyring(t)
	started := func(t *testing.T) *Draft {
		d := newDraft(t)
		must(t, d.StartEmailUpdate("new@example.com", k))
		return d
	}
	t.Run("another address", func(t *testing.T) {
		d := started(t)
		_, err := d.AcceptEmailUpdate("other@example.com", code(t, d, k), k)
		wantRefusal(t, err, ValidationError, "")
	})
	t.Run("the code of the update before", func(t *testing.T) {
		d := started(t)
		old := code(t, d, k)
		must(t, d.StartEmailUpdate("newer@example.com", k))
		if accepted, err := d.AcceptEmailUpdate("newer@example.com", old, k); accepted || err != nil {
			t.Errorf("accepted %v, %v", accepted, err)
		}
	})
	t.Run("late", func(t *testing.T) {
		d := started(t)
		right := code(t, d, k)
		d.now = d.now.Add(24 * time.Hour)
		_, err := d.AcceptEmailUpdate("new@example.com", right, k)
		wantRefusal(t, err, NoSuchEntity, "")
	})
	t.Run("guessed", func(t *testing.T) {
		d := started(t)
		right := code(t, d, k)
		for range 5 {
			if accepted, err := d.AcceptEmailUpdate("new@example.com", "000000", k); accepted || err != nil {
				t.Fatalf("accepted %v, %v", accepted, err)
			}
		}
		_, err := d.AcceptEmailUpdate("new@example.com", right, k)
		wantRefusal(t, err, NoSuchEntity, "")
		if email := d.Profile().Email; email != "root@example.com" {
			t.Errorf("the address is %s", email)
		}
	})
	t.Run("with another master key", func(t *testing.T) {
		d := started(t)
		other, err := NewKeyring(make([]byte, MasterKeySize))
		must(t, err)
		if accepted, err := d.AcceptEmailUpdate("new@example.com", "000000", other); accepted || err == nil {
			t.Errorf("accepted %v, %v", accepted, err)
		}
	})
}
