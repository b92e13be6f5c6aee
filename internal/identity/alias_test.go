package identity

import (
	"strings"
	"testing"
)

func TestAlias(t *testing.T) {
	d := newDraft(t)
	for _, alias := range []string{"ab", "-abc", "abc-", "a--c", "ABC", strings.Repeat("x", 64)} {
		wantRefusal(t, d.SetAlias(alias), ValidationError, "accountAlias")
	}
	must(t, d.SetAlias("orchard"))
	must(t, d.SetAlias("orchard-2"))
	wantRefusal(t, d.DeleteAlias("orchard"), NoSuchEntity, "The account alias orchard cannot be found.")
	must(t, d.DeleteAlias("orchard-2"))
	wantRefusal(t, d.DeleteAlias(""), NoSuchEntity, "")
	wantRefusal(t, AliasTaken("orchard"), EntityAlreadyExists, "The account alias orchard already exists.")
}
