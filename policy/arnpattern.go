package policy

import "strings"

// arnPattern is a pattern for ARNs. Its parts are matched one by one, so that a star in one part
// does not reach into the next; the sixth part is taken whole.
type arnPattern struct {
	everything bool // the Resource "*"
	// head is the text of the first five parts, each with its colon, when none holds a wildcard;
	// parts are their patterns otherwise.
	head  string
	parts *[5]glob
	name  glob
	// variables is the sixth part, or for the operand of a condition the whole ARN, when it holds any.
	variables template
	bad       bool // no ARN fits
}

// compileResource compiles an entry of Resource or NotResource. The parts before the resource part
// compare without regard to case, and policy variables have a meaning in the resource part only.
func compileResource(text string, kind Kind, variables bool) arnPattern {
	if text == "*" {
		return arnPattern{everything: true}
	}
	parts, ok := completeARN(text, kind)
	if !ok {
		return arnPattern{bad: true}
	}
	for i := range 5 {
		parts[i] = strings.ToLower(parts[i])
	}
	if variables {
		if t := parseTemplate(parts[5], wildcards); t != nil {
			p := compileParts(parts, glob{})
			p.variables = t
			return p
		}
	}
	return compileParts(parts, newGlob(parts[5]))
}

// completeARN splits a resource pattern and adds the parts that it lacks, as its kind of policy
// reads it.
func completeARN(text string, kind Kind) (parts [6]string, ok bool) {
	missing := 5 - strings.Count(text, ":")
	if missing > 0 {
		switch kind {
		case IdentityPolicy, SessionPolicy, PermissionsBoundary:
		case ServiceControlPolicy:
			ok = strings.HasSuffix(text, "*")
			if !ok {
				return parts, false
			}
		case ResourcePolicy, TrustPolicy, EndpointPolicy, DelegationPolicy:
			if !strings.ContainsAny(text, "*?") {
				return parts, false
			}
		case ResourceControlPolicy:
			return parts, false
		}
		text += strings.Repeat(":*", missing)
	}
	rest := text
	for i := range 5 {
		parts[i], rest, _ = strings.Cut(rest, ":")
	}
	parts[5] = rest
	return parts, true
}

// compileParts compiles six parts, of which the last is compiled already.
func compileParts(parts [6]string, name glob) arnPattern {
	p := arnPattern{name: name}
	if head := strings.Join(parts[:5], ":") + ":"; !strings.ContainsAny(head, "*?") {
		p.head = head
		return p
	}
	p.parts = new([5]glob)
	for i := range p.parts {
		p.parts[i] = newGlob(parts[i])
	}
	return p
}

// matchResource tells whether the resource of a request fits. An action without a resource is
// covered by "*" alone.
func (p *arnPattern) matchResource(e *evaluation) bool {
	r := &e.request.resource
	if p.everything || r.none || p.bad {
		return p.everything
	}
	if p.parts == nil {
		if r.head != p.head {
			return false
		}
	} else if !p.matchParts(&r.parts, e) {
		return false
	}
	if p.variables == nil {
		return p.name.match(r.parts[5], &e.finder)
	}
	return e.expander.match(p.variables, &e.request.Context, r.parts[5], &e.finder)
}

// matchParts tells whether the parts before the resource part fit.
func (p *arnPattern) matchParts(parts *[6]string, e *evaluation) bool {
	for i := range p.parts {
		if !p.parts[i].everything() && !p.parts[i].match(parts[i], &e.finder) {
			return false
		}
	}
	return true
}

// compileARN compiles the operand of an ARN operator, whose parts all compare with regard to case.
func compileARN(text string, variables bool) arnPattern {
	if variables {
		if t := parseTemplate(text, wildcards); t != nil {
			return arnPattern{variables: t}
		}
	}
	parts, ok := splitARN(text)
	if !ok {
		return arnPattern{bad: true}
	}
	return compileParts(parts, newGlob(parts[5]))
}

// matchARN tells whether an ARN fits the operand of a condition. A variable without a value fits
// nothing; an operand that is not an ARN is invalid.
func (p *arnPattern) matchARN(value *[6]string, e *evaluation) verdict {
	if p.variables != nil {
		return p.matchExpanded(value, e)
	}
	if p.bad {
		return invalid
	}
	if p.parts != nil {
		if !p.matchParts(value, e) {
			return no
		}
	} else if !hasHead(value, p.head) {
		return no
	}
	return verdictOf(p.name.match(value[5], &e.finder))
}

// hasHead tells whether the first five parts of an ARN are those of head.
func hasHead(value *[6]string, head string) bool {
	for i := range 5 {
		n := len(value[i])
		if len(head) <= n || head[:n] != value[i] || head[n] != ':' {
			return false
		}
		head = head[n+1:]
	}
	return head == ""
}

// matchExpanded is matchARN for an operand with variables.
func (p *arnPattern) matchExpanded(value *[6]string, e *evaluation) verdict {
	text, ok := e.expander.expand(p.variables, &e.request.Context)
	if !ok {
		return no
	}
	parts, ok := splitARN(text)
	if !ok {
		return invalid
	}
	for i := range parts {
		if !e.expander.matchText(parts[i], value[i], &e.finder) {
			return no
		}
	}
	return yes
}
