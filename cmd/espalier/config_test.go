package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
)

// load loads a configuration from its text.
func load(t *testing.T, text string) (*config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadConfig(path)
}

func TestConfigurationDefaultsToAWS(t *testing.T) {
	empty, err := load(t, `{}`)
	if err != nil {
		t.Fatal(err)
	}
	none, err := loadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	want := org.AWSRules()
	for name, c := range map[string]*config{"an empty file": empty, "no file": none} {
		got := c.rules("aws")
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(org.Rules{}, "Services", "ClosuresPerMonth")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got.ClosuresPerMonth(5_000) != want.ClosuresPerMonth(5_000) || c.operationDelays() != (ops.Delays{}) {
			t.Errorf("%s: closures or delays are not AWS's", name)
		}
		if c.Quotas.IAM != *identity.AWSQuotas() {
			t.Errorf("%s: the quotas of IAM are %+v", name, c.Quotas.IAM)
		}
	}
}

func TestConfigurationChangesWhatItNames(t *testing.T) {
	c, err := load(t, `{
		"quotas": {"accounts": 10, "organizationalUnits": 20, "depth": 3, "tagsPerResource": 4, "concurrentCreations": 5,
			"creationsPerDay": 9, "migrationAccounts": 11, "concurrentClosures": 6, "closuresPerMonth": 7, "inboundTransfers": 12, "transferLevels": 2, "chainedTransfers": 13, "resourcePolicyCharacters": 8,
			"policies": {"SERVICE_CONTROL_POLICY": {"attachments": 2}}, "iam": {"users": 14}},
		"waitPeriod": "1h", "closedRetention": "2h", "finalizingTime": "3h", "membershipTime": "4h", "services": ["garden.example.com"],
		"creationFailures": {"*@bad.example.com": "INVALID_ADDRESS"}, "noInvitesInMigration": true,
		"delays": {"createAccount": "1s", "closeAccount": "2s", "policyType": "3s"}}`)
	if err != nil {
		t.Fatal(err)
	}
	got := c.rules("aws-cn")
	want := org.AWSRules()
	want.Partition = "aws-cn"
	want.Accounts, want.OUs, want.OUDepth, want.Tags = 10, 20, 3, 4
	want.ConcurrentCreations, want.ConcurrentClosures, want.ResourcePolicyMaxChars = 5, 6, 8
	want.WaitPeriod, want.ClosedRetention, want.FinalizingPeriod = time.Hour, 2*time.Hour, 3*time.Hour
	want.MembershipPeriod = 4 * time.Hour
	want.DelayPolicyTypes = true
	want.CreationsPerDay, want.MigrationAccounts, want.NoInvitesInMigration = 9, 11, true
	want.InboundTransfers, want.TransferLevels, want.ChainedTransfers = 12, 2, 13
	want.CreationFailures = map[string]org.FailureReason{"*@bad.example.com": "INVALID_ADDRESS"}
	scp := want.Policies[org.ServiceControlPolicy]
	scp.Attachments = 2
	want.Policies[org.ServiceControlPolicy] = scp
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(org.Rules{}, "Services", "ClosuresPerMonth")); diff != "" {
		t.Error(diff)
	}
	quotas := identity.AWSQuotas()
	if quotas.Users = 14; c.Quotas.IAM != *quotas {
		t.Errorf("the quotas of IAM are %+v", c.Quotas.IAM)
	}
	if n := got.ClosuresPerMonth(1_000_000); n != 7 {
		t.Errorf("%d closures a month, want 7", n)
	}
	if _, known := got.Services.Service("garden.example.com"); !known {
		t.Error("the operator's service is not known")
	}
	if _, known := got.Services.Service("config.amazonaws.com"); !known {
		t.Error("AWS's services are not known any more")
	}
	if delays := c.operationDelays(); delays != (ops.Delays{CreateAccount: time.Second, CloseAccount: 2 * time.Second, PolicyType: 3 * time.Second}) {
		t.Errorf("the delays are %+v", delays)
	}
}

func TestConfigurationRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"quota": {}}`: `"quota"`,
		`{"quotas": {"accounts": 1, "acounts": 2}}`:                                                       `"acounts"`,
		`{"quotas": {"accounts": 1, "accounts": 2}}`:                                                      `"accounts"`,
		`{"quotas": {"Accounts": 1}}`:                                                                     `"Accounts"`,
		`{"quotas": {"accounts": -1}}`:                                                                    "accounts is negative",
		`{"quotas": {"accounts": "many"}}`:                                                                "/quotas/accounts",
		`{"quotas": {"policies": {"SCP": {}}}}`:                                                           `unknown policy type "SCP"`,
		`{"quotas": {"policies": {"TAG_POLICY": {"x":1}}}}`:                                               `"x"`,
		`{"quotas": {"policies": {"TAG_POLICY": {"policies":-1}}}}`:                                       "TAG_POLICY is negative",
		`{"creationFailures": {"*": "BAD_LUCK"}}`:                                                         `cannot fail for "BAD_LUCK"`,
		`{"quotas": {"iam": {"users": -1}}}`:                                                              "users is negative",
		`{"quotas": {"iam": {"user": 1}}}`:                                                                `"user"`,
		`{"waitPeriod": "4 days"}`:                                                                        "not a time span",
		`{"delays": {"createAccount": "-1s"}}`:                                                            "not a time span",
		`{"services": ["Garden"]}`:                                                                        "no service principal",
		`{"services": [{"principal": "garden.example.com", "rôle": {}}]}`:                                 `rôle`,
		`{"services": [{"principal": "garden.example.com", "delegatedAdministrators": -1}]}`:              "is negative",
		`{"services": [{"principal": "garden.example.com", "policyType": "SCP"}]}`:                        `unknown policy type "SCP"`,
		`{"services": [{"principal": "garden.example.com", "role": {"name": "AWSServiceRoleForSSO"}}]}`:   "belongs to sso.amazonaws.com",
		`{"services": [{"principal": "garden.example.com", "role": {"name": "Gardener", "policy": {}}}]}`: "Syntax errors in policy",
		`{"services": [7]}`:                                                                               "/services/0",
		`{} {}`:                                                                                           "config.json",
		``:                                                                                                "config.json",
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %s", text, err, want)
		}
	}
	if _, err := loadConfig(filepath.Join(t.TempDir(), "absent.json")); err == nil {
		t.Error("loads a file that is not there")
	}
}

func TestConfigurationExtendsServices(t *testing.T) {
	c, err := load(t, `{"services": ["garden.example.com",
		{"principal": "ledger.example.com", "delegatedAdministrators": 2, "policyType": "TAG_POLICY", "role": {
			"name": "ServiceRoleForLedger", "description": "Reads accounts",
			"policy": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "organizations:List*", "Resource": "*"}}}},
		{"principal": "guardduty.amazonaws.com", "delegatedAdministrators": 7}]}`)
	if err != nil {
		t.Fatal(err)
	}
	services := c.rules("aws").Services
	for _, want := range []org.Service{
		{Principal: "garden.example.com", DelegatedAdmins: anyNumber},
		{Principal: "ledger.example.com", DelegatedAdmins: 2, BoundPolicyType: "TAG_POLICY"},
		{Principal: "guardduty.amazonaws.com", DelegatedAdmins: 7, BoundPolicyType: "GUARDDUTY_POLICY"},
		{Principal: "sso.amazonaws.com", DelegatedAdmins: 1},
	} {
		if got, _ := services.Service(want.Principal); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	role, err := c.roles.Role("ledger.example.com")
	if err != nil || role.Name != "ServiceRoleForLedger" || role.Description != "Reads accounts" || !strings.Contains(role.Document, "organizations:List*") {
		t.Errorf("the role is %+v, %v", role, err)
	}
	for service, exists := range map[string]bool{"garden.example.com": false, "guardduty.amazonaws.com": true} {
		if _, err := c.roles.Role(service); (err == nil) != exists {
			t.Errorf("%s: %v", service, err)
		}
	}
}
