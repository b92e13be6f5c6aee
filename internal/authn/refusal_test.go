package authn

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// authHeader returns an edit that replaces one text in the Authorization header.
func authHeader(old, new string) func(*fixture, *http.Request) {
	return func(f *fixture, r *http.Request) {
		header := r.Header.Get("Authorization")
		if !strings.Contains(header, old) {
			f.t.Fatalf("%q is not in %q", old, header)
		}
		r.Header.Set("Authorization", strings.Replace(header, old, new, 1))
	}
}

func setHeader(name, value string) func(*fixture, *http.Request) {
	return func(_ *fixture, r *http.Request) { r.Header.Set(name, value) }
}

func after(d time.Duration) func(*fixture, *http.Request) {
	return func(f *fixture, _ *http.Request) { f.now = f.now.Add(d) }
}

// TestRefusals spoils one thing after another of a well-signed request.
func TestRefusals(t *testing.T) {
	const (
		missing    = "MissingAuthenticationTokenException"
		incomplete = "IncompleteSignatureException"
		invalid    = "InvalidSignatureException"
		unknown    = "UnrecognizedClientException"
		mismatch   = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	)
	for _, tt := range []struct {
		name          string
		spoil         func(*fixture, *http.Request)
		code, message string
	}{
		{"no authorization", func(_ *fixture, r *http.Request) { r.Header.Del("Authorization") }, missing, "Missing Authentication Token"},
		{"empty authorization", setHeader("Authorization", ""), missing, ""},
		{"two authorizations", func(_ *fixture, r *http.Request) { r.Header.Add("Authorization", "x") }, incomplete, "one Authorization header"},
		{"bearer token", setHeader("Authorization", "Bearer abc"), incomplete, "Unsupported AWS 'algorithm': 'Bearer'"},
		{"only the algorithm", setHeader("Authorization", algorithm), incomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."},
		{"no equal sign", authHeader("Signature=", "Signature"), incomplete, "not a valid key=value pair (missing equal-sign) in Authorization header."},
		{"unknown parameter", authHeader("Signature=", "Seal="), incomplete, "unexpected 'Seal' parameter"},
		{"parameter twice", func(_ *fixture, r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+", Signature=00")
		}, incomplete, "unexpected 'Signature' parameter"},
		{"no date", func(_ *fixture, r *http.Request) { r.Header.Del("X-Amz-Date") }, incomplete, "'X-Amz-Date' or a 'Date' header"},
		{"malformed date", setHeader("X-Amz-Date", "2026-01-02"), incomplete, "Date must be in ISO-8601 'basic format'. Got '2026-01-02'."},
		{"short scope", authHeader("/aws4_request", ""), incomplete, "exactly 5 slash-delimited elements"},
		{"no key", func(f *fixture, r *http.Request) { authHeader(string(f.key.ID), "")(f, r) }, incomplete, "exactly 5 slash-delimited"},
		{"no region", authHeader("eu-central-1", ""), incomplete, "valid region"},
		{"odd region", authHeader("eu-central-1", "eu central"), incomplete, "valid region, not 'eu central'"},
		{"terminator", authHeader("aws4_request", "aws5_request"), invalid, "valid terminator: 'aws4_request', not 'aws5_request'. "},
		{"service", authHeader("/organizations/", "/sts/"), invalid, "Credential should be scoped to correct service: 'organizations'. "},
		{"scope date", authHeader("/20260102/", "/20260101/"), invalid,
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260101' != '20260102', from '20260102T030405Z'."},
		{"host not signed", authHeader(";host;", ";"), invalid, "'Host' or ':authority' must be a 'SignedHeader'"},
		{"x-amz header not signed", setHeader("X-Amz-Extra", "1"), invalid, "'X-Amz-Extra' must be a 'SignedHeader'"},
		{"unsorted headers", authHeader("content-type;host", "host;content-type"), incomplete, "ascending order"},
		{"header signed twice", authHeader(";host;", ";host;host;"), incomplete, "ascending order"},
		{"upper-case header", authHeader(";host;", ";Host;"), incomplete, "lower-case header names"},
		{"no header name", authHeader("SignedHeaders=", "SignedHeaders=;"), incomplete, "lower-case header names"},
		{"too old", after(5*time.Minute + time.Second), invalid,
			"Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T030906Z - 5 min.)"},
		{"too new", after(-5*time.Minute - time.Second), invalid,
			"Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T025904Z + 5 min.)"},
		{"other region", authHeader("eu-central-1", "eu-west-1"), invalid, mismatch},
		{"other header value", setHeader("Content-Type", "text/plain"), invalid, mismatch},
		{"other target", setHeader("X-Amz-Target", "AWSOrganizationsV20161128.DeleteOrganization"), invalid, mismatch},
		{"other host", func(_ *fixture, r *http.Request) { r.Host = "example.com" }, invalid, mismatch},
		{"other method", func(_ *fixture, r *http.Request) { r.Method = http.MethodPut }, invalid, mismatch},
		{"other path", func(_ *fixture, r *http.Request) { r.URL.Path = "/x" }, invalid, mismatch},
		{"other query", func(_ *fixture, r *http.Request) { r.URL.RawQuery = "x=y" }, invalid, mismatch},
		{"broken query", func(_ *fixture, r *http.Request) { r.URL.RawQuery = "x=%zz" }, incomplete, "invalid percent-encoding"},
		{"short signature", authHeader("Signature=", "Signature=0"), invalid, mismatch},
		{"unknown key", func(f *fixture, r *http.Request) { authHeader(string(f.key.ID), "AKIAIOSFODNN7EXAMPLE")(f, r) }, unknown, "The security token included in the request is invalid."},
		{"impossible key", func(f *fixture, r *http.Request) { authHeader(string(f.key.ID), "A\x00")(f, r) }, unknown, ""},
		{"deactivated key", func(f *fixture, _ *http.Request) {
			d := f.account.Draft(f.now, rand.Reader)
			if err := d.SetAccessKeyStatus(f.key.ID, identity.KeyInactive); err != nil {
				f.t.Fatal(err)
			}
			f.account = d.Account()
		}, unknown, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			signed := f.sign(request("{}"), f.creds, "{}", "organizations")
			if _, err := f.verify(signed, "{}", organizations); err != nil {
				t.Fatalf("before it was spoilt: %v", err)
			}
			tt.spoil(f, signed)
			_, err := f.verify(signed, "{}", organizations)
			wantRefusal(t, err, tt.code, tt.message)
		})
	}
}

func TestPresignedRefusals(t *testing.T) {
	set := func(name, value string) func(url.Values) {
		return func(q url.Values) { q.Set(name, value) }
	}
	for _, tt := range []struct {
		name          string
		spoil         func(url.Values)
		code, message string
	}{
		{"no algorithm", set("X-Amz-Algorithm", ""), "IncompleteSignature", "Unsupported AWS 'algorithm'"},
		{"other algorithm", set("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256"), "IncompleteSignature", "AWS4-ECDSA-P256-SHA256"},
		{"no credential", set("X-Amz-Credential", ""), "IncompleteSignature", "requires 'X-Amz-Credential' parameter."},
		{"signature twice", func(q url.Values) { q.Add("X-Amz-Signature", "00") }, "IncompleteSignature", "'X-Amz-Signature' is given twice"},
		{"over a week", set("X-Amz-Expires", "604801"), "IncompleteSignature", "X-Amz-Expires must be"},
		{"no time at all", set("X-Amz-Expires", "0"), "IncompleteSignature", "X-Amz-Expires must be"},
		{"no number", set("X-Amz-Expires", "soon"), "IncompleteSignature", "X-Amz-Expires must be"},
		{"longer", set("X-Amz-Expires", "3601"), "SignatureDoesNotMatch", ""},
		{"header with a newline", set("X-Amz-SignedHeaders", "host\nx"), "IncompleteSignature", "lower-case header names"},
		{"other action", set("Action", "AssumeRole"), "SignatureDoesNotMatch", ""},
		{"nothing", func(q url.Values) { clear(q) }, "MissingAuthenticationToken", "Request is missing Authentication Token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			r, _ := http.NewRequest(http.MethodGet, "http://localhost:4566/?Action=GetCallerIdentity", nil)
			signed := f.presign(r, f.creds, "", "sts")
			query := signed.URL.Query()
			tt.spoil(query)
			signed.URL.RawQuery = query.Encode()
			_, err := f.verify(signed, "", Service{Name: "sts", Protocol: Query})
			wantRefusal(t, err, tt.code, tt.message)
		})
	}
}

func TestPayloadHash(t *testing.T) {
	f := newFixture(t)
	for _, tt := range []struct{ claimed, body, code string }{
		{hashOf("{}"), "{}", ""},
		{hashOf("{}"), "{ }", "InvalidSignatureException"},
		{"UNSIGNED-PAYLOAD", "{}", "InvalidSignatureException"},
		{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "{}", "InvalidSignatureException"},
	} {
		r := request(tt.body)
		r.Header.Set("X-Amz-Content-Sha256", tt.claimed)
		_, err := f.verify(f.sign(r, f.creds, tt.body, "organizations"), tt.body, organizations)
		if tt.code == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.claimed, err)
			}
			continue
		}
		wantRefusal(t, err, tt.code, "does not match")
	}
}

func TestWindow(t *testing.T) {
	for _, tt := range []struct {
		window, age time.Duration
		ok          bool
	}{
		{0, 5 * time.Minute, true},
		{0, -5 * time.Minute, true},
		{0, 5*time.Minute + time.Second, false},
		{time.Hour, time.Hour, true},
		{time.Hour, -time.Hour - time.Second, false},
		{-1, 1000 * time.Hour, true},
		{-1, -1000 * time.Hour, true},
	} {
		f := newFixture(t)
		f.v.Window = tt.window
		signed := f.sign(request(""), f.creds, "", "organizations")
		f.now = f.now.Add(tt.age)
		if _, err := f.verify(signed, "", organizations); (err == nil) != tt.ok {
			t.Errorf("window %v, age %v: %v", tt.window, tt.age, err)
		}
	}
}

func TestDateHeader(t *testing.T) {
	f := newFixture(t)
	signed := f.sign(request(""), f.creds, "", "organizations")
	signed.Header.Del("X-Amz-Date")
	signed.Header.Set("Date", f.now.Format(http.TimeFormat))
	header := signed.Header.Get("Authorization")
	signed.Header.Set("Authorization", strings.Replace(header, "x-amz-date;", "", 1))
	// The SDK signs X-Amz-Date only, so the signature is made here, over the canonical request that the spec asks for.
	const canonical = "POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:localhost:4566\n" +
		"x-amz-target:AWSOrganizationsV20161128.DescribeOrganization\n\ncontent-type;host;x-amz-target\n"
	text := "AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/eu-central-1/organizations/aws4_request\n" + hashOf(canonical+hashOf(""))
	key := []byte("AWS4" + f.creds.SecretAccessKey)
	for _, part := range []string{"20260102", "eu-central-1", "organizations", "aws4_request"} {
		key = sign(key, []byte(part))
	}
	authHeader(header[strings.Index(header, "Signature="):], "Signature="+hexOf(sign(key, []byte(text))))(f, signed)
	if _, err := f.verify(signed, "", organizations); err != nil {
		t.Error(err)
	}
}

func TestSessionRefusals(t *testing.T) {
	f := newFixture(t)
	creds := f.session()
	const invalidToken = "The security token included in the request is invalid."
	t.Run("expired", func(t *testing.T) {
		start := f.now
		defer func() { f.now = start }()
		f.now = start.Add(time.Hour)
		_, err := f.verify(f.sign(request(""), creds, "", "organizations"), "", organizations)
		wantRefusal(t, err, "ExpiredTokenException", "The security token included in the request is expired")
	})
	t.Run("wrong secret", func(t *testing.T) {
		wrong := creds
		wrong.SecretAccessKey = "wrong"
		_, err := f.verify(f.sign(request(""), wrong, "", "organizations"), "", organizations)
		wantRefusal(t, err, "InvalidSignatureException", "")
	})
	t.Run("no token", func(t *testing.T) {
		without := creds
		without.SessionToken = ""
		_, err := f.verify(f.sign(request(""), without, "", "organizations"), "", organizations)
		wantRefusal(t, err, "UnrecognizedClientException", invalidToken)
	})
	t.Run("token of another key", func(t *testing.T) {
		mixed := f.creds
		mixed.SessionToken = creds.SessionToken
		_, err := f.verify(f.sign(request(""), mixed, "", "organizations"), "", organizations)
		wantRefusal(t, err, "UnrecognizedClientException", invalidToken)
	})
	t.Run("no base64", func(t *testing.T) {
		garbled := creds
		garbled.SessionToken = "!"
		_, err := f.verify(f.sign(request(""), garbled, "", "organizations"), "", organizations)
		wantRefusal(t, err, "UnrecognizedClientException", invalidToken)
	})
	t.Run("sealed, but no session", func(t *testing.T) {
		sealed, err := f.keyring.Seal(tokenID(identity.AccessKeyID(creds.AccessKeyID)), []byte("no JSON"), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		garbled := creds
		garbled.SessionToken = base64.StdEncoding.EncodeToString(sealed)
		_, err = f.verify(f.sign(request(""), garbled, "", "organizations"), "", organizations)
		wantRefusal(t, err, "UnrecognizedClientException", invalidToken)
	})
}

func TestIssueFails(t *testing.T) {
	f := newFixture(t)
	for n := range 50 { // 10 bytes of id, 30 of secret, 12 of nonce
		issuer := &Issuer{Keyring: f.keyring, Rand: bytes.NewReader(make([]byte, n))}
		if _, err := issuer.Issue(identity.Session{}); err == nil {
			t.Errorf("issued with %d random bytes", n)
		}
	}
	issuer := &Issuer{Keyring: f.keyring, Rand: rand.Reader}
	endless := identity.Session{Expires: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := issuer.Issue(endless); err == nil {
		t.Error("issued a session that JSON cannot express")
	}
}

// TestChangedSecret shows that a cached signing key is not used for another secret under the same key id.
func TestChangedSecret(t *testing.T) {
	f := newFixture(t)
	signed := f.sign(request(""), f.creds, "", "organizations")
	if _, err := f.verify(signed, "", organizations); err != nil {
		t.Fatal(err)
	}
	changed := *f.key
	var err error
	if changed.Sealed, err = f.keyring.Seal(identity.SecretID(changed.ID), []byte("another secret"), rand.Reader); err != nil {
		t.Fatal(err)
	}
	doc := identity.Change{Kind: identity.KindAccessKey, ID: string(changed.ID), Doc: marshal(t, changed)}
	if f.account, err = f.account.Apply([]identity.Change{doc}); err != nil {
		t.Fatal(err)
	}
	_, err = f.verify(signed, "", organizations)
	wantRefusal(t, err, "InvalidSignatureException", "")

	creds := f.creds
	creds.SecretAccessKey = "another secret"
	if _, err = f.verify(f.sign(request(""), creds, "", "organizations"), "", organizations); err != nil {
		t.Error(err)
	}
}

func TestRefusalsTellNothing(t *testing.T) {
	f := newFixture(t)
	r := request("")
	r.Header.Set("Authorization", algorithm+" "+strings.Repeat("x", 5000)+"\xff")
	_, err := f.verify(r, "", organizations)
	var refused *Error
	if !errors.As(err, &refused) || len(refused.Message) > 400 || !strings.Contains(refused.Message, "x…") {
		t.Errorf("got %v, want an excerpt of what the client sent", err)
	}
}
