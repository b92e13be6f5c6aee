package authn

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn is a request that a client might send.
type drawn struct {
	method, path, query, body, header string
	presigned, session                bool
}

func drawRequest(t *rapid.T) drawn {
	segment := rapid.StringMatching(`[a-zA-Z0-9 _~é+=&%-]{1,8}`)
	path := "/"
	for _, s := range rapid.SliceOfN(segment, 0, 3).Draw(t, "path") {
		path += url.PathEscape(s) + "/"
	}
	query := url.Values{}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z0-9]{1,8}`), 0, 4, rapid.ID).Draw(t, "names") {
		query.Set(name, rapid.String().Draw(t, "value"))
	}
	return drawn{
		method:    rapid.SampledFrom([]string{"POST", "GET", "PUT"}).Draw(t, "method"),
		path:      path,
		query:     strings.ReplaceAll(query.Encode(), "+", "%20"),
		body:      rapid.String().Draw(t, "body"),
		header:    rapid.StringMatching(`[!-~]([ -~]{0,20}[!-~])?`).Draw(t, "header"),
		presigned: rapid.Bool().Draw(t, "presigned"),
		session:   rapid.Bool().Draw(t, "session"),
	}
}

func (d drawn) request() *http.Request {
	r, err := http.NewRequest(d.method, "http://localhost:4566"+d.path+"?"+d.query, strings.NewReader(d.body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("X-Amz-Drawn", d.header)
	return r
}

func (d drawn) mutate(t *rapid.T, r *http.Request, body string) string {
	switch rapid.IntRange(0, 5).Draw(t, "mutation") {
	case 0:
		r.Method = "DELETE"
	case 1:
		r.URL.Path += "x"
		r.URL.RawPath = ""
	case 2:
		r.URL.RawQuery += "&zz=1"
	case 3:
		r.Header.Set("X-Amz-Drawn", d.header+"x")
	case 4:
		r.Host = "elsewhere"
	default:
		body += "x"
	}
	return body
}

func TestAnyRequest(t *testing.T) {
	f := newFixture(t)
	session := f.session()
	rapid.Check(t, func(t *rapid.T) {
		d := drawRequest(t)
		creds, sign := f.creds, f.sign
		if d.session {
			creds = session
		}
		if d.presigned {
			sign = f.presign
		}
		signed := sign(d.request(), creds, d.body, "organizations")
		if _, err := f.verify(signed, d.body, organizations); err != nil {
			t.Fatalf("refused %s %s: %v", signed.Method, signed.URL, err)
		}
		body := d.mutate(t, signed, d.body)
		if got, err := f.verify(signed, body, organizations); err == nil {
			t.Fatalf("accepted a changed request: %+v", got)
		}
	})
}

func FuzzAuthorizationHeader(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIA/20260102/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=00")
	f.Add("AWS4-HMAC-SHA256 Credential=////,SignedHeaders=;,Signature==")
	f.Add("Bearer x")
	f.Fuzz(func(t *testing.T, header string) {
		fx := newFixture(t)
		r := request("")
		r.Header.Set("X-Amz-Date", testTime.Format(basicFormat))
		r.Header.Set("Authorization", header)
		if got, err := fx.verify(r, "", organizations); err == nil {
			t.Fatalf("%q authenticates %+v", header, got)
		}
		if scope, ok := ScopeOf(r); ok && !strings.Contains(header, string(scope.AccessKeyID)) {
			t.Fatalf("%q has no key %q", header, scope.AccessKeyID)
		}
	})
}

func FuzzCanonicalQuery(f *testing.F) {
	f.Add("b=2&a=1&a=0")
	f.Add("a=%20+&%zz&=&&x")
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := parseQuery(raw)
		if err != nil {
			return
		}
		canonical := string(appendQuery(nil, query, false))
		again, err := parseQuery(canonical)
		if err != nil {
			t.Fatalf("%q: %v", canonical, err)
		}
		slices.Reverse(again)
		if got := string(appendQuery(nil, again, false)); got != canonical {
			t.Fatalf("%q is %q once and %q then", raw, canonical, got)
		}
	})
}
