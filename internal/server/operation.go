package server

import (
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/ops"
)

// Operations are the implementations of the services.
type Operations struct {
	Organizations organizations.API[ops.Caller]
	IAM           iam.API[ops.Caller]
	STS           sts.API[ops.Caller]
	CloudTrail    cloudtrail.API[ops.Caller]
	Account       account.API[ops.Caller]
}

// binding is an operation with all that the pipeline needs to know of it.
type binding struct {
	api.Operation[ops.Caller]
	service *api.Service
	source  string // as CloudTrail calls the service
	action  string // as policies call the operation
	rule    *ops.Rule
	keys    ops.InputKeys
	// resource is what an operation of IAM is about; those of AWS Organizations have it in their rule.
	resource ops.IAMResource
	// open operations are for everybody who has credentials, or decide for themselves: AssumeRole asks
	// the policies of two accounts.
	open bool
}

// bindings finds a binding by what the request was routed to.
type bindings map[*api.Description]*binding

// bind binds the operations of all services.
func (o Operations) bind() bindings {
	all := bindings{}
	rules := ops.Rules()
	all.add(organizations.Service(), organizations.Operations(o.Organizations), func(name string) *ops.Rule { return rules[name] })
	all.add(iam.Service(), iam.Operations(o.IAM), byName)
	all.add(sts.Service(), sts.Operations(o.STS), byName)
	all.add(cloudtrail.Service(), cloudtrail.Operations(o.CloudTrail), byName)
	all.add(account.Service(), account.Operations(o.Account), byName)
	return all
}

func (all bindings) add(service *api.Service, operations map[string]api.Operation[ops.Caller], rule func(name string) *ops.Rule) {
	for name, operation := range operations {
		in := operation.New()
		b := &binding{
			keys:      ops.NewInputKeys(in),
			Operation: operation, service: service, source: service.Name + ".amazonaws.com", action: service.Name + ":" + name,
			rule: rule(name), open: service == sts.Service() && slices.Contains(openOperations, name),
		}
		if service == iam.Service() {
			b.resource = ops.NewIAMResource(in)
		}
		all[operation.Description] = b
	}
}

var openOperations = []string{"GetCallerIdentity", "GetSessionToken", "AssumeRole"}

// byName is the rule of an operation that any account may call and that is about nothing in an organization: its name
// tells whether it reads. CloudTrail counts the beginning of a session as reading.
func byName(name string) *ops.Rule {
	rule := &ops.Rule{Operation: name, Access: ops.Write}
	for _, verb := range []string{"Get", "List", "Lookup", "AssumeRole", "Decode", "Simulate", "Generate"} {
		if strings.HasPrefix(name, verb) {
			rule.Access = ops.Read
		}
	}
	return rule
}
