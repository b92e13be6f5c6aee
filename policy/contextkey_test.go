package policy

import (
	"strings"
	"testing"
)

// TestKeyNumbers: every key that the linter knows has a number of its own, but for those of tags.
func TestKeyNumbers(t *testing.T) {
	seen := map[uint8]string{}
	for name := range conditionKeys() {
		k := newKey(strings.ToUpper(name))
		if strings.HasSuffix(name, "/") {
			if k.number != 0 {
				t.Errorf("%s has the number %d", name, k.number)
			}
			continue
		}
		if k.number == 0 || seen[k.number] != "" {
			t.Errorf("%s has the number %d, and so has %q", name, k.number, seen[k.number])
		}
		seen[k.number] = name
	}
	for _, name := range []string{"", "aws:PrincipalAr", "aws:PrincipalArnX", "aws:PrincipalTag/PrincipalArn", "ec2:InstanceType"} {
		if n := newKey(name).number; n != 0 {
			t.Errorf("%q has the number %d", name, n)
		}
	}
}

// TestKeysWithAndWithoutNumbers: a Context keeps both kinds apart, and finds each in any spelling.
func TestKeysWithAndWithoutNumbers(t *testing.T) {
	var c Context
	names := []string{"k:none", "aws:PrincipalTag/a"}
	for name := range conditionKeys() {
		names = append(names, name)
	}
	for _, name := range names {
		c.Set(name, "old")
		c.Set(strings.ToUpper(name), "the value of "+name)
	}
	for _, name := range names {
		if v, ok := c.Get(strings.ToTitle(name)); !ok || v.Values()[0] != "the value of "+name {
			t.Errorf("%s is %v (%v)", name, v, ok)
		}
	}
	c.Reset()
	for _, name := range names {
		if v, ok := c.Get(name); ok {
			t.Errorf("%s is still %v", name, v)
		}
	}
}
