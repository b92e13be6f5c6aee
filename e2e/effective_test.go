package e2e_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// governed is a type of management policy with a policy of two and what both come to.
type governed struct {
	policyType, service string // the service that must be trusted first, or ""
	root, account       string // what is attached where
	effective           string
}

func governedTypes() []governed {
	return []governed{
		{
			policyType: "TAG_POLICY",
			root:       `{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red","green"]}}}}`,
			account:    `{"tags":{"team":{"tag_value":{"@@append":["blue"],"@@remove":["red"]}}}}`,
			effective:  `{"tags":{"team":{"tag_key":"Team","tag_value":["green","blue"]}}}`,
		}, {
			policyType: "BACKUP_POLICY",
			root: `{"plans":{"daily":{"regions":{"@@assign":["us-east-1"]},
				"rules":{"r":{"target_backup_vault_name":{"@@assign":"Vault"},"lifecycle":{"delete_after_days":{"@@assign":35}}}},
				"selections":{"tags":{"s":{"iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/Backup"},"tag_key":{"@@assign":"backup"},"tag_value":{"@@assign":["yes"]}}}}}}}`,
			account: `{"plans":{"daily":{"regions":{"@@append":["eu-west-1"]}}}}`,
			effective: `{"plans":{"daily":{"regions":["us-east-1","eu-west-1"],"rules":{"r":{"target_backup_vault_name":"Vault","lifecycle":{"delete_after_days":"35"}}},
				"selections":{"tags":{"s":{"iam_role_arn":"arn:aws:iam::$account:role/Backup","tag_key":"backup","tag_value":["yes"]}}}}}}`,
		}, {
			policyType: "AISERVICES_OPT_OUT_POLICY",
			root:       `{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}`,
			account:    `{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn"}}}}`,
			effective:  `{"services":{"default":{"opt_out_policy":"optOut"},"lex":{"opt_out_policy":"optIn"}}}`,
		}, {
			policyType: "CHATBOT_POLICY",
			root:       `{"platforms":{"slack":{"client":{"@@assign":"enabled"}}}}`,
			account:    `{"platforms":{"slack":{"client":{"@@assign":"disabled"}}}}`,
			effective:  `{"platforms":{"slack":{"client":"disabled"}}}`,
		}, {
			policyType: "DECLARATIVE_POLICY_EC2",
			root:       `{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}`,
			account:    `{"ec2_attributes":{"exception_message":{"@@assign":"Ask us"}}}`,
			effective:  `{"ec2_attributes":{"serial_console_access":{"status":"disabled"},"exception_message":"Ask us"}}`,
		}, {
			policyType: "SECURITYHUB_POLICY", service: "securityhub.amazonaws.com",
			root:      `{"securityhub":{"enable_in_regions":{"@@assign":["ALL_SUPPORTED"]},"disable_in_regions":{"@@assign":[]}}}`,
			account:   `{"securityhub":{"disable_in_regions":{"@@append":["us-west-2"]}}}`,
			effective: `{"securityhub":{"enable_in_regions":["ALL_SUPPORTED"],"disable_in_regions":["us-west-2"]}}`,
		}, {
			policyType: "INSPECTOR_POLICY", service: "inspector2.amazonaws.com",
			root:      `{"inspector":{"enablement":{"ec2_scanning":{"enable_in_regions":{"@@assign":["us-east-1"]},"disable_in_regions":{"@@assign":[]}}}}}`,
			account:   `{"inspector":{"enablement":{"ec2_scanning":{"enable_in_regions":{"@@append":["eu-west-1"]}}}}}`,
			effective: `{"inspector":{"enablement":{"ec2_scanning":{"enable_in_regions":["us-east-1","eu-west-1"],"disable_in_regions":[]}}}}`,
		}, {
			policyType: "UPGRADE_ROLLOUT_POLICY",
			root:       `{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"last"}}}}`,
			account:    `{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"first"}}}}`,
			effective:  `{"upgrade_rollout":{"default":{"patch_order":"first"}}}`,
		}, {
			policyType: "BEDROCK_POLICY",
			root:       `{"bedrock":{"guardrail_inference":{"us-east-1":{"config_1":{"identifier":{"@@assign":"arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdef123456:1"}}}}}}`,
			account:    `{"bedrock":{"guardrail_inference":{"us-east-1":{"config_1":{"identifier":{"@@assign":"arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdef123456:2"}}}}}}`,
			effective:  `{"bedrock":{"guardrail_inference":{"us-east-1":{"config_1":{"identifier":"arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdef123456:2"}}}}}`,
		}, {
			policyType: "S3_POLICY",
			root:       `{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all","@@operators_allowed_for_child_policies":["@@none"]}}}`,
			account:    `{"s3_attributes":{"public_access_block_configuration":{"@@assign":"none"}}}`,
			effective:  `{"s3_attributes":{"public_access_block_configuration":"all"}}`,
		}, {
			policyType: "NETWORK_SECURITY_DIRECTOR_POLICY", service: "network-security-director.amazonaws.com",
			root:      `{"network_security_director":{"enablement":{"network_security_scan":{"enable_in_regions":{"@@assign":["us-east-1"]},"disable_in_regions":{"@@assign":[]}}}}}`,
			account:   `{"network_security_director":{"enablement":{"network_security_scan":{"enable_in_regions":{"@@append":["us-west-2"]}}}}}`,
			effective: `{"network_security_director":{"enablement":{"network_security_scan":{"enable_in_regions":["us-east-1","us-west-2"],"disable_in_regions":[]}}}}`,
		}, {
			policyType: "GUARDDUTY_POLICY", service: "guardduty.amazonaws.com",
			root:      `{"guardduty":{"enablement":{"default":{"foundational":{"status":{"@@assign":"enabled"}},"s3_data_events":{"status":{"@@assign":"enabled"}}}}}}`,
			account:   `{"guardduty":{"enablement":{"default":{"s3_data_events":{"status":{"@@assign":"disabled"}}}}}}`,
			effective: `{"guardduty":{"enablement":{"default":{"foundational":{"status":"enabled"},"s3_data_events":{"status":"disabled"}}}}}`,
		},
	}
}

// TestEffectivePolicyStories tells of each type how it is enabled, used and turned off.
func TestEffectivePolicyStories(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	s := start(t, database{})
	c := newCLI(t, s, s.root())
	c.do(organizations("create-organization")...)
	root := c.value("Roots[0].Id", organizations("list-roots")...)
	account := createAccount(t, s.patientClient(s.root()), "member")
	untold := types.EffectivePolicyType("").Values()
	for _, g := range governedTypes() {
		untold = slices.DeleteFunc(untold, func(t types.EffectivePolicyType) bool { return string(t) == g.policyType })
		t.Run(g.policyType, func(t *testing.T) {
			t.Parallel()
			c := c
			c.t = t
			c.governs(g, root, account)
		})
	}
	if len(untold) > 0 {
		t.Errorf("there is no story about %v", untold)
	}
}

// governs enables a type, attaches policies, and sees what they come to. What is around that is asked through the SDK,
// which takes a hundredth of the time.
func (c cli) governs(g governed, root, account string) {
	t, client := c.t, c.server.patientClient(c.as)
	t.Helper()
	ofType := func(command string, more ...string) []string {
		return organizations(append([]string{command, "--policy-type", g.policyType}, more...)...)
	}
	describe := &sdk.DescribeEffectivePolicyInput{PolicyType: types.EffectivePolicyType(g.policyType), TargetId: &account}
	refused[*types.EffectivePolicyNotFoundException](t, client.DescribeEffectivePolicy, describe)
	if g.service != "" {
		violates(t, types.ConstraintViolationExceptionReasonServiceAccessNotEnabled, client.EnablePolicyType, &sdk.EnablePolicyTypeInput{PolicyType: types.PolicyType(g.policyType), RootId: &root})
		c.do(organizations("enable-aws-service-access", "--service-principal", g.service)...)
	}
	c.do(ofType("enable-policy-type", "--root-id", root)...)
	distrust := &sdk.DisableAWSServiceAccessInput{ServicePrincipal: &g.service}
	if g.service != "" {
		violates(t, types.ConstraintViolationExceptionReasonPolicyTypeEnabledForThisService, client.DisableAWSServiceAccess, distrust)
	}
	refused[*types.MalformedPolicyDocumentException](t, client.CreatePolicy, &sdk.CreatePolicyInput{
		Type: types.PolicyType(g.policyType), Name: aws.String("Malformed"), Description: aws.String(""), Content: aws.String(`{"no":{}}`),
	})
	for target, content := range map[string]string{root: g.root, account: g.account} {
		policy := c.value("Policy.PolicySummary.Id", organizations("create-policy", "--type", g.policyType, "--name", target, "--description", "", "--content", content)...)
		c.do(organizations("attach-policy", "--policy-id", policy, "--target-id", target)...)
	}
	got := c.value("EffectivePolicy.PolicyContent", ofType("describe-effective-policy", "--target-id", account)...)
	if !sameJSON(t, got, g.effective) {
		t.Errorf("effective is %s, want %s", got, g.effective)
	}
	list := &sdk.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: types.EffectivePolicyType(g.policyType)}
	if invalid := call(t, client.ListAccountsWithInvalidEffectivePolicy, list).Accounts; len(invalid) != 0 {
		t.Errorf("invalid are %v", invalid)
	}
	call(t, client.DisablePolicyType, &sdk.DisablePolicyTypeInput{PolicyType: types.PolicyType(g.policyType), RootId: &root})
	if g.service != "" {
		call(t, client.DisableAWSServiceAccess, distrust)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatalf("%q, %q: %v", a, b, err)
	}
	return reflect.DeepEqual(x, y)
}

// TestInvalidEffectivePolicyStory: an invalid policy leaves what was valid in force, over a restart, is listed and told
// in the trail, and the operator sees why.
func TestInvalidEffectivePolicyStory(t *testing.T) {
	needsOperation(t, "organizations", "list-accounts-with-invalid-effective-policy")
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		c := newCLI(t, s, s.root())
		c.do(organizations("create-organization")...)
		root := c.value("Roots[0].Id", organizations("list-roots")...)
		management := c.value("Organization.MasterAccountId", organizations("describe-organization")...)
		c.do(organizations("enable-policy-type", "--root-id", root, "--policy-type", "BACKUP_POLICY")...)
		valid := governedTypes()[1].root
		policy := c.value("Policy.PolicySummary.Id", organizations("create-policy", "--type", "BACKUP_POLICY", "--name", "Daily", "--description", "", "--content", valid)...)
		c.do(organizations("attach-policy", "--policy-id", policy, "--target-id", root)...)
		describe := organizations("describe-effective-policy", "--policy-type", "BACKUP_POLICY")
		before := c.value("EffectivePolicy.PolicyContent", describe...)
		c.do(organizations("update-policy", "--policy-id", policy, "--content", strings.Replace(valid, `"target_backup_vault_name":{"@@assign":"Vault"}`, `"schedule_expression":{"@@assign":"cron(0 5 ? * * *)"}`, 1))...)
		s.restart()
		if after := c.value("EffectivePolicy.PolicyContent", describe...); after != before {
			t.Errorf("%s became %s", before, after)
		}
		if got := c.values("Accounts[].Id", organizations("list-accounts-with-invalid-effective-policy", "--policy-type", "BACKUP_POLICY")...); len(got) != 1 || got[0] != management {
			t.Errorf("invalid are %v", got)
		}
		code := c.value("EffectivePolicyValidationErrors[0].ErrorCode", organizations("list-effective-policy-validation-errors", "--policy-type", "BACKUP_POLICY", "--account-id", management)...)
		if code != "KEY_REQUIRED" {
			t.Errorf("the error is %s", code)
		}
		events := c.values("Events[].EventName", "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=EffectivePolicyValidation")
		if len(events) != 1 {
			t.Errorf("the events are %v", events)
		}
		out := s.prints("effective", "--account", management, "--type", "BACKUP_POLICY", "--explain")
		for _, want := range []string{"plans/daily/regions: \"us-east-1\" from " + policy + " (Daily) at " + root, "KEY_REQUIRED at plans/daily/rules/r: 'target_backup_vault_name' is missing"} {
			if !strings.Contains(out, want) {
				t.Errorf("espalier effective printed no %q:\n%s", want, out)
			}
		}
	})
}

// TestTagReportStory: what was tagged before a tag policy came is reported, by the AWS CLI and by espalier, and new tags
// can be checked before they are set.
func TestTagReportStory(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	s := start(t, database{})
	c := newCLI(t, s, s.root())
	c.do(organizations("create-organization")...)
	root := c.value("Roots[0].Id", organizations("list-roots")...)
	c.do(organizations("tag-resource", "--resource-id", root, "--tags", "Key=team,Value=purple")...)
	c.do(organizations("enable-policy-type", "--root-id", root, "--policy-type", "TAG_POLICY")...)
	content := `{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red"]},"enforced_for":{"@@assign":["organizations:root"]}}}}`
	policy := c.value("Policy.PolicySummary.Id", organizations("create-policy", "--type", "TAG_POLICY", "--name", "Teams", "--description", "", "--content", content)...)
	c.do(organizations("attach-policy", "--policy-id", policy, "--target-id", root)...)
	c.refused("ConstraintViolationException", organizations("tag-resource", "--resource-id", root, "--tags", "Key=Team,Value=purple")...)
	c.do(organizations("enable-aws-service-access", "--service-principal", "tagpolicies.tag.amazonaws.com")...)
	everywhere := func(arguments ...string) []string { return append([]string{"resourcegroupstaggingapi"}, arguments...) }
	broken := everywhere("get-resources", "--resource-type-filters", "organizations", "--include-compliance-details", "--exclude-compliant-resources")
	if got := c.values("ResourceTagMappingList[].ComplianceDetails.NoncompliantKeys[]", broken...); len(got) != 1 || got[0] != "team" {
		t.Errorf("the keys that do not comply are %v", got)
	}
	if got := c.values("SummaryList[?NonCompliantResources==`1`].[TargetId,ResourceType][]", everywhere("get-compliance-summary", "--group-by", "RESOURCE_TYPE")...); len(got) != 2 || got[0] != root || got[1] != "organizations:root" {
		t.Errorf("the summary is %v", got)
	}
	management := c.value("Organization.MasterAccountId", organizations("describe-organization")...)
	check := []string{"tags", "check", "--account", management, "--type", "organizations:root", "team=red", "stage=prod"}
	if out := s.prints(check...); out != "tag \"team\"=\"red\": the key must be \"Team\" (refused when it is set)\n" {
		t.Errorf("espalier tags check printed %q", out)
	}
	out := s.prints("tags", "report")
	if !strings.Contains(out, "organizations:root") || !strings.Contains(out, ",false,team,") {
		t.Errorf("the report is\n%s", out)
	}
	s.kill() // and without the server
	if again := s.prints("tags", "report"); again != out {
		t.Errorf("without the server the report is\n%s", again)
	}
	if out := s.prints(append(check, "--format", "json")...); !strings.Contains(out, `"wantKey": "Team"`) {
		t.Errorf("without the server espalier tags check printed %s", out)
	}
}

// prints runs a command on the data directory and returns what it prints. A report of something wrong ends with 1.
func (s *server) prints(arguments ...string) string {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), binary, append(arguments, "--data-dir", s.dataDir)...)
	command.WaitDelay = time.Second
	out, err := command.Output()
	if len(out) == 0 {
		s.t.Fatalf("espalier %s: %v", strings.Join(arguments, " "), err)
	}
	return string(out)
}
