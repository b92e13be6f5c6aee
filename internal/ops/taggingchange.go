package ops

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/policy"
)

// Forwarder carries out operations of other services for a call, in the name of its
// caller: each is authorized, checked and recorded like a call of his own. An error that
// the caller may learn of is an [api.Error].
type Forwarder interface {
	Forward(ctx context.Context, operation *api.Description, in api.Input) error
}

// TagResources gives tags to resources of the caller's account, to each by the operation
// of its own service: who may not tag it there may not here. It tells which resources
// that failed for, and why; all others have the tags. It returns
// InvalidParameterException, and does nothing, for what is no ARN.
func (t *TaggingAPI) TagResources(ctx context.Context, by Caller, in *tagging.TagResourcesInput) (*tagging.TagResourcesOutput, error) {
	failed, err := forward(ctx, by, in.ResourceARNList, func(r namedResource) (*api.Description, api.Input) { return r.tag(in.Tags) })
	if err != nil {
		return nil, err
	}
	return recordAlone(ctx, t, by, &tagging.TagResourcesOutput{FailedResourcesMap: failed})
}

// UntagResources takes tags from resources, as TagResources gives them.
func (t *TaggingAPI) UntagResources(ctx context.Context, by Caller, in *tagging.UntagResourcesInput) (*tagging.UntagResourcesOutput, error) {
	failed, err := forward(ctx, by, in.ResourceARNList, func(r namedResource) (*api.Description, api.Input) { return r.untag(in.TagKeys) })
	if err != nil {
		return nil, err
	}
	return recordAlone(ctx, t, by, &tagging.UntagResourcesOutput{FailedResourcesMap: failed})
}

// recordAlone records a call that changes nothing by itself.
func recordAlone[Out any](ctx context.Context, t *TaggingAPI, by Caller, out *Out) (*Out, error) {
	return commit(ctx, &t.Core, by, registry.AccountKey(by.Account), func(*registry.Tx) (*Out, error) { return out, nil })
}

// forward has an operation carried out for each of the resources, and returns those that
// it failed for.
func forward(ctx context.Context, by Caller, arns []string, operation func(namedResource) (*api.Description, api.Input)) (map[string]tagging.FailureInfo, error) {
	parsed := make([]policy.ARN, len(arns))
	for i, arn := range arns {
		var err error
		if parsed[i], err = policy.ParseARN(arn); err != nil {
			return nil, invalidParameter("%s is not an ARN.", arn)
		}
	}
	failed := map[string]tagging.FailureInfo{}
	for i, arn := range arns {
		resource, err := located(by, parsed[i])
		if err == nil {
			d, in := operation(resource)
			err = by.Forward(ctx, d, in)
		}
		if err == nil {
			continue
		}
		known := Exception(err)
		if known == nil {
			return nil, err
		}
		failed[arn] = tagging.FailureInfo{
			StatusCode: new(int32(known.HTTPStatus())), ErrorCode: new(tagging.ErrorCode(known.ErrorCode())), ErrorMessage: new(known.ErrorMessage()),
		}
	}
	return failed, nil
}

// namedResource is what an ARN names: its type, and how the operations of its service
// name it.
type namedResource struct{ resourceType, name string }

// located returns what an ARN names. It returns InvalidParameterException for what is not in the
// caller's account, and for what has another ARN.
func located(by Caller, arn policy.ARN) (namedResource, error) {
	kind, rest, _ := strings.Cut(arn.Resource, "/")
	name := identity.NameOf(rest)
	path := "/" + strings.TrimSuffix(rest, name)
	r := namedResource{arn.Service + ":" + kind, name}
	account, o := by.View.Account, by.View.Organization
	elsewhere := invalidParameter("%s is not the ARN of a resource in this account.", arn)
	if arn.Partition != string(account.Partition()) || arn.Account != string(by.Account) {
		return r, elsewhere
	}
	var own string
	switch {
	case r.resourceType == typeIAMUser:
		own = userNamed(account, name, path).ARN
	case r.resourceType == typeIAMRole:
		own = roleNamed(account, name, path).ARN
	case r.resourceType == typeIAMPolicy || r.resourceType == typeIAMOIDCProvider:
		own = arn.String()
		r.name = own
	case arn.Service == "organizations" && o != nil && o.Exists():
		own = o.ResourceARN(org.ResourceID(name))
	default:
		return r, invalidParameter("Resources of the type %s can't be tagged here.", r.resourceType)
	}
	if own != arn.String() {
		return r, elsewhere
	}
	return r, nil
}

// tag returns the operation that gives tags to the resource, and its input.
func (r namedResource) tag(tags map[string]string) (*api.Description, api.Input) {
	var ofIAM []iam.Tag
	var ofOrganizations []organizations.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		ofIAM = append(ofIAM, iam.Tag{Key: key, Value: new(tags[key])})
		ofOrganizations = append(ofOrganizations, organizations.Tag{Key: key, Value: new(tags[key])})
	}
	switch r.resourceType {
	case typeIAMUser:
		return iam.Service().Operations["TagUser"], &iam.TagUserInput{UserName: r.name, Tags: ofIAM}
	case typeIAMRole:
		return iam.Service().Operations["TagRole"], &iam.TagRoleInput{RoleName: r.name, Tags: ofIAM}
	case typeIAMPolicy:
		return iam.Service().Operations["TagPolicy"], &iam.TagPolicyInput{PolicyArn: r.name, Tags: ofIAM}
	case typeIAMOIDCProvider:
		return iam.Service().Operations["TagOpenIDConnectProvider"], &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: r.name, Tags: ofIAM}
	}
	return organizations.Service().Operations["TagResource"], &organizations.TagResourceInput{ResourceId: r.name, Tags: ofOrganizations}
}

// untag returns the operation that takes tags from the resource, and its input.
func (r namedResource) untag(keys []string) (*api.Description, api.Input) {
	switch r.resourceType {
	case typeIAMUser:
		return iam.Service().Operations["UntagUser"], &iam.UntagUserInput{UserName: r.name, TagKeys: keys}
	case typeIAMRole:
		return iam.Service().Operations["UntagRole"], &iam.UntagRoleInput{RoleName: r.name, TagKeys: keys}
	case typeIAMPolicy:
		return iam.Service().Operations["UntagPolicy"], &iam.UntagPolicyInput{PolicyArn: r.name, TagKeys: keys}
	case typeIAMOIDCProvider:
		return iam.Service().Operations["UntagOpenIDConnectProvider"], &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: r.name, TagKeys: keys}
	}
	return organizations.Service().Operations["UntagResource"], &organizations.UntagResourceInput{ResourceId: r.name, TagKeys: keys}
}
