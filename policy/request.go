package policy

import (
	"fmt"
	"strings"
)

// Request is what is to be decided: who wants to do what to which resource, and the circumstances.
type Request struct {
	Principal Principal
	// ResourceAccount is the account that owns the resource. NewRequest takes it from the ARN of the
	// resource, and where that has none, from the principal.
	ResourceAccount string
	// PrincipalMembership and ResourceMembership say what the account of the principal and the owner
	// of the resource are to their organization; service control policies bind members only, and
	// resource control policies protect members' resources only.
	PrincipalMembership, ResourceMembership Membership
	Context                                 Context

	action   action
	resource resource
}

// Membership is what an account is to its organization.
type Membership int

// The memberships.
const (
	// Member is an account that an organization governs. It is the zero Membership.
	Member Membership = iota
	// ManagementAccount is the account that owns an organization: no policy of it binds it.
	ManagementAccount
	// NoOrganization is an account on its own.
	NoOrganization
)

// NewRequest prepares a request: principal is what [ParsePrincipal] reads, action is service:Name,
// resource is an ARN, or "*" for an action that has no resource. It returns an error that says
// which of them is none. Everybody's keys may be set on the Context afterwards.
func NewRequest(principal, action, resource string) (*Request, error) {
	who, err := ParsePrincipal(principal)
	if err != nil {
		return nil, fmt.Errorf("principal: %w", err)
	}
	return who.Request(action, resource)
}

// Request prepares a request by the principal as [NewRequest] does.
func (p Principal) Request(action, resource string) (*Request, error) {
	r := &Request{Principal: p}
	if err := r.ask(action, resource); err != nil {
		return nil, err
	}
	return r, nil
}

// ask makes the request one to do something to a resource.
func (r *Request) ask(action, resource string) (err error) {
	if r.action, err = parseAction(action); err != nil {
		return fmt.Errorf("action: %w", err)
	}
	return r.about(resource)
}

// about makes the request one about a resource.
func (r *Request) about(resource string) (err error) {
	if r.resource, err = parseResource(resource); err != nil {
		return fmt.Errorf("resource: %w", err)
	}
	if r.ResourceAccount = r.resource.parts[4]; r.ResourceAccount == "" {
		r.ResourceAccount = r.Principal.Account
	}
	return nil
}

// Action returns the action, as it was given.
func (r *Request) Action() string { return r.action.name }

// Resource returns the ARN of the resource, or "*".
func (r *Request) Resource() string { return r.resource.arn }

// action is the action of a request. Actions compare without regard to case.
type action struct {
	name    string // as given
	lower   string
	service string // the lower-case prefix with its colon
	hash    uint64 // of lower
	bucket  uint64 // the hash of service
	lead    uint64 // the first eight bytes behind the service
}

func parseAction(name string) (action, error) {
	colon := strings.IndexByte(name, ':')
	if colon <= 0 || colon == len(name)-1 || strings.IndexByte(name, '*') >= 0 || strings.IndexByte(name, '?') >= 0 || strings.IndexByte(name, ' ') >= 0 {
		return action{}, fmt.Errorf("%q is not an action: expected service:Name", name)
	}
	low := strings.ToLower(name)
	service := low[:colon+1]
	lead, _ := leadOf(low[colon+1:])
	return action{name: name, lower: low, service: service, hash: hashFold(low), bucket: hashFold(service), lead: lead}, nil
}

// resource is the resource of a request.
type resource struct {
	arn   string
	parts [6]string // those before the resource part in lower case: they compare without case
	head  string    // the first five parts, each with its colon
	none  bool      // the action has no resource: "*"
}

func parseResource(arn string) (resource, error) {
	if arn == "*" {
		return resource{arn: arn, none: true}, nil
	}
	arn = valid(arn)
	parts, ok := splitARN(arn)
	if !ok {
		return resource{}, fmt.Errorf("%q is %w, or *", arn, ErrARN)
	}
	name := parts[5]
	given := arn[:len(arn)-len(name)]
	head := strings.ToLower(given)
	if head != given {
		parts, _ = splitARN(head)
		parts[5] = name
	}
	return resource{arn: arn, parts: parts, head: head}, nil
}
