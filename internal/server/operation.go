package server

import (
	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/ops"
)

// Operations are the implementations of the services.
type Operations struct {
	Organizations organizations.API[ops.Caller]
	IAM           iam.API[ops.Caller]
	STS           sts.API[ops.Caller]
	CloudTrail    cloudtrail.API[ops.Caller]
	Account       account.API[ops.Caller]
	Tagging       tagging.API[ops.Caller]
}

// binding is an operation with all that the pipeline needs to know of it.
type binding struct {
	api.Operation[ops.Caller]
	service *api.Service
	source  string // as CloudTrail calls the service
	rule    *ops.Rule
	subject ops.Subject
}

// bindings finds a binding by what the request was routed to.
type bindings map[*api.Description]*binding

// bind binds the operations of all services.
func (o Operations) bind() bindings {
	all := bindings{}
	all.add(organizations.Service(), organizations.Operations(o.Organizations))
	all.add(iam.Service(), iam.Operations(o.IAM))
	all.add(sts.Service(), sts.Operations(o.STS))
	all.add(cloudtrail.Service(), cloudtrail.Operations(o.CloudTrail))
	all.add(account.Service(), account.Operations(o.Account))
	all.add(tagging.Service(), tagging.Operations(o.Tagging))
	return all
}

// add binds the operations of a service, of which each must have a rule: nothing is offered that nobody said who may
// call.
func (all bindings) add(service *api.Service, operations map[string]api.Operation[ops.Caller]) {
	rules := ops.Rules(service.Name)
	for name, operation := range operations {
		rule, ok := rules[name]
		if !ok {
			panic("server: " + service.Name + ":" + name + " has no rule")
		}
		all[operation.Description] = &binding{
			Operation: operation, service: service, source: service.Name + ".amazonaws.com",
			rule: rule, subject: ops.NewSubject(rule, operation.New()),
		}
	}
}
