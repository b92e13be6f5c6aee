package ops

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"strconv"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// IAM is Identity and Access Management.
type IAM struct {
	iam.Unimplemented[Caller]
	Core
	Tokens *Tokens
}

// change applies a rule to the caller's account, records its event in the same
// commit, and answers with what the rule makes.
func change[Out any](ctx context.Context, i *IAM, by Caller, rule func(*registry.Tx, *identity.Draft) (*Out, error)) (*Out, error) {
	out, err := commit(ctx, &i.Core, by, registry.AccountKey(by.Account), func(tx *registry.Tx) (*Out, error) {
		d, err := tx.Account(by.Account)
		if err != nil {
			return nil, err
		}
		return rule(tx, d)
	})
	if errors.Is(err, registry.ErrConcurrentModification) {
		return nil, &iam.ConcurrentModificationException{
			Message: "Somebody else changed the same object at the same time. Wait a moment and submit your request again.",
		}
	}
	return out, err
}

// apply is change for an operation whose answer is empty.
func apply[Out any](ctx context.Context, i *IAM, by Caller, rule func(*identity.Draft) error) (*Out, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*Out, error) { return new(Out), rule(d) })
}

// entitiesPerPage is the size of a page for which the caller gives no size.
const entitiesPerPage = 100

// paging is what the input of a list operation says about the page.
type paging struct {
	size   *int32
	marker *string
}

// listed is what the output of a list operation says about the page.
type listed struct {
	truncated *bool
	marker    *string
}

// list takes a page from a list of the caller's account. Its marker is good for
// this account, operation and filter only.
func list[T, Out any](i *IAM, by Caller, in paging, filter string, elements func(after string) iter.Seq2[org.Cursor, T], show func(T) Out) ([]Out, listed, error) {
	scope := strings.Join([]string{string(by.Account), by.Call.Name, filter}, "\x00")
	p, err := i.Tokens.page(scope, in.size, entitiesPerPage, in.marker)
	if err != nil {
		return nil, listed{}, &refusal{"ValidationError", "Invalid Marker.", badRequest}
	}
	shown, marker := collect(p, elements(string(p.after)), show)
	return shown, listed{new(marker != nil), marker}, nil
}

// named gives each element its name as the place in the list.
func named[T any](elements iter.Seq[T], name func(T) string) iter.Seq2[org.Cursor, T] {
	return func(yield func(org.Cursor, T) bool) {
		for e := range elements {
			if !yield(org.Cursor(name(e)), e) {
				return
			}
		}
	}
}

// numbered is a list that is short: the place of an element is its number.
func numbered[T any](elements []T) func(after string) iter.Seq2[org.Cursor, T] {
	return func(after string) iter.Seq2[org.Cursor, T] {
		first, _ := strconv.Atoi(after)
		return func(yield func(org.Cursor, T) bool) {
			for n := min(first, len(elements)); n < len(elements); n++ {
				if !yield(org.Cursor(strconv.Itoa(n+1)), elements[n]) {
					return
				}
			}
		}
	}
}

// same shows an element as it is.
func same[T any](e T) T { return e }

// underPath returns a prefix of paths, which is all of them by default.
func underPath(prefix *string) string {
	if prefix == nil {
		return "/"
	}
	return *prefix
}

// given returns a value that may have been left out.
func given[T any](v *T) T {
	if v == nil {
		return *new(T)
	}
	return *v
}

// optional returns a text that is left out when it is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// encoded writes a policy document as IAM answers with it: percent-encoded as
// RFC 3986 has it.
func encoded(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}
