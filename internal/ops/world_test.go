package ops_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/provisioner"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/trail"
	"github.com/espalier-cloud/espalier/internal/wire"
	"github.com/espalier-cloud/espalier/policy"
)

// clock is a clock that moves by a microsecond whenever it is read, so that
// what happens has an order, and otherwise only when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond)
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start is when every world begins.
func start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// world is a server without its network: a database in memory, and the
// operations on it.
type world struct {
	store    *store.Store
	rules    *org.Rules // to be changed only between two calls
	clock    *clock
	keyring  *identity.Keyring
	sessions map[string]identity.Session // by access key id
	vouched  vouchers                    // for web identities
	fault    func(operation string) ops.Fault
	denied   string // the action that no policy allows, beside that of a call
	overtake func() // called when a change is made and not yet committed, or nil
	delays   ops.Delays
	roles    *identity.ServiceRoles // nil for AWS's

	provisioner *provisioner.Provisioner // nil unless the test has one

	registry   *registry.Registry
	accounts   *ops.Accounts
	handlers   map[string]func(context.Context, store.Job) error
	table      map[string]*ops.Rule
	operations map[string]api.Operation[ops.Caller] // by service and name
}

// newWorld returns an empty world of the partition aws.
func newWorld(t testing.TB) *world {
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
	w := &world{
		store: s, rules: org.AWSRules(), clock: &clock{now: start()}, keyring: keyring,
		sessions: map[string]identity.Session{}, table: ops.Rules("organizations"),
	}
	w.boot()
	return w
}

// boot starts the server anew over the same database: nothing that was only in
// memory is left.
func (w *world) boot() {
	w.registry = registry.New(registry.Config{Store: w.store, Clock: w.clock.Now, Rand: rand.Reader, Rules: w.rules})
	chains := new(authz.Chains)
	core := ops.Core{
		Registry: w.registry, Keyring: w.keyring, Clock: w.clock.Now, Delays: w.delays, Provisioner: w.provisioner,
		ServiceControl: chains.ServiceControl, Decide: w.decide(chains), Effective: org.NewEffectivePolicies(), ServiceRoles: w.roles,
		Fault: func(operation string) ops.Fault {
			if w.fault == nil {
				return ops.Fault{}
			}
			return w.fault(operation)
		},
	}
	tokens := ops.NewTokens([]byte("0123456789abcdef0123456789abcdef"), w.clock.Now)
	service := &ops.Organizations{Core: core, Tokens: tokens}
	w.accounts = &ops.Accounts{Core: core}
	management := &ops.AccountManagement{Core: core, Tokens: tokens}
	w.handlers = service.Handlers()
	maps.Copy(w.handlers, management.Handlers())
	w.operations = map[string]api.Operation[ops.Caller]{}
	for _, bound := range []map[string]api.Operation[ops.Caller]{
		organizations.Operations[ops.Caller](service),
		iam.Operations[ops.Caller](&ops.IAM{Core: core, Tokens: tokens}),
		sts.Operations[ops.Caller](&ops.STS{Core: core, Issue: w.issue, WebIdentities: &w.vouched}),
		cloudtrail.Operations[ops.Caller](&ops.CloudTrail{Core: core, Tokens: tokens}),
		tagging.Operations[ops.Caller](&ops.TaggingAPI{Core: core, Tokens: tokens}),
		account.Operations[ops.Caller](management),
	} {
		for name, operation := range bound {
			w.operations[packageOf(operation.New())+"."+name] = operation
		}
	}
}

// decide asks the policies, which deny the action that the test denies.
func (w *world) decide(chains *authz.Chains) func(*policy.Request, *identity.Caller, *identity.Account, *org.Organization, *identity.Account, *org.Organization) policy.Decision {
	return func(r *policy.Request, by *identity.Caller, account *identity.Account, of *org.Organization, owner *identity.Account, ownedIn *org.Organization) policy.Decision {
		if r.Action() == w.denied {
			return policy.Decision{}
		}
		return chains.Decide(r, by, account, of, owner, ownedIn)
	}
}

// packageOf is the name of the package of an input: that of its service.
func packageOf(in api.Input) string { return path.Base(reflect.TypeOf(in).Elem().PkgPath()) }

// nameOf is the operation of an input.
func nameOf(in api.Input) string {
	return strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input")
}

// issue keeps a session instead of sealing it into a token.
func (w *world) issue(s identity.Session) (ops.Credentials, error) {
	id, err := identity.NewSessionKeyID(rand.Reader)
	if err != nil {
		return ops.Credentials{}, err
	}
	s.AccessKeyID = id
	w.sessions[string(id)] = s
	return ops.Credentials{AccessKeyID: id, Secret: identity.NewSecret("the secret of " + string(id)), SessionToken: identity.NewSecret("the token of " + string(id))}, nil
}

// call makes a call as the server does: the view of the caller, authorization,
// the constraints of the model, the operation.
func (w *world) call(ctx context.Context, by identity.Caller, in api.Input) (any, error) {
	caller, err := w.caller(ctx, by, in)
	if err != nil {
		return nil, err
	}
	if err := w.authorize(caller, in); err != nil {
		return nil, err
	}
	service := serviceOf(in)
	if refused := wire.Invalid(service, nameOf(in), in.Validate()); refused != nil {
		return nil, refused
	}
	return w.operations[packageOf(in)+"."+nameOf(in)].Invoke(ctx, caller, in)
}

// caller returns the caller of a call with his view.
func (w *world) caller(ctx context.Context, by identity.Caller, in api.Input) (ops.Caller, error) {
	view, err := w.viewOf(ctx, &by)
	if err != nil {
		return ops.Caller{}, err
	}
	rule := ops.Rules(packageOf(in))[nameOf(in)]
	caller := ops.Caller{Caller: by, View: view, Context: new(policy.Context)}
	subject := ops.NewSubject(rule, in)
	subject.Describe(in, caller.Context)
	caller.Call = &trail.Call{
		Caller: &by, Source: packageOf(in) + ".amazonaws.com", Name: nameOf(in), Region: "eu-central-1", SourceIP: "192.0.2.1",
		UserAgent: "test", RequestID: "request", Time: w.clock.Now(), ReadOnly: rule.ReadOnly(), Input: in,
		Masked: func(v any) json.RawMessage { return json.RawMessage(wire.TrailParameters(v)) },
		NewID:  w.newID,
	}
	return caller, nil
}

// viewOf returns what a caller sees. A service in its own name sees nothing.
func (w *world) viewOf(ctx context.Context, by *identity.Caller) (*registry.View, error) {
	if by.Type == identity.Service {
		return nil, nil
	}
	view, err := w.registry.View(ctx, by.Account)
	if err == nil {
		by.Organization = view.Account.Organization()
	}
	return view, err
}

// newID makes the id of the event with which every change ends.
func (w *world) newID() string {
	if w.overtake != nil {
		w.overtake()
	}
	return trail.NewID(random())
}

func random() (b [16]byte) {
	_, _ = rand.Read(b[:])
	return b
}

// authorize decides whether a call is admitted. The rules of the other services
// admit everybody.
func (w *world) authorize(by ops.Caller, in api.Input) error {
	if packageOf(in) != "organizations" {
		return nil
	}
	rule := w.table[nameOf(in)]
	subject := ops.NewSubject(rule, in)
	request := authz.Request{
		Call:   by.ToOrganization(rule.Action(), subject.Resources(&by, in)...),
		Caller: &by.Caller, Account: by.View.Account, Organization: by.View.Organization, Callers: rule.Callers,
	}
	return new(authz.Chains).Authorize(request)
}

func serviceOf(in api.Input) *api.Service {
	for _, service := range wire.Services() {
		if service.Name == packageOf(in) {
			return service
		}
	}
	panic("no service has the input " + reflect.TypeOf(in).String())
}

// exception is what the server tells the client of an error.
func exception(in api.Input, err error) api.Error {
	if known := ops.Exception(err); known != nil {
		return known
	}
	var denied *authz.DeniedError
	if errors.As(err, &denied) {
		return wire.Error{Code: "AccessDeniedException", Message: denied.Error(), Status: http.StatusBadRequest}
	}
	return wire.Internal(serviceOf(in))
}

// give makes a call that must succeed and returns its output.
func give[Out any](t testing.TB, w *world, by identity.Caller, in api.Input) *Out {
	t.Helper()
	out, err := w.call(t.Context(), by, in)
	if err != nil {
		t.Fatalf("%s: %v", nameOf(in), err)
	}
	return out.(*Out)
}

// do makes a call that must succeed.
func (w *world) do(t testing.TB, by identity.Caller, in api.Input) {
	t.Helper()
	if _, err := w.call(t.Context(), by, in); err != nil {
		t.Fatalf("%s: %v", nameOf(in), err)
	}
}

// refuse makes a call that must be refused and returns the exception.
func (w *world) refuse(t testing.TB, by identity.Caller, in api.Input) api.Error {
	t.Helper()
	out, err := w.call(t.Context(), by, in)
	if err == nil {
		t.Fatalf("%s succeeded with %+v", nameOf(in), out)
	}
	return exception(in, err)
}

// work works off the background jobs that are due.
func (w *world) work(t testing.TB) {
	t.Helper()
	for {
		jobs, err := w.store.LeaseJobs(t.Context(), w.clock.Now(), "test", time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range jobs {
			if err := errors.Join(w.handlers[job.Kind](t.Context(), job), w.store.FinishJob(t.Context(), job)); err != nil {
				t.Fatalf("job %s: %v", job.ID, err)
			}
		}
		if len(jobs) == 0 {
			return
		}
	}
}

// jobs counts the background jobs, due or not.
func (w *world) jobs(t testing.TB) int {
	t.Helper()
	jobs, err := w.store.Jobs(t.Context(), "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return len(jobs)
}

// standalone makes an account outside of any organization and returns its root
// user.
func (w *world) standalone(t testing.TB, name string) identity.Caller {
	t.Helper()
	id, key, err := w.accounts.Create(t.Context(), name, strings.ToLower(name)+"@example.com")
	if err != nil {
		t.Fatal(err)
	}
	root := w.root(id)
	root.AccessKeyID = key.AccessKeyID
	return root
}

// govCloudOf makes the account in AWS GovCloud (US) that is paired with another one, and returns its root user.
func (w *world) govCloudOf(t testing.TB, of identity.Caller) identity.Caller {
	t.Helper()
	id, key, err := w.accounts.CreateGovCloud(t.Context(), of.Account)
	if err != nil {
		t.Fatal(err)
	}
	root := w.root(id)
	root.ARN, root.AccessKeyID = identity.RootARN(identity.PartitionGovCloud, id), key.AccessKeyID
	return root
}

// root returns the root user of an account.
func (w *world) root(id identity.AccountID) identity.Caller {
	return identity.Caller{Account: id, Type: identity.Root, ARN: identity.RootARN(identity.Partition(w.rules.Partition), id), UserID: string(id)}
}

// organization makes an account with an organization and returns its root user.
func (w *world) organization(t testing.TB, features organizations.OrganizationFeatureSet) identity.Caller {
	t.Helper()
	owner := w.standalone(t, fmt.Sprintf("Management%d", w.clock.Now().UnixMicro()))
	w.do(t, owner, &organizations.CreateOrganizationInput{FeatureSet: new(features)})
	return owner
}

// member creates a member account and returns its root user.
func (w *world) member(t testing.TB, by identity.Caller, name string) identity.Caller {
	t.Helper()
	status := give[organizations.CreateAccountOutput](t, w, by, &organizations.CreateAccountInput{
		AccountName: name, Email: strings.ToLower(strings.ReplaceAll(name, " ", "")) + "@" + string(by.Account) + ".example.com",
	}).CreateAccountStatus
	w.work(t)
	status = give[organizations.DescribeCreateAccountStatusOutput](t, w, by, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: *status.Id}).CreateAccountStatus
	if status.AccountId == nil {
		t.Fatalf("the creation of %s is %s", name, *status.State)
	}
	return w.root(identity.AccountID(*status.AccountId))
}

// rootOf returns the root of the caller's organization.
func (w *world) rootOf(t testing.TB, by identity.Caller) organizations.Root {
	t.Helper()
	return give[organizations.ListRootsOutput](t, w, by, &organizations.ListRootsInput{}).Roots[0]
}

// unit creates an organizational unit and returns its id.
func (w *world) unit(t testing.TB, by identity.Caller, parent, name string) string {
	t.Helper()
	return *give[organizations.CreateOrganizationalUnitOutput](t, w, by, &organizations.CreateOrganizationalUnitInput{ParentId: parent, Name: name}).OrganizationalUnit.Id
}

// policy creates a policy and returns its id.
func (w *world) policy(t testing.TB, by identity.Caller, of organizations.PolicyType, name string) string {
	t.Helper()
	return *give[organizations.CreatePolicyOutput](t, w, by, &organizations.CreatePolicyInput{Type: of, Name: name, Description: new(""), Content: contentOf(of)}).Policy.PolicySummary.Id
}

// contentOf returns a document for a policy of a type.
func contentOf(of organizations.PolicyType) string {
	switch of {
	case organizations.PolicyTypeServiceControlPolicy:
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	case organizations.PolicyTypeResourceControlPolicy:
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`
	case organizations.PolicyTypeTagPolicy:
		return `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"}}}}`
	case organizations.PolicyTypeBackupPolicy:
		return `{"plans":{}}`
	case organizations.PolicyTypeChatbotPolicy:
		return `{"platforms":{}}`
	case organizations.PolicyTypeSecurityhubPolicy:
		return `{"securityhub":{}}`
	case organizations.PolicyTypeAiservicesOptOutPolicy:
		return `{"services":{}}`
	default:
		return `{"` + rootMembers[of] + `":{}}`
	}
}

// rootMembers are the first members of documents, by types.
var rootMembers = map[organizations.PolicyType]string{
	"DECLARATIVE_POLICY_EC2": "ec2_attributes", "INSPECTOR_POLICY": "inspector", "UPGRADE_ROLLOUT_POLICY": "upgrade_rollout", "BEDROCK_POLICY": "bedrock",
	"S3_POLICY": "s3_attributes", "NETWORK_SECURITY_DIRECTOR_POLICY": "network_security_director", "GUARDDUTY_POLICY": "guardduty",
}
