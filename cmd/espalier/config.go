package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/server"
)

// config is the file of --config. What it leaves out stays as AWS has it.
type config struct {
	Quotas          quotas          `json:"quotas"`
	WaitPeriod      server.Duration `json:"waitPeriod"`      // how old a created account must be to leave
	ClosedRetention server.Duration `json:"closedRetention"` // how long a closed account stays listed
	MembershipTime  server.Duration `json:"membershipTime"`  // how long an account that moved cannot join another organization
	FinalizingTime  server.Duration `json:"finalizingTime"`  // how long a new organization accepts no accounts
	Services        []service       `json:"services"`        // that may be trusted beside AWS's own
	Delays          delays          `json:"delays"`

	roles *identity.ServiceRoles // of Services and AWS's; nil for AWS's alone

	// CreationFailures lets the creation of accounts fail whose e-mail addresses match a pattern such as *@example.com.
	CreationFailures     map[string]org.FailureReason `json:"creationFailures"`
	NoInvitesInMigration bool                         `json:"noInvitesInMigration"` // refuse invitations while all features are being enabled

	Receivers   []receiver `json:"receivers"`   // who is told of events
	Provisioner *provision `json:"provisioner"` // who makes and removes what accounts stand for
}

// quotas are those of one organization, and of its accounts.
type quotas struct {
	Accounts                 int                             `json:"accounts"`
	OrganizationalUnits      int                             `json:"organizationalUnits"`
	Depth                    int                             `json:"depth"`
	TagsPerResource          int                             `json:"tagsPerResource"`
	ConcurrentCreations      int                             `json:"concurrentCreations"`
	ConcurrentClosures       int                             `json:"concurrentClosures"`
	CreationsPerDay          int                             `json:"creationsPerDay"`   // 0 means any number
	MigrationAccounts        int                             `json:"migrationAccounts"` // of an organization that enables all features
	InboundTransfers         int                             `json:"inboundTransfers"`  // responsibility transfers at once, invitations included
	TransferLevels           int                             `json:"transferLevels"`    // of a chain of responsibility transfers
	ChainedTransfers         int                             `json:"chainedTransfers"`  // that one organization manages, inherited ones included
	ClosuresPerMonth         int                             `json:"closuresPerMonth"`  // 0 means AWS's formula
	ResourcePolicyCharacters int                             `json:"resourcePolicyCharacters"`
	Policies                 map[org.PolicyType]policyQuotas `json:"policies"`
	IAM                      identity.Quotas                 `json:"iam"` // of one account
}

// policyQuotas are those of one policy type.
type policyQuotas struct {
	Characters  int `json:"characters"`
	Attachments int `json:"attachments"`
	Policies    int `json:"policies"`
}

// delays are how long background work waits.
type delays struct {
	CreateAccount server.Duration `json:"createAccount"`
	CloseAccount  server.Duration `json:"closeAccount"`
	PolicyType    server.Duration `json:"policyType"`
	// EffectivePolicy is how long after a change effective policies are published.
	EffectivePolicy server.Duration `json:"effectivePolicy"`
	RegionOpt       server.Duration `json:"regionOpt"` // of enabling and disabling a region
}

// loadConfig reads a configuration file over AWS's values; an empty path is an empty file. It refuses what it does
// not know, and quotas that are negative.
func loadConfig(path string) (*config, error) {
	c := configOf(org.AWSRules())
	if path == "" {
		return c, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if err := json.Unmarshal(text, c, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	if c.roles, err = c.serviceRoles(); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	return c, nil
}

// configOf is the configuration that leads to rules.
func configOf(r *org.Rules) *config {
	c := &config{
		Quotas: quotas{
			Accounts: r.Accounts, OrganizationalUnits: r.OUs, Depth: r.OUDepth, TagsPerResource: r.Tags,
			ConcurrentCreations: r.ConcurrentCreations, ConcurrentClosures: r.ConcurrentClosures,
			CreationsPerDay: r.CreationsPerDay, MigrationAccounts: r.MigrationAccounts,
			InboundTransfers: r.InboundTransfers, TransferLevels: r.TransferLevels, ChainedTransfers: r.ChainedTransfers,
			ResourcePolicyCharacters: r.ResourcePolicyMaxChars, Policies: map[org.PolicyType]policyQuotas{},
			IAM: *identity.AWSQuotas(),
		},
		WaitPeriod: server.Duration(r.WaitPeriod), ClosedRetention: server.Duration(r.ClosedRetention),
		FinalizingTime: server.Duration(r.FinalizingPeriod),
	}
	for policyType, limits := range r.Policies {
		c.Quotas.Policies[policyType] = policyQuotas(limits)
	}
	return c
}

func (c *config) check() error {
	q := c.Quotas
	for _, all := range []any{q, q.IAM} {
		if name := negative(all); name != "" {
			return fmt.Errorf("quota %s is negative", name)
		}
	}
	for pattern, reason := range c.CreationFailures {
		if !slices.Contains(organizations.CreateAccountFailureReason("").Values(), organizations.CreateAccountFailureReason(reason)) {
			return fmt.Errorf("the creation of %s cannot fail for %q", pattern, reason)
		}
	}
	for policyType, limits := range q.Policies {
		if !slices.Contains(org.PolicyTypes(), policyType) {
			return fmt.Errorf("unknown policy type %q; there are %v", policyType, org.PolicyTypes())
		}
		if negative(limits) != "" {
			return fmt.Errorf("a quota of %s is negative", policyType)
		}
	}
	for i := range c.Services {
		if err := c.Services[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// negative returns the name of a quota that is negative, "" when none is.
func negative(quotas any) string {
	v := reflect.ValueOf(quotas)
	for i := range v.NumField() {
		if f := v.Field(i); f.CanInt() && f.Int() < 0 {
			return v.Type().Field(i).Tag.Get("json")
		}
	}
	return ""
}

// rules returns the rules of organizations in a partition.
func (c *config) rules(partition string) *org.Rules {
	r := org.AWSRules()
	r.Partition = partition
	r.Accounts, r.OUs, r.OUDepth, r.Tags = c.Quotas.Accounts, c.Quotas.OrganizationalUnits, c.Quotas.Depth, c.Quotas.TagsPerResource
	r.ConcurrentCreations, r.ConcurrentClosures = c.Quotas.ConcurrentCreations, c.Quotas.ConcurrentClosures
	r.ResourcePolicyMaxChars = c.Quotas.ResourcePolicyCharacters
	r.WaitPeriod, r.ClosedRetention = time.Duration(c.WaitPeriod), time.Duration(c.ClosedRetention)
	r.FinalizingPeriod, r.MembershipPeriod = time.Duration(c.FinalizingTime), time.Duration(c.MembershipTime)
	r.CreationsPerDay, r.MigrationAccounts = c.Quotas.CreationsPerDay, c.Quotas.MigrationAccounts
	r.InboundTransfers, r.TransferLevels, r.ChainedTransfers = c.Quotas.InboundTransfers, c.Quotas.TransferLevels, c.Quotas.ChainedTransfers
	r.CreationFailures, r.NoInvitesInMigration = c.CreationFailures, c.NoInvitesInMigration
	r.DelayPolicyTypes = c.Delays.PolicyType > 0
	if n := c.Quotas.ClosuresPerMonth; n > 0 {
		r.ClosuresPerMonth = func(int) int { return n }
	}
	for policyType, limits := range c.Quotas.Policies {
		r.Policies[policyType] = org.PolicyLimits(limits)
	}
	r.Services = c.catalogue()
	return r
}

// operationDelays returns the delays as the operations know them.
func (c *config) operationDelays() ops.Delays {
	return ops.Delays{
		CreateAccount: time.Duration(c.Delays.CreateAccount),
		CloseAccount:  time.Duration(c.Delays.CloseAccount),
		PolicyType:    time.Duration(c.Delays.PolicyType),

		EffectivePolicy: time.Duration(c.Delays.EffectivePolicy), RegionOpt: time.Duration(c.Delays.RegionOpt),
	}
}
