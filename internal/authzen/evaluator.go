// Package authzen answers the questions of the OpenID AuthZEN Authorization API
// 1.0 (https://openid.net/specs/authorization-api-1_0.html): may this subject do
// this to that resource? It knows nothing of HTTP.
//
// A subject is a principal by its ARN, an action is an action of the policy
// language, and a resource is an ARN; the types of subjects and resources are the
// client's own affair. The context holds condition keys.
package authzen

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/authz"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

const (
	// MaxEvaluations is how many questions one request may ask.
	MaxEvaluations = 1000
	// MaxExplained is how many questions with an explanation one request may ask.
	MaxExplained = 20
)

// The semantics of several questions in one request.
const (
	executeAll         = "execute_all"
	denyOnFirstDeny    = "deny_on_first_deny"
	permitOnFirstAllow = "permit_on_first_permit"
)

// Evaluator answers questions. It is safe for concurrent use.
type Evaluator struct {
	Chains *authz.Chains
	// Accounts returns the present state of an account that exists.
	Accounts func(context.Context, identity.AccountID) (*identity.Account, error)
}

// Operation is a method of an [Evaluator] that answers the body of a request.
type Operation func(e *Evaluator, ctx context.Context, o *org.Organization, now time.Time, body []byte) (answer []byte, err error)

// Evaluate answers the one question of a body, about the accounts of an
// organization as it is at a time. It returns a *RequestError for a body that is
// none of the API; any other error is one of Accounts or of ctx.
func (e *Evaluator) Evaluate(ctx context.Context, o *org.Organization, now time.Time, body []byte) ([]byte, error) {
	q, err := decode(body)
	if err != nil {
		return nil, err
	}
	return e.single(ctx, o, now, q)
}

// EvaluateAll answers the questions of a body in their order, until one of them is
// answered as its options say. A body without a list of questions asks one.
// It returns what [Evaluator.Evaluate] does.
func (e *Evaluator) EvaluateAll(ctx context.Context, o *org.Organization, now time.Time, body []byte) ([]byte, error) {
	q, err := decode(body)
	if err != nil {
		return nil, err
	}
	if len(q.Evaluations) == 0 {
		return e.single(ctx, o, now, q)
	}
	if err := q.checkOptions(); err != nil {
		return nil, err
	}
	s := e.session(o, now, q.Options.Explain)
	out := append(make([]byte, 0, 128*len(q.Evaluations)), `{"evaluations":[`...)
	for i := range q.Evaluations {
		if i > 0 {
			out = append(out, ',')
		}
		question := q.Evaluations[i].or(&q.tuple)
		a, err := s.answer(ctx, &question)
		if err != nil {
			return nil, err
		}
		out = a.append(out)
		if q.Options.Semantic == denyOnFirstDeny && !a.allowed() || q.Options.Semantic == permitOnFirstAllow && a.allowed() {
			break
		}
	}
	return append(out, "]}"...), nil
}

func (q *request) checkOptions() error {
	switch q.Options.Semantic {
	case "", executeAll, denyOnFirstDeny, permitOnFirstAllow:
	default:
		return refuse("options.evaluations_semantic is none of %s, %s and %s", executeAll, denyOnFirstDeny, permitOnFirstAllow)
	}
	if len(q.Evaluations) > MaxEvaluations {
		return refuse("there are more than %d evaluations", MaxEvaluations)
	}
	if q.Options.Explain && len(q.Evaluations) > MaxExplained {
		return refuse("there are more than %d evaluations to explain", MaxExplained)
	}
	return nil
}

func (e *Evaluator) single(ctx context.Context, o *org.Organization, now time.Time, q *request) ([]byte, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	a, err := e.session(o, now, q.Options.Explain).answer(ctx, &q.tuple)
	if err != nil {
		return nil, err
	}
	return a.append(nil), nil
}

// session is the work on the questions of one request, which see one state.
type session struct {
	*Evaluator
	organization *org.Organization
	accounts     map[identity.AccountID]*identity.Account
	time, epoch  string
	explain      bool
	last         *preparation
	next         policy.Request // by the last preparation, until the next one
}

func (e *Evaluator) session(o *org.Organization, now time.Time, explain bool) *session {
	now = now.UTC()
	return &session{
		Evaluator: e, organization: o, accounts: map[identity.AccountID]*identity.Account{},
		time: now.Format(time.RFC3339), epoch: strconv.FormatInt(now.Unix(), 10), explain: explain,
	}
}

// answer decides one question. A question that has no answer is denied.
func (s *session) answer(ctx context.Context, t *tuple) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	r, policies, problem, err := s.request(ctx, t)
	if problem != nil || err != nil {
		return answer{problem: problem}, err
	}
	a := answer{request: r, policies: policies}
	if s.explain {
		explanation := policy.Explain(r, policies)
		a.explanation, a.decision = &explanation, explanation.Decision
	} else {
		a.decision = policy.Decide(r, policies)
	}
	return a, nil
}

// preparation is what was found for a question. It is good for those that differ
// from it in the action and the resource only, as most in one request do.
type preparation struct {
	subject  *subject
	context  conditions
	request  *policy.Request
	policies policy.Policies
}

// shares tells whether another question has the same subject and context.
func (p *preparation) shares(t *tuple) bool {
	return p != nil && p.subject == t.Subject && p.context.same(t.Context)
}

// fits tells whether a request that shares the preparation is about a resource of the
// same owner without a policy of its own, as roles have.
func (p *preparation) fits(r *policy.Request) bool {
	return p.request.ResourceAccount == r.ResourceAccount && p.policies.Resource == nil && !strings.Contains(r.Resource(), ":role/")
}

// prepare completes a request, and returns the policies that have a say in it.
func (s *session) prepare(ctx context.Context, t *tuple, r *policy.Request) (*policy.Policies, error) {
	parties, err := s.parties(ctx, r)
	if err != nil {
		return nil, err
	}
	parties.Context = s.said(t.Context)
	s.last = &preparation{subject: t.Subject, context: t.Context, request: r, policies: s.Chains.Policies(r, parties)}
	return &s.last.policies, nil
}

// said returns the condition keys that a question says, with the time where it does not say that.
func (s *session) said(all conditions) *policy.Context {
	said := new(policy.Context)
	said.Set("aws:CurrentTime", s.time)
	said.Set("aws:EpochTime", s.epoch)
	for i := range all {
		if c := &all[i]; c.list != nil {
			said.SetList(c.key, c.list)
		} else {
			said.Set(c.key, c.text)
		}
	}
	return said
}

// problem is why a question has no answer.
type problem struct {
	status  int
	message string
}

// request returns the request that a question is about, and the policies that have
// a say in it.
func (s *session) request(ctx context.Context, t *tuple) (*policy.Request, *policy.Policies, *problem, error) {
	if err := t.check(); err != nil {
		return nil, nil, &problem{http.StatusBadRequest, err.Error()}, nil
	}
	if s.last.shares(t) {
		err := s.last.request.Again(&s.next, t.Action.Name, t.Resource.ID)
		if err == nil {
			err = own(&s.next, t.Resource.Account)
		}
		if err == nil && s.last.fits(&s.next) {
			return &s.next, &s.last.policies, nil, nil
		}
	}
	r, err := policy.NewRequest(t.Subject.ID, t.Action.Name, t.Resource.ID)
	if err == nil {
		err = own(r, t.Resource.Account)
	}
	if err != nil {
		return nil, nil, &problem{http.StatusBadRequest, err.Error()}, nil
	}
	if account := r.Principal.Account; account != "" && !s.knows(account) {
		return nil, nil, &problem{http.StatusNotFound, "the account " + account + " of the subject is not in the organization"}, nil
	}
	policies, err := s.prepare(ctx, t, r)
	return r, policies, nil, err
}

// own says who owns a resource whose ARN does not, unless the client does not say
// so either.
func own(r *policy.Request, owner string) error {
	if owner == "" {
		return nil
	}
	if !identity.IsAccountID(owner) {
		return errors.New("resource.properties.account is not an account id")
	}
	if arn, err := policy.ParseARN(r.Resource()); err == nil && arn.Account != "" && arn.Account != owner {
		return errors.New("resource.properties.account is not the account in the ARN of the resource")
	}
	r.ResourceAccount = owner
	return nil
}

// knows tells whether an account is in the organization. Whether others exist is
// nobody's business.
func (s *session) knows(account string) bool {
	return s.organization.Standing(org.AccountID(account)) != org.Outside
}

// parties returns the accounts of a request that are in the organization.
func (s *session) parties(ctx context.Context, r *policy.Request) (authz.Parties, error) {
	p := authz.Parties{Organization: s.organization}
	var err error
	if p.Principal, err = s.account(ctx, r.Principal.Account); err != nil {
		return p, err
	}
	p.Owner, err = s.account(ctx, r.ResourceAccount)
	return p, err
}

func (s *session) account(ctx context.Context, id string) (*identity.Account, error) {
	account, ok := s.accounts[identity.AccountID(id)]
	if ok || !s.knows(id) {
		return account, nil
	}
	account, err := s.Accounts(ctx, identity.AccountID(id))
	s.accounts[identity.AccountID(id)] = account
	return account, err
}
