package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pattern draws a short pattern over few characters, so that patterns often have to do with each other.
func pattern() *rapid.Generator[string] { return rapid.StringMatching(`[aéb*?]{0,5}`) }

// fitting draws a text that matches a pattern.
func fitting(t *rapid.T, pattern string) string {
	var text strings.Builder
	for _, c := range pattern {
		switch c {
		case '*':
			text.WriteString(rapid.StringMatching(`[aéb?]{0,3}`).Draw(t, "run"))
		case '?':
			text.WriteString(rapid.SampledFrom([]string{"a", "é", "b", "?"}).Draw(t, "character"))
		default:
			text.WriteRune(c)
		}
	}
	return text.String()
}

func matches(pattern, text string) bool {
	g := newGlob(pattern)
	var f finder
	defer f.release()
	return g.match(text, &f)
}

func TestCoversPatternIsTrue(t *testing.T) {
	claims := 0
	rapid.Check(t, func(t *rapid.T) {
		big, small := pattern().Draw(t, "big"), pattern().Draw(t, "small")
		text := fitting(t, small)
		if !matches(small, text) {
			t.Fatalf("%q does not match %q", small, text)
		}
		if coversPattern(big, small) {
			claims++
			if !matches(big, text) {
				t.Fatalf("%q shall cover %q, but does not match %q", big, small, text)
			}
		}
		if disjointPatterns(big, small) && matches(big, text) {
			t.Fatalf("%q and %q shall be disjoint, but both match %q", big, small, text)
		}
	})
	if claims == 0 {
		t.Error("nothing was claimed")
	}
}

func TestCoversPattern(t *testing.T) {
	for _, c := range []struct {
		s, t             string
		covers, disjoint bool
	}{
		{"*", "", true, false},
		{"a*", "a*", true, false},
		{"a*", "ab*c", true, false},
		{"ab*c", "a*", false, false},
		{"a?c", "abc", true, false},
		{"a*c", "a?c", true, false},
		{"a?", "a*", false, false},
		{"*b*", "a*b?", true, false},
		{"*b*", "*", false, false},
		{"a*", "b*", false, true},
		{"*a", "*b", false, true},
		{"a?", "b?", false, true},
		{"a", "b", false, true},
		{"a*", "ab", true, false},
		{"ab*", "a*b", false, false},
		{"b", "a*", false, true},
	} {
		if got := coversPattern(c.s, c.t); got != c.covers {
			t.Errorf("%q covers %q: %v", c.s, c.t, got)
		}
		if got := disjointPatterns(c.s, c.t); got != c.disjoint {
			t.Errorf("%q and %q are disjoint: %v", c.s, c.t, got)
		}
	}
}

// What the drawn documents and requests are made of: little, so that statements often cover others.
var (
	drawnActions    = []string{"*", "s3:*", "s3:Get*", "s3:GetObject", "S3:get?bject", "s3:*Object", "ec2:*", "s3:PutObject"}
	drawnResources  = []string{"*", "arn:aws:s3:::*", "arn:aws:s3:::b*", "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/x", "arn:*:s3:::?/x", "arn:aws:s3*"}
	drawnConditions = []string{
		`"StringEquals":{"aws:username":"x"}`, `"StringEquals":{"aws:username":["x","y"]}`, `"StringNotEquals":{"aws:username":"x"}`,
		`"StringNotEquals":{"aws:username":["x","y"]}`, `"ForAllValues:StringEquals":{"aws:TagKeys":["x"]}`,
		`"ForAnyValue:StringNotEquals":{"aws:TagKeys":["x","y"]}`, `"ForAnyValue:StringNotEquals":{"aws:TagKeys":"y"}`,
		`"ArnLike":{"aws:PrincipalArn":"${aws:username}"}`, `"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:user/x","${aws:username}"]}`,
		`"StringEquals":{"aws:username":[]}`, `"StringNotEquals":{"aws:username":[]}`, `"Null":{"aws:username":"true"}`, `"Null":{"aws:username":["true","false"]}`,
	}
	drawnPrincipals = []string{`"*"`, `{"AWS":"*"}`, `{"AWS":"111122223333"}`, `{"AWS":"arn:aws:iam::111122223333:user/x"}`, `{"AWS":["arn:aws:iam::111122223333:user/x","111122223333"]}`}
)

func drawStatement(t *rapid.T, kind Kind) string {
	list := func(from []string) string {
		values := rapid.SliceOfN(rapid.SampledFrom(from), 1, 2).Draw(t, "values")
		return `["` + strings.Join(values, `","`) + `"]`
	}
	not := func(element string) string { return negatable(element, rapid.IntRange(0, 3).Draw(t, "not") == 0) }
	effect := rapid.SampledFrom([]string{"Deny", "Allow"}).Draw(t, "effect")
	text := fmt.Sprintf(`{"Effect":%q,%q:%s,%q:%s`, effect, not("Action"), list(drawnActions), not("Resource"), list(drawnResources))
	conditions := rapid.SliceOfNDistinct(rapid.SampledFrom(drawnConditions), 0, 2, func(c string) string {
		operator, _, _ := strings.Cut(c, ":{")
		return operator
	}).Draw(t, "conditions")
	text += `,"Condition":{` + strings.Join(conditions, ",") + `}`
	if kind == ResourcePolicy {
		element := "Principal"
		if effect == "Deny" {
			element = not(element)
		}
		text += fmt.Sprintf(`,%q:%s`, element, rapid.SampledFrom(drawnPrincipals).Draw(t, "principal"))
	}
	return text + "}"
}

func drawRequest(t *rapid.T) *Request {
	r, err := NewRequest(
		rapid.SampledFrom([]string{"arn:aws:iam::111122223333:user/x", "arn:aws:iam::111122223333:user/y", "arn:aws:iam::444455556666:user/x"}).Draw(t, "principal"),
		rapid.SampledFrom([]string{"s3:GetObject", "s3:PutObject", "ec2:RunInstances"}).Draw(t, "action"),
		rapid.SampledFrom([]string{"*", "arn:aws:s3:::b/x", "arn:aws:s3:::b", "arn:aws:s3:::a/x"}).Draw(t, "resource"))
	if err != nil {
		t.Fatal(err)
	}
	r.Context.Set("aws:PrincipalArn", r.Principal.ARN)
	if name := rapid.SampledFrom([]string{"", "x", "y", "arn:aws:iam::111122223333:user/x"}).Draw(t, "name"); name != "" {
		r.Context.Set("aws:username", name)
	}
	if keys := rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 2).Draw(t, "tags"); len(keys) > 0 {
		r.Context.SetList("aws:TagKeys", keys)
	}
	return r
}

// TestStatementsCalledNeedlessAre leaves out every statement that is called redundant or unreachable:
// no decision changes.
func TestStatementsCalledNeedlessAre(t *testing.T) {
	claims := 0
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Kind{IdentityPolicy, ResourcePolicy, SessionPolicy}).Draw(t, "kind")
		statements := make([]string, rapid.IntRange(2, 4).Draw(t, "statements"))
		for i := range statements {
			statements[i] = drawStatement(t, kind)
		}
		text := document2012(statements...)
		less := slices.Clone(statements)
		for _, f := range slices.Backward(Lint(kind, []byte(text), LintOptions{})) {
			if f.Rule == "malformed" {
				t.Fatalf("%s in\n%s", f.Message, text)
			}
			if f.Rule == "redundant-statement" || f.Rule == "unreachable-statement" {
				i := int(f.Path[len("/Statement/")] - '0')
				less[i] = ""
			}
		}
		if less = slices.DeleteFunc(less, func(s string) bool { return s == "" }); len(less) == len(statements) {
			return
		}
		claims++
		for range 5 {
			r := drawRequest(t)
			if with, without := decideAlone(t, kind, text, r), decideAlone(t, kind, document2012(less...), r); with != without {
				t.Fatalf("%v with all of\n%s\n%v with\n%s", with, text, without, document2012(less...))
			}
		}
	})
	if claims == 0 {
		t.Error("nothing was claimed")
	}
}

// decideAlone decides by one document, beside what grants everything that it may limit.
func decideAlone(t *rapid.T, kind Kind, text string, r *Request) Result {
	parse := func(kind Kind, text string) *Set {
		d, err := Parse(kind, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return NewSet(Attached{ID: "p", Policy: Compile(d)})
	}
	one := parse(kind, text)
	p := &Policies{Identity: one}
	switch kind {
	case ResourcePolicy:
		p = &Policies{Resource: one}
	case SessionPolicy:
		p = &Policies{Session: one, Identity: parse(IdentityPolicy, document2012(fullAccess))}
	}
	return Decide(r, p).Result
}
