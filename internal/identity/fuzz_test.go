package identity

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzNewAccount: whatever is given as a name and an e-mail address is kept as it is or refused as ValidationError, and what
// is kept is within the constraints.
func FuzzNewAccount(f *testing.F) {
	f.Add("management", "root@example.com")
	f.Add("", "")
	f.Add("Grün", "a@b.c\x00")
	f.Add(" ~", "ä@ö.ü\u2028")
	f.Fuzz(func(t *testing.T, name, email string) {
		d, err := NewAccount("111122223333", PartitionAWS, name, email, time.Unix(0, 0), rand.Reader)
		var refused *Error
		switch {
		case errors.As(err, &refused) && refused.Kind == ValidationError:
		case err != nil:
			t.Fatal(err)
		case d.Profile().Name != name || d.Profile().Email != email:
			t.Errorf("%q and %q became %q and %q", name, email, d.Profile().Name, d.Profile().Email)
		case len(name) < 1 || len(name) > 50 || utf8.RuneCountInString(email) < 6 || utf8.RuneCountInString(email) > 64:
			t.Errorf("%q and %q are accepted", name, email)
		}
	})
}
