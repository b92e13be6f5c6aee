package ops

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

const (
	// simulationsPerPage is the size of a page of results for which the caller
	// gives no size.
	simulationsPerPage = 100
	// statementsPerPage bounds the work of one call: a page of results is shorter
	// where the policies are long, as IAM reserves the right to.
	statementsPerPage = 100_000
)

// SimulateCustomPolicy decides each action on each resource by the policies of
// the input, and by the service control policies above the caller's account. It
// answers InvalidInput.
func (i *IAM) SimulateCustomPolicy(ctx context.Context, by Caller, in *iam.SimulateCustomPolicyInput) (*iam.SimulateCustomPolicyOutput, error) {
	return i.simulate(ctx, by, in, &simulatedEntity{})
}

// simulate decides by the policies of the input and of where it begins.
func (i *IAM) simulate(ctx context.Context, by Caller, in *iam.SimulateCustomPolicyInput, from *simulatedEntity) (*iam.SimulateCustomPolicyOutput, error) {
	s, err := newSimulation(by, in, from, i.ServiceControl)
	if err != nil {
		return nil, err
	}
	p, err := i.Tokens.page(string(by.Account)+"/Simulate/"+from.arn+"/"+fingerprint(in), in.MaxItems, simulationsPerPage, in.Marker)
	if err != nil {
		return nil, invalidSimulation("Invalid Marker.")
	}
	p.size = min(p.size, max(1, statementsPerPage/s.statements))
	results, marker := collect(p, s.questions(ctx, string(p.after)), s.answer)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &iam.SimulateCustomPolicyOutput{EvaluationResults: results, Marker: marker, IsTruncated: new(marker != nil)}, nil
}

// fingerprint tells apart simulations, of which a marker continues one only.
func fingerprint(in *iam.SimulateCustomPolicyInput) string {
	same := *in
	same.MaxItems, same.Marker = nil, nil
	text, _ := json.Marshal(same) // strings only: cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// simulation is what a call asks for, read and compiled.
type simulation struct {
	principal  policy.Principal
	membership policy.Membership
	owner      string // the account that owns what does not say so itself
	policies   policy.Policies
	context    policy.Context
	missing    []string // context keys that the policies need and the call does not give
	statements int

	actions, resources []string
	member             bool // the account of the caller is in an organization
	everything         bool // no resource was named
}

// The ids of the policies in the results.
const (
	policyInput    = "PolicyInputList."
	boundaryInput  = "PermissionsBoundaryPolicyInputList."
	resourceInput  = "ResourcePolicy"
	accountTrusted = "the account of the resource" // stands for a resource policy that the call does not give
)

func newSimulation(by Caller, in *iam.SimulateCustomPolicyInput, from *simulatedEntity, serviceControl func(*org.Organization, org.AccountID) *policy.Path) (*simulation, error) {
	s := &simulation{actions: in.ActionNames, resources: in.ResourceArns, everything: len(in.ResourceArns) == 0}
	if s.everything {
		s.resources = []string{"*"}
	}
	for _, read := range []func(*iam.SimulateCustomPolicyInput) error{s.readActions, s.readResources, s.readContext} {
		if err := read(in); err != nil {
			return nil, err
		}
	}
	if err := s.readPolicies(in, from); err != nil {
		return nil, err
	}
	if err := s.readCaller(by, in, from); err != nil {
		return nil, err
	}
	if o := by.View.Organization; s.principal.Account == string(by.Account) && o != nil {
		s.member, s.membership = true, o.Membership(org.AccountID(by.Account))
		s.policies.ServiceControl = serviceControl(o, org.AccountID(by.Account))
	}
	return s, nil
}

// readActions refuses what is no action.
func (s *simulation) readActions(in *iam.SimulateCustomPolicyInput) error {
	for _, action := range in.ActionNames {
		if _, err := policy.NewRequest("*", action, "*"); err != nil {
			return invalidSimulation("ActionNames are not in a valid format: %s.", action)
		}
	}
	return nil
}

// readResources refuses what is no resource, and a scenario of which one is missing.
func (s *simulation) readResources(in *iam.SimulateCustomPolicyInput) error {
	var kinds []string
	for _, resource := range in.ResourceArns {
		arn, err := policy.ParseARN(resource)
		if err != nil && resource != "*" {
			return invalidSimulation("ResourceNames are not in a valid ARN format: %s.", resource)
		}
		kind, _, _ := strings.Cut(arn.Resource, "/")
		kinds = append(kinds, kind)
	}
	if in.ResourceHandlingOption == nil {
		return nil
	}
	required, known := scenario(*in.ResourceHandlingOption)
	if !known {
		return invalidSimulation("Invalid Resource Handling Option: %s.", *in.ResourceHandlingOption)
	}
	for _, kind := range required {
		if !slices.Contains(kinds, kind) {
			return invalidSimulation("The resource handling option %s needs a resource of the type %s.", *in.ResourceHandlingOption, kind)
		}
	}
	return nil
}

// scenario returns the types of resources that a resource handling option needs
// (IAM API reference, SimulateCustomPolicy).
func scenario(option string) (required []string, known bool) {
	required = []string{"instance", "image", "security-group", "network-interface"}
	switch option {
	case "EC2-VPC-InstanceStore":
	case "EC2-VPC-InstanceStore-Subnet":
		required = append(required, "subnet")
	case "EC2-VPC-EBS":
		required = append(required, "volume")
	case "EC2-VPC-EBS-Subnet":
		required = append(required, "subnet", "volume")
	default:
		return nil, false
	}
	return required, true
}

// readPolicies compiles the policies of the input and of where the simulation begins.
// A permissions boundary of the input takes the place of the one that is there.
func (s *simulation) readPolicies(in *iam.SimulateCustomPolicyInput, from *simulatedEntity) error {
	if len(in.PermissionsBoundaryPolicyInputList) > 1 {
		return invalidSimulation("Only one permissions boundary policy can be simulated.")
	}
	boundaries := numberedPolicies(boundaryInput, in.PermissionsBoundaryPolicyInputList)
	if len(boundaries) == 0 && from.boundary != nil {
		boundaries = []namedPolicy{*from.boundary}
	}
	var documents []*policy.Document
	read := func(kind policy.Kind, texts []namedPolicy) (*policy.Set, error) {
		all := make([]policy.Attached, 0, len(texts))
		for _, p := range texts {
			document, err := policy.Parse(kind, []byte(p.text))
			if err != nil {
				return nil, malformedInput(p.id, err)
			}
			documents = append(documents, document)
			s.statements += len(document.Statements)
			all = append(all, policy.Attached{ID: p.id, Policy: policy.Compile(document)})
		}
		return policy.NewSet(all...), nil
	}
	var err error
	if s.policies.Identity, err = read(policy.IdentityPolicy, append(from.policies, numberedPolicies(policyInput, in.PolicyInputList)...)); err != nil {
		return err
	}
	if len(boundaries) > 0 {
		if s.policies.Boundary, err = read(policy.PermissionsBoundary, boundaries); err != nil {
			return err
		}
	}
	if in.ResourcePolicy != nil {
		if s.policies.Resource, err = read(policy.ResourcePolicy, []namedPolicy{{resourceInput, *in.ResourcePolicy}}); err != nil {
			return err
		}
	}
	s.statements = max(1, s.statements)
	s.missing = missingKeys(documents, in.ContextEntries)
	return nil
}

// numberedPolicies names the policies of an input by their numbers.
func numberedPolicies(id string, texts []string) []namedPolicy {
	all := make([]namedPolicy, 0, len(texts))
	for n, text := range texts {
		all = append(all, namedPolicy{id + strconv.Itoa(n+1), text})
	}
	return all
}

// readContext takes over the context entries.
func (s *simulation) readContext(in *iam.SimulateCustomPolicyInput) error {
	for _, entry := range in.ContextEntries {
		if entry.ContextKeyName == nil || entry.ContextKeyType == nil {
			return invalidSimulation("A context entry needs a ContextKeyName and a ContextKeyType.")
		}
		name := *entry.ContextKeyName
		if _, twice := s.context.Get(name); twice {
			return invalidSimulation("The context key %s is given twice.", name)
		}
		switch {
		case strings.HasSuffix(string(*entry.ContextKeyType), "List"):
			s.context.SetList(name, entry.ContextKeyValues)
		case len(entry.ContextKeyValues) == 1:
			s.context.Set(name, entry.ContextKeyValues[0])
		default:
			return invalidSimulation("The context key %s has the type %s and needs one value.", name, *entry.ContextKeyType)
		}
	}
	return nil
}

// readCaller finds out who the simulated caller is, and who owns what he uses: the user
// whose policies are simulated, unless another one calls as if he had them.
func (s *simulation) readCaller(by Caller, in *iam.SimulateCustomPolicyInput, from *simulatedEntity) error {
	s.principal = policy.Principal{Type: policy.User, Account: string(by.Account), ServiceLinked: from.linked}
	arn := given(in.CallerArn)
	if arn == "" && from.kind == identity.KindUser {
		arn = from.arn
	}
	if arn != "" {
		caller, err := policy.ParsePrincipal(arn)
		if err != nil || caller.Type != policy.User {
			return invalidSimulation("'%s' is not a valid Caller ARN: it must be the ARN of an IAM user.", arn)
		}
		s.principal = caller
	} else if in.ResourcePolicy != nil {
		return invalidSimulation("CallerArn is required when a ResourcePolicy is given.")
	}
	s.owner = s.principal.Account
	if in.ResourceOwner != nil {
		owner, err := policy.ParsePrincipal(*in.ResourceOwner)
		if err != nil || owner.Type != policy.RootUser {
			return invalidSimulation("'%s' is not a valid as a Resource Owner.", *in.ResourceOwner) // sic
		}
		s.owner = owner.Account
	}
	return nil
}

// question is one action on one resource.
type question struct{ action, resource string }

// questions yields the actions on the resources from behind the number of one,
// while ctx lasts.
func (s *simulation) questions(ctx context.Context, after string) iter.Seq2[org.Cursor, question] {
	from, _ := strconv.Atoi(after) // a cursor of our own, or ""
	return func(yield func(org.Cursor, question) bool) {
		for n := from; n < len(s.actions)*len(s.resources) && ctx.Err() == nil; n++ {
			if !yield(org.Cursor(strconv.Itoa(n+1)), question{s.actions[n/len(s.resources)], s.resources[n%len(s.resources)]}) {
				return
			}
		}
	}
}

// malformedInput refuses a policy of the input, and tells where it is wrong.
func malformedInput(id string, err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return invalidSimulation("Syntax errors in policy. (%s: %s)", id, text)
}

func invalidSimulation(format string, args ...any) error {
	return &iam.InvalidInputException{Message: fmt.Sprintf(format, args...)}
}
