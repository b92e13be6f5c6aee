package e2e_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const (
	ledgerPrincipal = "ledger.example.com"

	ledgerConfiguration = `{"services": [{"principal": "ledger.example.com", "delegatedAdministrators": 1, "role": {
		"name": "ServiceRoleForLedger", "description": "Lets the ledger read accounts",
		"policy": {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
			"Action": ["organizations:Describe*", "organizations:List*", "iam:DeleteServiceLinkedRole"], "Resource": "*"}}}}]}`
)

// ledgerStory is what the chapters of the life of a trusted service tell each other.
type ledgerStory struct {
	*guarded
	server *server
	ledger credentials // of the service itself
	inside credentials // of its session in the member account
}

// TestTrustedServiceLife: a service of a private cloud, from the first key to the end of its last role.
func TestTrustedServiceLife(t *testing.T) {
	needs(t, "aws")
	onBothDatabases(t, func(t *testing.T, db database) {
		s := startConfigured(t, t.TempDir(), db, ledgerConfiguration)
		story := &ledgerStory{server: s, ledger: s.serviceKey(ledgerPrincipal), guarded: newGuarded(t, s)}
		story.isNobodyYet()
		story.isTrusted()
		story.isSpared()
		story.changesItsKey()
		story.isInUse()
		story.isDistrusted()
		story.cleansUp()
		s.keepsSecrets()
	})
}

// serviceKey makes an access key for a service as an operator does.
func (s *server) serviceKey(service string) credentials {
	s.t.Helper()
	out, err := exec.Command(binary, "service", "create-key", "--data-dir", s.dataDir, "--format", "json", service).Output()
	if err != nil {
		s.t.Fatalf("service create-key: %v", err)
	}
	var key struct{ AccessKeyID, SecretAccessKey string }
	if err := json.Unmarshal(out, &key); err != nil {
		s.t.Fatal(err)
	}
	return credentials{accessKeyID: key.AccessKeyID, secretAccessKey: key.SecretAccessKey}
}

func (s *ledgerStory) role(account string) string {
	return "arn:aws:iam::" + account + ":role/aws-service-role/" + ledgerPrincipal + "/ServiceRoleForLedger"
}

// enter begins a session of the service in an account.
func (s *ledgerStory) enter(account string) (credentials, error) {
	answer, err := sts.NewFromConfig(s.server.configuration(s.ledger)).AssumeRole(s.t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(s.role(account)), RoleSessionName: aws.String("audit"), DurationSeconds: aws.Int32(900),
	})
	if err != nil {
		return credentials{}, err
	}
	return credentials{*answer.Credentials.AccessKeyId, *answer.Credentials.SecretAccessKey, *answer.Credentials.SessionToken}, nil
}

// reads lists the accounts of the organization in the service's session.
func (s *ledgerStory) reads() error {
	out, err := s.server.client(s.inside).ListAccounts(s.t.Context(), &sdk.ListAccountsInput{})
	if err == nil && len(out.Accounts) != 2 {
		s.t.Errorf("the service sees %d accounts", len(out.Accounts))
	}
	return err
}

// denied fails the test unless a call was denied.
func (s *ledgerStory) denied(what string, err error) {
	s.t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.ErrorCode(), "AccessDenied") {
		s.t.Errorf("%s: %v", what, err)
	}
}

func (s *ledgerStory) isNobodyYet() {
	self, err := sts.NewFromConfig(s.server.configuration(s.ledger)).GetCallerIdentity(s.t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *self.Arn != ledgerPrincipal || self.Account != nil {
		s.t.Fatalf("the service is %+v, %v", self, err)
	}
	_, err = s.enter(s.member.id)
	s.denied("a session without trust", err)
	_, err = s.server.client(s.ledger).ListAccounts(s.t.Context(), &sdk.ListAccountsInput{})
	s.denied("reading in its own name", err)
}

func (s *ledgerStory) isTrusted() {
	call(s.t, s.management.EnableAWSServiceAccess, &sdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(ledgerPrincipal)})
	var err error
	if s.inside, err = s.enter(s.member.id); err != nil {
		s.t.Fatal(err)
	}
	s.feels(s.reads(), "reading from the member account", "")
	s.server.restart()
	s.feels(s.reads(), "reading after a restart", "")
	_, err = s.server.client(s.inside).LeaveOrganization(s.t.Context(), &sdk.LeaveOrganizationInput{})
	s.feels(err, "more than the role may", "no identity-based policy allows")
	events := newCLI(s.t, s.server, s.member.keys).values("Events[].Username", "cloudtrail", "lookup-events",
		"--lookup-attributes", "AttributeKey=EventName,AttributeValue=CreateServiceLinkedRole")
	if !slices.Contains(events, ledgerPrincipal) {
		s.t.Errorf("the member's trail has the role made by %q", events)
	}
}

// isSpared: no service control policy binds the session of a service-linked role.
func (s *ledgerStory) isSpared() {
	nothing := s.control("nothing", `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	s.attach(nothing)
	_, err := s.member.DescribeOrganization(s.t.Context(), &sdk.DescribeOrganizationInput{})
	s.feels(err, "the member's root user", byDeny)
	s.feels(s.reads(), "the service", "")
	s.detach(nothing)
}

func (s *ledgerStory) changesItsKey() {
	old := s.ledger
	s.ledger = s.server.serviceKey(ledgerPrincipal)
	if out, err := exec.Command(binary, "service", "delete-key", "--data-dir", s.server.dataDir, old.accessKeyID).CombinedOutput(); err != nil {
		s.t.Fatalf("service delete-key: %v\n%s", err, out)
	}
	if _, err := s.enter(s.member.id); err != nil {
		s.t.Errorf("with the new key: %v", err)
	}
	_, err := sts.NewFromConfig(s.server.configuration(old)).GetCallerIdentity(s.t.Context(), &sts.GetCallerIdentityInput{})
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != "InvalidClientTokenId" {
		s.t.Errorf("with the old key: %v", err)
	}
}

// isInUse: the account cannot change the role, and not delete it while the service has a session.
func (s *ledgerStory) isInUse() {
	c := newCLI(s.t, s.server, s.member.keys)
	c.refused("UnmodifiableEntity", iam("delete-role", "--role-name", "ServiceRoleForLedger")...)
	c.refused("UnmodifiableEntity", iam("attach-role-policy", "--role-name", "ServiceRoleForLedger", "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")...)
	if usage := s.deletes(c, "FAILED", "Reason.RoleUsageList[0].Resources[0]"); !strings.HasSuffix(usage, ":assumed-role/ServiceRoleForLedger/audit") {
		s.t.Errorf("the role is in use by %s", usage)
	}
}

// deletes asks for the deletion of the service's role, and returns what its status has.
func (s *ledgerStory) deletes(c cli, status, query string) string {
	s.t.Helper()
	task := c.value("DeletionTaskId", iam("delete-service-linked-role", "--role-name", "ServiceRoleForLedger")...)
	owner := newCLI(s.t, s.server, s.member.keys)
	told := owner.values("[Status, "+query+"]", iam("get-service-linked-role-deletion-status", "--deletion-task-id", task)...)
	if told[0] != status {
		s.t.Fatalf("the deletion is %s, want %s", told, status)
	}
	return told[1]
}

func (s *ledgerStory) isDistrusted() {
	call(s.t, s.management.DisableAWSServiceAccess, &sdk.DisableAWSServiceAccessInput{ServicePrincipal: aws.String(ledgerPrincipal)})
	s.denied("reading without trust", s.reads())
	if _, err := s.enter(s.member.id); err != nil {
		s.t.Errorf("a role that is there stays: %v", err)
	}
	_, err := s.enter(s.management.id)
	s.denied("a new role without trust", err)
}

func (s *ledgerStory) cleansUp() {
	s.deletes(newCLI(s.t, s.server, s.inside), "SUCCEEDED", "Status")
	_, err := s.enter(s.member.id)
	s.denied("a role that is gone", err)
}
