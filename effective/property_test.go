package effective

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawPool draws a type and random policies of it.
func drawPool(t *rapid.T, tb testing.TB) (Type, generator, []parsed) {
	policyType := rapid.SampledFrom(Types()).Draw(t, "type")
	g := generator{random: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
	return policyType, g, g.policies(tb, policyType, 6)
}

func extendAll(state *State, levels []Level) *State {
	for _, level := range levels {
		state = state.Extend(level)
	}
	return state
}

// same compares documents with all that is said about them.
func same(a, b *Document) bool {
	return a.Content == b.Content && fmt.Sprint(a.Errors) == fmt.Sprint(b.Errors)
}

func TestAChildThatSetsNothingChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		policyType, g, pool := drawPool(r, t)
		parent := extendAll(NewState(policyType), levels(pool, g.chain(len(pool))))
		silent, err := Parse(policyType, withoutOperators(pool[0].content))
		if err != nil {
			r.Fatal(err)
		}
		child := parent.Extend(Level{"123456789012", []Attached{{"p-silent", silent}}})
		// Members that a policy names may still come into being by their defaults.
		if schemas()[policyType].hasDefaults() {
			return
		}
		if before, after := parent.Document(), child.Document(); !same(before, after) {
			r.Fatalf("%s became %s", before.Content, after.Content)
		}
		if parent.Extend(Level{Target: "123456789012"}) != parent {
			r.Fatal("a level without policies has a state of its own")
		}
	})
}

func (s *schema) hasDefaults() bool { return s.Type == "TAG_POLICY" || s.Type == "BACKUP_POLICY" }

// withoutOperators returns a policy with its members, and without what it does to them.
func withoutOperators(content []byte) []byte {
	var document map[string]any
	if err := json.Unmarshal(content, &document); err != nil {
		panic(err)
	}
	var strip func(map[string]any)
	strip = func(members map[string]any) {
		for name, member := range members {
			if strings.HasPrefix(name, "@@") {
				delete(members, name)
			} else {
				strip(member.(map[string]any))
			}
		}
	}
	strip(document)
	text, _ := json.Marshal(document)
	return text
}

func TestAttachingAgainInTheSameOrderChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		policyType, g, pool := drawPool(r, t)
		chain := g.chain(len(pool))
		first := extendAll(NewState(policyType), levels(pool, chain)).Document()
		again := make([]parsed, len(pool))
		for i, p := range pool {
			policy, err := Parse(policyType, p.content)
			if err != nil {
				r.Fatal(err)
			}
			again[i] = parsed{p.content, policy}
		}
		if second := Merge(policyType, levels(again, chain)); !same(first, second) {
			r.Fatalf("%s became %s", first.Content, second.Content)
		}
	})
}

// TestIncrementalMergesEqualMergesFromScratch attaches and detaches policies in
// a chain of four levels, and merges only below what has changed.
func TestIncrementalMergesEqualMergesFromScratch(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		policyType, _, pool := drawPool(r, t)
		attached := make([][]int, 4)
		states := []*State{NewState(policyType)}
		for range attached {
			states = append(states, states[0])
		}
		r.Repeat(map[string]func(*rapid.T){
			"attach": func(r *rapid.T) {
				level := rapid.IntRange(0, len(attached)-1).Draw(r, "level")
				attached[level] = append(attached[level], rapid.IntRange(0, len(pool)-1).Draw(r, "policy"))
				refresh(states, levels(pool, attached), level)
			},
			"detach": func(r *rapid.T) {
				level := rapid.IntRange(0, len(attached)-1).Draw(r, "level")
				if len(attached[level]) == 0 {
					r.Skip("nothing is attached")
				}
				i := rapid.IntRange(0, len(attached[level])-1).Draw(r, "policy")
				attached[level] = slices.Delete(slices.Clone(attached[level]), i, i+1)
				refresh(states, levels(pool, attached), level)
			},
			"": func(r *rapid.T) {
				all := levels(pool, attached)
				for i, state := range states {
					got, want := state.Document(), Merge(policyType, all[:i])
					if !same(got, want) || state.Valid() != (want.Errors == nil) {
						r.Fatalf("level %d has %+v, want %+v", i, got, want)
					}
				}
			},
		})
	})
}

// refresh extends the states again from a level down.
func refresh(states []*State, all []Level, from int) {
	for i := from; i < len(all); i++ {
		states[i+1] = states[i].Extend(all[i])
	}
}

func TestExplanationsTellTheEffectivePolicy(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		policyType, g, pool := drawPool(r, t)
		chain := levels(pool, g.chain(len(pool)))
		state := extendAll(NewState(policyType), chain)
		var document map[string]any
		if err := json.Unmarshal([]byte(state.Document().Content), &document); err != nil {
			r.Fatal(err)
		}
		explained := map[string][]string{}
		for _, setting := range state.Explain() {
			checkSteps(r, setting)
			if setting.Set {
				explained[setting.Path] = nil
			}
			for _, value := range setting.Values {
				explained[setting.Path] = append(explained[setting.Path], value.Value)
			}
		}
		shown := map[string][]string{}
		flatten(shown, "", document)
		if fmt.Sprint(shown) != fmt.Sprint(explained) {
			r.Fatalf("shown are %q, explained are %q", shown, explained)
		}
	})
}

// checkSteps checks that who forbids stands above, and who precedes stands beside.
func checkSteps(r *rapid.T, setting Explained) {
	for _, step := range setting.Steps {
		if (step.Outcome == Forbidden || step.Outcome == Preceded) != (len(step.Because) > 0) {
			r.Fatalf("%s: %+v", setting.Path, step)
		}
		for _, source := range step.Because {
			above := source.Level < step.Source.Level
			if above != (step.Outcome == Forbidden) || !above && source.Level != step.Source.Level {
				r.Fatalf("%s: %+v", setting.Path, step)
			}
		}
	}
	for _, value := range setting.Values {
		brought := slices.ContainsFunc(setting.Steps, func(step Step) bool {
			return step.Source == value.Source && step.Outcome == Applied && slices.Contains(step.Values, value.Value)
		})
		if brought == value.Default {
			r.Fatalf("%s: nobody brought %+v", setting.Path, value)
		}
	}
}

// flatten collects the settings of a document by their paths.
func flatten(settings map[string][]string, path string, value any) {
	switch value := value.(type) {
	case string:
		settings[path] = []string{value}
	case []any:
		settings[path] = nil
		for _, item := range value {
			settings[path] = append(settings[path], item.(string))
		}
	case map[string]any:
		for name, member := range value {
			flatten(settings, join(path, name), member)
		}
	}
}

func TestPoliciesOfOtherTypesAreLeftOut(t *testing.T) {
	policy, err := Parse("S3_POLICY", []byte(`{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	chain := []Level{{"r-root", []Attached{{"p-none", nil}, {"p-s3", policy}}}}
	for of, want := range map[Type]string{
		"S3_POLICY":              `{"s3_attributes":{"public_access_block_configuration":"all"}}`,
		"TAG_POLICY":             `{}`,
		"SERVICE_CONTROL_POLICY": `{}`,
	} {
		if got := Merge(of, chain); got.Content != want || got.Errors != nil || got.Type != of {
			t.Errorf("%s: %+v", of, got)
		}
	}
}
