package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// traveller is somebody about whom there are facts.
type traveller struct {
	name, team string
	places     []string
	asked      int
}

var travellers = NewFacts(map[string]func(*traveller) string{
	"k:Name": func(t *traveller) string { t.asked++; return t.name },
	"k:Team": func(t *traveller) string { return t.team },
}, map[string]func(*traveller) []string{
	"k:Places": func(t *traveller) []string { return t.places },
})

// TestOver: what is set counts more than what sources find, of which the first that knows a key counts.
func TestOver(t *testing.T) {
	var below, c Context
	below.Set("k:name", "below")
	below.Set("k:team", "below")
	below.Set("k:hat", "green")
	c.Set("k:shoes", "brown")
	c.Over(travellers.Of(&traveller{name: "Ann\xff", places: []string{"Oslo", "Bern\xff"}}), &below, (*Context)(nil))
	for key, want := range map[string]string{"K:NAME": "Ann\uFFFD", "k:places": "Oslo Bern\uFFFD", "k:team": "", "k:hat": "green", "k:shoes": "brown"} {
		if v, known := c.Get(key); !known || strings.Join(v.Values(), " ") != want {
			t.Errorf("%s is %v, %v; want %q", key, v, known, want)
		}
	}
	if _, known := c.Get("k:gloves"); known {
		t.Error("a key that nobody knows")
	}
	if got := slices.Sorted(maps.Keys(maps.Collect(c.All()))); !slices.Equal(got, []string{"k:Name", "k:Places", "k:hat", "k:shoes"}) {
		t.Errorf("all keys: %v", got)
	}
	c.Set("k:Name", "above")
	if v, _ := c.Get("k:name"); v.Values()[0] != "above" {
		t.Errorf("a key that was set is %v", v)
	}
	for name := range c.All() {
		if name == "k:Places" {
			break
		}
	}
	if c.Reset(); len(maps.Collect(c.All())) > 0 {
		t.Error("a source is left after Reset")
	}
}

// TestValuesOfSourcesWithoutCase: wherever a value beyond ASCII comes from, it is compared in lower case.
func TestValuesOfSourcesWithoutCase(t *testing.T) {
	policies := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqualsIgnoreCase":{"k:Name":"ÉTÉ"}}}`))}
	var below Context
	below.Set("k:name", "Été")
	for name, source := range map[string]Source{
		"a Context": &below, "a fact": travellers.Of(&traveller{name: "éTé"}), "a tag": Tagged("k:", []label{{"Name", "été"}}),
	} {
		r := request(t, "arn:aws:iam::"+home+":user/ana", "s3:GetObject", "*")
		r.Context.Over(source)
		if d := Decide(r, policies); d.Result != Allowed {
			t.Errorf("%s: %+v", name, d)
		}
	}
	var c Context
	c.Over(travellers.Of(new(traveller)), &below)
	if lower, ok := c.prepared("Été"); !ok || lower != "été" {
		t.Errorf("what is set below is not prepared: %q", lower)
	}
}

// TestFactsWhenAsked: conditions that are not reached ask for nothing, and deciding takes no memory.
func TestFactsWhenAsked(t *testing.T) {
	policies := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", `{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::${k:team}/*","Condition":{"StringEquals":{"k:Name":"Ann"},"ForAnyValue:StringLike":{"k:places":"O*"}}}`))}
	someone := &traveller{name: "Ann", team: "red", places: []string{"Bern", "Oslo"}}
	for _, tt := range []struct {
		action, resource string
		asked            int
		want             Result
	}{
		{"s3:GetObject", "arn:aws:s3:::red/x", 1, Allowed},
		{"s3:GetObject", "arn:aws:s3:::blue/x", 0, ImplicitDeny},
		{"s3:PutObject", "arn:aws:s3:::red/x", 0, ImplicitDeny},
	} {
		r := request(t, "arn:aws:iam::"+home+":user/ana", tt.action, tt.resource)
		r.Context.Over(travellers.Of(someone))
		someone.asked = 0
		if d := Decide(r, policies); d.Result != tt.want || someone.asked != tt.asked {
			t.Errorf("%s on %s: %v, and it asked %d times", tt.action, tt.resource, d.Result, someone.asked)
		}
		if n := testing.AllocsPerRun(100, func() { Decide(r, policies) }); n > 0 {
			t.Errorf("%s on %s: deciding took memory %v times", tt.action, tt.resource, n)
		}
	}
}

// TestLongWordsWithoutCase: a value that is not prepared is put in lower case once, however many operands it is compared
// with; each sigma in it is a matter of what comes far behind.
func TestLongWordsWithoutCase(t *testing.T) {
	word := "aΣ" + strings.Repeat(".", 250)
	operands := strings.Repeat(`"aσ",`, 2000) + `"Aσ` + word[len("aΣ"):] + `b"`
	policies := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqualsIgnoreCase":{"k:Name":[`+operands+`]}}}`))}
	for name, want := range map[string]Result{word: ImplicitDeny, word + "B": Allowed, "AΣ": ImplicitDeny, word + "é": ImplicitDeny} {
		r := request(t, "arn:aws:iam::"+home+":user/ana", "s3:GetObject", "*")
		r.Context.Over(Tagged("k:", []label{{"Name", name}}))
		if d := Decide(r, policies); d.Result != want {
			t.Errorf("%q: %v", name, d.Result)
		}
	}
}
