package policy

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	var c Context
	c.Set("aws:username", "ana")
	c.Set("aws:PrincipalTag/team", "red*?")
	c.Set("k:empty", "")
	c.SetList("aws:TagKeys", []string{"a"})
	tests := []struct {
		text, want string
		ok         bool
	}{
		{"${aws:username}", "ana", true},
		{"${AWS:UserName}", "ana", true},
		{"${ aws:username }", "ana", true},
		{"home/${aws:username}/*", "home/ana/*", true},
		{"${aws:PrincipalTag/team, 'blue'}", "red*?", true},
		{"${aws:PrincipalTag/none, 'blue'}", "blue", true},
		{"${aws:PrincipalTag/none,'a}b'}", "a}b", true},
		{"${aws:PrincipalTag/none, ''}", "", true},
		{"${aws:PrincipalTag/none}", "", false},
		{"${aws:TagKeys}", "", false},
		{"${aws:TagKeys, 'x'}", "x", true},
		{"${k:empty}", "", true},
		{"${*}${?}${$}", "*?$", true},
		{"a${*}b${aws:username}c${$}", "a*banac$", true},
		{"${aws:username}${aws:username}", "anaana", true},
	}
	var x expander
	defer x.release()
	for _, tt := range tests {
		got, ok := x.expand(compileTemplate(tt.text, true, strings.Clone), &c)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s is %q, %v; want %q, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestNotAVariable(t *testing.T) {
	for _, text := range []string{"", "plain", "${", "${}", "${open", "$", "{}", "${a, unquoted}", "${a, 'open}", "${a, 'x' y}"} {
		if parseTemplate(text, strings.Clone) != nil {
			t.Errorf("%q holds a variable", text)
		}
	}
	var x expander
	defer x.release()
	if got, _ := x.expand(compileTemplate("${a, b}-${*}", true, strings.Clone), new(Context)); got != "${a, b}-*" {
		t.Errorf("what is no variable became %q", got)
	}
}

// TestVariableWildcardsAreLiteral keeps a tag of the caller from widening a policy.
func TestVariableWildcardsAreLiteral(t *testing.T) {
	var c Context
	c.Set("k:v", "a*")
	var x expander
	defer x.release()
	pattern := compileTemplate("*/${k:v}/${*}/?", true, wildcards)
	for value, want := range map[string]bool{"x/a*/*/z": true, "x/ab/*/z": false, "x/a*/y/z": false, "x/a*/*/": false} {
		if got := x.match(pattern, &c, value, new(finder)); got != want {
			t.Errorf("%q matches: %v, want %v", value, got, want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("arn:${aws:username}:${a, 'b'}*${*}", "x*")
	f.Fuzz(func(t *testing.T, text, value string) {
		var c Context
		c.Set("aws:username", value)
		var x expander
		defer x.release()
		tmpl := compileTemplate(valid(text), true, wildcards)
		if tmpl != nil {
			x.match(tmpl, &c, valid(value), new(finder))
		}
		if strings.Contains(text, "${aws:username}") && tmpl == nil {
			t.Errorf("no variable in %q", text)
		}
	})
}
