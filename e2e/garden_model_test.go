package e2e_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"
)

// plotState is the state of one object of the garden: the units by id, or the value of a register.
type plotState struct {
	known bool // whether the register's value was seen yet
	value string
	units map[string]string
}

// gardenModel says which answers an organization may give that handles one request at a time.
// Linearizability is local: a history is linearizable when that of each object is.
var gardenModel = porcupine.Model{
	Partition: byObject,
	Init:      func() any { return plotState{} },
	Step: func(state, in, out any) (bool, any) {
		return step(state.(plotState), in.(request), out.(answer))
	},
	Equal: func(a, b any) bool {
		x, y := a.(plotState), b.(plotState)
		return x.known == y.known && x.value == y.value && maps.Equal(x.units, y.units)
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
}

func byObject(history []porcupine.Operation) [][]porcupine.Operation {
	objects := map[string][]porcupine.Operation{}
	for _, operation := range history {
		object := operation.Input.(request).object
		objects[object] = append(objects[object], operation)
	}
	return slices.Collect(maps.Values(objects))
}

// step reports whether an object may answer a request so, and what becomes of it.
func step(state plotState, in request, out answer) (bool, plotState) {
	switch out.code {
	case "ConcurrentModificationException", "TooManyRequestsException":
		return true, state // refused, always legal and without effect
	}
	switch in.verb {
	case "create", "delete", "rename", "list":
		return stepUnits(state, in, out)
	case "move":
		return stepMove(state, in, out)
	case "attach":
		return stepSet(state, out, "attached", "DuplicatePolicyAttachmentException")
	case "detach":
		return stepSet(state, out, "", "PolicyNotAttachedException")
	default: // locate, look
		return stepRead(state, out)
	}
}

func stepUnits(state plotState, in request, out answer) (bool, plotState) {
	_, exists := state.units[in.id]
	taken := nameTaken(state.units, in.value, in.id)
	next := plotState{units: maps.Clone(state.units)}
	if next.units == nil {
		next.units = map[string]string{}
	}
	switch in.verb {
	case "list":
		return out.code == "" && maps.Equal(state.units, out.units), state
	case "create":
		next.units[out.value] = in.value
		return legal(out, taken, "DuplicateOrganizationalUnitException"), orSame(out, state, next)
	case "delete":
		delete(next.units, in.id)
		return legal(out, !exists, "OrganizationalUnitNotFoundException"), orSame(out, state, next)
	default: // rename
		next.units[in.id] = in.value
		if !exists {
			return out.code == "OrganizationalUnitNotFoundException", state
		}
		return legal(out, taken, "DuplicateOrganizationalUnitException"), orSame(out, state, next)
	}
}

// nameTaken reports whether a unit other than one has a name.
func nameTaken(units map[string]string, name, except string) bool {
	for id, taken := range units {
		if taken == name && id != except {
			return true
		}
	}
	return false
}

// legal reports whether an answer is the refusal that a state calls for, or success where it calls for none.
func legal(out answer, refuse bool, code string) bool {
	if refuse {
		return out.code == code
	}
	return out.code == ""
}

func orSame(out answer, state, next plotState) plotState {
	if out.code == "" {
		return next
	}
	return state
}

// stepMove moves an account when it is where the caller thinks. AWS has several names for the refusal.
func stepMove(state plotState, in request, out answer) (bool, plotState) {
	next := plotState{known: true, value: in.value}
	if out.code == "" {
		return in.id != in.value && (!state.known || state.value == in.id), next
	}
	return !state.known || state.value != in.id || in.id == in.value, state
}

// stepSet sets a register that must not have the value yet.
func stepSet(state plotState, out answer, value, refusal string) (bool, plotState) {
	next := plotState{known: true, value: value}
	if !state.known {
		return out.code == "" || out.code == refusal, next
	}
	return legal(out, state.value == value, refusal), next
}

func stepRead(state plotState, out answer) (bool, plotState) {
	return out.code == "" && (!state.known || state.value == out.value), plotState{known: true, value: out.value}
}
