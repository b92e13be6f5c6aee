package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/org"
)

// TaggingAPI is the Resource Groups Tagging API, about what lives here: the
// resources of IAM, and those of AWS Organizations in the management account.
// Reports to S3 are not implemented and say so.
type TaggingAPI struct {
	tagging.Unimplemented[Caller]
	Core
	Tokens *Tokens
}

// How the API hands its lists out: where the caller gives no size, and how long a
// PaginationToken is good.
const (
	taggedPerPage    = 50
	keysPerPage      = 100
	summariesPerPage = 100
	taggingTokenLife = 15 * time.Minute
)

// page reads what a call asks for. An empty token is none. The token of a list is
// good for this account and operation, and the same input. It returns
// PaginationTokenExpiredException and InvalidParameterException.
func (t *TaggingAPI) page(by Caller, in any, size *int32, otherwise int, token *string) (page, error) {
	filters, err := json.Marshal(in)
	if err != nil {
		return page{}, fmt.Errorf("filters: %w", err)
	}
	if token != nil && *token == "" {
		token = nil
	}
	scope := strings.Join([]string{string(by.Account), by.Call.Name, string(filters)}, "\x00")
	p, err := t.Tokens.lasting(taggingTokenLife).page(scope, size, otherwise, token)
	switch {
	case errors.Is(err, errTokenExpired):
		return p, &tagging.PaginationTokenExpiredException{Message: "The pagination token has expired: it is good for 15 minutes."}
	case err != nil:
		return p, invalidParameter("The pagination token is not one of this list.")
	}
	return p, nil
}

func invalidParameter(format string, arguments ...any) error {
	return &tagging.InvalidParameterException{Message: fmt.Sprintf(format, arguments...)}
}

// GetTagKeys lists the keys of the tags in the caller's account.
func (t *TaggingAPI) GetTagKeys(_ context.Context, by Caller, in *tagging.GetTagKeysInput) (*tagging.GetTagKeysOutput, error) {
	p, err := t.page(by, nil, nil, keysPerPage, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	keys, next := collect(p, distinct(by, p.after, func(tags map[string]string, found map[string]bool) {
		for key := range tags {
			found[key] = true
		}
	}), same)
	return &tagging.GetTagKeysOutput{TagKeys: keys, PaginationToken: orEmpty(next)}, nil
}

// GetTagValues lists the values that a tag has in the caller's account.
func (t *TaggingAPI) GetTagValues(_ context.Context, by Caller, in *tagging.GetTagValuesInput) (*tagging.GetTagValuesOutput, error) {
	p, err := t.page(by, in.Key, nil, keysPerPage, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	values, next := collect(p, distinct(by, p.after, func(tags map[string]string, found map[string]bool) {
		if value, tagged := tags[in.Key]; tagged {
			found[value] = true
		}
	}), same)
	return &tagging.GetTagValuesOutput{TagValues: values, PaginationToken: orEmpty(next)}, nil
}

// distinct lists what is found in the tags of any resource of the caller's account,
// in order.
func distinct(by Caller, after org.Cursor, find func(tags map[string]string, found map[string]bool)) iter.Seq2[org.Cursor, string] {
	found := map[string]bool{}
	for _, resource := range taggedResources(by.View, "") {
		find(resource.Tags, found)
	}
	return func(yield func(org.Cursor, string) bool) {
		for _, text := range slices.Sorted(maps.Keys(found)) {
			if cursor := org.Cursor("=" + text); cursor > after && !yield(cursor, text) {
				return
			}
		}
	}
}

// orEmpty returns the token of the next page as this API gives it: empty at the end.
func orEmpty(token *string) *string {
	if token == nil {
		return new("")
	}
	return token
}

// oneOfTypes tells whether a type of resource is one of those that a call asks for,
// such as iam or iam:role. None are asked for where all are.
func oneOfTypes(resourceType string, asked []string) bool {
	service, _, _ := strings.Cut(resourceType, ":")
	return len(asked) == 0 || slices.Contains(asked, resourceType) || slices.Contains(asked, service)
}

// maxTypes is how many types of resources a call may ask for.
const maxTypes = 100

// checkTypes refuses more types of resources than a call may ask for.
func checkTypes(asked []string) error {
	if len(asked) > maxTypes {
		return invalidParameter("ResourceTypeFilters may have at most %d elements.", maxTypes)
	}
	return nil
}
