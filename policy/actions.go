package policy

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Actions are the actions of AWS services that exist, as the service authorization reference lists
// them. They may be used by any number of goroutines.
type Actions struct {
	services map[string][]actionName // by the lower-case prefix
}

// actionName is the name of an action, without its service.
type actionName struct{ name, lower string }

//go:embed actions.tsv
var actionsText string

var knownActions = sync.OnceValue(func() *Actions {
	a, _ := ParseActions(actionsText) // a test reads the text, too
	return a
})

// KnownActions returns the actions that existed when this package was made.
func KnownActions() *Actions { return knownActions() }

// ParseActions reads a list of actions: a service in a line, its prefix, a tab, and the names of its
// actions, which spaces divide. Empty lines and those that begin with # mean nothing. The error says
// which line is none of these.
func ParseActions(text string) (*Actions, error) {
	a := &Actions{services: map[string][]actionName{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimRight(line, " \r\n"); line == "" || line[0] == '#' {
			continue
		}
		service, names, ok := strings.Cut(line, "\t")
		if !ok || strings.ContainsFunc(service, isNoServiceCharacter) {
			return nil, fmt.Errorf("line %d: expected the prefix of a service, a tab, and the names of its actions", number)
		}
		service = strings.ToLower(service)
		list := a.services[service]
		for name := range strings.FieldsSeq(names) {
			list = append(list, actionName{name, strings.ToLower(name)})
		}
		a.services[service] = list
	}
	return a, nil
}

// service tells whether actions have a prefix, which is in lower case.
func (a *Actions) service(prefix string) bool {
	_, ok := a.services[prefix]
	return ok
}

// exist tells whether a pattern, without its service, matches an action of the service.
func (a *Actions) exist(service, pattern string) bool {
	g := newGlob(strings.ToLower(pattern))
	var f finder
	defer f.release()
	return slices.ContainsFunc(a.services[service], func(a actionName) bool { return g.match(a.lower, &f) })
}

// nearest returns the action of a service whose name is closest to a name, and "" when none is close.
func (a *Actions) nearest(service, name string) string {
	best, least := "", min(len(name)/3, 4)+1
	for _, known := range a.services[service] {
		if d := distance(strings.ToLower(name), known.lower, least); d < least {
			best, least = known.name, d
		}
	}
	return best
}

// distance returns how many characters must be put in, left out or changed to make one text of
// another, or any number that is not below a limit.
func distance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
