package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// request is one request of a history: what is done to which object of the organization.
type request struct {
	object string // "units", an account or "attachment to <unit>"; histories of different objects are independent
	verb   string // create, delete, rename, list · move, locate · attach, detach, look
	id     string // of the unit to delete or rename; the unit to move from
	value  string // the name to create or rename to; the unit to move to
}

// answer is what the request returned.
type answer struct {
	code  string            // of the error, "" for success
	value string            // the created unit's id; the account's parent; "attached" or ""
	units map[string]string // names by id, from a list
}

// gardener is one client of a history.
type gardener struct {
	garden
	id       int
	t        *testing.T
	client   *sdk.Client
	dice     *rand.Rand
	begin    time.Time
	history  []porcupine.Operation
	problems []error
	known    []string // units that this client created or saw
}

// step makes one request at random.
func (g *gardener) step() {
	unit, account := pick(g.dice, g.units), pick(g.dice, g.accounts)
	switch g.dice.IntN(9) {
	case 0, 1:
		g.create(fmt.Sprintf("Row %d", g.dice.IntN(4)))
	case 2:
		g.delete()
	case 3:
		g.rename(fmt.Sprintf("Row %d", g.dice.IntN(4)))
	case 4:
		g.list()
	case 5:
		g.move(account, unit, pick(g.dice, g.units))
	case 6:
		g.locate(account)
	case 7:
		g.toggle(unit)
	case 8:
		g.look(unit)
	}
}

func pick(dice *rand.Rand, from []string) string { return from[dice.IntN(len(from))] }

// do makes a request and notes it with its answer and the time it took.
func (g *gardener) do(in request, ask func(context.Context) (answer, error)) answer {
	called := time.Since(g.begin)
	out, err := ask(g.t.Context())
	returned := time.Since(g.begin)
	code, known := errorCode(err)
	if !known {
		g.problems = append(g.problems, fmt.Errorf("client %d, %s of %s: %w", g.id, in.verb, in.object, err))
		return answer{code: "unknown"}
	}
	out.code = code
	g.history = append(g.history, porcupine.Operation{
		ClientId: g.id, Input: in, Output: out, Call: int64(called), Return: int64(returned),
	})
	return out
}

func (g *gardener) create(name string) {
	out := g.do(request{object: "units", verb: "create", value: name}, func(ctx context.Context) (answer, error) {
		made, err := g.client.CreateOrganizationalUnit(ctx, &sdk.CreateOrganizationalUnitInput{ParentId: &g.root, Name: &name})
		if err != nil {
			return answer{}, err
		}
		return answer{value: *made.OrganizationalUnit.Id}, nil
	})
	if out.code == "" {
		g.known = append(g.known, out.value)
	}
}

func (g *gardener) delete() {
	if len(g.known) == 0 {
		g.list()
		return
	}
	id := pick(g.dice, g.known)
	g.do(request{object: "units", verb: "delete", id: id}, func(ctx context.Context) (answer, error) {
		_, err := g.client.DeleteOrganizationalUnit(ctx, &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
		return answer{}, err
	})
}

func (g *gardener) rename(name string) {
	if len(g.known) == 0 {
		g.list()
		return
	}
	id := pick(g.dice, g.known)
	g.do(request{object: "units", verb: "rename", id: id, value: name}, func(ctx context.Context) (answer, error) {
		_, err := g.client.UpdateOrganizationalUnit(ctx, &sdk.UpdateOrganizationalUnitInput{OrganizationalUnitId: &id, Name: &name})
		return answer{}, err
	})
}

// list reads the units in one request: a list of several pages is not one point in time.
func (g *gardener) list() {
	out := g.do(request{object: "units", verb: "list"}, func(ctx context.Context) (answer, error) {
		page, err := g.client.ListOrganizationalUnitsForParent(ctx, &sdk.ListOrganizationalUnitsForParentInput{ParentId: &g.root})
		if err != nil {
			return answer{}, err
		}
		seen := map[string]string{}
		for _, unit := range page.OrganizationalUnits {
			if !slices.Contains(g.units, *unit.Id) {
				seen[*unit.Id] = *unit.Name
			}
		}
		return answer{units: seen}, nil
	})
	if out.code == "" {
		g.known = slices.Collect(maps.Keys(out.units))
		slices.Sort(g.known)
	}
}

func (g *gardener) move(account, from, to string) {
	g.do(request{object: account, verb: "move", id: from, value: to}, func(ctx context.Context) (answer, error) {
		_, err := g.client.MoveAccount(ctx, &sdk.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to})
		return answer{}, err
	})
}

func (g *gardener) locate(account string) {
	g.do(request{object: account, verb: "locate"}, func(ctx context.Context) (answer, error) {
		found, err := g.client.ListParents(ctx, &sdk.ListParentsInput{ChildId: &account})
		if err != nil {
			return answer{}, err
		}
		if len(found.Parents) != 1 {
			return answer{}, fmt.Errorf("account %s has parents %v", account, found.Parents)
		}
		return answer{value: *found.Parents[0].Id}, nil
	})
}

func (g *gardener) toggle(unit string) {
	in := request{object: "attachment to " + unit, verb: "attach"}
	if g.dice.IntN(2) == 0 {
		in.verb = "detach"
	}
	g.do(in, func(ctx context.Context) (answer, error) {
		if in.verb == "attach" {
			_, err := g.client.AttachPolicy(ctx, &sdk.AttachPolicyInput{PolicyId: &g.policy, TargetId: &unit})
			return answer{}, err
		}
		_, err := g.client.DetachPolicy(ctx, &sdk.DetachPolicyInput{PolicyId: &g.policy, TargetId: &unit})
		return answer{}, err
	})
}

func (g *gardener) look(unit string) {
	g.do(request{object: "attachment to " + unit, verb: "look"}, func(ctx context.Context) (answer, error) {
		found, err := g.client.ListPoliciesForTarget(ctx, &sdk.ListPoliciesForTargetInput{TargetId: &unit, Filter: types.PolicyTypeTagPolicy})
		if err != nil {
			return answer{}, err
		}
		for _, policy := range found.Policies {
			if *policy.Id == g.policy {
				return answer{value: "attached"}, nil
			}
		}
		return answer{}, nil
	})
}
