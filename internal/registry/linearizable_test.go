package registry_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// counters is a model of accounts that are incremented and read. An input is the
// account and whether it is incremented; an output is the number after that.
type step struct {
	account   identity.AccountID
	increment bool
}

var counters = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		var parts [][]porcupine.Operation
		for _, id := range []identity.AccountID{alice, bob, carol} {
			parts = append(parts, slices.DeleteFunc(slices.Clone(history), func(o porcupine.Operation) bool { return o.Input.(step).account != id }))
		}
		return parts
	},
	Init: func() any { return 0 },
	Step: func(state, input, output any) (bool, any) {
		n := state.(int)
		if input.(step).increment {
			n++
		}
		return output == n, n
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " ", output) },
}

// TestLinearizable: whatever servers clients ask, and however little they keep in
// memory, there is one order of all reads and increments.
func TestLinearizable(t *testing.T) {
	for _, d := range databases() {
		for _, bound := range []int64{0, 2} {
			t.Run(fmt.Sprint(d.name, "/", bound), func(t *testing.T) {
				t.Parallel()
				servers := started(t, d, registry.Config{MaxEntities: bound})
				servers[0].signUp(alice, bob, carol)
				var tick atomic.Int64
				histories := make([][]porcupine.Operation, 8)
				together(len(histories), func(i int) {
					random := rand.New(rand.NewPCG(1, uint64(i)))
					for range 40 {
						s := step{[]identity.AccountID{alice, bob, carol}[random.IntN(3)], random.IntN(2) == 0}
						o := porcupine.Operation{ClientId: i, Input: s, Call: tick.Add(1)}
						n, err := servers[i%len(servers)].step(s, random.IntN(2) == 0)
						o.Output, o.Return = n, tick.Add(1)
						switch {
						case err == nil:
							histories[i] = append(histories[i], o)
						case !errors.Is(err, registry.ErrConcurrentModification): // which has no effect
							t.Error(err)
						}
					}
				})
				history := slices.Concat(histories...)
				if result := porcupine.CheckOperationsTimeout(counters, history, time.Minute); result != porcupine.Ok {
					t.Errorf("the history of %d steps: %s", len(history), result)
				}
			})
		}
	}
}

// step carries out a step, at the account's own queue or at another one.
func (f fixture) step(s step, elsewhere bool) (n int, err error) {
	if !s.increment {
		view, err := f.View(f.Context(), s.account)
		if err != nil {
			return 0, err
		}
		return count(view.Account.Profile()), nil
	}
	key := registry.AccountKey(s.account)
	if elsewhere {
		key = registry.AccountKey(alice)
	}
	err = f.Write(f.Context(), key, "Increment", func(tx *registry.Tx) (err error) {
		n, err = increment(tx, s.account)
		return err
	})
	return n, err
}
