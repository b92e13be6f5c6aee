package policies

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// OPA is Open Policy Agent on a workload, in the way that serves it best:
//
//   - A statement that denies is a rule "deny if …" for each way in which it can match. All have the same value, so that
//     evaluation ends at the first that holds.
//   - What a rule begins with is what OPA's rule index knows: input.action == or in, input.service in, startswith of
//     input.action, input.resource.type ==. An evaluation looks only at the rules that these leave.
//   - Resources and principals are split into type and name; input is an ast.Value, not to be converted again.
//   - The query is prepared once. Partial evaluation is off: there is nothing in the rules that is known before the
//     request, and what it makes of them was a little slower.
type OPA struct {
	query rego.PreparedEvalQuery
	sorts map[string]sort
}

// NewOPA translates the documents of a workload.
func NewOPA(w Workload) (*OPA, error) {
	denies, listed, err := guardrailsOf(w)
	if err != nil {
		return nil, err
	}
	module := "package guardrails\n\ndefault allow := false\n\nallow if {\n"
	if listed != nil {
		module += strings.Join(regoActions(listed)[0], "\n") + "\n"
	}
	module += "not deny\n}\n\n"
	for _, s := range denies {
		rules, err := regoDeny(s)
		if err != nil {
			return nil, err
		}
		module += rules
	}
	query, err := rego.New(rego.Query("data.guardrails.allow"), rego.Module("guardrails.rego", module)).PrepareForEval(context.Background())
	return &OPA{query, sortsOf(denies)}, err
}

// Prepare makes the input of strings.
func (o *OPA) Prepare(q Request) (func() (bool, error), error) {
	keys := make([][2]*ast.Term, 0, len(q.Context))
	var principal string
	for _, p := range q.Context {
		if p.Key == "aws:PrincipalArn" {
			principal = p.Values[0]
		}
		value, err := o.value(p)
		if err != nil {
			return nil, err
		}
		keys = append(keys, [2]*ast.Term{ast.StringTerm(p.Key), value})
	}
	service, _, _ := strings.Cut(q.Action, ":")
	input := ast.NewObject(
		[2]*ast.Term{ast.StringTerm("action"), ast.StringTerm(q.Action)},
		[2]*ast.Term{ast.StringTerm("service"), ast.StringTerm(service)},
		[2]*ast.Term{ast.StringTerm("principal"), regoEntity(principal)},
		[2]*ast.Term{ast.StringTerm("resource"), regoEntity(q.Resource)},
		[2]*ast.Term{ast.StringTerm("context"), ast.ObjectTerm(keys...)},
	)
	return func() (bool, error) {
		results, err := o.query.Eval(context.Background(), rego.EvalParsedInput(input))
		if err == nil && len(results) != 1 {
			err = errors.New("no result")
		}
		return err == nil && results.Allowed(), err
	}, nil
}

func regoEntity(arn string) *ast.Term {
	e := newEntity(arn)
	return ast.ObjectTerm(
		[2]*ast.Term{ast.StringTerm("type"), ast.StringTerm(e.kind)},
		[2]*ast.Term{ast.StringTerm("account"), ast.StringTerm(e.account)},
		[2]*ast.Term{ast.StringTerm("name"), ast.StringTerm(e.name)},
	)
}

func (o *OPA) value(p Pair) (*ast.Term, error) {
	if p.Multivalued {
		members := make([]*ast.Term, len(p.Values))
		for i, v := range p.Values {
			members[i] = ast.StringTerm(v)
		}
		return ast.SetTerm(members...), nil
	}
	switch o.sorts[p.Key] {
	case truth:
		return ast.BooleanTerm(strings.EqualFold(p.Values[0], "true")), nil
	case number:
		n, err := strconv.Atoi(p.Values[0])
		return ast.IntNumberTerm(n), err
	case text, address:
	}
	return ast.StringTerm(p.Values[0]), nil
}
