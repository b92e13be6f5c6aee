package org

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWalk compares lists with a plain sorted slice, from any cursor.
func TestWalk(t *testing.T) {
	part := rapid.StringMatching(`[ab]{1,2}`)
	rapid.Check(t, func(t *rapid.T) {
		in := new(index[string])
		for _, k := range rapid.SliceOf(rapid.Custom(func(t *rapid.T) string {
			return key(part.Draw(t, "prefix"), part.Draw(t, "rest"))
		})).Draw(t, "keys") {
			in.Set(k, k)
		}
		prefix := key(part.Draw(t, "of"), "")
		after := Cursor(rapid.SampledFrom([]string{"", "a", "aa", "ab", "b", "zz"}).Draw(t, "after"))
		var want []string
		for _, k := range in.Keys() {
			if rest, ok := strings.CutPrefix(k, prefix); ok && Cursor(rest) > after {
				want = append(want, k)
			}
		}
		if got := values(walk(in, prefix, after)); !slices.Equal(got, want) {
			t.Fatalf("walk %q from %q: %q, want %q", prefix, after, got, want)
		}
		if got := count(in, prefix, after); got != len(want) {
			t.Fatalf("count %d, want %d", got, len(want))
		}
		if got := occupied(in, prefix); got != (count(in, prefix, "") > 0) {
			t.Fatalf("occupied: %v", got)
		}
	})
}

// TestWalkAll compares the lists of several prefixes with one list sorted.
func TestWalkAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := new(index[string])
		rests := rapid.SliceOfDistinct(rapid.StringMatching(`[a-c]{1,3}`), rapid.ID[string]).Draw(t, "rests")
		prefixes := []string{key("x", ""), key("y", ""), key("z", "")}[:rapid.IntRange(0, 3).Draw(t, "prefixes")]
		var want []string
		for _, rest := range rests {
			prefix := rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "prefix")
			in.Set(key(prefix, rest), rest)
			if slices.Contains(prefixes, key(prefix, "")) {
				want = append(want, rest)
			}
		}
		slices.Sort(want)
		size := rapid.IntRange(1, 4).Draw(t, "size")
		got := pages(size, func(after Cursor) iter.Seq2[Cursor, string] { return walkAll(in, prefixes, after) })
		if !slices.Equal(got, want) {
			t.Fatalf("%q: %q, want %q", prefixes, got, want)
		}
	})
}

// TestPageCostsTheSameEverywhere counts the entries that a page looks at.
func TestPageCostsTheSameEverywhere(t *testing.T) {
	in := new(index[int])
	for i := range 10_000 {
		in.Set(fmt.Sprintf("%05d", i), i)
	}
	if got := testing.AllocsPerRun(10, func() {
		for _, v := range walk(in, "", "09990") {
			if v == 9_995 {
				break
			}
		}
	}); got > 10 {
		t.Errorf("a page takes %.0f allocations", got)
	}
}
