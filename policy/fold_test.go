package policy

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestEqualLower holds what live AWS compares as equal (September 2026).
func TestEqualLower(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"pROd", "ProD", true},
		{"É", "é", true},
		{"K", "k", true}, // the Kelvin sign
		{"ß", "ẞ", true},
		{"Σ", "σ", true},
		{"ΟΣ", "ος", true},
		{"ΟΣ", "οσ", false},
		{"ΟΣΟ", "οσο", true},
		{"Ο'Σ'", "ο'ς'", true},
		{"Ο'Σ'Α", "ο'σ'α", true},
		{"'Σ", "'σ", true},
		{"ſ", "s", false},
		{"ı", "I", false},
		{"İ", "i", false},
		{"İ", "i̇", true},
		{"ß", "SS", false},
		{"", "", true},
		{"a", "", false},
		{"a", "ab", false},
	}
	for _, tt := range tests {
		if got := equalLower(tt.a, tt.b); got != tt.want {
			t.Errorf("%q equals %q without case: %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := equalLower(tt.b, tt.a); got != tt.want {
			t.Errorf("%q equals %q without case: %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestEqualLowerIsLowerText(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aAσςΣİi̇K'ßẞ.")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if got, want := equalLower(a, b), lowerText(a) == lowerText(b); got != want {
			t.Fatalf("%q equals %q without case: %v, want %v", a, b, got, want)
		}
	})
}

func FuzzEqualLower(f *testing.F) {
	f.Add("ΟΣ", "ος")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			t.Skip()
		}
		if equalLower(a, b) != (lowerText(a) == lowerText(b)) {
			t.Errorf("%q and %q", a, b)
		}
	})
}
