package policy

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestPrefixContains(t *testing.T) {
	tests := []struct {
		operand, address string
		want             bool
	}{
		{"192.0.2.0/24", "192.0.2.1", true},
		{"192.0.2.5/24", "192.0.2.1", true},
		{"192.000.2.0/024", "192.0.002.1", true},
		{"192.0.2.0/+24", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"0.0.0.0/0", "255.255.255.255", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "192.0.2.1", false},
		{"2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", true},
		{"2001:db8::1", "2001:db8::1", true},
		{"2001:db8::1", "2001:db8::2", false},
	}
	for _, tt := range tests {
		prefix, ok := parsePrefix(tt.operand)
		addr, ok2 := parseAddress(tt.address)
		if !ok || !ok2 || prefix.Contains(addr) != tt.want {
			t.Errorf("%s contains %s: %v, want %v", tt.operand, tt.address, !tt.want, tt.want)
		}
	}
}

func TestNotAnAddress(t *testing.T) {
	for _, text := range []string{"", "not-an-ip", "192.0.2", "192.0.2.1.5", "192.0.2.256", "192.0.2.", "192.0.2.-1", "192.0.2.1 ", "fe80::1%eth0", "1:2:3", "192.0.2.0000000001", ":", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "12345::", "g::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:", ":1"} {
		if _, ok := parseAddress(text); ok {
			t.Errorf("%q is an address", text)
		}
	}
	for _, text := range []string{"", "x/8", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/a", "192.0.2.0/8/8", "::/129", "192.0.2.0/0000000008"} {
		if _, ok := parsePrefix(text); ok {
			t.Errorf("%q is a prefix", text)
		}
	}
}

// TestIPv6IsNetip compares the parser with the standard library's, which knows zones besides, and
// refuses zeros that lead in octets.
func TestIPv6IsNetip(t *testing.T) {
	text := rapid.StringMatching(`[0-9a-fA-F]{0,5}(:{1,2}[0-9a-f]{0,4}){1,8}(:[1-9][0-9]{0,2}\.1\.2\.3)?`)
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "text")
		want, err := netip.ParseAddr(s)
		if got, ok := parseAddress(s); ok != (err == nil) || ok && got != want {
			t.Fatalf("%q is %v, %v; want %v, %v", s, got, ok, want, err)
		}
	})
}
