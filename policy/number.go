package policy

import "strings"

// number is a decimal number of any length: ±0.d1d2d3… × 10^exponent, its digits left in the text
// that it was read from. The forms are those that AWS reads: an optional sign, digits with at most
// one point, and an optional exponent.
type number struct {
	negative    bool
	whole, frac string // the digits before and after the point, from the first that is not 0
	exponent    int64
}

// parseNumber reads a number. It reports false for anything else, NaN and Infinity included.
func parseNumber(text string) (number, bool) {
	var n number
	text, n.negative = cutSign(text)
	mantissa, tail, scaled := text, "", false
	if e := strings.IndexAny(text, "eE"); e >= 0 {
		mantissa, tail, scaled = text[:e], text[e+1:], true
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	if !digits(whole) || !digits(frac) || whole+frac == "" {
		return number{}, false
	}
	if scaled {
		var ok bool
		if n.exponent, ok = parseExponent(tail); !ok {
			return number{}, false
		}
	}
	n.whole = strings.TrimLeft(whole, "0")
	n.exponent += int64(len(n.whole))
	if n.whole == "" {
		n.frac = strings.TrimLeft(frac, "0")
		n.exponent -= int64(len(frac) - len(n.frac))
	} else {
		n.frac = frac
	}
	if n.frac = strings.TrimRight(n.frac, "0"); n.frac == "" {
		n.whole = strings.TrimRight(n.whole, "0")
	}
	if n.whole == "" && n.frac == "" {
		return number{}, true // zero has no sign and no exponent
	}
	return n, true
}

// parseExponent reads the exponent of a number, which must fit into 32 bits.
func parseExponent(text string) (int64, bool) {
	text, negative := cutSign(text)
	if text == "" || !digits(text) {
		return 0, false
	}
	value := int64(0)
	for i := range len(text) {
		if value = value*10 + int64(text[i]-'0'); value > 1<<31-1 {
			return 0, false
		}
	}
	if negative {
		value = -value
	}
	return value, true
}

// compare returns a number below, equal to or above 0 as n is less than, equal to or greater than m.
func (n number) compare(m number) int {
	sign := 1
	switch {
	case n.negative != m.negative:
		if n.negative {
			return -1
		}
		return 1
	case n.negative:
		sign = -1
	}
	switch nz, mz := n.zero(), m.zero(); {
	case nz && mz:
		return 0
	case nz:
		return -1
	case mz:
		return 1
	}
	if n.exponent != m.exponent {
		if n.exponent < m.exponent {
			return -sign
		}
		return sign
	}
	return sign * compareDigits(n.whole, n.frac, m.whole, m.frac)
}

// compareDigits compares two numbers by their digits, each of which begin and end with one that is not 0.
// It takes no longer than the shorter one is.
func compareDigits(a, moreA, b, moreB string) int {
	for {
		n := min(len(a), len(b))
		if order := strings.Compare(a[:n], b[:n]); order != 0 {
			return order
		}
		if a, b = a[n:], b[n:]; a == "" {
			a, moreA = moreA, ""
		}
		if b == "" {
			b, moreB = moreB, ""
		}
		if a == "" || b == "" {
			return len(a) - len(b)
		}
	}
}

func (n number) zero() bool { return n.whole == "" && n.frac == "" }

func cutSign(text string) (rest string, negative bool) {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:], text[0] == '-'
	}
	return text, false
}

// digits tells whether a text holds decimal digits only.
func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
