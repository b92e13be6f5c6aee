package policy_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

var (
	pairs = flag.Int("policy.pairs", usualPairs, "how many random pairs of policies and request the two evaluators decide")
	seed  = flag.Uint64("policy.seed", 0, "the seed of the random pairs; 0 draws one")
)

// usualPairs is how many pairs one test run decides. The race detector makes that five times slower:
// there it is a fifth of them, and make cover, which runs without, decides them all.
const usualPairs = 200_000

// requestsPerChain is how many requests are decided against one chain of policies.
const requestsPerChain = 10

// document is the text of a policy, and what it is for.
type document struct {
	Kind policy.Kind
	Text string
}

// chain is all policies that have a say, as texts. Boundary, Session, Endpoint and Resource do not
// exist where they are nil.
type chain struct {
	ServiceControl, ResourceControl       [][]document
	Identity, Boundary, Session, Endpoint []document
	Resource                              *document
}

// loaded is a chain as both evaluators read it.
type loaded struct {
	policies policy.Policies
	naive    naivePolicies
	byID     map[string]naiveDocument
}

// load reads a chain. An error says which document is not legal.
func (c *chain) load() (*loaded, error) {
	l := &loaded{byID: map[string]naiveDocument{}}
	err := l.loadLevels("scp", c.ServiceControl, &l.policies.ServiceControl, &l.naive.serviceControl)
	if err == nil {
		err = l.loadLevels("rcp", c.ResourceControl, &l.policies.ResourceControl, &l.naive.resourceControl)
	}
	for _, list := range []struct {
		name  string
		from  []document
		to    **policy.Set
		naive *[]naiveDocument
	}{
		{"identity", c.Identity, &l.policies.Identity, &l.naive.identity},
		{"boundary", c.Boundary, &l.policies.Boundary, &l.naive.boundary},
		{"session", c.Session, &l.policies.Session, &l.naive.session},
		{"endpoint", c.Endpoint, &l.policies.Endpoint, &l.naive.endpoint},
	} {
		if err == nil && list.from != nil {
			*list.to, *list.naive, err = l.loadList(list.name, list.from)
		}
	}
	if err == nil && c.Resource != nil {
		var documents []naiveDocument
		if l.policies.Resource, documents, err = l.loadList("resource", []document{*c.Resource}); err == nil {
			l.naive.resource = &documents[0]
		}
	}
	return l, err
}

// loadLevels joins the first levels of a path, and puts the last one below them.
func (l *loaded) loadLevels(name string, from [][]document, to **policy.Path, naive *[][]naiveDocument) error {
	var levels []policy.Level
	for i, level := range from {
		target := fmt.Sprintf("%s %d", name, i)
		policies, documents, err := l.loadList(target, level)
		if err != nil {
			return err
		}
		levels = append(levels, policy.Level{Target: target, Policies: policies})
		*naive = append(*naive, documents)
	}
	if last := len(levels) - 1; last >= 0 {
		*to = policy.NewPath(levels[:last]...).Below(levels[last])
	}
	return nil
}

func (l *loaded) loadList(name string, from []document) (*policy.Set, []naiveDocument, error) {
	var attached []policy.Attached
	documents := []naiveDocument{}
	for i, d := range from {
		decoded, err := decodeNaively(d.Kind, d.Text)
		if err != nil {
			return nil, nil, err
		}
		compiled, err := compile(d, decoded)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", d.Kind, d.Text, err)
		}
		id := fmt.Sprintf("%s/%d", name, i)
		l.byID[id] = decoded
		attached = append(attached, policy.Attached{ID: id, Policy: compiled})
		documents = append(documents, decoded)
	}
	return policy.NewSet(attached...), documents, nil
}

// compile reads a document. The only resource control policy that may say Allow is AWS's own.
func compile(d document, decoded naiveDocument) (*policy.Policy, error) {
	if d.Kind == policy.ResourceControlPolicy && decoded.statements[0]["Effect"] == "Allow" {
		return policy.RCPFullAWSAccess(), nil
	}
	parsed, err := policy.Parse(d.Kind, []byte(d.Text))
	if err != nil {
		return nil, err
	}
	return policy.Compile(parsed), nil
}

// request builds the package's request. Some of the condition keys are set, and some are found when conditions ask.
func (r naiveRequest) request() (*policy.Request, error) {
	who := r.Principal.ARN
	if who == "" {
		who = "*"
	}
	request, err := policy.NewRequest(who, r.Action, r.Resource)
	if err != nil {
		return nil, err
	}
	request.Principal = r.Principal
	request.ResourceAccount = r.ResourceAccount
	request.PrincipalMembership, request.ResourceMembership = r.PrincipalMembership, r.ResourceMembership
	found := naiveRequest{Context: map[string]any{}}
	for key, value := range r.Context {
		switch v := value.(type) {
		case string:
			if v != "" && len(key+v)%2 == 0 {
				found.Context[key] = v
				continue
			}
			request.Context.Set(key, v)
		case []string:
			if len(key)%2 == 0 {
				found.Context[key] = v
				continue
			}
			request.Context.SetList(key, v)
		}
	}
	request.Context.Over(found.facts().Of(&found))
	return request, nil
}

// facts are the condition keys of the request, for those who find instead of setting them.
func (r naiveRequest) facts() *policy.Facts[*naiveRequest] {
	texts, lists := map[string]func(*naiveRequest) string{}, map[string]func(*naiveRequest) []string{}
	for key, value := range r.Context {
		switch value.(type) {
		case string:
			texts[key] = func(r *naiveRequest) string { return r.Context[key].(string) }
		case []string:
			lists[key] = func(r *naiveRequest) []string { return r.Context[key].([]string) }
		}
	}
	return policy.NewFacts(texts, lists)
}

// disagreement says how the package's answers differ from the second evaluator's, "" when they do
// not.
func (l *loaded) disagreement(r naiveRequest) string {
	request, err := r.request()
	if err != nil {
		return err.Error()
	}
	got := policy.Decide(request, &l.policies)
	n := &naive{naiveRequest: r, naivePolicies: l.naive}
	want := n.decide()
	if got.Result != want.Result || want.Result != policy.Allowed && got.Kind != want.Kind {
		return fmt.Sprintf("decided %v by %v, the second evaluator %v by %v", got.Result, got.Kind, want.Result, want.Kind)
	}
	if got.Result == policy.ExplicitDeny {
		d, ok := l.byID[got.Policy]
		if !ok || got.Statement < 0 || got.Statement >= len(d.statements) {
			return fmt.Sprintf("no such statement denied: %+v", got)
		}
		if s := d.statements[got.Statement]; s["Effect"] != "Deny" || !n.matches(d, s) {
			return fmt.Sprintf("another statement denied, not %+v", got)
		}
	}
	if explained := policy.Explain(request, &l.policies); explained.Decision != got {
		return fmt.Sprintf("decided %+v, explained %+v", got, explained.Decision)
	}
	return ""
}

func TestSecondEvaluatorAgrees(t *testing.T) {
	first := *seed
	if first == 0 {
		first = rand.Uint64()
	}
	count := *pairs
	if raced() {
		count /= 5
	}
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	tallies := make([]tally, workers)
	for w := range workers {
		tallies[w] = newTally()
		group.Go(func() {
			for i := w; i < count/requestsPerChain && !t.Failed(); i += workers {
				decideOneChain(t, newGenerator(first, uint64(i)), first, i, tallies[w])
			}
		})
	}
	group.Wait()
	total := newTally()
	for _, one := range tallies {
		total.add(one)
	}
	t.Logf("seed %d:\n%s", first, total)
	if count >= usualPairs/2 { // fewer say little about the generator
		total.check(t)
	}
}

// decideOneChain compares the evaluators on one chain and its requests.
func decideOneChain(t *testing.T, g generator, seed uint64, index int, counts tally) {
	focus := g.request()
	c := g.chain(focus)
	l, err := c.load()
	if err != nil {
		t.Errorf("seed %d, chain %d: the generator draws what is not legal: %v", seed, index, err)
		return
	}
	for i := range requestsPerChain {
		r := focus
		if i > 0 {
			r = g.vary(focus)
		}
		if why := l.disagreement(r); why != "" {
			t.Errorf("seed %d, chain %d: %s\n%s", seed, index, why, minimal(c, r))
			return
		}
		counts.countVerdict((&naive{naiveRequest: r, naivePolicies: l.naive}).decide())
		if index%8 == 0 {
			counts.countDecisive(r, l.naive)
		}
	}
}

func TestDecideAllocatesNothing(t *testing.T) {
	if raced() {
		t.Skip("the race detector allocates")
	}
	for i := range 2000 {
		g := newGenerator(1, uint64(i))
		focus := g.request()
		c := g.chain(focus)
		l, err := c.load()
		if err != nil {
			t.Fatal(err)
		}
		request, err := focus.request()
		if err != nil {
			t.Fatal(err)
		}
		if allocations := testing.AllocsPerRun(20, func() { policy.Decide(request, &l.policies) }); allocations != 0 {
			t.Fatalf("deciding allocates %v times: %+v\n%s", allocations, focus, c)
		}
	}
}

// raced tells whether the race detector is at work.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// minimal is a smallest chain and request about which the evaluators still disagree, as text.
func minimal(c chain, r naiveRequest) string {
	disagree := func(c chain, r naiveRequest) bool {
		l, err := c.load()
		return err == nil && l.disagreement(r) != ""
	}
	for again := true; again; {
		again = false
		for _, smaller := range c.smaller() {
			if disagree(smaller, r) {
				c, again = smaller, true
				break
			}
		}
	}
	for key, value := range r.Context {
		delete(r.Context, key)
		if !disagree(c, r) {
			r.Context[key] = value
		}
	}
	l, err := c.load()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s\nrequest %+v\n%s", l.disagreement(r), r, c)
}

// smaller are the chains that lack one thing of this one.
func (c chain) smaller() []chain {
	var all []chain
	without := func(change func(*chain)) {
		smaller := c
		smaller.ServiceControl, smaller.ResourceControl = slices.Clone(c.ServiceControl), slices.Clone(c.ResourceControl)
		change(&smaller)
		all = append(all, smaller)
	}
	without(func(s *chain) { s.Boundary = nil })
	without(func(s *chain) { s.Session = nil })
	without(func(s *chain) { s.Endpoint = nil })
	without(func(s *chain) { s.Resource = nil })
	for _, path := range []func(*chain) *[][]document{
		func(s *chain) *[][]document { return &s.ServiceControl }, func(s *chain) *[][]document { return &s.ResourceControl }} {
		for i, level := range *path(&c) {
			without(func(s *chain) { *path(s) = slices.Delete(*path(s), i, i+1) })
			for _, list := range smallerLists(level) {
				without(func(s *chain) { (*path(s))[i] = list })
			}
		}
	}
	for _, field := range []func(*chain) *[]document{
		func(s *chain) *[]document { return &s.Identity }, func(s *chain) *[]document { return &s.Boundary },
		func(s *chain) *[]document { return &s.Session }, func(s *chain) *[]document { return &s.Endpoint }} {
		for _, list := range smallerLists(*field(&c)) {
			without(func(s *chain) { *field(s) = list })
		}
	}
	if c.Resource != nil {
		for _, d := range smallerDocuments(*c.Resource) {
			without(func(s *chain) { s.Resource = &d })
		}
	}
	// What is no smaller came from a part that does not exist.
	return slices.DeleteFunc(all, func(s chain) bool { return len(s.String()) >= len(c.String()) })
}

func smallerLists(list []document) [][]document {
	var all [][]document
	for i, d := range list {
		all = append(all, slices.Delete(slices.Clone(list), i, i+1))
		for _, smaller := range smallerDocuments(d) {
			changed := slices.Clone(list)
			changed[i] = smaller
			all = append(all, changed)
		}
	}
	return all
}

// smallerDocuments are the documents that lack one value at any depth.
func smallerDocuments(d document) []document {
	var content map[string]any
	if err := json.Unmarshal([]byte(d.Text), &content); err != nil {
		return nil
	}
	var all []document
	for _, smaller := range smallerValues(content) {
		if m, ok := smaller.(map[string]any); ok {
			all = append(all, encode(d.Kind, m))
		}
	}
	return all
}

func smallerValues(value any) []any {
	var all []any
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			rest := map[string]any{}
			for k, item := range v {
				rest[k] = item
			}
			delete(rest, key)
			all = append(all, rest)
			for _, smaller := range smallerValues(v[key]) {
				changed := map[string]any{key: smaller}
				for k, item := range rest {
					changed[k] = item
				}
				all = append(all, changed)
			}
		}
	case []any:
		for i := range v {
			all = append(all, slices.Delete(slices.Clone(v), i, i+1))
			for _, smaller := range smallerValues(v[i]) {
				changed := slices.Clone(v)
				changed[i] = smaller
				all = append(all, changed)
			}
		}
	}
	return all
}

// String prints the chain, one document a line.
func (c chain) String() string {
	var b strings.Builder
	for _, path := range [][][]document{c.ServiceControl, c.ResourceControl} {
		for i, level := range path {
			fmt.Fprintf(&b, "level %d:\n", i)
			printDocuments(&b, level)
		}
	}
	for _, list := range [][]document{c.Identity, c.Boundary, c.Session, c.Endpoint} {
		if list != nil {
			fmt.Fprintln(&b, "list:")
			printDocuments(&b, list)
		}
	}
	if c.Resource != nil {
		printDocuments(&b, []document{*c.Resource})
	}
	return b.String()
}

func printDocuments(b *strings.Builder, documents []document) {
	for _, d := range documents {
		fmt.Fprintf(b, "  %s: %s\n", d.Kind, d.Text)
	}
}
