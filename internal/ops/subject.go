package ops

import (
	"reflect"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// Subject is what the calls of an operation are about: the resources that they are authorized on, and
// the condition keys that their inputs say.
type Subject struct {
	rule      *Rule
	tag       policy.Action // of giving tags to what the operation makes, or none
	keys      inputKeys
	resources []resourceMember
	iam       iamResource
	account   accountResource
}

// NewSubject returns what the inputs of an operation are about, of which one is given.
func NewSubject(rule *Rule, in any) Subject {
	s := Subject{rule: rule, keys: newInputKeys(in)}
	for name := range strings.FieldsSeq(rule.Names) {
		s.resources = append(s.resources, newResourceMember(rule.Operation, in, name))
	}
	switch rule.Service {
	case "iam":
		s.iam = newIAMResource(in)
	case "account":
		s.account = newAccountResource(in)
	}
	if s.keys.tags != noMember {
		s.tag = tagAction(rule)
	}
	return s
}

// Resources returns what a call is authorized on, none for "*". What does not exist has the ARN that it
// would have.
func (s *Subject) Resources(by *Caller, in any) []org.Resource {
	switch {
	case s.iam.find != nil:
		return s.iam.resources(by, in)
	case s.account.types != nil:
		return []org.Resource{s.account.resource(by, in)}
	}
	o := by.View.Organization
	if o == nil {
		return nil // which the account learns first
	}
	all := make([]org.Resource, 0, len(s.resources))
	v := reflect.ValueOf(in).Elem()
	for _, m := range s.resources {
		if r, named := m.find(o, v.Field(m.index)); named {
			all = append(all, r)
		}
	}
	return all
}

// Excess reports the lists of an input that are too long for policies to be asked about each of their elements. They are
// refused before the constraints of the model are looked at, which comes when policies have been asked.
func (s *Subject) Excess(in any) []api.Violation { return s.keys.excess(in) }

// Describe sets the condition keys that an input says.
func (s *Subject) Describe(in any, c *policy.Context) {
	s.keys.describe(in, c)
	if direction, ok := transferDirections[s.rule.Operation]; ok {
		c.Set(keyTransferDirection, string(direction))
		c.Set(keyTransferType, org.TransferOfBilling) // there is no other one
	}
}

const (
	keyTransferDirection = "organizations:TransferDirection"
	keyTransferType      = "organizations:TransferType"
)

// transferDirections are the directions of transfers that operations are about, whatever their input.
var transferDirections = map[string]org.TransferDirection{
	"InviteOrganizationToTransferResponsibility": org.Inbound,
	"ListInboundResponsibilityTransfers":         org.Inbound,
	"ListOutboundResponsibilityTransfers":        org.Outbound,
}

// TagAction returns the action of giving the tags that a call gives to what it makes, which the caller
// needs, too, and whether it gives any.
func (s *Subject) TagAction(in any) (policy.Action, bool) {
	return s.tag, s.tag != policy.Action{} && s.keys.tagged(in)
}

// tagAction returns the action of giving tags to what an operation makes, or none.
func tagAction(r *Rule) policy.Action {
	switch {
	case r.Access == Tagging:
	case r.Service == "organizations":
		return policy.NewAction("organizations:TagResource")
	case r.Service == "iam":
		return policy.NewAction("iam:Tag" + strings.TrimPrefix(r.Operation, "Create"))
	}
	return policy.Action{}
}

// A resourceMember is a member of an input of AWS Organizations that names a resource.
type resourceMember struct {
	index int
	types string // the resource types that it may name
	find  func(o *org.Organization, v reflect.Value) (r org.Resource, named bool)
}

// resourceTypes are the types of the resources that members name, a member of one operation before
// those of its name.
var resourceTypes = map[string]string{
	"AccountId":                        "account",
	"ChildId":                          "account organizationalunit",
	"Content":                          "resourcepolicy",
	"DestinationParentId":              "organizationalunit root",
	"HandshakeId":                      "handshake",
	"Id":                               "responsibilitytransfer",
	"OrganizationalUnitId":             "organizationalunit",
	"ParentId":                         "organizationalunit root",
	"PolicyId":                         "policy",
	"ResourceId":                       "account organizationalunit policy resourcepolicy responsibilitytransfer root",
	"RootId":                           "root",
	"SourceParentId":                   "organizationalunit root",
	"Target":                           "account",
	"TargetId":                         "account organizationalunit root",
	"DescribeEffectivePolicy.TargetId": "account",
	"Type":                             "policy",
}

// taggable are the resource types that have tags.
var taggable = []string{"account", "organizationalunit", "policy", "resourcepolicy", "responsibilitytransfer", "root"}

func newResourceMember(operation string, in any, name string) resourceMember {
	m := resourceMember{index: member(in, name), types: resourceTypes[operation+"."+name], find: byID}
	if m.types == "" {
		m.types = resourceTypes[name]
	}
	switch name {
	case "Content":
		m.find = resourcePolicy
	case "Target":
		m.find = invited
	case "Type":
		m.find = policiesOf
	}
	return m
}

// byID is what an id names.
func byID(o *org.Organization, v reflect.Value) (org.Resource, bool) {
	id, given := textOf(v)
	if !given && v.Kind() == reflect.Pointer {
		return org.Resource{}, false
	}
	return o.Resource(org.ResourceID(id)), true
}

// policiesOf is what creating a policy of a type is about.
func policiesOf(o *org.Organization, v reflect.Value) (org.Resource, bool) {
	t := org.PolicyType(v.String())
	return org.Resource{ARN: o.PoliciesARN(t), PolicyType: t}, true
}

// resourcePolicy is the resource policy that a call makes or replaces.
func resourcePolicy(o *org.Organization, _ reflect.Value) (org.Resource, bool) {
	if p, err := o.ResourcePolicy(); err == nil {
		return o.Resource(org.ResourceID(p.ID)), true
	}
	return org.Resource{ARN: o.ResourcePolicyARN("*")}, true
}

// invited is the account that an invitation names by its id.
func invited(o *org.Organization, v reflect.Value) (org.Resource, bool) {
	party, ok := v.Interface().(*organizations.HandshakeParty)
	if !ok || party == nil || party.Type != organizations.HandshakePartyTypeAccount {
		return org.Resource{}, false
	}
	return o.Resource(org.ResourceID(party.Id)), true
}

// ResourceTypes returns the types of the resources that calls are authorized on, none for "*".
func (s *Subject) ResourceTypes() []string {
	switch {
	case s.iam.find != nil:
		return []string{s.iam.kind}
	case s.account.types != nil:
		return slices.Clone(s.account.types)
	}
	var types []string
	for _, m := range s.resources {
		types = append(types, strings.Fields(m.types)...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// ConditionKeys returns the condition keys that an input or its resources say, beside those that
// every call has.
func (s *Subject) ConditionKeys() []string {
	keys := s.keys.names()
	if _, ok := transferDirections[s.rule.Operation]; ok {
		keys = append(keys, keyTransferDirection, keyTransferType)
	}
	types := s.ResourceTypes()
	switch {
	case s.rule.Service == "organizations":
		if slices.Contains(types, "policy") {
			keys = append(keys, keyPolicyType)
		}
		if slices.Contains(types, "responsibilitytransfer") {
			keys = append(keys, keyTransferDirection, keyTransferType)
		}
		if slices.ContainsFunc(types, func(t string) bool { return slices.Contains(taggable, t) }) {
			keys = append(keys, "aws:ResourceTag/${TagKey}")
		}
	case s.rule.Service == "account":
		keys = append(keys, "account:AccountResourceOrgPaths", "account:AccountResourceOrgTags/${TagKey}")
	case s.iam.tagged:
		keys = append(keys, "aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}")
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// DependentActions returns the actions that a call may need beside its own.
func (s *Subject) DependentActions() []string {
	actions := slices.Clone(s.rule.Dependent)
	if tag := s.tag.String(); tag != "" {
		actions = append(actions, tag)
	}
	return actions
}
