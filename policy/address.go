package policy

import (
	"net/netip"
	"strings"
)

// parsePrefix reads the operand of IpAddress: an address, or a block in CIDR notation. An address
// stands for itself alone. Host bits, and leading zeros in octets and in the length, have no
// meaning.
func parsePrefix(text string) (netip.Prefix, bool) {
	host, length, block := strings.Cut(text, "/")
	addr, ok := parseAddress(host)
	if !ok {
		return netip.Prefix{}, false
	}
	bits := addr.BitLen()
	if block {
		length = strings.TrimPrefix(length, "+")
		if length == "" || len(length) > 9 {
			return netip.Prefix{}, false
		}
		if bits, ok = parseField(length, 0, addr.BitLen()); !ok {
			return netip.Prefix{}, false
		}
	}
	prefix, err := addr.Prefix(bits)
	return prefix, err == nil
}

// parseAddress reads an IPv4 address, with any leading zeros in its octets, or an IPv6 address
// without a zone. Unlike netip.ParseAddr it allocates nothing for what is none.
func parseAddress(text string) (netip.Addr, bool) {
	if strings.Contains(text, ":") {
		return parseIPv6(text)
	}
	octets, ok := parseOctets(text)
	return netip.AddrFrom4(octets), ok
}

func parseOctets(text string) (octets [4]byte, ok bool) {
	for i := range octets {
		octet, rest, more := strings.Cut(text, ".")
		n, ok := parseField(octet, 0, 255)
		if !ok || len(octet) > 9 || more != (i < 3) {
			return octets, false
		}
		octets[i], text = byte(n), rest
	}
	return octets, true
}

// parseIPv6 reads eight groups of hexadecimal digits, of which "::" may stand for those that are 0
// and an IPv4 address for the last two (RFC 4291, section 2.2).
func parseIPv6(text string) (netip.Addr, bool) {
	head, tail, short := strings.Cut(text, "::")
	var high, low [16]byte
	front, ok1 := parseGroups(head, !short, &high)
	back, ok2 := parseGroups(tail, short, &low)
	if !ok1 || !ok2 || short && front+back > 14 || !short && front != 16 {
		return netip.Addr{}, false
	}
	copy(high[16-back:], low[:back])
	return netip.AddrFrom16(high), true
}

// parseGroups reads groups into bytes and returns how many bytes they fill. Only the last of an
// address may be an IPv4 address.
func parseGroups(text string, ending bool, into *[16]byte) (n int, ok bool) {
	for more := text != ""; more; {
		var group string
		group, text, more = strings.Cut(text, ":")
		if octets, ok := parseOctets(group); ok && ending && !more && n <= 12 {
			return n + copy(into[n:], octets[:]), true
		}
		value, ok := parseHex(group)
		if !ok || n == 16 {
			return n, false
		}
		into[n], into[n+1] = byte(value>>8), byte(value)
		n += 2
	}
	return n, true
}

// parseHex reads one to four hexadecimal digits.
func parseHex(text string) (value uint16, ok bool) {
	for i := range len(text) {
		switch b := lower(text[i]); {
		case '0' <= b && b <= '9':
			value = value<<4 | uint16(b-'0')
		case 'a' <= b && b <= 'f':
			value = value<<4 | uint16(b-'a'+10)
		default:
			return 0, false
		}
	}
	return value, 0 < len(text) && len(text) <= 4
}
