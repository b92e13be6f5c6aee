// Package policies is the workload of the benchmarks of policy decisions, and the engines that are compared on it.
package policies

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// Workload is an account under levels of service control policies, and requests of its principals.
type Workload struct {
	// Levels are the documents of each level, from the root to the account.
	Levels [][][]byte
	// Statements is how many there are in all documents.
	Statements int
	// Requests are a third of requests that all workloads allow, the rest violations of statements from everywhere in
	// this one.
	Requests []Request
}

const (
	levels          = 5
	documents       = 5 // at each level
	allRequests     = 320
	allowedRequests = allRequests / 3
	// most is how many statements the largest workload has. Smaller ones are the beginning of it.
	most = 1000
	// listing is the level that lists the services it allows. The others allow everything.
	listing = 2
)

// New writes the workload of that many statements, always the same.
func New(statements int) (Workload, error) {
	a := &author{rand.New(rand.NewPCG(3, 1)), newCatalogue()} //nolint:gosec // the same for everybody is what is wanted
	guardrails := a.guardrails(most - levels)
	largest, err := a.attach(guardrails)
	if err != nil {
		return Workload{}, err
	}
	engine, err := NewEspalier(largest)
	if err != nil {
		return Workload{}, err
	}
	allowed, err := a.allowedBy(engine)
	if err != nil {
		return Workload{}, err
	}
	guardrails = guardrails[:statements-levels]
	w, err := a.attach(guardrails)
	if err != nil {
		return Workload{}, err
	}
	w.Requests = allowed
	for len(w.Requests) < allRequests {
		w.Requests = append(w.Requests, pick(a.Rand, guardrails...).violation)
	}
	return w, nil
}

// guardrails writes the statements that deny.
func (a *author) guardrails(n int) []guardrail {
	var written []guardrail
	for _, kind := range a.first() {
		written = append(written, kind())
	}
	for kinds := a.kinds(); len(written) < n; {
		written = append(written, pick(a.Rand, kinds...)())
	}
	return written[:n]
}

// attach distributes guardrails over the documents of the levels. The first document of each level begins with what the
// level allows.
func (a *author) attach(guardrails []guardrail) (Workload, error) {
	var statements [levels][documents][]statement
	for level := range levels {
		allow := statement{Effect: "Allow", Action: texts{"*"}, Resource: texts{"*"}}
		if level == listing {
			allow.Action = a.allowed()
		}
		statements[level][0] = []statement{allow}
	}
	for i, g := range guardrails {
		to := &statements[i%levels][i/levels%documents]
		*to = append(*to, g.statement)
	}
	w := Workload{Levels: make([][][]byte, levels), Statements: levels + len(guardrails)}
	for level := range levels {
		for _, of := range statements[level] {
			if len(of) == 0 {
				continue
			}
			text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": of})
			if err != nil {
				return Workload{}, fmt.Errorf("level %d: %w", level, err)
			}
			w.Levels[level] = append(w.Levels[level], text)
		}
	}
	return w, nil
}

// allowedBy draws ordinary requests until an engine has allowed enough of them.
func (a *author) allowedBy(engine Engine) ([]Request, error) {
	var allowed []Request
	for len(allowed) < allowedRequests {
		q := newRequest(a.Rand, pick(a.Rand, a.actions[pick(a.Rand, a.names...)]...))
		decide, err := engine.Prepare(q)
		if err != nil {
			return nil, err
		}
		if ok, err := decide(); err != nil {
			return nil, err
		} else if ok {
			allowed = append(allowed, q)
		}
	}
	return allowed, nil
}

// Engine decides requests under the policies of a workload.
type Engine interface {
	// Prepare builds the request that the engine decides, from strings.
	Prepare(Request) (decide func() (allowed bool, err error), err error)
}

// Engines returns the engines with their names: Espalier, then its peers.
func Engines(w Workload) ([]Named, error) {
	espalier, err := NewEspalier(w)
	if err != nil {
		return nil, fmt.Errorf("espalier: %w", err)
	}
	cedar, err := NewCedar(w)
	if err != nil {
		return nil, fmt.Errorf("cedar-go: %w", err)
	}
	opa, err := NewOPA(w)
	if err != nil {
		return nil, fmt.Errorf("OPA: %w", err)
	}
	return []Named{{"espalier", espalier}, {"cedar-go", cedar}, {"OPA", opa}}, nil
}

// Named is an engine with its name.
type Named struct {
	Name string
	Engine
}

// Agree returns an error that names a request that engines decide differently, or when the requests are not as mixed as
// they ought to be.
func Agree(engines []Named, requests []Request) error {
	allowed := 0
	for _, q := range requests {
		var first bool
		for i, engine := range engines {
			decide, err := engine.Prepare(q)
			if err != nil {
				return fmt.Errorf("%s: %v: %w", engine.Name, q, err)
			}
			decision, err := decide()
			if err != nil {
				return fmt.Errorf("%s: %v: %w", engine.Name, q, err)
			}
			if i == 0 {
				first = decision
			} else if decision != first {
				return fmt.Errorf("%s says %v to %v, %s says %v", engines[0].Name, first, q, engine.Name, decision)
			}
		}
		if first {
			allowed++
		}
	}
	if allowed*4 < len(requests) || allowed*2 > len(requests) {
		return fmt.Errorf("%d of %d requests are allowed", allowed, len(requests))
	}
	return nil
}
