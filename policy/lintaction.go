package policy

import (
	"fmt"
	"strings"
)

// namedAction is an action or a pattern of actions that a statement names.
type namedAction struct {
	path          string
	text          string // as written
	service, name string // the parts, the service in lower case
}

// namedActions returns the actions that a statement names, "*" aside.
func namedActions(p *place) []namedAction {
	var all []namedAction
	for i, text := range p.Actions {
		if service, name, ok := strings.Cut(text, ":"); ok {
			all = append(all, namedAction{p.value(p.actions(), i), text, strings.ToLower(service), name})
		}
	}
	return all
}

func (a *namedAction) pattern() bool { return strings.ContainsAny(a.name, "*?") }

// unknownService reports each prefix once.
func unknownService(l *linter) {
	seen := map[string]bool{}
	for _, p := range l.places {
		for _, a := range namedActions(p) {
			if !seen[a.service] && !l.options.Actions.service(a.service) {
				l.report(a.path, "no service has the prefix "+quote(a.service))
			}
			seen[a.service] = true
		}
	}
}

func unknownAction(l *linter, p *place) {
	for _, a := range namedActions(p) {
		if a.pattern() || !l.unknown(a) {
			continue
		}
		message := fmt.Sprintf("%s is not an action", quote(a.text))
		if near := l.nearest(a); near != "" {
			message += fmt.Sprintf("; is %s meant?", quote(a.service+":"+near))
		}
		l.report(a.path, message)
	}
}

func patternWithoutAction(l *linter, p *place) {
	for _, a := range namedActions(p) {
		if a.pattern() && l.unknown(a) {
			l.report(a.path, fmt.Sprintf("%s matches no action", quote(a.text)))
		}
	}
}

// unknown tells whether a service that exists has no such action.
func (l *linter) unknown(a namedAction) bool {
	known := l.options.Actions
	l.effort -= len(known.services[a.service])
	return l.effort > 0 && known.service(a.service) && !known.exist(a.service, a.name)
}

// nearest returns the action that is closest to one that does not exist.
func (l *linter) nearest(a namedAction) string {
	if l.effort -= 100 * len(l.options.Actions.services[a.service]); l.effort <= 0 || len(a.name) > 100 {
		return ""
	}
	return l.options.Actions.nearest(a.service, a.name)
}
