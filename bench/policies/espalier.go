package policies

import (
	"fmt"

	"github.com/espalier-cloud/espalier/policy"
)

// Espalier is the engine of this project on a workload. The principals may do everything, as far as their identity
// policy goes.
type Espalier struct{ policies policy.Policies }

// NewEspalier parses and compiles the documents of a workload.
func NewEspalier(w Workload) (*Espalier, error) {
	e := new(Espalier)
	var levels []policy.Level
	for i, documents := range w.Levels {
		var attached []policy.Attached
		for j, text := range documents {
			compiled, err := compile(policy.ServiceControlPolicy, text)
			if err != nil {
				return nil, fmt.Errorf("level %d, document %d: %w", i, j, err)
			}
			attached = append(attached, policy.Attached{ID: fmt.Sprintf("p-%d-%d", i, j), Policy: compiled})
		}
		levels = append(levels, policy.Level{Target: fmt.Sprint("level-", i), Policies: policy.NewSet(attached...)})
	}
	e.policies.ServiceControl = policy.NewPath(levels...)
	administrator, err := compile(policy.IdentityPolicy, []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	e.policies.Identity = policy.NewSet(policy.Attached{ID: "AdministratorAccess", Policy: administrator})
	return e, err
}

func compile(kind policy.Kind, text []byte) (*policy.Policy, error) {
	document, err := policy.Parse(kind, text)
	if err != nil {
		return nil, err
	}
	return policy.Compile(document), nil
}

// Prepare makes a request of strings.
func (e *Espalier) Prepare(q Request) (func() (bool, error), error) {
	r, err := policy.NewRequest(q.Principal, q.Action, q.Resource)
	if err != nil {
		return nil, err
	}
	for _, p := range q.Context {
		if p.Multivalued {
			r.Context.SetList(p.Key, p.Values)
		} else {
			r.Context.Set(p.Key, p.Values[0])
		}
	}
	return func() (bool, error) { return policy.Decide(r, &e.policies).Result == policy.Allowed, nil }, nil
}

// guardrailsOf parses the documents of a workload and returns the statements that deny, and the services that the level
// with a list allows: what another engine has to be told.
func guardrailsOf(w Workload) (denies []policy.Statement, listed []string, err error) {
	documents, err := w.Documents()
	for _, document := range documents {
		for _, s := range document.Statements {
			if s.Effect == policy.Deny {
				denies = append(denies, s)
			} else if s.Actions[0] != "*" {
				listed = s.Actions
			}
		}
	}
	return denies, listed, err
}

// Documents parses the documents of a workload.
func (w Workload) Documents() ([]*policy.Document, error) {
	var parsed []*policy.Document
	for _, documents := range w.Levels {
		for _, text := range documents {
			document, err := policy.Parse(policy.ServiceControlPolicy, text)
			if err != nil {
				return nil, err
			}
			parsed = append(parsed, document)
		}
	}
	return parsed, nil
}
