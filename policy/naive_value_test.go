package policy_test

import (
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// This file holds the values of the second evaluator: numbers, dates, addresses, letter case, and the
// names of operators.

// Numbers.

// naiveNumber is 0.DIGITS × 10^exponent with digits that begin and end with no zero; zero has none.
type naiveNumber struct {
	negative bool
	digits   string
	exponent *big.Int
}

var numberPattern = regexp.MustCompile(`^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$`)

func parseNaiveNumber(s string) *naiveNumber {
	found := numberPattern.FindStringSubmatch(s)
	if found == nil || found[2]+found[3] == "" {
		return nil
	}
	exponent := new(big.Int)
	if found[4] != "" {
		if _, err := strconv.ParseInt(found[4], 10, 32); err != nil {
			return nil
		}
		exponent.SetString(found[4], 10)
	}
	digits := found[2] + found[3]
	significant := strings.TrimLeft(digits, "0")
	exponent.Add(exponent, big.NewInt(int64(len(found[2])-(len(digits)-len(significant)))))
	significant = strings.TrimRight(significant, "0")
	if significant == "" {
		return &naiveNumber{exponent: new(big.Int)}
	}
	return &naiveNumber{found[1] == "-", significant, exponent}
}

func (a *naiveNumber) sign() int {
	switch {
	case a.digits == "":
		return 0
	case a.negative:
		return -1
	default:
		return 1
	}
}

func (a *naiveNumber) compare(b *naiveNumber) int {
	if a.sign() != b.sign() {
		return a.sign() - b.sign()
	}
	if a.sign() == 0 {
		return 0
	}
	order := a.exponent.Cmp(b.exponent)
	if order == 0 {
		order = strings.Compare(a.digits, b.digits)
	}
	return order * a.sign()
}

// Dates.

var (
	epochPattern = regexp.MustCompile(`^[+-]?[0-9]{1,15}$`)
	datePattern  = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$`)
)

func parseNaiveDate(s string) *time.Time {
	if epochPattern.MatchString(s) {
		seconds, _ := strconv.ParseInt(s, 10, 64)
		return new(time.Unix(seconds, 0))
	}
	found := datePattern.FindStringSubmatch(s)
	if found == nil {
		return nil
	}
	var part [7]int
	for i := 1; i <= 6; i++ {
		part[i], _ = strconv.Atoi(found[i])
	}
	milliseconds, _ := strconv.Atoi((found[7] + "000")[:3])
	date := time.Date(part[1], time.Month(part[2]), part[3], part[4], part[5], part[6], milliseconds*1e6, time.UTC)
	if date.Month() != time.Month(part[2]) || date.Day() != part[3] || part[4] > 23 || part[5] > 59 || part[6] > 59 {
		return nil
	}
	return new(date.Add(-zoneOffset(found[8])))
}

func zoneOffset(zone string) time.Duration {
	if zone == "" || zone == "Z" {
		return 0
	}
	digits := strings.ReplaceAll(zone[1:], ":", "") + "00"
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi(digits[2:4])
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if zone[0] == '-' {
		return -offset
	}
	return offset
}

// Addresses.

func addressWithin(value, operand string) bool {
	address, _ := parseNaiveAddress(value)
	host, length, hasLength := strings.Cut(operand, "/")
	network, ok := parseNaiveAddress(host)
	if !ok {
		return false
	}
	bits := network.BitLen()
	if hasLength {
		var err error
		if bits, err = strconv.Atoi(length); err != nil || bits < 0 || bits > network.BitLen() {
			return false
		}
	}
	return netip.PrefixFrom(network, bits).Contains(address)
}

var octetsPattern = regexp.MustCompile(`^([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)$`)

// parseNaiveAddress reads an IPv6 address, or an IPv4 address whose octets may have leading zeros.
func parseNaiveAddress(s string) (netip.Addr, bool) {
	found := octetsPattern.FindStringSubmatch(s)
	if found == nil {
		address, err := netip.ParseAddr(s)
		return address, err == nil && address.Zone() == ""
	}
	var octets [4]byte
	for i := range octets {
		octet, err := strconv.Atoi(found[i+1])
		if err != nil || octet > 255 {
			return netip.Addr{}, false
		}
		octets[i] = byte(octet)
	}
	return netip.AddrFrom4(octets), true
}

// Case.

// lowerAsJava is Java's String.toLowerCase: the simple mapping, but for İ and for Σ at the end of a
// word.
func lowerAsJava(s string) string {
	var b strings.Builder
	all := []rune(s)
	for i, r := range all {
		switch {
		case r == 'İ':
			b.WriteString("i\u0307")
		case r == 'Σ' && casedNext(all[:i], true) && !casedNext(all[i+1:], false):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// casedNext tells whether a cased letter is next to Σ, marks and apostrophes between them apart.
func casedNext(s []rune, backwards bool) bool {
	if backwards {
		s = slices.Clone(s)
		slices.Reverse(s)
	}
	for _, r := range s {
		if !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) && !strings.ContainsRune("'.:·’․", r) {
			return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
		}
	}
	return false
}

// Operators.

// canonical spells the name of an operator as AWS's documentation does.
func canonical(operator string) string {
	for _, set := range []string{"", "ForAllValues:", "ForAnyValue:"} {
		for _, name := range operatorNames {
			for _, known := range []string{set + name, set + name + "IfExists"} {
				if strings.EqualFold(operator, known) {
					return known
				}
			}
		}
	}
	panic("no operator: " + operator)
}

var operatorNames = strings.Fields(`StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike
	NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals
	DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals
	Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnNotEquals ArnLike ArnNotLike Null`)
