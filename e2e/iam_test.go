package e2e_test

import (
	"slices"
	"strings"
	"testing"
)

// The stories about IAM are told on SQLite alone: both databases keep accounts as rows that know nothing of IAM, and
// the clients take their time.

// TestTerraformManagesIdentities: what Terraform makes it finds as it made it, also after a change of everything.
func TestTerraformManagesIdentities(t *testing.T) {
	lookPath(t, "terraform")
	t.Parallel()
	s := start(t, database{})
	tf := newTerraform(t, s, "testdata/terraform-iam/main.tf")
	for _, season := range []string{"season=spring", "season=autumn"} {
		tf.must("apply", "-no-color", "-auto-approve", "-var", season)
		if status := tf.run("plan", "-no-color", "-detailed-exitcode", "-var", season); status != 0 {
			t.Errorf("a plan right after the apply wants to change something (status %d)", status)
		}
	}
	tf.must("destroy", "-no-color", "-auto-approve", "-var", "season=autumn")
}

const (
	readOrchard = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::orchard/*"}]}`
	anybody     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
)

// iam prefixes the commands of IAM.
func iam(arguments ...string) []string { return append([]string{"iam"}, arguments...) }

// identities is what the chapters about IAM tell each other.
type identities struct {
	cli
	policy string // ARN
}

func TestAWSCLIManagesIdentities(t *testing.T) {
	needsOperation(t, "iam", "list-organizations-features")
	t.Parallel()
	s := start(t, database{})
	tale := &identities{cli: newCLI(t, s, s.root())}

	tale.writesPolicies()
	tale.employs()
	tale.givesKeys()
	s.restart()
	tale.survivedTheRestart()
	tale.looksAround()
	tale.linksServices()
	tale.dismisses()
}

func (s *identities) writesPolicies() {
	s.policy = s.value("Policy.Arn", iam("create-policy", "--policy-name", "ReadOrchard", "--path", "/team/", "--policy-document", readOrchard)...)
	for range 4 {
		s.do(iam("create-policy-version", "--policy-arn", s.policy, "--policy-document", readOrchard, "--set-as-default")...)
	}
	s.refused("LimitExceeded", iam("create-policy-version", "--policy-arn", s.policy, "--policy-document", readOrchard)...)
	s.refused("DeleteConflict", iam("delete-policy-version", "--policy-arn", s.policy, "--version-id", "v5")...)
	s.refused("MalformedPolicyDocument", iam("create-policy", "--policy-name", "Broken", "--policy-document", "{}")...)
	s.refused("EntityAlreadyExists", iam("create-policy", "--policy-name", "readorchard", "--policy-document", readOrchard)...)
	if got := s.values("Versions[].VersionId", iam("list-policy-versions", "--policy-arn", s.policy)...); !slices.Equal(got, []string{"v5", "v4", "v3", "v2", "v1"}) {
		s.t.Errorf("the versions are %q", got)
	}
}

func (s *identities) employs() {
	s.do(iam("create-group", "--group-name", "Staff")...)
	s.do(iam("create-role", "--role-name", "Gardener", "--assume-role-policy-document", anybody, "--tags", "Key=team,Value=orchard")...)
	for _, name := range []string{"Ann", "Bob", "Carol"} {
		s.do(iam("create-user", "--user-name", name, "--path", "/team/", "--permissions-boundary", s.policy)...)
		s.do(iam("add-user-to-group", "--user-name", name, "--group-name", "Staff")...)
	}
	s.do(iam("attach-user-policy", "--user-name", "Ann", "--policy-arn", s.policy)...)
	s.do(iam("attach-group-policy", "--group-name", "Staff", "--policy-arn", s.policy)...)
	s.do(iam("attach-role-policy", "--role-name", "Gardener", "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")...)
	s.do(iam("put-role-policy", "--role-name", "Gardener", "--policy-name", "inline", "--policy-document", readOrchard)...)
	s.refused("EntityAlreadyExists", iam("create-user", "--user-name", "ANN")...)
	s.refused("DeleteConflict", iam("delete-policy", "--policy-arn", s.policy)...)
	s.refused("DeleteConflict", iam("delete-group", "--group-name", "Staff")...)
	s.do(iam("update-user", "--user-name", "Carol", "--new-user-name", "Caroline", "--new-path", "/")...)
}

func (s *identities) givesKeys() {
	var answer struct {
		AccessKey struct{ AccessKeyId, SecretAccessKey string }
	}
	s.ask(&answer, iam("create-access-key", "--user-name", "Ann")...)
	ann := newCLI(s.t, s.server, credentials{answer.AccessKey.AccessKeyId, answer.AccessKey.SecretAccessKey, ""})
	if arn := ann.value("Arn", "sts", "get-caller-identity"); !strings.HasSuffix(arn, ":user/team/Ann") {
		s.t.Errorf("the key speaks for %s", arn)
	}
	s.do(iam("update-access-key", "--user-name", "Ann", "--access-key-id", answer.AccessKey.AccessKeyId, "--status", "Inactive")...)
	ann.refused("InvalidClientTokenId", "sts", "get-caller-identity")
	s.do(iam("update-access-key", "--user-name", "Ann", "--access-key-id", answer.AccessKey.AccessKeyId, "--status", "Active")...)
	if name := s.value("UserName", iam("get-access-key-last-used", "--access-key-id", answer.AccessKey.AccessKeyId)...); name != "Ann" {
		s.t.Errorf("the key is %s's", name)
	}
}

func (s *identities) survivedTheRestart() {
	if got := s.values("Users[].UserName", iam("list-users", "--page-size", "2")...); !slices.Equal(got, []string{"Ann", "Bob", "Caroline"}) {
		s.t.Errorf("the users are %q", got)
	}
	if got := s.values("Users[].UserName", iam("get-group", "--group-name", "Staff", "--page-size", "1")...); !slices.Equal(got, []string{"Ann", "Bob", "Caroline"}) {
		s.t.Errorf("the group has %q", got)
	}
	if got := s.value("Policy.DefaultVersionId", iam("get-policy", "--policy-arn", s.policy)...); got != "v5" {
		s.t.Errorf("%s is in effect", got)
	}
}

func (s *identities) looksAround() {
	users := s.values("PolicyUsers[].UserName", iam("list-entities-for-policy", "--policy-arn", s.policy, "--page-size", "1")...)
	if slices.Sort(users); !slices.Equal(users, []string{"Ann", "Bob", "Caroline"}) {
		s.t.Errorf("the policy is used by %q", users)
	}
	if got := s.value("PolicyVersion.Document.Statement[0].Action", iam("get-policy-version", "--policy-arn", s.policy, "--version-id", "v1")...); got != "s3:GetObject" {
		s.t.Errorf("the document allows %s", got)
	}
	names := s.values("RoleDetailList[].RoleName", iam("get-account-authorization-details", "--filter", "Role", "User", "--page-size", "1")...)
	if !slices.Contains(names, "Gardener") {
		s.t.Errorf("the details show the roles %q", names)
	}
	var quota int
	s.ask(&quota, iam("get-account-summary", "--query", "SummaryMap.UsersQuota")...)
	if quota != 5000 {
		s.t.Errorf("the quota of users is %d", quota)
	}
	if got := s.values("Policies[].PolicyName", iam("list-policies", "--scope", "AWS", "--path-prefix", "/job-function/")...); !slices.Equal(got, []string{"ViewOnlyAccess"}) {
		s.t.Errorf("AWS's policies are %q", got)
	}
}

func (s *identities) linksServices() {
	role := s.value("Role.RoleName", iam("create-service-linked-role", "--aws-service-name", "guardduty.amazonaws.com")...)
	s.refused("InvalidInput", iam("create-service-linked-role", "--aws-service-name", "guardduty.amazonaws.com")...)
	s.refused("UnmodifiableEntity", iam("delete-role", "--role-name", role)...)
	task := s.value("DeletionTaskId", iam("delete-service-linked-role", "--role-name", role)...)
	if status := s.value("Status", iam("get-service-linked-role-deletion-status", "--deletion-task-id", task)...); status != "SUCCEEDED" {
		s.t.Errorf("the deletion is %s", status)
	}
	s.do(organizations("create-organization", "--feature-set", "ALL")...)
	s.refused("ServiceAccessNotEnabledException", iam("list-organizations-features")...)
	s.do(organizations("enable-aws-service-access", "--service-principal", "iam.amazonaws.com")...)
	if got := s.values("EnabledFeatures", iam("enable-organizations-root-sessions")...); !slices.Equal(got, []string{"RootSessions"}) {
		s.t.Errorf("the features are %q", got)
	}
	needed := s.value("DeletionTaskId", iam("delete-service-linked-role", "--role-name", "AWSServiceRoleForOrganizations")...)
	if status := s.value("Status", iam("get-service-linked-role-deletion-status", "--deletion-task-id", needed)...); status != "FAILED" {
		s.t.Errorf("the deletion of the organization's role is %s", status)
	}
}

func (s *identities) dismisses() {
	s.do(iam("create-account-alias", "--account-alias", "orchard")...)
	if got := s.values("AccountAliases", iam("list-account-aliases")...); !slices.Equal(got, []string{"orchard"}) {
		s.t.Errorf("the aliases are %q", got)
	}
	s.refused("DeleteConflict", iam("delete-user", "--user-name", "Ann")...)
	s.do(iam("detach-user-policy", "--user-name", "Ann", "--policy-arn", s.policy)...)
	for _, key := range s.values("AccessKeyMetadata[].AccessKeyId", iam("list-access-keys", "--user-name", "Ann")...) {
		s.do(iam("delete-access-key", "--user-name", "Ann", "--access-key-id", key)...)
	}
	for _, name := range []string{"Ann", "Bob", "Caroline"} {
		s.do(iam("remove-user-from-group", "--user-name", name, "--group-name", "Staff")...)
		s.do(iam("delete-user", "--user-name", name)...)
	}
	s.do(iam("detach-group-policy", "--group-name", "Staff", "--policy-arn", s.policy)...)
	s.do(iam("delete-group", "--group-name", "Staff")...)
	for _, version := range []string{"v1", "v2", "v3", "v4"} {
		s.do(iam("delete-policy-version", "--policy-arn", s.policy, "--version-id", version)...)
	}
	s.do(iam("delete-policy", "--policy-arn", s.policy)...)
	s.refused("NoSuchEntity", iam("get-policy", "--policy-arn", s.policy)...)
}
