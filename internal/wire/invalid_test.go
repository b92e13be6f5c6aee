package wire

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
)

func TestInvalidOrganizations(t *testing.T) {
	const (
		policy  = "p-abcdefgh"
		account = "111122223333"
	)
	tests := map[string]struct {
		in     api.Input
		reason string
	}{
		"nothing wrong":           {&organizations.AttachPolicyInput{PolicyId: policy, TargetId: account}, ""},
		"missing":                 {&organizations.DescribeAccountInput{}, "INPUT_REQUIRED:ACCOUNT_ID"},
		"missing enumeration":     {&organizations.EnablePolicyTypeInput{RootId: "r-ab12"}, "INPUT_REQUIRED:POLICY_TYPE"},
		"missing list":            {&organizations.TagResourceInput{ResourceId: account}, "INPUT_REQUIRED:TAGS"},
		"missing where empty may": {&organizations.CreatePolicyInput{Content: "{}", Name: "n", Type: "TAG_POLICY"}, "INPUT_REQUIRED:DESCRIPTION"},
		"missing structure":       {&organizations.InviteAccountToOrganizationInput{}, "INPUT_REQUIRED:TARGET"},
		"missing inside":          {&organizations.InviteAccountToOrganizationInput{Target: &organizations.HandshakeParty{Type: "EMAIL"}}, "INPUT_REQUIRED:TARGET_ID"},
		"missing in a list":       {&organizations.TagResourceInput{ResourceId: account, Tags: []organizations.Tag{{Key: "k"}}}, "INPUT_REQUIRED:TAGS_VALUE"},
		"first member first":      {&organizations.MoveAccountInput{AccountId: "x", SourceParentId: "y"}, "INVALID_PATTERN:ACCOUNT_ID"},
		"too short":               {&organizations.CreateAccountInput{Email: "a@b.c", AccountName: "n"}, "MIN_LENGTH_EXCEEDED:EMAIL"},
		"too long":                {&organizations.CreateOrganizationalUnitInput{ParentId: "r-ab12", Name: strings.Repeat("é", 129)}, "MAX_LENGTH_EXCEEDED:NAME"},
		"as long as allowed":      {&organizations.CreateOrganizationalUnitInput{ParentId: "r-ab12", Name: strings.Repeat("é", 128)}, ""},
		"length before pattern":   {&organizations.DescribeAccountInput{AccountId: "1111222233334"}, "MAX_LENGTH_EXCEEDED:ACCOUNT_ID"},
		"too small":               {&organizations.ListAccountsInput{MaxResults: new(int32(0))}, "MIN_VALUE_EXCEEDED:MAX_RESULTS"},
		"too great":               {&organizations.ListAccountsInput{MaxResults: new(int32(21))}, "MAX_VALUE_EXCEEDED:MAX_RESULTS"},
		"pattern":                 {&organizations.DescribeAccountInput{AccountId: "11112222333"}, "INVALID_PATTERN:ACCOUNT_ID"},
		"pattern, whole value":    {&organizations.CreateOrganizationalUnitInput{ParentId: "r-ab12 ", Name: "n"}, "INVALID_PATTERN:PARENT_ID"},
		"pattern of a handshake":  {&organizations.DescribeHandshakeInput{HandshakeId: "h-1"}, "INVALID_PATTERN:HANDSHAKE_ID"},
		"target":                  {&organizations.AttachPolicyInput{PolicyId: policy, TargetId: "1111222233334"}, "INVALID_PATTERN_TARGET_ID"},
		"target with more behind": {&organizations.AttachPolicyInput{PolicyId: policy, TargetId: "r-ab12x!"}, "INVALID_PATTERN_TARGET_ID"},
		"policy":                  {&organizations.DescribePolicyInput{PolicyId: "p-short"}, "INVALID_SYNTAX_POLICY_ID"},
		"enumeration":             {&organizations.CreateOrganizationInput{FeatureSet: new(organizations.OrganizationFeatureSet("all"))}, "INVALID_ENUM:FEATURE_SET"},
		"enumeration inside":      {&organizations.ListHandshakesForAccountInput{Filter: &organizations.HandshakeFilter{ActionType: new(organizations.ActionType("X"))}}, "INVALID_ENUM:FILTER_ACTION_TYPE"},
		"empty enumeration":       {&organizations.CreateOrganizationInput{FeatureSet: new(organizations.OrganizationFeatureSet(""))}, "INVALID_ENUM:FEATURE_SET"},
		"policy type":             {&organizations.ListPoliciesInput{Filter: "X"}, "INVALID_ENUM_POLICY_TYPE"},
		"effective policy type":   {&organizations.DescribeEffectivePolicyInput{PolicyType: "SERVICE_CONTROL_POLICY"}, "INVALID_ENUM_POLICY_TYPE"},
		"effective, not merged":   {&organizations.DescribeEffectivePolicyInput{PolicyType: "RESOURCE_CONTROL_POLICY"}, "INVALID_ENUM:POLICY_TYPE"},
		"errors, not merged":      {&organizations.ListEffectivePolicyValidationErrorsInput{AccountId: account, PolicyType: "RESOURCE_CONTROL_POLICY"}, "INVALID_ENUM_POLICY_TYPE"},
		"errors of a root":        {&organizations.ListEffectivePolicyValidationErrorsInput{AccountId: "r-ab12", PolicyType: "TAG_POLICY"}, "TARGET_NOT_SUPPORTED"},
		"errors of nothing":       {&organizations.ListEffectivePolicyValidationErrorsInput{PolicyType: "TAG_POLICY"}, "TARGET_NOT_SUPPORTED"},
		"party type":              {&organizations.InviteAccountToOrganizationInput{Target: &organizations.HandshakeParty{Id: "x", Type: "X"}}, "INVALID_PARTY_TYPE_TARGET"},
		"list member":             {&organizations.ListCreateAccountStatusInput{States: []organizations.CreateAccountState{"FAILED", "X"}}, "INVALID_LIST_MEMBER:STATES"},
		"element of a list":       {&organizations.UntagResourceInput{ResourceId: account, TagKeys: []string{"k", ""}}, "MIN_LENGTH_EXCEEDED:TAG_KEYS"},
		"tag":                     {&organizations.TagResourceInput{ResourceId: account, Tags: []organizations.Tag{{Key: "k", Value: new("?")}}}, "INVALID_PATTERN:TAGS_VALUE"},
		"letters of every script": {&organizations.TagResourceInput{ResourceId: account, Tags: []organizations.Tag{{Key: "clé 鍵", Value: new("")}}}, ""},
		"second tag":              {&organizations.TagResourceInput{ResourceId: account, Tags: []organizations.Tag{{Key: "k", Value: new("")}, {Value: new("")}}}, "INPUT_REQUIRED:TAGS_KEY"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := Invalid(organizations.Service(), operationOf(test.in), test.in.Validate())
			if e == nil {
				if test.reason != "" {
					t.Errorf("valid, want %s", test.reason)
				}
				return
			}
			var invalid *organizations.InvalidInputException
			if !errors.As(e, &invalid) || string(invalid.Reason) != test.reason || invalid.Message == "" {
				t.Errorf("got %#v, want %s", e, test.reason)
			}
		})
	}
}

// operationOf returns the operation that an input is of.
func operationOf(in api.Input) string {
	return strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input")
}

func TestInvalidElsewhere(t *testing.T) {
	const again = "; Value null at 'tags.value' failed to satisfy constraint: Member must not be null"
	many := &iam.TagRoleInput{RoleName: "r"}
	for range 11 {
		many.Tags = append(many.Tags, iam.Tag{Key: "k"})
	}
	tests := map[string]struct {
		service       *api.Service
		in            api.Input
		code, message string
	}{
		"missing": {
			iam.Service(), &iam.GetRoleInput{}, "ValidationError",
			"1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null",
		},
		"two": {
			sts.Service(), &sts.AssumeRoleInput{RoleArn: "short", RoleSessionName: "a b"}, "ValidationError",
			"2 validation errors detected: Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; " +
				`Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
		},
		"too long": {
			iam.Service(), &iam.GetRoleInput{RoleName: strings.Repeat("a", 65)}, "ValidationError",
			"1 validation error detected: Value '" + strings.Repeat("a", 65) + "' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64",
		},
		"much too long": {
			iam.Service(), &iam.GetRoleInput{RoleName: strings.Repeat("a", 257)}, "ValidationError",
			"1 validation error detected: Value '" + strings.Repeat("a", 256) + "…' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64",
		},
		"numbers": {
			sts.Service(), &sts.AssumeRoleInput{RoleArn: "arn:aws:iam::111122223333:role/r", RoleSessionName: "se", DurationSeconds: new(int32(5))}, "ValidationError",
			"1 validation error detected: Value '5' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
		},
		"great numbers": {
			iam.Service(), &iam.ListRolesInput{MaxItems: new(int32(1001))}, "ValidationError",
			"1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
		},
		"enumeration": {
			iam.Service(), &iam.UpdateAccessKeyInput{AccessKeyId: "AKIAAAAAAAAAAAAAAAAA", Status: "On"}, "ValidationError",
			"1 validation error detected: Value 'On' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]",
		},
		"many": {
			iam.Service(), many, "ValidationError",
			"11 validation errors detected: " + strings.TrimPrefix(strings.Repeat(again, 10), "; "),
		},
		"many elements": {
			iam.Service(), &iam.UntagRoleInput{RoleName: "r", TagKeys: strings.Split(strings.Repeat("k", 51), "")}, "ValidationError",
			"1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must have length less than or equal to 50",
		},
		"trail page": {
			cloudtrail.Service(), &cloudtrail.LookupEventsInput{MaxResults: new(int32(51))}, "InvalidMaxResultsException",
			"1 validation error detected: Value '51' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50",
		},
		"trail attribute": {
			cloudtrail.Service(), &cloudtrail.LookupEventsInput{LookupAttributes: []cloudtrail.LookupAttribute{{AttributeKey: "EventId"}}}, "InvalidLookupAttributesException",
			"1 validation error detected: Value null at 'lookupAttributes.attributeValue' failed to satisfy constraint: Member must not be null",
		},
		"trail category": {
			cloudtrail.Service(), &cloudtrail.LookupEventsInput{EventCategory: new(cloudtrail.EventCategory("x"))}, "InvalidEventCategoryException",
			"1 validation error detected: Value 'x' at 'eventCategory' failed to satisfy constraint: Member must satisfy enum value set: [insight]",
		},
		"tagging": {
			tagging.Service(), &tagging.GetComplianceSummaryInput{MaxResults: new(int32(0))}, "InvalidParameterException",
			"1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
		},
		"sensitive": {
			account.Service(), &account.PutAccountNameInput{AccountName: "a;<b"}, "ValidationException",
			"1 validation error detected: Value at 'accountName' failed to satisfy constraint: Member must satisfy regular expression pattern: [ -;=?-~]+",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := Invalid(test.service, operationOf(test.in), test.in.Validate())
			if e == nil {
				t.Fatal("valid")
			}
			if e.ErrorCode() != test.code || e.ErrorMessage() != test.message || e.HTTPStatus() != 400 {
				t.Errorf("got %s %d\n%s\nwant\n%s", e.ErrorCode(), e.HTTPStatus(), e.ErrorMessage(), test.message)
			}
		})
	}
}

func TestUpperSnake(t *testing.T) {
	for path, want := range map[string]string{
		"Name":                   "NAME",
		"Filter.ActionType":      "FILTER_ACTION_TYPE",
		"IamUserAccessToBilling": "IAM_USER_ACCESS_TO_BILLING",
		"AWSServiceAccess":       "AWS_SERVICE_ACCESS",
		"Ec2Policy":              "EC2_POLICY",
	} {
		if got := upperSnake(strings.Split(path, ".")); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
