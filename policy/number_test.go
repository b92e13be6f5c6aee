package policy

import (
	"cmp"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParseNumber(t *testing.T) {
	for _, equal := range []string{"1", "01", "+1", "1.", "1.0", "1e0", "1E+0", "0.1e1", "10e-1", "0000000001.0000000"} {
		n, ok := parseNumber(equal)
		one, _ := parseNumber("1")
		if !ok || n.compare(one) != 0 {
			t.Errorf("%q is not 1", equal)
		}
	}
	for _, zero := range []string{"0", "-0", "0.0", ".0", "0e99", "-0.000e-5"} {
		n, ok := parseNumber(zero)
		if !ok || n.compare(number{}) != 0 {
			t.Errorf("%q is not 0", zero)
		}
	}
	for _, none := range []string{"", "+", ".", "-.", "NaN", "Infinity", "1e", "1e+", "1e1.5", "1 ", " 1", "1,5", "0x10", "1e2147483648", "--1", "1..2", "e5", "١"} {
		if _, ok := parseNumber(none); ok {
			t.Errorf("%q is a number", none)
		}
	}
}

// TestNumbersCompareAsRationals compares with exact arithmetic.
func TestNumbersCompareAsRationals(t *testing.T) {
	text := rapid.StringMatching(`[+-]?(0{0,2}[0-9]{1,6}(\.[0-9]{0,4})?|\.0{0,3}[0-9]{1,3})(e[+-]?[0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		na, oka := parseNumber(a)
		nb, okb := parseNumber(b)
		ra, _ := new(big.Rat).SetString(a)
		rb, _ := new(big.Rat).SetString(b)
		if !oka || !okb {
			t.Fatalf("%q or %q is no number", a, b)
		}
		if got, want := sign(na.compare(nb)), ra.Cmp(rb); got != want {
			t.Fatalf("%q compared with %q is %d, want %d", a, b, got, want)
		}
	})
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestNumbersOfAnyLength(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"9007199254740993", "9007199254740992", 1},
		{"1e1000000000", "1e999999999", 1},
		{"-1e1000000000", "1e-1000000000", -1},
		{"0.1", "0.10000000000000000000000000000000000001", -1},
		{"-5", "-4.5", -1},
		{"0", "-0.1", 1},
		{"0", "0.1", -1},
		{"100", "1e2", 0},
		{"123", "12", 1},
	}
	for _, tt := range tests {
		a, _ := parseNumber(tt.a)
		b, _ := parseNumber(tt.b)
		if got := sign(a.compare(b)); got != tt.want {
			t.Errorf("%s compared with %s is %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := sign(b.compare(a)); got != -tt.want {
			t.Errorf("%s compared with %s is %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
}

// TestDigits: numbers of equal length before the point compare by all their digits, wherever the point is.
func TestDigits(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"10001", "1e4", 1}, {"1e4", "10001", -1}, {"1.2345", "12345e-4", 0}, {"12.345", "1.2345e1", 0}, {"123.45", "123.46", -1},
		{"12.3", "12.34", -1}, {"0.0123", "1.23e-2", 0}, {"-12.3", "-12.34", 1}, {"100.5", "100", 1}, {"9", "10", -1}, {"1.9", "1.10", 1},
	} {
		a, _ := parseNumber(tt.a)
		b, _ := parseNumber(tt.b)
		if got := cmp.Compare(a.compare(b), 0); got != tt.want {
			t.Errorf("%s against %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
