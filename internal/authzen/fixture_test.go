package authzen_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/authzen"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// The accounts of the tests.
const (
	management = "111111111111"
	member     = "222222222222"
	neighbour  = "333333333333"
	stranger   = "999999999999" // exists in no organization
)

// The principals of the tests.
const (
	administrator = "arn:aws:iam::" + member + ":role/team/Administrator"
	powerless     = "arn:aws:iam::" + member + ":role/Powerless"
	memberRoot    = "arn:aws:iam::" + member + ":root"
	user          = "arn:aws:iam::" + member + ":user/path/somebody"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is an organization and its accounts.
type world struct {
	authzen.Evaluator
	t            testing.TB
	organization *org.Organization
	accounts     map[identity.AccountID]*identity.Account
	asked        []identity.AccountID // accounts that were looked up
	failure      error                // of looking up an account
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, accounts: map[identity.AccountID]*identity.Account{}}
	w.Evaluator = authzen.Evaluator{Chains: new(authz.Chains), Accounts: w.account}
	d := org.NewDraft(org.AWSRules(), noon, rand.Reader)
	w.ok(d.CreateOrganization("o-exampleorg1", org.AllFeatures, org.Owner{ID: management, Name: "management", Email: "m@example.com"}))
	for _, id := range []org.AccountID{member, neighbour} {
		creation, err := d.CreateAccount(org.NewAccount{Email: string(id) + "@example.com", Name: "member"})
		w.ok(err)
		_, err = d.FinishCreation(creation.ID, id, "")
		w.ok(err)
	}
	root := d.Root().ID
	for policyType, content := range map[org.PolicyType]string{
		org.ServiceControlPolicy: `{"Version":"2012-10-17","Statement":[
			{"Sid":"NoDeletion","Effect":"Deny","Action":"s3:Delete*","Resource":"*"},
			{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-central-1"}}},
			{"Effect":"Deny","Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"secret"}}}]}`,
		org.ResourceControlPolicy: `{"Version":"2012-10-17","Statement":{"Sid":"OwnOrganization","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*",
			"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"},"Bool":{"aws:PrincipalIsAWSService":"false"}}}}`,
	} {
		_, err := d.EnablePolicyType(root, policyType)
		w.ok(err)
		p, err := d.CreatePolicy(policyType, string(policyType), "", content, nil)
		w.ok(err)
		w.ok(d.AttachPolicy(p.ID, org.TargetID(root)))
	}
	w.organization = d.Organization
	for _, id := range []identity.AccountID{management, member, neighbour} {
		w.addAccount(id)
	}
	return w
}

func (w *world) addAccount(id identity.AccountID) {
	d, err := identity.NewAccount(id, identity.PartitionAWS, "account", string(id)+"@example.com", noon, rand.Reader)
	w.ok(err)
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + memberRoot + `"},"Action":"sts:AssumeRole"}}`
	_, err = d.CreateRole(identity.NewRole{Name: "Administrator", Path: "/team/", TrustPolicy: trust, Tags: []identity.Tag{{Key: "team", Value: "red"}}})
	w.ok(err)
	w.ok(d.AttachPolicy(identity.RoleNamed("Administrator"), identity.AdministratorAccess(identity.PartitionAWS)))
	_, err = d.CreateRole(identity.NewRole{Name: "Powerless", TrustPolicy: trust})
	w.ok(err)
	w.accounts[id] = d.Account()
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) account(_ context.Context, id identity.AccountID) (*identity.Account, error) {
	w.asked = append(w.asked, id)
	if w.failure != nil {
		return nil, w.failure
	}
	account, ok := w.accounts[id]
	if !ok {
		return nil, errors.New("there is no such account")
	}
	return account, nil
}

// answer is an answer as a client reads it.
type answer struct {
	Decision *bool
	Context  struct {
		ReasonAdmin map[string]string `json:"reason_admin"`
		ReasonUser  map[string]string `json:"reason_user"`
		DecidedBy   struct {
			Kind, Target, Policy, Sid string
			Statement                 *int
			Line, Column              int
		} `json:"decided_by"`
		Error *struct {
			Status  int
			Message string
		}
		Explanation []filter
	}
}

// filter is a part of an explanation as a client reads it.
type filter struct {
	Kind, Target, Exempt, Result string
	Statements                   []struct {
		Policy, Sid, Effect string
		Index               int
		Start               policy.Position
		Matched             bool
		Mismatch            *policy.Mismatch
	}
}

// ask asks one question that has an answer.
func (w *world) ask(body string) answer {
	w.t.Helper()
	out, err := w.Evaluate(w.t.Context(), w.organization, noon, []byte(body))
	w.ok(err)
	return w.read(out)
}

func (w *world) read(out []byte) (a answer) {
	w.t.Helper()
	w.ok(json.Unmarshal(out, &a))
	if a.Decision == nil {
		w.t.Fatalf("%s is no answer", out)
	}
	return a
}

// askAll asks several questions at once.
func (w *world) askAll(body string) []answer {
	w.t.Helper()
	out, err := w.EvaluateAll(w.t.Context(), w.organization, noon, []byte(body))
	w.ok(err)
	var all struct{ Evaluations []answer }
	w.ok(json.Unmarshal(out, &all))
	if all.Evaluations == nil {
		w.t.Fatalf("%s is no list of answers", out)
	}
	return all.Evaluations
}

// question is the body of a question.
func question(subject, action, resource, more string) string {
	return `{"subject":{"type":"principal","id":"` + subject + `"},"action":{"name":"` + action + `"},"resource":{"type":"resource","id":"` + resource + `"}` + more + `}`
}
