package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

// vector is a recorded or derived answer of AWS.
type vector struct {
	Name, Source, Expected, Reason string
	Request                        struct {
		Principal, Action, Resource  string
		ResourceAccountID            string `json:"resourceAccountId"`
		Context                      map[string]any
		PrincipalIsManagementAccount bool
		PrincipalIsServiceLinkedRole bool
		PrincipalOutsideOrganization bool
		ResourceInManagementAccount  bool
	}
	ServiceControl   []vectorLevel     `json:"scps"`
	ResourceControl  []vectorLevel     `json:"rcps"`
	IdentityPolicies []json.RawMessage `json:"identityPolicies"`
	Boundary         []json.RawMessage
	Session          json.RawMessage
	ResourcePolicy   json.RawMessage
}

type vectorLevel struct {
	Target   string
	Policies []json.RawMessage
}

// readVectors reads the shared vectors whose file names fit a pattern. They live beside the
// repository; where they are absent the test is skipped, but in CI.
func readVectors(t *testing.T, pattern string) map[string][]vector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "vectors", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatalf("no %s in ../shared/vectors, which CI must have", pattern)
		}
		t.Skipf("no %s in ../shared/vectors", pattern)
	}
	vectors := map[string][]vector{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var of []vector
		if err := json.Unmarshal(text, &of); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		vectors[filepath.Base(file)] = of
	}
	return vectors
}

func TestVectors(t *testing.T) {
	for file, vectors := range readVectors(t, "authz-*.json") {
		for _, v := range vectors {
			t.Run(file+"/"+v.Name, func(t *testing.T) { v.check(t) })
		}
	}
}

// check compares both evaluators with the known answer.
func (v *vector) check(t *testing.T) {
	t.Helper()
	r, c := v.request(t), v.chain()
	l, err := c.load()
	if err != nil {
		t.Fatal(err)
	}
	request, err := r.request()
	if err != nil {
		t.Fatal(err)
	}
	if got := policy.Decide(request, &l.policies); got.Result.String() != v.Expected {
		t.Errorf("decided %+v, want %s (%s)", got, v.Expected, v.Reason)
	}
	if got := (&naive{naiveRequest: r, naivePolicies: l.naive}).decide(); got.Result.String() != v.Expected {
		t.Errorf("the second evaluator decided %v, want %s (%s)", got, v.Expected, v.Reason)
	}
	if why := l.disagreement(r); why != "" {
		t.Error(why)
	}
}

func (v *vector) request(t *testing.T) naiveRequest {
	t.Helper()
	principal, err := policy.ParsePrincipal(v.Request.Principal)
	if err != nil {
		t.Fatal(err)
	}
	principal.ServiceLinked = v.Request.PrincipalIsServiceLinkedRole
	r := naiveRequest{Principal: principal, Action: v.Request.Action, Resource: v.Request.Resource, ResourceAccount: v.Request.ResourceAccountID, Context: map[string]any{}}
	switch {
	case v.Request.PrincipalIsManagementAccount:
		r.PrincipalMembership = policy.ManagementAccount
	case v.Request.PrincipalOutsideOrganization:
		r.PrincipalMembership = policy.NoOrganization
	}
	if v.Request.ResourceInManagementAccount {
		r.ResourceMembership = policy.ManagementAccount
	}
	for key, value := range v.Request.Context {
		if list, ok := value.([]any); ok {
			r.Context[key] = append([]string{}, texts(list)...)
		} else {
			r.Context[key] = texts(value)[0]
		}
	}
	return r
}

func (v *vector) chain() chain {
	c := chain{
		ServiceControl: vectorLevels(policy.ServiceControlPolicy, v.ServiceControl), ResourceControl: vectorLevels(policy.ResourceControlPolicy, v.ResourceControl),
		Identity: vectorDocuments(policy.IdentityPolicy, v.IdentityPolicies), Boundary: vectorDocuments(policy.PermissionsBoundary, v.Boundary),
	}
	if exists(v.Session) {
		c.Session = []document{{policy.SessionPolicy, string(v.Session)}}
	}
	if exists(v.ResourcePolicy) {
		c.Resource = &document{resourceKind(v.Request.Action), string(v.ResourcePolicy)}
	}
	return c
}

func exists(text json.RawMessage) bool { return len(text) > 0 && string(text) != "null" }

func vectorLevels(kind policy.Kind, levels []vectorLevel) [][]document {
	var all [][]document
	for _, level := range levels {
		all = append(all, vectorDocuments(kind, level.Policies))
	}
	return all
}

// vectorDocuments returns nil for no list, and an empty list for an empty one.
func vectorDocuments(kind policy.Kind, texts []json.RawMessage) []document {
	if texts == nil {
		return nil
	}
	documents := []document{}
	for _, text := range texts {
		documents = append(documents, document{kind, string(text)})
	}
	return documents
}
