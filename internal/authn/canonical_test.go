package authn

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestCanonicalRequest takes its cases from AWS's description of the signing process: the expected texts are written
// by hand after its rules.
func TestCanonicalRequest(t *testing.T) {
	empty := hashOf("")
	for _, tt := range []struct {
		name, method, path, query string
		headers                   http.Header
		signed                    string
		want                      string
	}{
		{"vanilla", "GET", "/", "", nil, "host", "GET\n/\n\nhost:example.amazonaws.com\n\nhost\n"},
		{"no path", "GET", "", "", nil, "host", "GET\n/\n\nhost:example.amazonaws.com\n\nhost\n"},
		{"relative path", "GET", "/example/..", "", nil, "host", "GET\n/\n\nhost:example.amazonaws.com\n\nhost\n"},
		{"relative to the root", "GET", "/../../a/./b", "", nil, "host", "GET\n/a/b\n\nhost:example.amazonaws.com\n\nhost\n"},
		{"slashes", "GET", "//example//", "", nil, "host", "GET\n/example/\n\nhost:example.amazonaws.com\n\nhost\n"},
		{"escaped path, escaped again", "GET", "/example%20space/%E1%88%B4", "", nil, "host",
			"GET\n/example%2520space/%25E1%2588%25B4\n\nhost:example.amazonaws.com\n\nhost\n"},
		{"unreserved", "GET", "/-._~0aA", "-._~0aA=-._~0aA", nil, "host",
			"GET\n/-._~0aA\n-._~0aA=-._~0aA\nhost:example.amazonaws.com\n\nhost\n"},
		{"order of names", "GET", "/", "Param2=value2&Param1=value1", nil, "host",
			"GET\n/\nParam1=value1&Param2=value2\nhost:example.amazonaws.com\n\nhost\n"},
		{"order of values", "GET", "/", "Param1=value2&&Param1=Value1&Param1", nil, "host",
			"GET\n/\nParam1=&Param1=Value1&Param1=value2\nhost:example.amazonaws.com\n\nhost\n"},
		{"utf8 query", "GET", "/", "\u1234=bar baz+x/%2f", nil, "host",
			"GET\n/\n%E1%88%B4=bar%20baz%20x%2F%2F\nhost:example.amazonaws.com\n\nhost\n"},
		{"header order and case", "POST", "/", "", http.Header{"My-Header1": {"VALUE1"}, "Unsigned": {"x"}}, "host;my-header1",
			"POST\n/\n\nhost:example.amazonaws.com\nmy-header1:VALUE1\n\nhost;my-header1\n"},
		{"header given twice", "GET", "/", "", http.Header{"My-Header1": {"value2", "value2", "value1"}}, "host;my-header1",
			"GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value2,value2,value1\n\nhost;my-header1\n"},
		{"spaces in headers", "GET", "/", "", http.Header{"My-Header1": {"  value1   a  b "}, "My-Header2": {"   "}}, "host;my-header1;my-header2",
			"GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value1 a b\nmy-header2:\n\nhost;my-header1;my-header2\n"},
		{"absent header", "GET", "/", "", nil, "host;my-header1",
			"GET\n/\n\nhost:example.amazonaws.com\nmy-header1:\n\nhost;my-header1\n"},
		{"length of the body", "POST", "/", "", nil, "content-length;host",
			"POST\n/\n\ncontent-length:13\nhost:example.amazonaws.com\n\ncontent-length;host\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequest(tt.method, "http://example.amazonaws.com"+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tt.headers != nil {
				r.Header = tt.headers
			}
			query, err := parseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			auth := &authorization{signedHeaders: strings.Split(tt.signed, ";"), query: query}
			if got := string(appendCanonical(nil, r, auth, empty, 13)); got != tt.want+empty {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want+empty)
			}
		})
	}
}

// TestDeriveKey checks the example that AWS publishes for deriving a signing key.
func TestDeriveKey(t *testing.T) {
	scope := Scope{Date: "20150830", Region: "us-east-1", Service: "iam", terminator: terminator}
	key := deriveKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope)
	if got, want := hexOf(key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestPublishedExample verifies the signed request of AWS's documentation (ListUsers, 30 August 2015).
func TestPublishedExample(t *testing.T) {
	r, _ := http.NewRequest(http.MethodGet, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Amz-Date", "20150830T123600Z")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "+
		"SignedHeaders=content-type;host;x-amz-date, "+
		"Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
	auth, err := readAuthorization(r)
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC); !auth.at.Equal(want) {
		t.Errorf("date = %v", auth.at)
	}
	who := &claimant{scope: auth.scope, secret: func() (string, error) { return "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", nil }}
	canonical := canonicalHash(r, auth, hashOf(""), 0)
	if got, want := hexOf(canonical[:]), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"; got != want {
		t.Errorf("hash of the canonical request = %s, want %s", got, want)
	}
	if ok, err := new(Verifier).checkSignature(auth, who, canonical); !ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
}

func TestCache(t *testing.T) {
	var c cache[int, int]
	c.set(-1, 1)
	for i := range 10 * cacheSize {
		c.set(i, i)
		if v, ok := c.get(-1); !ok || v != 1 {
			t.Fatalf("what is in use was forgotten after %d others", i)
		}
	}
	if _, ok := c.get(0); ok {
		t.Error("what is not in use was kept")
	}
	if n := len(c.young) + len(c.old); n > 2*cacheSize {
		t.Errorf("the cache holds %d values", n)
	}
}
