package ops

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// tagPolicies is the service that AWS Organizations must trust before it tells
// about the whole organization.
const tagPolicies = org.ServicePrincipal("tagpolicies.tag.amazonaws.com")

// GetComplianceSummary counts the resources of all accounts of the caller's
// organization that do not comply with their tag policies. It is for the management
// account. It returns ConstraintViolationException where what it needs is missing,
// and InvalidParameterException for targets that are not in the organization.
func (t *TaggingAPI) GetComplianceSummary(ctx context.Context, by Caller, in *tagging.GetComplianceSummaryInput) (*tagging.GetComplianceSummaryOutput, error) {
	if err := checkSummary(by, in); err != nil {
		return nil, err
	}
	filters := *in
	filters.PaginationToken = nil
	p, err := t.page(by, filters, in.MaxResults, summariesPerPage, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	groups, err := t.count(ctx, by, in)
	if err != nil {
		return nil, err
	}
	at := t.Clock().UTC().Format(time.RFC3339)
	rows := numbered(slices.SortedFunc(maps.Keys(groups), group.compare))
	shown, next := collect(p, rows(string(p.after)), func(g group) tagging.Summary {
		return showSummary(by.View.Organization, g, groups[g], at)
	})
	return &tagging.GetComplianceSummaryOutput{SummaryList: shown, PaginationToken: orEmpty(next)}, nil
}

// checkSummary refuses callers and organizations that are not ready for a summary,
// and filters that are out of range.
func checkSummary(by Caller, in *tagging.GetComplianceSummaryInput) error {
	o := by.View.Organization
	missing := ""
	switch {
	case o.Standing(org.AccountID(by.Account)) != org.Management:
		missing = "You must call this operation from the management account of an organization."
	case !o.Trusts(tagPolicies):
		missing = "You must enable trusted access for the tag policies service principal, " + string(tagPolicies) + "."
	case !o.Uses(org.TagPolicy):
		missing = "You must have a tag policy attached to the organization root, an OU, or an account."
	}
	if missing != "" {
		return &tagging.ConstraintViolationException{Message: missing}
	}
	return checkTypes(in.ResourceTypeFilters)
}

// group is what resources are counted by. What they are not grouped by is empty.
type group struct {
	account              org.AccountID
	region, resourceType string
}

func (g group) compare(other group) int {
	return cmp.Or(cmp.Compare(g.account, other.account), cmp.Compare(g.region, other.region), cmp.Compare(g.resourceType, other.resourceType))
}

// count counts what does not comply. Where nothing is grouped there is one count,
// however small.
func (t *TaggingAPI) count(ctx context.Context, by Caller, in *tagging.GetComplianceSummaryInput) (map[group]int64, error) {
	groups := map[group]int64{}
	if len(in.GroupBy) == 0 {
		groups[group{}] = 0
	}
	// What lives here is of no region: AWS counts it in that of its global services.
	region := by.View.Account.Partition().GlobalRegion()
	if len(in.RegionFilters) > 0 && !slices.Contains(in.RegionFilters, region) {
		return groups, nil
	}
	accounts, err := accountsWithin(by.View.Organization, in.TargetIdFilters)
	if err != nil {
		return nil, err
	}
	for account := range accounts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		broken, err := t.noncompliant(ctx, by, account.ID)
		if err != nil {
			return nil, err
		}
		for resource := range broken {
			if !oneOfTypes(resource.ResourceType, in.ResourceTypeFilters) || !hasKeys(resource.Tags, in.TagKeyFilters) {
				continue
			}
			var g group
			for _, attribute := range in.GroupBy {
				switch attribute {
				case tagging.GroupByAttributeTargetId:
					g.account = account.ID
				case tagging.GroupByAttributeRegion:
					g.region = region
				case tagging.GroupByAttributeResourceType:
					g.resourceType = resource.ResourceType
				}
			}
			groups[g]++
		}
	}
	return groups, nil
}

// accountsWithin lists the accounts that a summary is about: all, unless it names
// targets. It returns InvalidParameterException.
func accountsWithin(o *org.Organization, filters []string) (iter.Seq[*org.Account], error) {
	targets := []org.TargetID{org.TargetID(o.Root().ID)}
	if len(filters) > 0 {
		targets = nil
	}
	for _, target := range filters {
		targets = append(targets, org.TargetID(target))
	}
	accounts, err := o.AccountsWithin(targets...)
	if err != nil {
		return nil, invalidParameter("TargetIdFilters names what is not in the organization.")
	}
	return accounts, nil
}

// noncompliant lists the resources of an account of the caller's organization that do
// not comply with its tag policy.
func (t *TaggingAPI) noncompliant(ctx context.Context, by Caller, id org.AccountID) (iter.Seq[TaggedResource], error) {
	rules, err := t.tagRules(by.View.Organization, id)
	if err != nil {
		return nil, err
	}
	account, err := t.Registry.Account(ctx, identity.AccountID(id))
	if err != nil {
		return nil, err
	}
	return func(yield func(TaggedResource) bool) {
		for _, resource := range taggedResources(&registry.View{Account: account, Organization: by.View.Organization}, "") {
			if !showCompliance(rules, resource.ResourceType, resource.Tags).Complies() && !yield(resource) {
				return
			}
		}
	}, nil
}

// hasKeys tells whether a resource has all of some tags.
func hasKeys(tags map[string]string, keys []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { _, tagged := tags[key]; return !tagged })
}

// showSummary shows a count: about an account, or about the whole organization.
func showSummary(o *org.Organization, g group, count int64, at string) tagging.Summary {
	summary := tagging.Summary{LastUpdated: &at, NonCompliantResources: &count, TargetId: new(string(o.Root().ID)), TargetIdType: new(tagging.TargetIdTypeRoot)}
	if g.account != "" {
		summary.TargetId, summary.TargetIdType = new(string(g.account)), new(tagging.TargetIdTypeAccount)
	}
	if g.region != "" {
		summary.Region = &g.region
	}
	if g.resourceType != "" {
		summary.ResourceType = &g.resourceType
	}
	return summary
}
