package ops

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
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
	counts, err := t.counts(ctx, by, in, p)
	if err != nil {
		return nil, err
	}
	at := t.Clock().UTC().Format(time.RFC3339)
	shown, next := collect(p, counts, func(c count) tagging.Summary { return showSummary(by.View.Organization, c, at) })
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

// cursor is the place of a group in the list of all of them.
func (g group) cursor() org.Cursor {
	return org.Cursor(strings.Join([]string{string(g.account), g.region, g.resourceType}, "\x00"))
}

// groupAt returns the group at a place, none at the beginning of the list.
func groupAt(place org.Cursor) group {
	account, rest, _ := strings.Cut(string(place), "\x00")
	region, resourceType, _ := strings.Cut(rest, "\x00")
	return group{org.AccountID(account), region, resourceType}
}

// count is how many resources of a group do not comply.
type count struct {
	group
	resources int64
}

// counts counts what does not comply, for one page. Where accounts are told apart it looks
// at no more of them than the page is about; otherwise all have a share in each count. Where
// nothing is grouped there is one count, however small.
func (t *TaggingAPI) counts(ctx context.Context, by Caller, in *tagging.GetComplianceSummaryInput, p page) (iter.Seq2[org.Cursor, count], error) {
	accounts, err := accountsWithin(by.View.Organization, groupAt(p.after).account, in.TargetIdFilters)
	if err != nil {
		return nil, err
	}
	groups := map[group]int64{}
	if len(in.GroupBy) == 0 {
		groups[group{}] = 0
	}
	var counts []count
	apart := slices.Contains(in.GroupBy, tagging.GroupByAttributeTargetId)
	for account := range accounts {
		if err := t.count(ctx, by, in, account.ID, groups); err != nil {
			return nil, err
		}
		if !apart {
			continue
		}
		counts = append(counts, behind(p.after, groups)...)
		clear(groups)
		if len(counts) > p.size {
			break // one more than the page has tells that there is another
		}
	}
	counts = append(counts, behind(p.after, groups)...)
	return func(yield func(org.Cursor, count) bool) {
		for _, c := range counts {
			if !yield(c.cursor(), c) {
				return
			}
		}
	}, nil
}

// behind lists the counts of the groups that are behind a place, in their order.
func behind(place org.Cursor, groups map[group]int64) (counts []count) {
	for _, g := range slices.SortedFunc(maps.Keys(groups), group.compare) {
		if place == "" || g.compare(groupAt(place)) > 0 {
			counts = append(counts, count{g, groups[g]})
		}
	}
	return counts
}

// count adds what does not comply in one account.
func (t *TaggingAPI) count(ctx context.Context, by Caller, in *tagging.GetComplianceSummaryInput, account org.AccountID, groups map[group]int64) error {
	// What lives here is of no region: AWS counts it in that of its global services.
	region := by.View.Account.Partition().GlobalRegion()
	if len(in.RegionFilters) > 0 && !slices.Contains(in.RegionFilters, region) {
		return nil
	}
	broken, err := t.noncompliant(ctx, by, account)
	if err != nil {
		return err
	}
	for resource := range broken {
		if !oneOfTypes(resource.ResourceType, in.ResourceTypeFilters) || !hasKeys(resource.Tags, in.TagKeyFilters) {
			continue
		}
		var g group
		for _, attribute := range in.GroupBy {
			switch attribute {
			case tagging.GroupByAttributeTargetId:
				g.account = account
			case tagging.GroupByAttributeRegion:
				g.region = region
			case tagging.GroupByAttributeResourceType:
				g.resourceType = resource.ResourceType
			}
		}
		groups[g]++
	}
	return ctx.Err()
}

// accountsWithin lists the accounts that a summary is about, from one on: all, unless it
// names targets. It returns InvalidParameterException.
func accountsWithin(o *org.Organization, from org.AccountID, filters []string) (iter.Seq[*org.Account], error) {
	targets := []org.TargetID{org.TargetID(o.Root().ID)}
	if len(filters) > 0 {
		targets = nil
	}
	for _, target := range filters {
		targets = append(targets, org.TargetID(target))
	}
	accounts, err := o.AccountsWithin(from, targets...)
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
func showSummary(o *org.Organization, c count, at string) tagging.Summary {
	summary := tagging.Summary{LastUpdated: &at, NonCompliantResources: &c.resources, TargetId: new(string(o.Root().ID)), TargetIdType: new(tagging.TargetIdTypeRoot)}
	if c.account != "" {
		summary.TargetId, summary.TargetIdType = new(string(c.account)), new(tagging.TargetIdTypeAccount)
	}
	if c.region != "" {
		summary.Region = &c.region
	}
	if c.resourceType != "" {
		summary.ResourceType = &c.resourceType
	}
	return summary
}
