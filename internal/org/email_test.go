package org

import (
	"strings"
	"testing"
)

func TestValidEmail(t *testing.T) {
	for _, email := range []string{
		"a@b.c", "first.last+tag@example.com", "x..y@example.com", "end.@example.com", "a!#$*/=?^_`{}~-@sub.example-1.org", "A1@1.2",
	} {
		if !validEmail(email) {
			t.Errorf("%s is refused", email)
		}
	}
	for _, email := range []string{
		"", "a", "@", "a@", "@b.c", "a@b", "a@@b.c", "a@b@c.d", ".a@b.c", "a@.b.c", "a@b.c.", "a@-b.c", "a@b.c-", "a@b_c.d", "a@b c.d",
		"a@bé.c", "é@b.c", "a\x7f@b.c", "a\xff@b.c", "a\x00@b.c", "a\t@b.c", "a@.", "a@..",
	} {
		if validEmail(email) {
			t.Errorf("%q is accepted", email)
		}
	}
	for _, r := range `"'()<>[]:;,\|%& ` {
		if email := "a" + string(r) + "b@example.com"; validEmail(email) {
			t.Errorf("%q is accepted", email)
		}
	}
}

// FuzzValidEmail checks the rules one by one, as they are documented.
func FuzzValidEmail(f *testing.F) {
	f.Add("a@b.c")
	f.Add(".a@b-.c")
	f.Add("a@@b.c")
	f.Fuzz(func(t *testing.T, email string) {
		ascii := !strings.ContainsFunc(email, func(r rune) bool { return r > 0x7e || r < 0x20 })
		local, domain, _ := strings.Cut(email, "@")
		want := ascii && strings.Count(email, "@") == 1 && local != "" &&
			!strings.ContainsAny(local, " \"'()<>[]:;,\\|%&") && !strings.HasPrefix(local, ".") &&
			strings.Contains(domain, ".") && strings.Trim(strings.ToLower(domain), "abcdefghijklmnopqrstuvwxyz0123456789.-") == "" &&
			!strings.ContainsAny(domain, "_!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~ ")
		for _, end := range []string{"-", "."} {
			want = want && !strings.HasPrefix(domain, end) && !strings.HasSuffix(domain, end)
		}
		if got := validEmail(email); got != want {
			t.Errorf("%q: %v", email, got)
		}
	})
}
