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
// without a zone.
func parseAddress(text string) (netip.Addr, bool) {
	if strings.Contains(text, ":") {
		addr, err := netip.ParseAddr(text)
		return addr, err == nil && addr.Zone() == ""
	}
	var octets [4]byte
	for i := range octets {
		octet, rest, more := strings.Cut(text, ".")
		n, ok := parseField(octet, 0, 255)
		if !ok || len(octet) > 9 || more != (i < 3) {
			return netip.Addr{}, false
		}
		octets[i], text = byte(n), rest
	}
	return netip.AddrFrom4(octets), true
}
