package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestPlacesFindWhatIsThere compares the index of a value with trying every place, for pieces of one block,
// of some, and of more than are read at once.
func TestPlacesFindWhatIsThere(t *testing.T) {
	texts := []*rapid.Generator[string]{
		rapid.StringOfN(rapid.SampledFrom([]rune("aaab")), 1, 200, -1),
		rapid.StringOfN(rapid.SampledFrom([]rune("abé中")), 1, 200, -1),
	}
	rapid.Check(t, func(t *rapid.T) {
		value := strings.Repeat(rapid.OneOf(texts...).Draw(t, "value"), rapid.SampledFrom([]int{1, 2, 40}).Draw(t, "times"))
		characters := []rune(value)
		var p places
		if !p.of(value) {
			t.Fatalf("there are no places of %d bytes", len(value))
		}
		for range 3 {
			piece := drawPiece(t, characters)
			lo := len(string(characters[:rapid.IntRange(0, len(characters)).Draw(t, "lo")]))
			hi := lo + len(string([]rune(value[lo:])[:rapid.IntRange(0, utf8.RuneCountInString(value[lo:])).Draw(t, "characters")]))
			if got, want := p.after(lo, hi, piece), afterAny(value[:hi], lo, piece); got != want {
				t.Fatalf("%q is in %q[%d:%d] until %d, want %d", piece, value, lo, hi, got, want)
			}
		}
	})
}

// drawPiece draws a piece that a value holds, or nearly holds.
func drawPiece(t *rapid.T, value []rune) string {
	from := rapid.IntRange(0, len(value)-1).Draw(t, "from")
	to := min(from+rapid.SampledFrom([]int{3, 20, 200}).Draw(t, "length"), len(value))
	var piece []byte
	for _, r := range value[from:to] {
		switch rapid.IntRange(0, 99).Draw(t, "character") {
		case 0:
			piece = append(piece, 'b')
		case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
			piece = append(piece, anyChar)
		default:
			piece = utf8.AppendRune(piece, r)
		}
	}
	return string(piece)
}

// TestPlacesMakeRoom: blocks are forgotten when there are too many, and found again.
func TestPlacesMakeRoom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	value := make([]byte, 30_000)
	for i := range value {
		value[i] = "abcdefgh"[r.IntN(8)]
	}
	var p places
	if !p.of(string(value)) {
		t.Fatal("there are no places")
	}
	room := 0
	for range 3000 {
		from, n := r.IntN(len(value)-100), 1+r.IntN(100)
		piece := slices.Clone(value[from : from+n])
		for i := range piece {
			if r.IntN(3) == 0 {
				piece[i] = anyChar
			}
		}
		if r.IntN(2) == 0 {
			piece[n-1] = 'x'
		}
		before := len(p.sets)
		if got, want := p.after(100, len(value), string(piece)), afterAny(string(value), 100, string(piece)); got != want {
			t.Fatalf("%q is there until %d, want %d", piece, got, want)
		}
		if len(p.sets) < before {
			room++
		}
		if len(p.sets) > maxSets || len(p.sets) != len(p.extents)*p.width {
			t.Fatalf("there are %d words of %d sets", len(p.sets), len(p.extents))
		}
	}
	if room == 0 {
		t.Error("nothing was ever forgotten")
	}
}

// TestFinderKeepsValuesApart searches many long values in turns, with patterns that make an index of each.
func TestFinderKeepsValuesApart(t *testing.T) {
	f := new(finder)
	defer f.release()
	values := make([]string, maxSearches+10)
	for i := range values {
		values[i] = strings.Repeat("a", 1000) + fmt.Sprintf("b%03d", i)
	}
	for range 2 {
		for i, value := range values {
			own, other := newGlob(fmt.Sprintf("*%s?%03d*", strings.Repeat("a?", 50), i)), newGlob("*a?bb*")
			if !own.match(value, f) || other.match(value, f) {
				t.Fatalf("value %d is taken for another", i)
			}
		}
	}
	if len(f.searches.list) != maxSearches {
		t.Errorf("%d values are remembered, want %d", len(f.searches.list), maxSearches)
	}
}
