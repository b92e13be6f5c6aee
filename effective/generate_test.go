package effective

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// generator writes random policies that AWS would accept, as the schema of
// their type has it. They are small and speak of the same few things, so that
// policies of a chain meet.
type generator struct {
	random *rand.Rand
	plain  bool // without controls
}

// The names and values to choose from, as far as a schema takes them.
var (
	someNames = []string{
		"us-east-1", "US-EAST-1", "eu-west-1", "criteria_1", "Criteria_1", "image_watermark_1", "lex", "Lex",
	}
	someValues = []string{
		"a", "b", "A", "x*", "12", "us-east-1", "eu-west-1", "ALL_SUPPORTED", "ec2:instance", "sqs:queue",
		"cron(0 5 1 * ? *)", "cron(0 5 ? * * *)", "rate(1 day)", "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc:1",
	}
)

func (g generator) chance(percent int) bool { return g.random.IntN(100) < percent }

func (g generator) pick(from []string) string { return from[g.random.IntN(len(from))] }

// policy returns the content of a policy.
func (g generator) policy(t Type) []byte {
	document := g.container(schemas()[t].Document, "")
	if len(document) == 0 || len(document) == 1 && document[controlName] != nil {
		document[slices.Min(slices.Collect(maps.Keys(schemas()[t].Document.Keys)))] = map[string]any{}
	}
	content, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return content
}

func (g generator) container(f *field, name string) map[string]any {
	members := map[string]any{}
	keys := slices.Sorted(maps.Keys(f.Keys))
	for _, key := range keys {
		if g.chance(max(150/len(keys), 15)) {
			members[g.respell(key)] = g.member(f.slots[fold(key)].field, name, key)
		}
	}
	if f.Each != nil {
		taken := f.someOf(someNames, func(s string) bool { return f.names == nil || f.names.MatchString(fold(s)) })
		for range g.random.IntN(3) {
			if chosen := g.pick(taken); !hasFolded(members, chosen) {
				members[chosen] = g.member(f.Each, name, chosen)
			}
		}
	}
	g.control(members, 10)
	return members
}

func hasFolded(members map[string]any, name string) bool {
	for other := range members {
		if fold(other) == fold(name) {
			return true
		}
	}
	return false
}

// someOf returns the strings that a schema takes.
func (f *field) someOf(all []string, takes func(string) bool) []string {
	var some []string
	for _, s := range all {
		if takes(s) {
			some = append(some, s)
		}
	}
	return some
}

func (g generator) respell(name string) string {
	if g.chance(5) {
		return strings.ToUpper(name)
	}
	return name
}

func (g generator) member(f *field, container, name string) map[string]any {
	if f.isSetting() {
		return g.setting(f, container)
	}
	return g.container(f, name)
}

func (g generator) setting(f *field, container string) map[string]any {
	members := map[string]any{}
	if f.Value != aList {
		if f.Value == anything || g.chance(85) {
			members[string(Assign)] = g.scalar(f, container)
		}
	} else {
		for _, operator := range valueOperators {
			if g.chance(40) {
				members[g.respell(string(operator.name))] = g.list(f, container)
			}
		}
	}
	g.control(members, 25)
	return members
}

func (g generator) control(members map[string]any, percent int) {
	if g.plain || !g.chance(percent) {
		return
	}
	control := []string{"@@all"}
	switch g.random.IntN(4) {
	case 0:
		control = []string{"@@none"}
	case 1:
		control = []string{g.pick([]string{"@@assign", "@@append", "@@remove", "@@Append"})}
	case 2:
		control = []string{"@@append", "@@remove"}
	}
	members[controlName] = control
}

func (g generator) list(f *field, container string) []any {
	list := []any{}
	for range g.random.IntN(4) {
		if value := g.scalar(f, container); !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}

func (g generator) scalar(f *field, container string) any {
	switch {
	case f.SameAs != "":
		return g.pick([]string{container, strings.ToUpper(container), strings.ToLower(container)})
	case f.Enum != nil:
		return g.pick(f.Enum)
	case f.Value == aBoolean:
		return g.chance(50)
	case f.Value == aNumber:
		least := int64(0)
		if f.Min != nil {
			least = *f.Min
		}
		number := least + g.random.Int64N(50)
		if g.chance(50) {
			return fmt.Sprint(number)
		}
		return number
	}
	taken := f.someOf(someValues, func(s string) bool { return f.pattern == nil || f.pattern.MatchString(s) })
	if len(taken) == 0 {
		panic("no value matches " + f.Pattern)
	}
	if value := g.pick(taken); value != "12" || g.chance(50) {
		return value
	}
	return 12
}

// parsed is a random policy with its text.
type parsed struct {
	content []byte
	policy  *Policy
}

// policies returns random policies of a type.
func (g generator) policies(t testing.TB, of Type, n int) []parsed {
	t.Helper()
	all := make([]parsed, n)
	for i := range all {
		content := g.policy(of)
		policy, err := Parse(of, content)
		if err != nil {
			t.Fatalf("%s: %v", content, err)
		}
		all[i] = parsed{content, policy}
	}
	return all
}

// chain returns up to four levels of up to two policies, by their places in a pool.
func (g generator) chain(pool int) [][]int {
	chain := make([][]int, 1+g.random.IntN(4))
	for i := range chain {
		for range g.random.IntN(3) {
			chain[i] = append(chain[i], g.random.IntN(pool))
		}
	}
	return chain
}

// levels makes levels of a chain of policies of a pool.
func levels(pool []parsed, chain [][]int) []Level {
	all := make([]Level, len(chain))
	for i, policies := range chain {
		all[i].Target = fmt.Sprint("target-", i)
		for _, p := range policies {
			all[i].Policies = append(all[i].Policies, Attached{fmt.Sprint("p-", p), pool[p].policy})
		}
	}
	return all
}
