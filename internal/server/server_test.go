package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/authzen"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/outbox"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
)

// fixture is a server over a database in memory, with one standalone account.
type fixture struct {
	*Server
	t       testing.TB
	store   *store.Store
	core    ops.Core
	keys    *ops.Keys
	issuer  authn.Issuer
	account AccountKey
	log     *bytes.Buffer
	settled int // how often background work was asked to settle
}

// memory is the state of a fixture, to be replaced.
type memory struct {
	*store.Store
	registry *registry.Registry
}

func (m memory) Reset(ctx context.Context) error {
	defer m.registry.Forget()
	return m.Store.Reset(ctx)
}

func (m memory) Import(ctx context.Context, r io.Reader) error {
	defer m.registry.Forget()
	return m.Store.Import(ctx, r)
}

// desk creates accounts as cmd/espalier does.
type desk struct{ ops.Accounts }

func (d *desk) CreateAccount(ctx context.Context, in NewAccount) (AccountKey, error) {
	id, key, err := d.Create(ctx, in.Name, in.Email)
	var refused *identity.Error
	if errors.As(err, &refused) {
		return AccountKey{}, &InvalidAccountError{refused.Message}
	}
	return AccountKey{string(id), string(key.AccessKeyID), key.Secret.Reveal()}, err
}

func (d *desk) EmailUpdate(ctx context.Context, id string) (EmailUpdate, error) {
	update, err := d.Accounts.EmailUpdate(ctx, identity.AccountID(id))
	return EmailUpdate{update.Email, update.Code.Reveal(), update.Until}, err
}

func (d *desk) ListAccounts(ctx context.Context, after string, limit int) ([]AccountSummary, error) {
	ids, err := d.Registry.Accounts(ctx, identity.AccountID(after), limit)
	var accounts []AccountSummary
	for _, id := range ids {
		accounts = append(accounts, AccountSummary{AccountID: string(id)})
	}
	return accounts, err
}

func (d *desk) SetAccount(ctx context.Context, id string, change AccountChange) error {
	err := d.Set(ctx, identity.AccountID(id), ops.AccountChange{Seller: change.Seller, State: (*identity.State)(change.State)})
	if refused, ok := errors.AsType[*identity.Error](err); ok {
		return &InvalidAccountError{refused.Message}
	}
	return err
}

func (d *desk) ReinstateAccount(ctx context.Context, id string) error {
	err := d.Reinstate(ctx, identity.AccountID(id))
	if refused, ok := errors.AsType[*org.Error](err); ok {
		return &InvalidAccountError{refused.Message}
	}
	return err
}

// newFixture returns a server. What change does to its configuration counts.
func newFixture(t testing.TB, change func(*fixture, *Config)) *fixture {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{SQLitePath: ":memory:"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	keyring, err := identity.NewKeyring(make([]byte, identity.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	clock, chains := NewClock(func() time.Time { return noon }), new(authz.Chains)
	r := registry.New(registry.Config{Store: s, Clock: clock.Now, Rand: rand.Reader, Rules: org.AWSRules()})
	f := &fixture{
		t: t, store: s, core: ops.Core{Registry: r, Effective: org.NewEffectivePolicies(), Keyring: keyring, Clock: clock.Now, Decide: chains.Decide, ServiceControl: chains.ServiceControl}, log: new(bytes.Buffer),
		issuer: authn.Issuer{Keyring: keyring, Rand: rand.Reader},
	}
	f.keys = &ops.Keys{Core: f.core}
	tokens := ops.NewTokens(make([]byte, 32), clock.Now)
	accounts := &desk{ops.Accounts{Core: f.core}}
	cfg := Config{
		Verifier: &authn.Verifier{Clock: clock.Now, Keyring: keyring, Lookup: f.lookup},
		Registry: r, Accounts: accounts, Token: "the operator's token",
		Keys: f.keys, Governance: &ops.Governance{Core: f.core}, Bearers: &ops.BearerTokens{Core: f.core}, Evaluator: authzen.Evaluator{Chains: chains, Accounts: r.Account},
		Operations: Operations{
			Organizations: &ops.Organizations{Core: f.core, Tokens: tokens}, IAM: &ops.IAM{Core: f.core, Tokens: tokens},
			STS:        &ops.STS{Core: f.core, Issue: f.issue, WebIdentities: authn.NewWebIdentities(clock.Now)},
			CloudTrail: &ops.CloudTrail{Core: f.core, Tokens: tokens}, Account: &ops.AccountManagement{Core: f.core, Tokens: tokens},
			Tagging: &ops.TaggingAPI{Core: f.core, Tokens: tokens},
		},
		NoteUse: f.core.NoteUse, Ping: s.Ping, Clock: clock.Now, Rand: rand.Reader, Limits: DefaultLimits(),
		Outbox: outbox.New(outbox.Config{Store: s, Clock: clock.Now, Metrics: prometheus.NewRegistry()}),
		Log:    slog.New(slog.NewTextHandler(f.log, nil)), Metrics: prometheus.NewRegistry(),
	}
	if change != nil {
		change(f, &cfg)
	}
	f.Server = New(cfg)
	if f.account, err = accounts.CreateAccount(t.Context(), NewAccount{Email: "first@example.com", Name: "first"}); err != nil {
		t.Fatal(err)
	}
	return f
}

// forTests makes a fixture a server for test suites.
func forTests(f *fixture, cfg *Config) {
	clock := NewClock(func() time.Time { return noon })
	cfg.Clock, cfg.Token = clock.Now, ""
	cfg.Development = &Development{
		Clock: clock, Faults: new(Faults), State: memory{f.store, cfg.Registry},
		Settle: func(context.Context) error { f.settled++; return nil },
	}
}

func (f *fixture) lookup(ctx context.Context, id identity.AccessKeyID) (authn.Credential, error) {
	key, caller, err := f.keys.Find(ctx, id)
	if errors.Is(err, ops.ErrNoKey) {
		err = authn.ErrUnknownKey
	}
	return authn.Credential{Key: key, Caller: caller}, err
}

func (f *fixture) issue(s identity.Session) (ops.Credentials, error) {
	issued, err := f.issuer.Issue(s)
	return ops.Credentials{AccessKeyID: issued.AccessKeyID, Secret: issued.SecretAccessKey, SessionToken: issued.SessionToken}, err
}

// root returns the first account's credentials.
func (f *fixture) root() aws.Credentials {
	return aws.Credentials{AccessKeyID: f.account.AccessKeyID, SecretAccessKey: f.account.SecretAccessKey}
}

// do answers a request.
func (f *fixture) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

// jsonRequest is a request for an operation of AWS Organizations that nobody has signed.
func jsonRequest(operation, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", organizations.TargetPrefix+"."+operation)
	return r
}

// signed signs a request for a service.
func (f *fixture) signed(r *http.Request, service string, as aws.Credentials) *http.Request {
	f.t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Host = "localhost"
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(context.Background(), as, r, hex.EncodeToString(hash[:]), service, "us-east-1", noon); err != nil {
		f.t.Fatal(err)
	}
	return r
}

// call calls an operation of AWS Organizations as the first account's root user.
func (f *fixture) call(operation, body string) answer {
	f.t.Helper()
	return f.read(f.do(f.signed(jsonRequest(operation, body), "organizations", f.root())))
}

// answer is what a client reads of a JSON answer.
type answer struct {
	status  int
	id      string
	code    string // of an error
	message string
	reason  string
	body    string
}

func (f *fixture) read(w *httptest.ResponseRecorder) answer {
	f.t.Helper()
	a := answer{status: w.Code, id: w.Header().Get("X-Amzn-Requestid"), body: w.Body.String()}
	var e struct {
		Type            string `json:"__type"`
		Message, Reason string
	}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
			f.t.Fatalf("the answer is no JSON: %v\n%s", err, w.Body)
		}
	}
	a.code, a.message, a.reason = e.Type, e.Message, e.Reason
	return a
}

// want fails the test unless a call was answered so; a code of "" is success.
func (f *fixture) want(a answer, status int, code string) {
	f.t.Helper()
	if a.status != status || a.code != code {
		f.t.Errorf("answered %d %q (%s), want %d %q", a.status, a.code, a.message, status, code)
	}
}
