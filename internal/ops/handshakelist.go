package ops

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
)

// ListHandshakesForAccount lists what the caller's account was asked for. The
// management account of an organization is not told of invitations, because it
// could not accept them.
func (o *Organizations) ListHandshakesForAccount(ctx context.Context, by Caller, in *organizations.ListHandshakesForAccountInput) (*organizations.ListHandshakesForAccountOutput, error) {
	filter, scope, err := handshakeFilter(in.Filter)
	if err != nil {
		return nil, err
	}
	p, err := o.page(by, in.MaxResults, in.NextToken, append(scope, string(by.Account))...)
	if err != nil {
		return nil, err
	}
	inbox, err := o.inbox(ctx, by, filter, p)
	if err != nil {
		return nil, err
	}
	shown, next := collect(p, inbox, func(r received) organizations.Handshake { return showHandshake(r.from, r.Handshake) })
	return &organizations.ListHandshakesForAccountOutput{Handshakes: shown, NextToken: next}, nil
}

// inbox lists what an account received, enough of it to fill a page: what its own
// organization asks it for, and what others invite it to.
func (o *Organizations) inbox(ctx context.Context, by Caller, filter org.HandshakeFilter, p page) (iter.Seq2[org.Cursor, received], error) {
	now := o.Clock()
	var all []received
	if own := by.View.Organization; own != nil {
		for _, h := range own.HandshakesTo(org.AccountID(by.Account), filter, now, "") {
			if at := inboxCursor(h.Requested, h.ID); at > p.after {
				all = append(all, received{at, own, h})
			}
		}
	}
	for _, recipient := range inboxesOf(by, filter) {
		more, err := o.invitations(ctx, by, recipient, p.after, p.size+1, now)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return inOrder(all, func(r received) org.Cursor { return r.at }), nil
}

// inboxesOf returns where the selected invitations of the caller's account are found:
// to become a member by its id and by its e-mail address, and to transfer
// responsibility.
func inboxesOf(by Caller, filter org.HandshakeFilter) []string {
	id := org.AccountID(by.Account)
	var inboxes []string
	if filter.Selects(org.ActionInvite) && by.View.Organization.Standing(id) != org.Management {
		inboxes = append(inboxes, string(id), by.View.Account.Profile().Email)
	}
	if filter.Selects(org.ActionTransferResponsibility) {
		inboxes = append(inboxes, transfersAskedOf(id))
	}
	return inboxes
}

// inOrder lists elements by their places.
func inOrder[T any](all []T, place func(T) org.Cursor) iter.Seq2[org.Cursor, T] {
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(string(place(a)), string(place(b))) })
	return func(yield func(org.Cursor, T) bool) {
		for _, t := range all {
			if !yield(place(t), t) {
				return
			}
		}
	}
}

// ListHandshakesForOrganization lists what the caller's organization asked for.
func (o *Organizations) ListHandshakesForOrganization(_ context.Context, by Caller, in *organizations.ListHandshakesForOrganizationInput) (*organizations.ListHandshakesForOrganizationOutput, error) {
	filter, scope, err := handshakeFilter(in.Filter)
	if err != nil {
		return nil, err
	}
	p, err := o.page(by, in.MaxResults, in.NextToken, scope...)
	if err != nil {
		return nil, err
	}
	sent := by.View.Organization.Handshakes(filter, o.Clock(), p.after)
	shown, next := collect(p, sent, func(h *org.Handshake) organizations.Handshake { return showHandshake(by.View.Organization, h) })
	return &organizations.ListHandshakesForOrganizationOutput{Handshakes: shown, NextToken: next}, nil
}

// handshakeFilter returns the filter of a list of handshakes, and what binds its
// tokens to it. It returns InvalidInput MAX_LIMIT_EXCEEDED_FILTER.
func handshakeFilter(in *organizations.HandshakeFilter) (filter org.HandshakeFilter, scope []string, err error) {
	if in == nil {
		return filter, []string{"", ""}, nil
	}
	if in.ActionType != nil && in.ParentHandshakeId != nil {
		return filter, nil, org.Refuse(org.InvalidInput, "MAX_LIMIT_EXCEEDED_FILTER", nil)
	}
	if in.ActionType != nil {
		filter.Action = org.Action(*in.ActionType)
	}
	if in.ParentHandshakeId != nil {
		filter.Parent = org.HandshakeID(*in.ParentHandshakeId)
	}
	return filter, []string{string(filter.Action), string(filter.Parent)}, nil
}
