package trail_test

import (
	"encoding/hex"
	"errors"
	"iter"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/internal/trail"
)

// chain returns the chain of some records.
func chain(previous []byte, docs ...[]byte) []trail.Link {
	var links []trail.Link
	for _, doc := range docs {
		previous = trail.Hash(previous, doc)
		links = append(links, trail.Link{Doc: doc, Hash: previous})
	}
	return links
}

func each(links []trail.Link) iter.Seq2[trail.Link, error] {
	return func(yield func(trail.Link, error) bool) {
		for _, l := range links {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// TestHash: the hashes that are stored must be the same in every version.
func TestHash(t *testing.T) {
	first := trail.Hash(nil, []byte("a"))
	if got := hex.EncodeToString(first); got != "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" {
		t.Errorf("got %s", got) // SHA-256 of "a"
	}
	if second := trail.Hash(first, []byte("b")); slices.Equal(second, trail.Hash(nil, []byte("b"))) {
		t.Error("a hash does not depend on the one before it")
	}
}

// TestVerify: a chain holds in one piece and in two, and whatever is altered,
// left out or exchanged in it is found, at the first place that it concerns.
func TestVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 1, 20), 2, 12, func(doc []byte) string { return string(doc) }).Draw(t, "docs")
		links := chain(nil, docs...)
		last, err := trail.Verify(nil, each(links))
		if err != nil || !slices.Equal(last, links[len(links)-1].Hash) {
			t.Fatalf("a whole chain: %x, %v", last, err)
		}
		at := rapid.IntRange(0, len(links)-1).Draw(t, "at")
		middle, err := trail.Verify(nil, each(links[:at]))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := trail.Verify(middle, each(links[at:])); err != nil {
			t.Fatalf("from link %d on: %v", at, err)
		}

		broken := slices.Clone(links)
		switch rapid.SampledFrom([]string{"altered", "hash", "left out", "exchanged"}).Draw(t, "how") {
		case "altered":
			broken[at].Doc = append(slices.Clone(broken[at].Doc), 'x')
		case "hash":
			broken[at].Hash = trail.Hash(broken[at].Hash, nil)
		case "left out":
			at = min(at, len(links)-2) // that the end is missing is told by what is stored elsewhere
			broken = slices.Delete(broken, at, at+1)
		case "exchanged":
			at = min(at, len(links)-2)
			broken[at], broken[at+1] = broken[at+1], broken[at]
		}
		var found *trail.BrokenError
		if _, err := trail.Verify(nil, each(broken)); !errors.As(err, &found) || found.Index != at {
			t.Fatalf("broken at link %d: %v", at, err)
		}
	})
}

func TestVerifyUnreadableChain(t *testing.T) {
	failure := errors.New("the database is gone")
	_, err := trail.Verify(nil, func(yield func(trail.Link, error) bool) {
		_ = yield(chain(nil, []byte("a"))[0], nil) && yield(trail.Link{}, failure)
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	if _, err := trail.Verify(nil, each(chain([]byte("x"), []byte("a")))); err == nil || err.Error() != "trail: event 0 does not follow from the one before it" {
		t.Errorf("got %v", err)
	}
}
