package ops

import (
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/policy"
)

// answer simulates one action on one resource.
func (s *simulation) answer(q question) iam.EvaluationResult {
	r, policies := s.request(q)
	e := policy.Explain(r, &policies)
	result := iam.EvaluationResult{
		EvalActionName: q.action, EvalResourceName: new(q.resource), EvalDecision: evaluation(e.Result),
		MatchedStatements: matched(e), MissingContextValues: []string{},
		EvalDecisionDetails: decisionDetails(r, e),
	}
	if s.member {
		result.OrganizationsDecisionDetail = &iam.OrganizationsDecisionDetail{AllowedByOrganizations: new(allows(e, policy.ServiceControlPolicy))}
	}
	if s.policies.Boundary != nil {
		result.PermissionsBoundaryDecisionDetail = &iam.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: new(allows(e, policy.PermissionsBoundary))}
	}
	if q.resource == "*" {
		result.MissingContextValues = s.missing
		return result
	}
	result.ResourceSpecificResults = []iam.ResourceSpecificResult{{
		EvalResourceName: q.resource, EvalResourceDecision: result.EvalDecision, MatchedStatements: result.MatchedStatements,
		MissingContextValues: s.missing, EvalDecisionDetails: result.EvalDecisionDetails,
		PermissionsBoundaryDecisionDetail: result.PermissionsBoundaryDecisionDetail,
	}}
	return result
}

// request returns what is to be decided, and by which policies. A resource
// without a policy leaves the decision to its account: the simulator does not
// insist on a policy where the real service would.
func (s *simulation) request(q question) (*policy.Request, policy.Policies) {
	r, _ := policy.NewRequest("*", q.action, q.resource) // which were read before
	r.Principal, r.PrincipalMembership, r.Context = s.principal, s.membership, s.context
	if r.ResourceAccount == "" {
		r.ResourceAccount = s.owner
	}
	r.ResourceMembership = policy.NoOrganization // resource control policies are not simulated
	policies := s.policies
	if policies.Resource == nil && r.ResourceAccount == s.principal.Account {
		policies.Resource = policy.NewSet(policy.Attached{ID: accountTrusted, Policy: trusting(r.ResourceAccount)})
	}
	return r, policies
}

// trusting returns a resource policy that leaves everything to an account.
func trusting(account string) *policy.Policy {
	return policy.Compile(&policy.Document{Kind: policy.ResourcePolicy, Statements: []policy.Statement{{
		Effect: policy.Allow, Principals: []policy.Principals{{Type: "AWS", Values: []string{account}}},
		Actions: []string{"*"}, Resources: []string{"*"},
	}}})
}

func evaluation(r policy.Result) iam.PolicyEvaluationDecisionType {
	switch r {
	case policy.Allowed:
		return iam.PolicyEvaluationDecisionTypeAllowed
	case policy.ExplicitDeny:
		return iam.PolicyEvaluationDecisionTypeExplicitDeny
	case policy.ImplicitDeny:
		return iam.PolicyEvaluationDecisionTypeImplicitDeny
	}
	return iam.PolicyEvaluationDecisionTypeImplicitDeny
}

// matched returns the statements of the input that determine the result: those
// that deny, or else, where the result is permission, those that allow.
func matched(e policy.Explanation) []iam.Statement {
	found := []iam.Statement{}
	if e.Result == policy.ImplicitDeny {
		return found
	}
	decides := policy.Deny
	if e.Result == policy.Allowed {
		decides = policy.Allow
	}
	for _, filter := range e.Filters {
		if filter.Kind == policy.ServiceControlPolicy {
			continue // whose statements are not the caller's to see
		}
		for _, reason := range filter.Statements {
			if reason.Matched && reason.Effect == decides && reason.Policy != accountTrusted {
				found = append(found, iam.Statement{
					SourcePolicyId: new(reason.Policy), SourcePolicyType: new(sourceType(filter.Kind)), StartPosition: position(reason.Start), EndPosition: position(reason.End),
				})
			}
		}
	}
	return found
}

// sourceType returns what IAM calls the policies of a kind, which is none of the
// values that its model lists.
func sourceType(kind policy.Kind) iam.PolicySourceType {
	switch kind {
	case policy.ResourcePolicy:
		return "Resource Policy"
	case policy.PermissionsBoundary:
		return "Permissions Boundary Policy"
	case policy.IdentityPolicy, policy.ServiceControlPolicy, policy.ResourceControlPolicy, policy.EndpointPolicy, policy.SessionPolicy, policy.TrustPolicy, policy.DelegationPolicy:
	}
	return "IAM Policy"
}

func position(p policy.Position) *iam.Position {
	return &iam.Position{Line: new(int32(p.Line)), Column: new(int32(p.Column))}
}

// allows tells whether all filters of a kind allow.
func allows(e policy.Explanation, kind policy.Kind) bool { return resultOf(e, kind) == policy.Allowed }

// resultOf returns the least result of the filters of a kind.
func resultOf(e policy.Explanation, kind policy.Kind) policy.Result {
	result := policy.Allowed
	for _, filter := range e.Filters {
		switch {
		case filter.Kind != kind || filter.Result == policy.Allowed:
		case filter.Result == policy.ExplicitDeny:
			return policy.ExplicitDeny
		default:
			result = policy.ImplicitDeny
		}
	}
	return result
}

// decisionDetails tells what both sides of a request across accounts decide. There
// are none for actions on everything, nor when the simulation ended with a service
// control policy, and within an account they are empty (IAM API reference,
// EvaluationResult).
func decisionDetails(r *policy.Request, e policy.Explanation) map[string]iam.PolicyEvaluationDecisionType {
	if r.Resource() == "*" || !allows(e, policy.ServiceControlPolicy) {
		return nil
	}
	details := map[string]iam.PolicyEvaluationDecisionType{}
	if r.ResourceAccount != r.Principal.Account {
		details["IAM Policy"] = evaluation(resultOf(e, policy.IdentityPolicy))
		details["Resource Policy"] = evaluation(resultOf(e, policy.ResourcePolicy))
	}
	return details
}
