package effective

import (
	"fmt"
	"strings"
	"testing"
)

// bigTagPolicy returns a tag policy of nearly as many characters as there may be.
func bigTagPolicy(prefix string, characters int) []byte {
	var rules []string
	for size := 0; ; {
		rule := fmt.Sprintf(`"%s-key-%d":{"tag_key":{"@@assign":"%s-Key-%d"},"tag_value":{"@@append":["a","b-%d"]}}`,
			prefix, len(rules), prefix, len(rules), len(rules))
		if size += len(rule) + 1; size > characters-20 {
			break
		}
		rules = append(rules, rule)
	}
	return []byte(`{"tags":{` + strings.Join(rules, ",") + `}}`)
}

// bigChain returns five levels of ten policies of 10,000 characters. They speak
// of the same keys or each of its own.
func bigChain(t testing.TB, shared bool) []Level {
	t.Helper()
	levels := make([]Level, 5)
	for i := range levels {
		levels[i].Target = fmt.Sprint("target-", i)
		for j := range 10 {
			prefix := fmt.Sprintf("p%d%d", i, j)
			if shared {
				prefix = "p00"
			}
			policy, err := Parse("TAG_POLICY", bigTagPolicy(prefix, 10_000))
			if err != nil {
				t.Fatal(err)
			}
			levels[i].Policies = append(levels[i].Policies, Attached{"p-" + prefix, policy})
		}
	}
	return levels
}

func BenchmarkMerge(b *testing.B) {
	for name, shared := range map[string]bool{"own keys": false, "same keys": true} {
		levels := bigChain(b, shared)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Merge("TAG_POLICY", levels)
			}
		})
	}
}

// BenchmarkExtend merges an account's policy into a state that its siblings share.
func BenchmarkExtend(b *testing.B) {
	levels := bigChain(b, false)
	state := NewState("TAG_POLICY")
	for _, level := range levels[:4] {
		state = state.Extend(level)
	}
	b.ReportAllocs()
	for b.Loop() {
		state.Extend(levels[4])
	}
}

func BenchmarkExplain(b *testing.B) {
	state := NewState("TAG_POLICY")
	for _, level := range bigChain(b, true) {
		state = state.Extend(level)
	}
	b.ReportAllocs()
	for b.Loop() {
		state.Explain()
	}
}

func BenchmarkParse(b *testing.B) {
	content := bigTagPolicy("p", 10_000)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("TAG_POLICY", content); err != nil {
			b.Fatal(err)
		}
	}
}
