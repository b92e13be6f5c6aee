package effective

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// TestLongListsAreMergedLikeShortOnes compares how long lists are merged, by
// looking values up, with what is to come out, one value after another.
func TestLongListsAreMergedLikeShortOnes(t *testing.T) {
	short := rapid.SliceOf(rapid.IntRange(0, 60))
	long := rapid.SliceOfN(rapid.IntRange(0, 60), manyValues+1, 3*manyValues)
	numbers := rapid.OneOf(short, long)
	rapid.Check(t, func(r *rapid.T) {
		values := quoted(numbers.Draw(r, "values"))
		values = slices.Compact(slices.Sorted(slices.Values(values)))
		more := quoted(numbers.Draw(r, "more"))
		before := slices.Clone(values)

		want := slices.Clone(values)
		for _, value := range more {
			if !slices.Contains(want, value) {
				want = append(want, value)
			}
		}
		if got, _ := union(values, more, false); !slices.Equal(got, want) {
			r.Fatalf("union is %v, want %v", got, want)
		}
		want = slices.DeleteFunc(slices.Clone(values), func(value string) bool { return slices.Contains(more, value) })
		if got := difference(values, more); !slices.Equal(got, want) {
			r.Fatalf("difference is %v, want %v", got, want)
		}
		if !slices.Equal(values, before) {
			r.Fatal("a list that others share was changed")
		}
	})
}

func quoted(numbers []int) []string {
	values := make([]string, len(numbers))
	for i, n := range numbers {
		values[i] = quote(strconv.Itoa(n))
	}
	return values
}

// TestStatesAreShared extends one state twice: neither child may see the other.
func TestStatesAreShared(t *testing.T) {
	parse := func(content string) *Policy {
		policy, err := Parse("TAG_POLICY", []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		return policy
	}
	root := NewState("TAG_POLICY").Extend(Level{"r-root", []Attached{
		{"p-a", parse(`{"tags":{"env":{"tag_value":{"@@append":["a"]}}}}`)},
		{"p-b", parse(`{"tags":{"env":{"tag_value":{"@@append":["b"]}}}}`)},
	}})
	c := root.Extend(Level{"ou-c", []Attached{{"p-c", parse(`{"tags":{"env":{"tag_value":{"@@append":["c"]}}}}`)}}})
	d := root.Extend(Level{"ou-d", []Attached{{"p-d", parse(`{"tags":{"env":{"tag_value":{"@@append":["d"]}}}}`)}}})
	again := root.Extend(Level{"ou-e", []Attached{{"p-e", parse(`{"tags":{"env":{"tag_value":{"@@append":["a"]}}}}`)}}})
	for state, want := range map[*State]string{
		root:  `{"tags":{"env":{"tag_key":"env","tag_value":["a","b"]}}}`,
		c:     `{"tags":{"env":{"tag_key":"env","tag_value":["a","b","c"]}}}`,
		d:     `{"tags":{"env":{"tag_key":"env","tag_value":["a","b","d"]}}}`,
		again: `{"tags":{"env":{"tag_key":"env","tag_value":["a","b"]}}}`,
	} {
		if got := state.Document().Content; got != want {
			t.Errorf("%s has %s", state.level.Target, got)
		}
	}
	if again.root != root.root {
		t.Error("a level that changes nothing has a copy of everything")
	}
}
