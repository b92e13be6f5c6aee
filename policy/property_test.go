package policy_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/policy"
)

// situation is a random chain and request, with a drafter of more policies.
type situation struct {
	drafter
	chain   chain
	request naiveRequest
}

func drawSituation(t *rapid.T) situation {
	g := generator{func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }}
	focus := g.request()
	return situation{drafter{g, focus}, g.chain(focus), focus}
}

func decide(t *rapid.T, c chain, r naiveRequest) policy.Decision {
	l, err := c.load()
	if err != nil {
		t.Fatal(err)
	}
	request, err := r.request()
	if err != nil {
		t.Fatal(err)
	}
	return policy.Decide(request, &l.policies)
}

// put adds a statement of an effect at a random place where the chain has policies already. It
// reports false when there is none.
func (s *situation) put(effect string) bool {
	var places []func()
	appendTo := func(list *[]document, kind policy.Kind) {
		if *list != nil {
			places = append(places, func() { *list = append(*list, s.single(kind, effect)) })
		}
	}
	for i := range s.chain.ServiceControl {
		appendTo(&s.chain.ServiceControl[i], policy.ServiceControlPolicy)
	}
	for i := range s.chain.ResourceControl {
		appendTo(&s.chain.ResourceControl[i], policy.ResourceControlPolicy)
	}
	appendTo(&s.chain.Identity, policy.IdentityPolicy)
	appendTo(&s.chain.Boundary, policy.PermissionsBoundary)
	appendTo(&s.chain.Session, policy.SessionPolicy)
	appendTo(&s.chain.Endpoint, policy.EndpointPolicy)
	if s.chain.Resource != nil {
		places = append(places, func() {
			*s.chain.Resource = s.chain.Resource.with(func(statements []any) []any {
				return append(statements, s.of(s.chain.Resource.Kind, effect))
			})
		})
	}
	if len(places) == 0 {
		return false
	}
	pick(s.generator, places)()
	return true
}

// single drafts a document of one statement.
func (s *situation) single(kind policy.Kind, effect string) document {
	if kind == policy.ResourceControlPolicy && effect == "Allow" {
		return allowEverything(kind) // nobody may write another
	}
	return encode(kind, map[string]any{"Version": "2012-10-17", "Statement": s.of(kind, effect)})
}

// of drafts a statement of an effect.
func (s *situation) of(kind policy.Kind, effect string) map[string]any {
	statement := s.statement(kind)
	statement["Effect"] = effect
	if _, ok := statement["NotPrincipal"]; ok {
		delete(statement, "NotPrincipal")
		statement["Principal"] = "*"
	}
	return statement
}

// with returns the document with other statements.
func (d document) with(change func(statements []any) []any) document {
	decoder := json.NewDecoder(strings.NewReader(d.Text))
	decoder.UseNumber()
	var content map[string]any
	if err := decoder.Decode(&content); err != nil {
		panic(err)
	}
	statements, ok := content["Statement"].([]any)
	if !ok {
		statements = []any{content["Statement"]}
	}
	content["Statement"] = change(statements)
	return encode(d.Kind, content)
}

func TestDenyNeverAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		before := decide(t, s.chain, s.request)
		if !s.put("Deny") {
			t.Skip("no policies")
		}
		if after := decide(t, s.chain, s.request); before.Result != policy.Allowed && after.Result == policy.Allowed {
			t.Fatalf("%v became %v by a Deny in\n%v", before, after, s.chain)
		}
	})
}

func TestAllowNeverDenies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		before := decide(t, s.chain, s.request)
		if !s.put("Allow") {
			t.Skip("no policies")
		}
		if after := decide(t, s.chain, s.request); before.Result == policy.Allowed && after.Result != policy.Allowed {
			t.Fatalf("%v became %v by an Allow in\n%v", before, after, s.chain)
		}
	})
}

func TestOrderIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		before := decide(t, s.chain, s.request)
		for _, path := range [][][]document{s.chain.ServiceControl, s.chain.ResourceControl} {
			shuffle(s.generator, path)
			for _, level := range path {
				s.shuffleDocuments(level)
			}
		}
		for _, list := range [][]document{s.chain.Identity, s.chain.Boundary, s.chain.Session, s.chain.Endpoint} {
			s.shuffleDocuments(list)
		}
		if s.chain.Resource != nil {
			s.shuffleDocuments([]document{*s.chain.Resource})
		}
		if after := decide(t, s.chain, s.request); before.Result != after.Result || before.Kind != after.Kind {
			t.Fatalf("%v became %v in another order:\n%v", before, after, s.chain)
		}
	})
}

func (s *situation) shuffleDocuments(documents []document) {
	shuffle(s.generator, documents)
	for i, d := range documents {
		documents[i] = d.with(func(statements []any) []any {
			shuffle(s.generator, statements)
			return statements
		})
	}
}

func shuffle[T any](g generator, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := g.IntN(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

func TestFullAWSAccessChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		before := decide(t, s.chain, s.request)
		path, kind := &s.chain.ServiceControl, policy.ServiceControlPolicy
		if s.chance(50) {
			path, kind = &s.chain.ResourceControl, policy.ResourceControlPolicy
		}
		*path = slices.Insert(*path, s.IntN(len(*path)+1), []document{allowEverything(kind)})
		if after := decide(t, s.chain, s.request); before.Result != after.Result || before.Kind != after.Kind {
			t.Fatalf("%v became %v by a level that allows everything in\n%v", before, after, s.chain)
		}
	})
}

// wildcards translates a pattern of policies into a regular expression.
func wildcards(pattern, flags string) *regexp.Regexp {
	expression := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("(?s" + flags + ")^" + expression + "$")
}

func TestWildcardsAreRegularExpressions(t *testing.T) {
	pattern := rapid.StringOfN(rapid.SampledFrom([]rune("aab*?.é[\\+\n*a")), 1, 14, -1)
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aaab.é[\\+\n*?b")), 0, 24, -1)
	rapid.Check(t, func(t *rapid.T) {
		pattern, text := pattern.Draw(t, "pattern"), text.Draw(t, "text")
		want := wildcards(pattern, "").MatchString(text)
		if got := allowed(t, map[string]any{"Action": "*", "Resource": "*", "Condition": map[string]any{"StringLike": map[string]any{"key": pattern}}}, "svc:a", "*", text); got != want {
			t.Errorf("StringLike %q matches %q: %v", pattern, text, got)
		}
		if got := allowed(t, map[string]any{"Action": "*", "Resource": "arn:aws:s3:::" + pattern}, "svc:a", "arn:aws:s3:::"+text, ""); got != want {
			t.Errorf("Resource %q matches %q: %v", pattern, text, got)
		}
	})
}

// TestManyPatternsOnLongValues reaches what the package does for hostile policies: it stops searching
// a long value piece by piece.
func TestManyPatternsOnLongValues(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "a", "aa", "ab", "b", "é", "*", "*", "?", "a?", "?b"})
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.IntRange(300, 1000).Draw(t, "length")
		text := rapid.StringOfN(rapid.SampledFrom([]rune(rapid.SampledFrom([]string{"aaaaaab", "ab", "aé"}).Draw(t, "alphabet"))), length, length, -1).Draw(t, "text")
		var statements []any
		var want []bool
		for range 40 {
			pattern := "*" + strings.Join(rapid.SliceOfN(piece, 1, 30).Draw(t, "pattern"), "") + "*"
			statements = append(statements, map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": map[string]any{"StringLike": map[string]any{"key": pattern}}})
			want = append(want, wildcards(pattern, "").MatchString(text))
		}
		c := chain{Identity: []document{encode(policy.IdentityPolicy, map[string]any{"Statement": statements})}}
		l, err := c.load()
		if err != nil {
			t.Fatal(err)
		}
		request, err := naiveRequest{Principal: principals[1], Action: "svc:a", Resource: "*", ResourceAccount: homeAccount, Context: map[string]any{"key": text}}.request()
		if err != nil {
			t.Fatal(err)
		}
		explained := policy.Explain(request, &l.policies)
		if explained.Decision != policy.Decide(request, &l.policies) || (explained.Result == policy.Allowed) != slices.Contains(want, true) {
			t.Fatalf("%+v, want %v", explained.Decision, want)
		}
		for _, f := range explained.Filters {
			for _, s := range f.Statements {
				if s.Matched != want[s.Index] {
					t.Fatalf("%v matches %q: %v", statements[s.Index], text, s.Matched)
				}
			}
		}
	})
}

func TestActionWildcardsAreRegularExpressions(t *testing.T) {
	pattern := rapid.StringOfN(rapid.SampledFrom([]rune("aAb*?-B*a")), 1, 14, -1)
	name := rapid.StringOfN(rapid.SampledFrom([]rune("aAaAbB-")), 1, 24, -1)
	rapid.Check(t, func(t *rapid.T) {
		pattern, name := pattern.Draw(t, "pattern"), name.Draw(t, "name")
		want := wildcards(pattern, "i").MatchString(name)
		if got := allowed(t, map[string]any{"Action": "svc:" + pattern, "Resource": "*"}, "svc:"+name, "*", ""); got != want {
			t.Errorf("Action %q matches %q: %v", pattern, name, got)
		}
		if got := allowed(t, map[string]any{"NotAction": "svc:" + pattern, "Resource": "*"}, "svc:"+name, "*", ""); got == want {
			t.Errorf("NotAction %q matches %q: %v", pattern, name, got)
		}
	})
}

// allowed tells whether an identity policy of one statement allows a request with one key.
func allowed(t *rapid.T, statement map[string]any, action, resource, value string) bool {
	statement["Effect"] = "Allow"
	c := chain{Identity: []document{encode(policy.IdentityPolicy, map[string]any{"Statement": statement})}}
	r := naiveRequest{Principal: principals[1], Action: action, Resource: resource, ResourceAccount: homeAccount, Context: map[string]any{"key": value}}
	return decide(t, c, r).Result == policy.Allowed
}
