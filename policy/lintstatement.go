package policy

import (
	"fmt"
	"slices"
	"strings"
)

func unreachableStatement(l *linter, p *place) {
	if p.Effect != Allow {
		return
	}
	for _, s := range l.places {
		if !l.try() {
			return
		}
		if s.Effect == Deny && l.covers(s.Statement, p.Statement) {
			l.report(p.path, fmt.Sprintf("%s never allows anything: %s denies it all", p.name(), s.name()))
			return
		}
	}
}

func redundantStatement(l *linter, p *place) {
	for _, s := range l.places {
		if !l.try() {
			return
		}
		if s == p || s.Effect != p.Effect || !l.covers(s.Statement, p.Statement) {
			continue
		}
		if s.index > p.index && l.covers(p.Statement, s.Statement) {
			continue // two statements that say the same: the second is reported
		}
		l.report(p.path, fmt.Sprintf("%s does nothing that %s does not do", p.name(), s.name()))
		return
	}
}

func redundantValue(l *linter, p *place) {
	l.redundantIn(p, p.actions(), p.Actions, l.coversAction)
	l.redundantIn(p, p.resources(), p.Resources, l.coversResource)
}

// redundantIn reports the values of a list that others cover; of two that say the same, the second.
func (l *linter) redundantIn(p *place, path string, values []string, covers func(s, t string) bool) {
	for i, value := range values {
		for j, other := range values {
			if !l.try() {
				return
			}
			if i != j && covers(other, value) && (j < i || !covers(value, other)) {
				l.report(p.value(path, i), fmt.Sprintf("%s is covered by %s", quote(value), quote(other)))
				break
			}
		}
	}
}

func deniesEverything(l *linter, p *place) {
	if p.Effect == Deny && len(p.Conditions) == 0 && p.allActions() && p.allResources() && !p.NotPrincipal {
		l.report(p.path, p.name()+" denies everything, always")
	}
}

// allActions and allResources tell whether a statement is for all of them.
func (p *place) allActions() bool   { return !p.NotAction && slices.Contains(p.Actions, "*") }
func (p *place) allResources() bool { return !p.NotResource && slices.Contains(p.Resources, "*") }

func nothingAllowed(l *linter) {
	filter := l.document.Kind == PermissionsBoundary || l.document.Kind == SessionPolicy || l.document.Kind == EndpointPolicy
	if filter && !l.has(Allow) {
		l.report("", fmt.Sprintf("this %v has no Allow and lets nothing pass", l.document.Kind))
	}
}

// has tells whether the document has a statement of an effect.
func (l *linter) has(e Effect) bool {
	return slices.ContainsFunc(l.document.Statements, func(s Statement) bool { return s.Effect == e })
}

func allowBesideDeny(l *linter, p *place) {
	if l.document.Kind == ServiceControlPolicy && p.Effect == Allow && !p.fullAccess() && l.has(Deny) {
		l.report(p.path, p.name()+" allows something in a policy that denies")
	}
}

func allowList(l *linter) {
	if l.document.Kind != ServiceControlPolicy || l.has(Deny) {
		return
	}
	if !slices.ContainsFunc(l.places, (*place).fullAccess) {
		l.report("", "the document lists what is allowed")
	}
}

// fullAccess tells whether a statement allows everything, as FullAWSAccess does.
func (p *place) fullAccess() bool {
	return p.Effect == Allow && len(p.Conditions) == 0 && p.allActions() && p.allResources()
}

func allowNotAction(l *linter, p *place) {
	if p.Effect == Allow && p.NotAction {
		l.report(p.actions(), p.name()+" allows every action but those listed")
	}
}

func allowNotResource(l *linter, p *place) {
	if p.Effect == Allow && p.NotResource {
		l.report(p.resources(), p.name()+" allows every resource but those listed")
	}
}

func denyNotPrincipal(l *linter, p *place) {
	if p.NotPrincipal {
		l.report(p.element("NotPrincipal"), p.name()+" denies everybody but those listed")
	}
}

func publicAccess(l *linter, p *place) {
	public := l.document.Kind == ResourcePolicy || l.document.Kind == TrustPolicy
	if !public || p.Effect != Allow || len(p.Conditions) > 0 {
		return
	}
	for _, who := range p.Principals {
		if who.Type == "*" || slices.Contains(who.Values, "*") {
			l.report(p.element("Principal"), p.name()+" is open to everybody")
			return
		}
	}
}

func noBreakGlass(l *linter, p *place) {
	organization := l.document.Kind == ServiceControlPolicy || l.document.Kind == ResourceControlPolicy
	if !organization || p.Effect != Deny {
		return
	}
	for _, role := range l.options.BreakGlass {
		if !slices.ContainsFunc(p.Conditions, func(c Condition) bool { return exempts(&c, role) }) {
			l.report(p.path, fmt.Sprintf("%s hits the break-glass role %s too", p.name(), role))
		}
	}
}

// exempts tells whether a condition fails for a role, given by its name or ARN.
func exempts(c *Condition, role string) bool {
	negated := []Test{StringNotEquals, StringNotEqualsIgnoreCase, StringNotLike, ArnNotEquals, ArnNotLike}
	if !c.isKey("aws:PrincipalArn") || c.Operator.Set != NoSet || !slices.Contains(negated, c.Operator.Test) {
		return false
	}
	return slices.ContainsFunc(c.Values, func(value string) bool {
		if strings.HasPrefix(role, "arn:") {
			return coversPattern(value, role)
		}
		_, name, ok := strings.Cut(value, ":role/")
		if !ok {
			return false
		}
		return coversPattern(name, role) || coversPattern(name[strings.LastIndexByte(name, '/')+1:], role)
	})
}

func rcpWithoutEffect(l *linter, p *place) {
	if l.document.Kind != ResourceControlPolicy {
		return
	}
	for i, action := range p.Actions {
		if strings.EqualFold(action, "kms:RetireGrant") {
			l.report(p.value(p.actions(), i), p.name()+" cannot deny kms:RetireGrant")
		}
	}
}
