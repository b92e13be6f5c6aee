package ops

import (
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

// Organizations is AWS Organizations.
type Organizations struct {
	Core
	Tokens *Tokens
}

// page returns the page that a list operation is asked for. The token of one
// list is no good for another one: its scope is the organization, the operation
// and the filters.
func (o *Organizations) page(by Caller, size *int32, token *string, filters ...string) (page, error) {
	parts := append([]string{string(by.View.Account.Organization()), by.Call.Name}, filters...)
	return o.Tokens.page(strings.Join(parts, "\x00"), size, maxResults, token)
}

// tagsOf maps the tags of an input. Validate has seen to it that each has a
// value.
func tagsOf(in []organizations.Tag) org.Tags {
	var tags org.Tags
	for _, t := range in {
		tags = append(tags, org.Tag{Key: t.Key, Value: *t.Value})
	}
	return tags
}
