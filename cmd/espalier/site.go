package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/espalier-cloud/espalier/internal/authn"
	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/authzen"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/jobs"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/outbox"
	"github.com/espalier-cloud/espalier/internal/server"
	"github.com/espalier-cloud/espalier/internal/store"
)

// site is everything that serves, put together.
type site struct {
	db            *database
	accounts      *ops.Accounts
	bearers       *ops.BearerTokens
	keys          *ops.Keys
	organizations *ops.Organizations
	runner        *jobs.Runner
	outbox        *outbox.Outbox
	server        *server.Server
	operator      operator
	first         identity.AccountID
}

// assemble puts a site together over a database. Nothing of it runs yet.
func (c *serveCommand) assemble(db *database, settings *config, out outward, log *slog.Logger) *site {
	clock := server.NewClock(time.Now)
	s := &site{db: db}
	core := db.core(settings.rules(c.Partition), clock.Now, func() { s.runner.Wake() })
	core.Registry.Quotas = &settings.Quotas.IAM
	core.Delays, core.ServiceRoles = settings.operationDelays(), settings.roles
	metrics := measures()
	core.Provisioner = out.provisioner
	s.outbox = newOutbox(db.store, out.receivers, clock.Now, metrics, log)
	if len(out.receivers) > 0 {
		core.Registry.Announced = s.outbox.Wake
	}
	chains := new(authz.Chains)
	core.ServiceControl, core.Decide = chains.ServiceControl, chains.Decide
	s.accounts, s.bearers, s.keys = &ops.Accounts{Core: core}, &ops.BearerTokens{Core: core}, &ops.Keys{Core: core}
	verifier := &authn.Verifier{
		// Clients sign with the time of day, whatever a test suite makes of the clock.
		Clock: time.Now, Window: c.ClockWindow, Keyring: db.keyring, Lookup: lookup(s.keys),
	}
	var development *server.Development
	if c.Dev {
		faults := new(server.Faults)
		core.Fault = func(operation string) ops.Fault {
			f := faults.Background(operation)
			return ops.Fault{Delay: f.Delay, Failure: org.FailureReason(f.Failure), Returns: f.Returns}
		}
		development = &server.Development{Clock: clock, Faults: faults, State: &state{s, core.Registry}, Settle: s.settle}
		verifier.Unsigned, verifier.Lookup = isTestKey, lookupTestKey(s.accounts, verifier.Lookup)
	} else {
		s.operator = newOperator(c.TLSCert)
	}
	s.organizations = &ops.Organizations{Core: core, Tokens: ops.NewTokens(db.key.derive("NextToken"), clock.Now)}
	management := &ops.AccountManagement{Core: core, Tokens: s.organizations.Tokens}
	s.runner = newRunner(db.store, clock.Now, development, log, s.organizations.Handlers(), management.Handlers())
	s.server = server.New(server.Config{
		Verifier: verifier, Registry: core.Registry, Operations: operations(s.organizations, management, db.keyring),
		Bearers: s.bearers, Keys: s.keys, Evaluator: authzen.Evaluator{Chains: chains, Accounts: core.Registry.Account},
		Governance: &ops.Governance{Core: core}, Accounts: &accountDesk{s.accounts}, Token: s.operator.Token, Development: development,
		NoteUse: core.NoteUse, Ping: db.store.Ping, Clock: clock.Now, Rand: rand.Reader, Limits: server.DefaultLimits(), Log: log, Metrics: metrics, Outbox: s.outbox,
	})
	return s
}

// operations are the services around one implementation of AWS Organizations.
func operations(o *ops.Organizations, management *ops.AccountManagement, keyring *identity.Keyring) server.Operations {
	issuer := &authn.Issuer{Keyring: keyring, Rand: rand.Reader}
	issue := func(session identity.Session) (ops.Credentials, error) {
		issued, err := issuer.Issue(session)
		return ops.Credentials{AccessKeyID: issued.AccessKeyID, Secret: issued.SecretAccessKey, SessionToken: issued.SessionToken}, err
	}
	return server.Operations{
		Organizations: o,
		IAM:           &ops.IAM{Core: o.Core, Tokens: o.Tokens},
		STS:           &ops.STS{Core: o.Core, Issue: issue, WebIdentities: authn.NewWebIdentities(o.Clock)},
		CloudTrail:    &ops.CloudTrail{Core: o.Core, Tokens: o.Tokens},
		Account:       management,
		Tagging:       &ops.TaggingAPI{Core: o.Core, Tokens: o.Tokens},
	}
}

// newRunner returns what works off the background jobs of the operations.
func newRunner(s *store.Store, clock func() time.Time, development *server.Development, log *slog.Logger, services ...map[string]func(context.Context, store.Job) error) *jobs.Runner {
	handlers := map[string]jobs.Handler{}
	for _, service := range services {
		for kind, handle := range service {
			handlers[kind] = func(ctx context.Context, job store.Job) error {
				return development.During(func() error { return handle(ctx, job) })
			}
		}
	}
	return jobs.New(s, clock, handlers, jobs.Options{Failed: func(job store.Job, err error) {
		log.Error("background work", "kind", job.Kind, "about", job.Aggregate, "attempt", job.Attempts, "error", err)
	}})
}

// newOutbox returns what tells the receivers of events.
func newOutbox(s *store.Store, receivers []outbox.Receiver, clock func() time.Time, metrics *prometheus.Registry, log *slog.Logger) *outbox.Outbox {
	return outbox.New(outbox.Config{
		Store: s, Receivers: receivers, Clock: clock, TimeOfDay: time.Now, Metrics: metrics,
		Failed: func(receiver string, err error) { log.Error("events", "receiver", receiver, "error", err) },
	})
}

// settle does the background work that is due.
func (s *site) settle(ctx context.Context) error { return s.runner.Drain(ctx) }

// measures is a registry of metrics that has those of the process and of Go.
func measures() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// lookup finds long-term keys.
func lookup(keys *ops.Keys) func(context.Context, identity.AccessKeyID) (authn.Credential, error) {
	return func(ctx context.Context, id identity.AccessKeyID) (authn.Credential, error) {
		key, caller, err := keys.Find(ctx, id)
		if errors.Is(err, ops.ErrNoKey) {
			err = authn.ErrUnknownKey
		}
		return authn.Credential{Key: key, Caller: caller}, err
	}
}

// firstStart makes the first account unless there is one, and sees to it that its root access key is in the data
// directory. It reports whether both were there already.
func (s *site) firstStart(ctx context.Context, name, email, directory string) (again bool, err error) {
	if s.first, err = s.db.ensureFirstAccount(ctx, s.accounts, name, email); err != nil {
		return false, err
	}
	if _, err := readCredentials(directory); !errors.Is(err, fs.ErrNotExist) {
		return true, err
	}
	account, err := s.accounts.Registry.Account(ctx, s.first)
	if err != nil {
		return false, err
	}
	key, found, err := s.db.rootKey(account)
	if err != nil || !found {
		return true, err
	}
	return false, key.write(directory)
}
