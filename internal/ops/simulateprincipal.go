package ops

import (
	"context"
	"net/http"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// SimulatePrincipalPolicy decides each action on each resource by the policies of a
// user with his groups, a group or a role, and by those of the input, under the
// permissions boundary and the service control policies above the caller's account.
// It answers NoSuchEntity and InvalidInput.
func (i *IAM) SimulatePrincipalPolicy(ctx context.Context, by Caller, in *iam.SimulatePrincipalPolicyInput) (*iam.SimulatePrincipalPolicyOutput, error) {
	from, err := simulatedEntityAt(by.View.Account, in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	out, err := i.simulate(ctx, by, &iam.SimulateCustomPolicyInput{
		PolicyInputList: in.PolicyInputList, PermissionsBoundaryPolicyInputList: in.PermissionsBoundaryPolicyInputList,
		ActionNames: in.ActionNames, ResourceArns: in.ResourceArns, ResourcePolicy: in.ResourcePolicy, ResourceOwner: in.ResourceOwner,
		CallerArn: in.CallerArn, ContextEntries: in.ContextEntries, ResourceHandlingOption: in.ResourceHandlingOption,
		MaxItems: in.MaxItems, Marker: in.Marker,
	}, from)
	if err != nil {
		return nil, err
	}
	return &iam.SimulatePrincipalPolicyOutput{EvaluationResults: out.EvaluationResults, Marker: out.Marker, IsTruncated: out.IsTruncated}, nil
}

// simulatedEntity is the user, group or role whose policies a simulation begins with.
// The zero value has none.
type simulatedEntity struct {
	arn      string
	kind     string // identity.KindUser, …
	linked   bool   // a service-linked role
	policies []namedPolicy
	boundary *namedPolicy // nil for none
}

// namedPolicy is the text of a policy, and its id in the results.
type namedPolicy struct{ id, text string }

// simulatedEntityAt finds a user, a group or a role of an account. It returns NoSuchEntity
// and InvalidInput.
func simulatedEntityAt(a *identity.Account, arn string) (*simulatedEntity, error) {
	resource, ours := strings.CutPrefix(arn, "arn:"+string(a.Partition())+":iam::"+string(a.ID())+":")
	kind, path, _ := strings.Cut(resource, "/")
	if !ours || kind != identity.KindUser && kind != identity.KindGroup && kind != identity.KindRole {
		return nil, invalidSimulation("Invalid Entity Arn: %s does not clearly define entity type and name.", arn)
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	of := identity.UserNamed(name)
	switch kind {
	case identity.KindGroup:
		of = identity.GroupNamed(name)
	case identity.KindRole:
		of = identity.RoleNamed(name)
	}
	e, err := a.Entity(of)
	if err != nil {
		return nil, err
	}
	if resource != kind+e.Path+e.Name { // the name is that of something with another path
		return nil, &refusal{"NoSuchEntity", "The " + kind + " with name " + path + " cannot be found.", http.StatusNotFound}
	}
	from := &simulatedEntity{arn: arn, kind: kind}
	from.add(a, kind, e)
	if u, ok := a.User(name); ok && kind == identity.KindUser {
		for g := range a.GroupsOf(u, "") {
			from.add(a, identity.KindGroup, &g.Entity)
		}
	}
	if r, ok := a.Role(name); ok && kind == identity.KindRole {
		from.linked = r.ServiceLinked()
	}
	if p, ok := a.Policy(e.PermissionsBoundary); ok {
		from.boundary = &namedPolicy{p.Name, p.DefaultVersion().Document}
	}
	return from, nil
}

// add adds the policies of a user, a group or a role itself.
func (s *simulatedEntity) add(a *identity.Account, kind string, e *identity.Entity) {
	for _, arn := range e.ManagedPolicies {
		if p, ok := a.Policy(arn); ok {
			s.policies = append(s.policies, namedPolicy{p.Name, p.DefaultVersion().Document})
		}
	}
	for _, p := range e.InlinePolicies {
		s.policies = append(s.policies, namedPolicy{kind + "_" + e.Name + "_" + p.Name, p.Document})
	}
}
