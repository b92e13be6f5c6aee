package effective

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// naive merges policies a second time, straight from the rules that AWS
// documents ("Understanding declarative policy inheritance" in the user guide)
// and those that were seen: over a map of paths, level by level, operator by
// operator. It shares nothing with the merge that it is compared with, not even
// the schemas: to it, whatever has a value is a setting.
type naive map[string]*naivePlace

// naivePlace is a container or a setting.
type naivePlace struct {
	allowed   map[string]bool
	set, list bool
	values    []string
}

func everyOperator() map[string]bool {
	return map[string]bool{"@@assign": true, "@@append": true, "@@remove": true}
}

const separator = "\x00"

// naiveMerge returns the effective policy of a chain of documents.
func naiveMerge(t Type, chain [][]any) map[string]any {
	n := naive{"": {allowed: everyOperator()}}
	for _, documents := range chain {
		n.level(documents)
	}
	return n.effective(t)
}

// naiveSaid is what one policy says at one path, by operators and controls in lower case.
type naiveSaid struct {
	path    string
	members map[string]any
}

func (n naive) level(documents []any) {
	var said []naiveSaid
	for _, document := range documents {
		said = n.walk("", document.(map[string]any), said)
	}
	for _, s := range said {
		if n[s.path] == nil {
			n[s.path] = &naivePlace{allowed: everyOperator()}
		}
	}
	for _, operator := range []string{"@@assign", "@@append", "@@remove"} {
		assigned := map[string]bool{}
		for _, s := range said {
			operand, given := s.members[operator]
			if !given || !n[s.path].allowed[operator] || operator == "@@assign" && assigned[s.path] {
				continue
			}
			assigned[s.path] = true
			n[s.path].apply(operator, operand)
		}
	}
	for _, s := range said {
		if control, given := s.members["@@operators_allowed_for_child_policies"]; given {
			narrow(n[s.path].allowed, control.([]any))
		}
	}
}

// walk lists what a policy says, without what levels above do not let it add.
func (n naive) walk(path string, members map[string]any, said []naiveSaid) []naiveSaid {
	folded := map[string]any{}
	for name, value := range members {
		folded[strings.ToLower(name)] = value
	}
	said = append(said, naiveSaid{path, folded})
	place := n[path]
	for name, value := range folded {
		child := path + separator + name
		mayAdd := place == nil || place.allowed["@@append"] || place.allowed["@@assign"]
		if !strings.HasPrefix(name, "@@") && (mayAdd || n[child] != nil) {
			said = n.walk(child, value.(map[string]any), said)
		}
	}
	return said
}

func narrow(allowed map[string]bool, control []any) {
	permits := map[string]bool{}
	for _, entry := range control {
		switch name := strings.ToLower(entry.(string)); name {
		case "@@all":
			permits = everyOperator()
		default:
			permits[name] = true
		}
	}
	for operator := range allowed {
		if !permits[operator] {
			delete(allowed, operator)
		}
	}
}

func (s *naivePlace) apply(operator string, operand any) {
	items, list := operand.([]any)
	if !list {
		items = []any{operand}
	}
	var values []string
	for _, item := range items {
		values = append(values, fmt.Sprint(item))
	}
	s.list = s.list || list
	switch operator {
	case "@@assign":
		s.values, s.set = values, true
	case "@@append":
		s.set = true
		for _, value := range values {
			if !slices.Contains(s.values, value) {
				s.values = append(slices.Clone(s.values), value)
			}
		}
	case "@@remove":
		var kept []string
		for _, value := range s.values {
			if !slices.Contains(values, value) {
				kept = append(kept, value)
			}
		}
		s.values = kept
	}
}

func (n naive) effective(t Type) map[string]any {
	document := map[string]any{}
	for path, place := range n {
		if place.set {
			put(document, path, place.show())
		}
		names := strings.Split(path, separator)
		last := names[len(names)-1]
		switch {
		case t == "TAG_POLICY" && len(names) == 3:
			n.byDefault(document, path, "tag_key", last)
			n.byDefault(document, path, "tag_value", []any{"*"})
		case t == "BACKUP_POLICY" && len(names) == 7 && names[5] == "copy_actions":
			n.byDefault(document, path, "target_backup_vault_arn", last)
		}
	}
	return document
}

func (n naive) byDefault(document map[string]any, container, setting string, value any) {
	if s := n[container+separator+setting]; s == nil || !s.set {
		put(document, container+separator+setting, value)
	}
}

func (s *naivePlace) show() any {
	if !s.list {
		return s.values[0]
	}
	shown := []any{}
	for _, value := range s.values {
		shown = append(shown, value)
	}
	return shown
}

func put(document map[string]any, path string, value any) {
	names := strings.Split(path, separator)[1:]
	for _, name := range names[:len(names)-1] {
		if document[name] == nil {
			document[name] = map[string]any{}
		}
		document = document[name].(map[string]any)
	}
	document[names[len(names)-1]] = value
}

// lowerKeys spells all names of a document in lower case, as naive does.
func lowerKeys(document any) any {
	members, isObject := document.(map[string]any)
	if !isObject {
		return document
	}
	lower := map[string]any{}
	for name, value := range members {
		lower[strings.ToLower(name)] = lowerKeys(value)
	}
	return lower
}

// chainsPerType is how many random chains both merges are asked about, for each
// type: 50,000 in continuous integration, a sample elsewhere and under the race
// detector, which has nothing to find here and makes it ten times slower.
func chainsPerType() int {
	if os.Getenv("CI") == "true" && !raceDetector {
		return 50_000
	}
	return 2_000
}

func TestNaiveMergeAgrees(t *testing.T) {
	for _, policyType := range Types() {
		t.Run(string(policyType), func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			g := generator{random: rand.New(rand.NewPCG(seed, 0))}
			pool := g.policies(t, policyType, 500)
			documents := make([]any, len(pool))
			for i, p := range pool {
				if err := json.Unmarshal(p.content, &documents[i]); err != nil {
					t.Fatal(err)
				}
			}
			for range chainsPerType() {
				chain := g.chain(len(pool))
				compareMerges(t, policyType, pool, documents, chain)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func compareMerges(t *testing.T, policyType Type, pool []parsed, documents []any, chain [][]int) {
	t.Helper()
	state := NewState(policyType)
	for _, level := range levels(pool, chain) {
		state = state.Extend(level)
	}
	got := render(resolve(state.root))
	inputs := make([][]any, len(chain))
	for i, level := range chain {
		for _, p := range level {
			inputs[i] = append(inputs[i], documents[p])
		}
	}
	text, err := json.Marshal(naiveMerge(policyType, inputs))
	if err != nil {
		t.Fatal(err)
	}
	if want := string(text); want != got {
		var shown any
		if err := json.Unmarshal([]byte(got), &shown); err != nil {
			t.Fatalf("%v: %s", err, got)
		}
		lower, _ := json.Marshal(lowerKeys(shown))
		if string(lower) != want {
			for i, level := range chain {
				for _, p := range level {
					t.Logf("level %d: %s", i, pool[p].content)
				}
			}
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
