package authn

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/espalier-cloud/espalier/internal/identity"
)

var testTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

var organizations = Service{Name: "organizations", Protocol: JSON}

// fixture is an account with one root access key and a verifier that knows it.
type fixture struct {
	t       testing.TB
	now     time.Time
	account *identity.Account
	key     *identity.AccessKey
	creds   aws.Credentials
	keyring *identity.Keyring
	v       *Verifier
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	keyring, err := identity.NewKeyring(bytes.Repeat([]byte{7}, identity.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	d, err := identity.NewAccount("111122223333", identity.PartitionAWS, "tests", "root@example.com", testTime, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, secret, err := d.CreateRootAccessKey(keyring)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, now: testTime, account: d.Account(), key: key, keyring: keyring}
	f.creds = aws.Credentials{AccessKeyID: string(key.ID), SecretAccessKey: secret.Reveal()}
	f.v = &Verifier{Clock: func() time.Time { return f.now }, Keyring: keyring, Lookup: f.lookup}
	return f
}

func (f *fixture) lookup(_ context.Context, id identity.AccessKeyID) (Credential, error) {
	key, ok := f.account.AccessKey(id)
	if !ok {
		return Credential{}, ErrUnknownKey
	}
	return Credential{Key: *key, Caller: f.account.Caller(key)}, nil
}

// session issues credentials of a role session that lasts an hour.
func (f *fixture) session() aws.Credentials {
	f.t.Helper()
	d := f.account.Draft(f.now, rand.Reader)
	role, err := d.CreateOrganizationAccessRole("Admin", "999999999999")
	if err != nil {
		f.t.Fatal(err)
	}
	f.account = d.Account()
	s, err := f.account.RoleSession(role, identity.Caller{}, identity.NewRoleSession{Name: "alice", Duration: time.Hour}, f.now)
	if err != nil {
		f.t.Fatal(err)
	}
	issued, err := (&Issuer{Keyring: f.keyring, Rand: rand.Reader}).Issue(*s)
	if err != nil {
		f.t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: string(issued.AccessKeyID), SecretAccessKey: issued.SecretAccessKey.Reveal(),
		SessionToken: issued.SessionToken.Reveal()}
}

// TestTokensAreShort: clients send them with each request.
func TestTokensAreShort(t *testing.T) {
	f := newFixture(t)
	if n := len(f.session().SessionToken); n > 448 {
		t.Errorf("a session token has %d characters", n)
	}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// request returns an unsigned call of Organizations.
func request(body string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, "http://localhost:4566/", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128.DescribeOrganization")
	return r
}

// sign signs r with the AWS SDK's signer.
func (f *fixture) sign(r *http.Request, creds aws.Credentials, body, service string) *http.Request {
	f.t.Helper()
	err := v4.NewSigner().SignHTTP(context.Background(), creds, r, hashOf(body), service, "eu-central-1", f.now)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

// presign returns r with its signature in the query, valid for an hour.
func (f *fixture) presign(r *http.Request, creds aws.Credentials, body, service string) *http.Request {
	f.t.Helper()
	query := r.URL.Query()
	query.Set("X-Amz-Expires", "3600")
	r.URL.RawQuery = query.Encode()
	uri, headers, err := v4.NewSigner().PresignHTTP(context.Background(), creds, r, hashOf(body), service, "us-east-1", f.now)
	if err != nil {
		f.t.Fatal(err)
	}
	signed, err := http.NewRequest(r.Method, uri, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	signed.Header = headers
	return signed
}

func (f *fixture) verify(r *http.Request, body string, s Service) (Verified, error) {
	return f.v.Verify(context.Background(), r, []byte(body), s)
}

// wantRefusal asserts that err refuses with a code and a message, and returns it.
func wantRefusal(t *testing.T, err error, code, message string) *Error {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if refused.ErrorCode() != code || !strings.Contains(refused.ErrorMessage(), message) {
		t.Errorf("got %v, want %s: …%s…", refused, code, message)
	}
	return refused
}

func TestVerifyHeader(t *testing.T) {
	f := newFixture(t)
	got, err := f.verify(f.sign(request("{}"), f.creds, "{}", "organizations"), "{}", organizations)
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Caller{Account: "111122223333", Type: identity.Root, ARN: "arn:aws:iam::111122223333:root",
		UserID: "111122223333", AccessKeyID: f.key.ID}
	if got.Caller.ARN != want.ARN || got.Caller.Account != want.Account || got.Caller.Type != want.Type ||
		got.Caller.UserID != want.UserID || got.Caller.AccessKeyID != want.AccessKeyID {
		t.Errorf("caller = %+v, want %+v", got.Caller, want)
	}
	if got.Session != nil {
		t.Errorf("a long-term key has a session: %+v", got.Session)
	}
	if s := got.Scope; s.AccessKeyID != f.key.ID || s.Date != "20260102" || s.Region != "eu-central-1" || s.Service != "organizations" {
		t.Errorf("scope = %+v", s)
	}
}

func TestVerifySession(t *testing.T) {
	f := newFixture(t)
	creds := f.session()
	for name, signed := range map[string]*http.Request{
		"header":    f.sign(request(""), creds, "", "organizations"),
		"presigned": f.presign(request(""), creds, "", "organizations"),
	} {
		got, err := f.verify(signed, "", organizations)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Session == nil || got.Session.Role.Name != "Admin" || got.Session.AccessKeyID != identity.AccessKeyID(creds.AccessKeyID) {
			t.Errorf("%s: session = %+v", name, got.Session)
		}
		if want := "arn:aws:sts::111122223333:assumed-role/Admin/alice"; got.Caller.ARN != want {
			t.Errorf("%s: caller = %s, want %s", name, got.Caller.ARN, want)
		}
		if err := f.account.CheckSession(got.Session); err != nil {
			t.Errorf("%s: the account refuses its session: %v", name, err)
		}
	}
}

func TestVerifyPresigned(t *testing.T) {
	f := newFixture(t)
	r, _ := http.NewRequest(http.MethodGet, "http://localhost:4566/?Version=2011-06-15&Action=GetCallerIdentity&Empty=", nil)
	signed := f.presign(r, f.creds, "", "sts")
	sts := Service{Name: "sts", Protocol: Query}
	if got, err := f.verify(signed, "", sts); err != nil || got.Scope.Service != "sts" {
		t.Fatalf("got %+v, %v", got, err)
	}
	f.now = testTime.Add(time.Hour) // the last moment, long past the window
	if _, err := f.verify(signed, "", sts); err != nil {
		t.Errorf("refused before its time: %v", err)
	}
	f.now = testTime.Add(time.Hour + time.Second)
	_, err := f.verify(signed, "", sts)
	if got := wantRefusal(t, err, "RequestExpired", "Request has expired.").HTTPStatus(); got != 400 {
		t.Errorf("status = %d", got)
	}
}

func TestVerifyUnsignedKeys(t *testing.T) {
	f := newFixture(t)
	f.v.Unsigned = func(id identity.AccessKeyID) bool { return identity.IsAccountID(string(id)) || id == "test" }
	known := f.v.Lookup
	f.v.Lookup = func(ctx context.Context, id identity.AccessKeyID) (Credential, error) {
		switch {
		case identity.IsAccountID(string(id)):
			return Credential{Caller: identity.Caller{Account: identity.AccountID(id)}}, nil
		case id == "test":
			return Credential{}, ErrUnknownKey
		}
		return known(ctx, id)
	}
	creds := aws.Credentials{AccessKeyID: "444455556666", SecretAccessKey: "anything"}
	signed := f.sign(request(""), creds, "", "organizations")
	f.now = f.now.AddDate(1, 0, 0) // nor is the date checked: the clock of a development server is moved about
	got, err := f.verify(signed, "another body", organizations)
	if err != nil || got.Caller.Account != "444455556666" {
		t.Errorf("got %+v, %v", got.Caller, err)
	}
	creds.AccessKeyID = "test"
	_, err = f.verify(f.sign(request(""), creds, "", "organizations"), "", organizations)
	wantRefusal(t, err, "UnrecognizedClientException", "")

	f.v.Lookup = func(context.Context, identity.AccessKeyID) (Credential, error) { return Credential{}, errDatabase }
	if _, err = f.verify(signed, "", organizations); !errors.Is(err, errDatabase) {
		t.Errorf("got %v, want the lookup's error", err)
	}

	f.v.Lookup = known
	creds = f.creds
	creds.SecretAccessKey = "wrong"
	_, err = f.verify(f.sign(request(""), creds, "", "organizations"), "", organizations)
	wantRefusal(t, err, "InvalidSignatureException", "does not match")
}

var errDatabase = errors.New("the database is gone")

func TestVerifyFailures(t *testing.T) {
	t.Run("lookup", func(t *testing.T) {
		f := newFixture(t)
		f.v.Lookup = func(context.Context, identity.AccessKeyID) (Credential, error) { return Credential{}, errDatabase }
		_, err := f.verify(f.sign(request(""), f.creds, "", "organizations"), "", organizations)
		if !errors.Is(err, errDatabase) {
			t.Errorf("got %v, want the lookup's error", err)
		}
	})
	t.Run("master key", func(t *testing.T) {
		f := newFixture(t)
		f.v.Keyring, _ = identity.NewKeyring(bytes.Repeat([]byte{8}, identity.MasterKeySize))
		_, err := f.verify(f.sign(request(""), f.creds, "", "organizations"), "", organizations)
		if !errors.Is(err, identity.ErrSealBroken) || strings.Contains(err.Error(), f.creds.SecretAccessKey) {
			t.Errorf("got %v, want a broken seal", err)
		}
	})
}

func TestScopeOf(t *testing.T) {
	f := newFixture(t)
	got, ok := ScopeOf(f.sign(request(""), f.creds, "", "sts"))
	if want := "20260102/eu-central-1/sts/aws4_request"; !ok || got.String() != want || got.AccessKeyID != f.key.ID {
		t.Errorf("got %+v, %t, want %s", got, ok, want)
	}
	if got, ok := ScopeOf(f.presign(request(""), f.creds, "", "iam")); !ok || got.Service != "iam" {
		t.Errorf("presigned: got %+v, %t", got, ok)
	}
	if got, ok := ScopeOf(request("")); ok {
		t.Errorf("a scope of an unsigned request: %+v", got)
	}
}

func TestErrorProtocols(t *testing.T) {
	for _, tt := range []struct {
		kind        Kind
		json, query string
		status      int
	}{
		{MissingToken, "MissingAuthenticationTokenException", "MissingAuthenticationToken", 403},
		{Incomplete, "IncompleteSignatureException", "IncompleteSignature", 400},
		{InvalidSignature, "InvalidSignatureException", "SignatureDoesNotMatch", 403},
		{UnrecognizedClient, "UnrecognizedClientException", "InvalidClientTokenId", 403},
		{ExpiredToken, "ExpiredTokenException", "ExpiredToken", 403},
		{RequestExpired, "RequestExpired", "RequestExpired", 400},
	} {
		j := &Error{Kind: tt.kind, Protocol: JSON, Message: "m"}
		if j.ErrorCode() != tt.json || j.HTTPStatus() != 400 || j.Error() != tt.json+": m" {
			t.Errorf("%d, JSON: %v, %d", tt.kind, j, j.HTTPStatus())
		}
		r := &Error{Kind: tt.kind, Protocol: RESTJSON}
		if r.ErrorCode() != tt.json || r.HTTPStatus() != tt.status {
			t.Errorf("%d, REST-JSON: %v, %d", tt.kind, r, r.HTTPStatus())
		}
		q := &Error{Kind: tt.kind, Protocol: Query, Message: "m"}
		if q.ErrorCode() != tt.query || q.HTTPStatus() != tt.status {
			t.Errorf("%d, Query: %v, %d", tt.kind, q, q.HTTPStatus())
		}
	}
	if got := (&Error{Kind: MissingToken, Protocol: Query, Message: "m"}).ErrorMessage(); got != "Request is missing Authentication Token" {
		t.Errorf("message = %q", got)
	}
}

func BenchmarkVerify(b *testing.B) {
	f := newFixture(b)
	body := `{"Name":"` + strings.Repeat("x", 180) + `"}`
	for _, bm := range []struct {
		name  string
		creds aws.Credentials
	}{{"key", f.creds}, {"session", f.session()}} {
		r := f.sign(request(body), bm.creds, body, "organizations")
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.v.Verify(context.Background(), r, []byte(body), organizations); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
