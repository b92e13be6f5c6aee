package org

import (
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func TestIDs(t *testing.T) {
	rand := seeded()
	for range 100 {
		if id := NewID(rand); !regexp.MustCompile(`^o-[a-z0-9]{10}$`).MatchString(string(id)) {
			t.Errorf("organization %s", id)
		}
		if id := newAccountID(rand); !TargetID(id).IsAccount() || !regexp.MustCompile(`^[0-9]{12}$`).MatchString(string(id)) {
			t.Errorf("account %s", id)
		}
	}
	for id, want := range map[TargetID][2]bool{
		"123456789012": {true, false}, "ou-abcd-12345678": {false, true}, "r-abcd": {false, false}, "r-abcd567890": {false, false}, "": {false, false},
	} {
		if id.IsAccount() != want[0] || id.IsOU() != want[1] || ParentID(id).IsOU() != want[1] {
			t.Errorf("%q: account %v, unit %v", id, id.IsAccount(), id.IsOU())
		}
	}
}

func TestRandomFavoursNoCharacter(t *testing.T) {
	const n = 36_000
	counts := map[rune]int{}
	for _, r := range random(seeded(), lowerAlnum, n) {
		counts[r]++
	}
	// Six standard deviations: a fair source fails this once in 500 million runs,
	// and this one is seeded.
	mean, deviation := float64(n)/36, 6*math.Sqrt(float64(n)/36)
	for _, r := range lowerAlnum {
		if math.Abs(float64(counts[r])-mean) > deviation {
			t.Errorf("%c came %d times", r, counts[r])
		}
	}
}

func TestNoRandomnessIsADefect(t *testing.T) {
	for _, source := range []io.Reader{strings.NewReader("short"), iotest.ErrReader(errors.New("broken"))} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("an id was made without randomness")
				}
			}()
			NewID(source)
		}()
	}
}
