package e2e_test

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// TestGardenModelKnowsStaleAnswers keeps the checker from passing because its model permits everything.
func TestGardenModelKnowsStaleAnswers(t *testing.T) {
	row := map[string]string{"ou-1": "Row 1"}
	create := request{object: "units", verb: "create", value: "Row 1"}
	list := request{object: "units", verb: "list"}
	rename := request{object: "units", verb: "rename", id: "ou-1", value: "Row 2"}
	attach := request{object: "attachment to a", verb: "attach"}
	look := request{object: "attachment to a", verb: "look"}
	move := request{object: "1", verb: "move", id: "a", value: "b"}
	locate := request{object: "1", verb: "locate"}

	type exchange struct {
		in  request
		out answer
	}
	for name, test := range map[string]struct {
		history []exchange // one after another
		want    bool
	}{
		"created and listed":        {[]exchange{{create, answer{value: "ou-1"}}, {list, answer{units: row}}}, true},
		"created and not listed":    {[]exchange{{create, answer{value: "ou-1"}}, {list, answer{}}}, false},
		"listed without a creation": {[]exchange{{list, answer{units: row}}}, false},
		"created twice":             {[]exchange{{create, answer{value: "ou-1"}}, {create, answer{value: "ou-2"}}}, false},
		"refused as a duplicate":    {[]exchange{{create, answer{value: "ou-1"}}, {create, answer{code: "DuplicateOrganizationalUnitException"}}}, true},
		"refused for no reason":     {[]exchange{{create, answer{code: "DuplicateOrganizationalUnitException"}}}, false},
		"renamed, old name listed":  {[]exchange{{create, answer{value: "ou-1"}}, {rename, answer{}}, {list, answer{units: row}}}, false},
		"refused as a conflict":     {[]exchange{{create, answer{code: "ConcurrentModificationException"}}, {list, answer{}}}, true},
		"attached and seen":         {[]exchange{{attach, answer{}}, {look, answer{value: "attached"}}}, true},
		"attached and not seen":     {[]exchange{{attach, answer{}}, {look, answer{}}}, false},
		"attached twice":            {[]exchange{{attach, answer{}}, {attach, answer{}}}, false},
		"moved and found":           {[]exchange{{move, answer{}}, {locate, answer{value: "b"}}}, true},
		"moved and found before":    {[]exchange{{move, answer{}}, {locate, answer{value: "a"}}}, false},
		"moved twice":               {[]exchange{{move, answer{}}, {move, answer{}}}, false},
		"not moved though possible": {[]exchange{{locate, answer{value: "a"}}, {move, answer{code: "AccountNotFoundException"}}}, false},
	} {
		var history []porcupine.Operation
		for n, step := range test.history {
			history = append(history, porcupine.Operation{Input: step.in, Output: step.out, Call: int64(2 * n), Return: int64(2*n + 1)})
		}
		if got := porcupine.CheckOperations(gardenModel, history); got != test.want {
			t.Errorf("%s: linearizable %v, want %v", name, got, test.want)
		}
	}
}
