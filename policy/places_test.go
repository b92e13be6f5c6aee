package policy

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestPlacesFindWhatIsThere compares the index of a value with trying every place, for values of which
// all fragments are known and for longer ones.
func TestPlacesFindWhatIsThere(t *testing.T) {
	texts := []*rapid.Generator[string]{
		rapid.StringOfN(rapid.SampledFrom([]rune("aaab")), 1, 200, -1),
		rapid.StringOfN(rapid.SampledFrom([]rune("abé中")), 1, 200, -1),
	}
	rapid.Check(t, func(t *rapid.T) {
		value := strings.Repeat(rapid.OneOf(texts...).Draw(t, "value"), rapid.SampledFrom([]int{1, 2, 40}).Draw(t, "times"))
		characters := []rune(value)
		piece := make([]byte, 0, 16)
		for from := rapid.IntRange(0, len(characters)-1).Draw(t, "from"); from < len(characters) && len(piece) < 40; from++ {
			switch rapid.IntRange(0, 19).Draw(t, "character") {
			case 0:
				piece = append(piece, 'b')
			case 1, 2, 3:
				piece = append(piece, anyChar)
			default:
				piece = utf8.AppendRune(piece, characters[from])
			}
		}
		lo := len(string(characters[:rapid.IntRange(0, len(characters)).Draw(t, "lo")]))
		hi := lo + len(string([]rune(value[lo:])[:rapid.IntRange(0, utf8.RuneCountInString(value[lo:])).Draw(t, "characters")]))
		var p places
		if !p.of(value) {
			t.Fatalf("there are no places of %d bytes", len(value))
		}
		if got, want := p.after(lo, hi, string(piece)), afterAny(value[:hi], lo, string(piece)); got != want {
			t.Fatalf("%q is in %q[%d:%d] until %d, want %d", piece, value, lo, hi, got, want)
		}
	})
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
