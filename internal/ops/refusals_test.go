package ops_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/store"
)

// refusal is a call that a rule refuses.
type refusal struct {
	in     api.Input
	code   string           // the exception, without its last word
	reason string           // its Reason, or ""
	by     *identity.Caller // nil stands for the management account
	rules  func(*org.Rules) // changes quotas for the time of the call
	of     *identity.Caller // the account of which something is said for the time of the call
	said   ops.AccountChange
	denied string // the action that no policy allows at the time of the call
}

// refusals returns every refusal that a world is asked for.
func (g *garden) refusals() []refusal {
	return slices.Concat(g.treeRefusals(), g.accountRefusals(), g.organizationRefusals(), g.policyRefusals(), g.policyTypeRefusals(),
		g.attachmentRefusals(), g.tagRefusals(), g.serviceRefusals(), g.delegationRefusals(), g.resourcePolicyRefusals(), g.effectiveRefusals(), g.listRefusals(),
		g.invitationRefusals(), g.handshakeRefusals())
}

func TestRefusals(t *testing.T) {
	g := newGarden(t)
	for _, c := range g.refusals() {
		t.Run(c.name(), func(t *testing.T) { g.check(t, c) })
	}
}

// by returns who makes a call.
func (g *garden) by(c refusal) identity.Caller {
	if c.by != nil {
		return *c.by
	}
	return g.management
}

func (c refusal) name() string {
	name := nameOf(c.in) + "/" + c.code
	if c.reason != "" {
		name += "/" + c.reason
	}
	return name
}

// check makes a call that must be refused as expected and without any effect.
func (g *garden) check(t *testing.T, c refusal) {
	by := g.by(c)
	if c.rules != nil {
		before := *g.rules
		g.rules.Policies = maps.Clone(before.Policies)
		c.rules(g.rules)
		defer func() { *g.rules = before }()
	}
	if c.of != nil {
		g.set(t, *c.of, c.said)
		before := ops.AccountChange{Lacks: new([]org.Requirement), Seller: new("")}
		if c.said.State != nil {
			before.State = new(identity.Active)
		}
		defer g.set(t, *c.of, before)
	}
	g.denied = c.denied
	defer func() { g.denied = "" }()
	versions := g.versions(t, by)
	g.compare(t, c, g.refuse(t, by, c.in))
	if after := g.versions(t, by); !maps.Equal(versions, after) {
		t.Errorf("a refused call changed something: %v became %v", versions, after)
	}
}

// compare compares an exception with the one that is expected, with AWS's
// sentence where it is known. The model must list it.
func (g *garden) compare(t *testing.T, c refusal, e api.Error) {
	t.Helper()
	if e.ErrorCode() != c.code+"Exception" || reasonOf(e) != c.reason {
		t.Fatalf("refused with %s %s (%s), want %s %s", e.ErrorCode(), reasonOf(e), e.ErrorMessage(), c.code, c.reason)
	}
	if want := sentence(nameOf(c.in), c.code, c.reason); e.ErrorMessage() == "" || want != "" && e.ErrorMessage() != want {
		t.Errorf("the message is %q, want %q", e.ErrorMessage(), want)
	}
	if listed := g.operations[packageOf(c.in)+"."+nameOf(c.in)].Errors; !slices.Contains(listed, e.ErrorCode()) {
		t.Errorf("the model does not list %s for %s", e.ErrorCode(), nameOf(c.in))
	}
	if e.HTTPStatus() != 400 {
		t.Errorf("the status is %d", e.HTTPStatus())
	}
}

// versions returns the versions of what a call could change.
func (g *garden) versions(t *testing.T, by identity.Caller) map[store.AggregateID]int64 {
	t.Helper()
	versions, err := g.store.Versions(t.Context(), store.AggregateID(g.id(t)), store.AggregateID(by.Account), store.AggregateID(g.member.Account))
	if err != nil {
		t.Fatal(err)
	}
	return versions
}

// reasonOf returns the Reason of an exception, or "".
func reasonOf(e api.Error) string {
	v := reflect.Indirect(reflect.ValueOf(e))
	if reason := v.FieldByName("Reason"); reason.IsValid() {
		return fmt.Sprint(reason)
	}
	return ""
}

// sentence returns what AWS says, or "" where nobody has recorded it.
func sentence(operation, code, reason string) string {
	if code == "PolicyNotFound" && (operation == "DescribePolicy" || operation == "ListTargetsForPolicy") {
		return "You specified a policy that doesn't exist."
	}
	sentences := map[string]string{
		"AccessDenied":                                      "You don't have permissions to access this resource.",
		"AWSOrganizationsNotInUse":                          "Your account is not a member of an organization.",
		"AlreadyInOrganization":                             "The AWS account is already a member of an organization.",
		"ConcurrentModification":                            "AWS Organizations can't complete your request because it conflicts with another attempt to modify the same entity. Try again later.",
		"ORGANIZATION_ALREADY_HAS_ALL_FEATURES":             "All features are already enabled on this organization.",
		"TooManyRequests":                                   "AWS Organizations can't complete your request because another request is already in progress. Try again later.",
		"FinalizingOrganization":                            "AWS Organizations could not finalize the creation of your organization. Try again later. If this persists, contact AWS customer support.",
		"MalformedPolicyDocument":                           "The provided policy document does not meet the requirements of the specified policy type.",
		"DuplicatePolicyAttachment":                         "A policy with the specified name and type already exists.",
		"DuplicatePolicy":                                   "A policy with the specified name and type already exists.",
		"PolicyTypeAlreadyEnabled":                          "The specified policy type is already enabled.",
		"PolicyTypeNotEnabled":                              "This operation can be performed only for enabled policy types.",
		"PolicyInUse":                                       "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.",
		"PolicyNotFound":                                    "We can't find a policy with the PolicyId that you specified.",
		"OrganizationNotEmpty":                              "To delete an organization you must first remove all member accounts (except the master).",
		"AccountNotFound":                                   "You specified an account that doesn't exist.",
		"AccountAlreadyRegistered":                          "The provided account is already a delegated administrator for your organization.",
		"AccountNotRegistered":                              "The provided account is not a registered delegated administrator for your organization.",
		"AccountAlreadyClosed":                              "The provided account is already closed.",
		"OrganizationalUnitNotFound":                        "You specified an organizational unit that doesn't exist.",
		"ParentNotFound":                                    "You specified parent that doesn't exist.",
		"RootNotFound":                                      "You specified a root that doesn't exist.",
		"TargetNotFound":                                    "You specified a target that doesn't exist.",
		"DuplicateOrganizationalUnit":                       "An OU with the same name already exists.",
		"EffectivePolicyNotFound":                           "The specified policy type is not enabled. Enable that policy type on your organization root and then retry.",
		"TARGET_NOT_SUPPORTED":                              "You specified a target that is not currently supported.",
		"INVALID_ENUM_POLICY_TYPE":                          "You specified an invalid policy type.",
		"INVALID_ENUM:POLICY_TYPE":                          "You specified an invalid value.",
		"INPUT_REQUIRED:POLICY_TYPE":                        "You must provide a value for the parameter.",
		"MIN_VALUE_EXCEEDED:MAX_RESULTS":                    "You provided a value that is below the minimum allowed.",
		"MAX_VALUE_EXCEEDED:MAX_RESULTS":                    "You provided a value that exceeds the maximum allowed.",
		"INVALID_NEXT_TOKEN":                                "You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API.",
		"UNRECOGNIZED_SERVICE_PRINCIPAL":                    "You specified an unrecognized service principal.",
		"INVALID_PATTERN:ACCOUNT_ID":                        "You provided a value that does not match the required pattern.",
		"CLOSE_ACCOUNT_QUOTA_EXCEEDED":                      "You have exceeded close account quota for the past 30 days.",
		"WAIT_PERIOD_ACTIVE":                                "This operation requires a wait period.  Try again later.",
		"OU_DEPTH_LIMIT_EXCEEDED":                           "You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed.",
		"POLICY_CONTENT_LIMIT_EXCEEDED":                     "You have exceeded the maximum policy size.",
		"ORGANIZATION_NOT_IN_ALL_FEATURES_MODE":             "The request failed because the organization does not have all features enabled. Please enable all features in your organization and then retry.",
		"CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR": "You cannot register management account/yourself as delegated administrator for your organization.",
		"MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED":        "The member account must be configured with a valid payment method, such as a credit card.",
		"MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED":         "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.",
		"MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED":         "You have attached the maximum number of policies to the specified target.",
	}
	if reason != "" {
		if reason == "SERVICE_ACCESS_NOT_ENABLED" && operation == "RegisterDelegatedAdministrator" {
			return "You must enable service access before you delegate an administrator for this service. Call the AWS API EnableAWSServiceAccess first."
		}
		return sentences[reason]
	}
	return sentences[code]
}
