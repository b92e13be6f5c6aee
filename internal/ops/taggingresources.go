package ops

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/org"
)

// GetResources lists the tagged resources of the caller's account, and whether they
// comply with its tag policy. It returns InvalidParameterException for parameters
// that do not go together or are out of range.
func (t *TaggingAPI) GetResources(_ context.Context, by Caller, in *tagging.GetResourcesInput) (*tagging.GetResourcesOutput, error) {
	if err := checkSelection(by, in); err != nil {
		return nil, err
	}
	filters := *in
	filters.PaginationToken = nil
	p, err := t.page(by, filters, in.ResourcesPerPage, taggedPerPage, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	var rules *effective.TagRules
	if given(in.IncludeComplianceDetails) {
		if rules, err = t.tagRules(by.View.Organization, org.AccountID(by.Account)); err != nil {
			return nil, err
		}
	}
	if len(in.ResourceARNList) > 0 {
		p.size = len(in.ResourceARNList)
	}
	return selectResources(by, in, p, rules), nil
}

// selectResources takes a page of the resources that a call asks for. It ends before
// it has too many tags; a resource is never split.
func selectResources(by Caller, in *tagging.GetResourcesInput, p page, rules *effective.TagRules) *tagging.GetResourcesOutput {
	out := &tagging.GetResourcesOutput{ResourceTagMappingList: []tagging.ResourceTagMapping{}, PaginationToken: new("")}
	tags, last := 0, p.after
	for cursor, resource := range taggedResources(by.View, p.after) {
		if !selects(in, &resource) {
			continue
		}
		found := showCompliance(rules, resource.ResourceType, resource.Tags)
		if given(in.ExcludeCompliantResources) && found.Complies() {
			continue
		}
		tags += len(resource.Tags)
		if len(out.ResourceTagMappingList) == p.size || in.TagsPerPage != nil && tags > int(*in.TagsPerPage) {
			out.PaginationToken = p.next(last)
			return out
		}
		mapping := tagging.ResourceTagMapping{ResourceARN: new(resource.ARN), Tags: showResourceTags(resource.Tags)}
		if given(in.IncludeComplianceDetails) {
			mapping.ComplianceDetails = showDetails(found)
		}
		out.ResourceTagMappingList = append(out.ResourceTagMappingList, mapping)
		last = cursor
	}
	return out
}

// checkSelection refuses parameters of GetResources that do not go together or are
// out of range.
func checkSelection(by Caller, in *tagging.GetResourcesInput) error {
	paged := in.ResourcesPerPage != nil || in.TagsPerPage != nil || given(in.PaginationToken) != ""
	switch {
	case outside(in.ResourcesPerPage, 1, 100):
		return invalidParameter("ResourcesPerPage must be from 1 to 100.")
	case outside(in.TagsPerPage, 100, 500):
		return invalidParameter("TagsPerPage must be from 100 to 500.")
	case given(in.ExcludeCompliantResources) && !given(in.IncludeComplianceDetails):
		return invalidParameter("ExcludeCompliantResources needs IncludeComplianceDetails.")
	case in.ResourceARNList != nil && (paged || len(in.TagFilters)+len(in.ResourceTypeFilters) > 0):
		return invalidParameter("ResourceARNList goes with neither filters nor parameters of pages.")
	}
	for _, filter := range in.TagFilters {
		if filter.Key == nil {
			return invalidParameter("A tag filter must have a key.")
		}
	}
	for _, arn := range in.ResourceARNList {
		if err := checkPartition(by, arn); err != nil {
			return err
		}
	}
	return checkTypes(in.ResourceTypeFilters)
}

// outside tells whether a number is given and out of range.
func outside(n *int32, least, most int32) bool { return n != nil && (*n < least || *n > most) }

// checkPartition refuses what is no ARN of the caller's partition.
func checkPartition(by Caller, arn string) error {
	if !strings.HasPrefix(arn, "arn:"+string(by.View.Account.Partition())+":") {
		return invalidParameter("%s is not an ARN of the partition %s.", arn, by.View.Account.Partition())
	}
	return nil
}

// selects tells whether a call asks for a resource: by its ARN, or by its type and
// by all tag filters, of each by any of its values.
func selects(in *tagging.GetResourcesInput, resource *TaggedResource) bool {
	if in.ResourceARNList != nil && !slices.Contains(in.ResourceARNList, resource.ARN) || !oneOfTypes(resource.ResourceType, in.ResourceTypeFilters) {
		return false
	}
	for _, filter := range in.TagFilters {
		value, tagged := resource.Tags[*filter.Key]
		if !tagged || len(filter.Values) > 0 && !slices.Contains(filter.Values, value) {
			return false
		}
	}
	return true
}

func showResourceTags(tags map[string]string) []tagging.Tag {
	var shown []tagging.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		shown = append(shown, tagging.Tag{Key: key, Value: new(tags[key])})
	}
	return shown
}

// showDetails shows what is wrong with tags: keys as the resource has them, where
// they are written wrongly, and keys as the policy has them.
func showDetails(found *TagCompliance) *tagging.ComplianceDetails {
	details := &tagging.ComplianceDetails{NoncompliantKeys: []string{}, KeysWithNoncompliantValues: []string{}, ComplianceStatus: new(found.Complies())}
	for _, n := range found.Noncompliant {
		policyKey := n.Key
		if n.WantKey != "" {
			details.NoncompliantKeys = append(details.NoncompliantKeys, n.Key)
			policyKey = n.WantKey
		}
		details.KeysWithNoncompliantValues = append(details.KeysWithNoncompliantValues, policyKey)
	}
	return details
}
