package policy

import "strings"

// arnPattern is a pattern for ARNs. Its parts are matched one by one, so that a star in one part
// does not reach into the next; the sixth part is taken whole.
type arnPattern struct {
	head string // the first parts that hold no wildcard, each with its colon
	name glob
	// variables is the sixth part when it holds any, or the whole ARN.
	variables *template
	// middle are their patterns; nil when all are stars.
	middle *[5]glob
	wild   uint8 // how many parts follow head up to the fifth
	whole  bool  // variables is the whole ARN
	bad    bool  // no ARN fits
}

// compileResource compiles an entry of Resource or NotResource. The parts before the resource part
// compare without regard to case, and policy variables have a meaning in the resource part only.
func compileResource(text string, kind Kind, variables bool) arnPattern {
	head, name, ok := cutHead(text)
	if !ok {
		if text, ok = completeARN(text, kind); !ok {
			return arnPattern{bad: true}
		}
		head, name, _ = cutHead(text)
	}
	p := compileHead(strings.ToLower(head))
	if p.variables = compileTemplate(name, variables, wildcards); p.variables == nil {
		p.name = newGlob(name)
	}
	return p
}

// completeARN adds the parts that a resource pattern lacks, as its kind of policy reads it.
func completeARN(text string, kind Kind) (whole string, ok bool) {
	switch kind {
	case IdentityPolicy, SessionPolicy, PermissionsBoundary:
		ok = true
	case ServiceControlPolicy:
		ok = strings.HasSuffix(text, "*")
	case ResourcePolicy, TrustPolicy, EndpointPolicy, DelegationPolicy:
		ok = strings.ContainsAny(text, "*?")
	case ResourceControlPolicy:
	}
	return text + strings.Repeat(":*", 5-strings.Count(text, ":")), ok
}

// cutHead cuts an ARN behind its fifth colon, and reports whether there is one.
func cutHead(text string) (head, name string, ok bool) {
	colons := 0
	for i := range len(text) {
		if text[i] != ':' {
			continue
		}
		if colons++; colons == 5 {
			return text[:i+1], text[i+1:], true
		}
	}
	return "", "", false
}

// compileHead compiles the first five parts, each with its colon.
func compileHead(text string) arnPattern {
	p := arnPattern{head: text}
	wildcard := firstWildcard(text)
	if wildcard < 0 {
		return p
	}
	p.head = text[:strings.LastIndexByte(text[:wildcard], ':')+1]
	for rest := text[len(p.head):]; rest != ""; p.wild++ {
		var part string
		if part, rest, _ = strings.Cut(rest, ":"); part == "*" {
			continue
		}
		if p.middle == nil {
			p.middle = &[5]glob{anyText, anyText, anyText, anyText, anyText}
		}
		p.middle[p.wild] = newGlob(part)
	}
	return p
}

// matchResource tells whether the resource of a request fits. An action without a resource is
// covered by "*" alone, which is no pattern.
func (p *arnPattern) matchResource(e *evaluation) bool {
	r := &e.request.resource
	if r.none || p.bad || p.variables == nil && !p.name.match(r.parts[5], &e.finder) {
		return false
	}
	return p.matchHead(r.head, e) && (p.variables == nil || e.expander.match(p.variables, &e.request.Context, r.parts[5], &e.finder))
}

// matchHead tells whether the parts before the resource part fit, which are a text with a colon behind each.
func (p *arnPattern) matchHead(text string, e *evaluation) bool {
	return strings.HasPrefix(text, p.head) && (p.middle == nil || p.matchMiddle(text[len(p.head):], e))
}

// matchMiddle is matchHead for the parts that follow the head of the pattern.
func (p *arnPattern) matchMiddle(rest string, e *evaluation) bool {
	for i := range p.wild {
		var part string
		part, rest, _ = strings.Cut(rest, ":")
		if !p.middle[i].match(part, &e.finder) {
			return false
		}
	}
	return true
}

// compileARN compiles the operand of an ARN operator, whose parts all compare with regard to case.
func compileARN(text string, variables bool) arnPattern {
	head, name, ok := cutHead(text)
	ok = ok && strings.HasPrefix(head, "arn:")
	if !ok || strings.Contains(head, "${") {
		if t := compileTemplate(text, variables, wildcards); t != nil {
			return arnPattern{variables: t, whole: true}
		}
	}
	if !ok {
		return arnPattern{bad: true}
	}
	p := compileHead(head)
	if p.variables = compileTemplate(name, variables, wildcards); p.variables == nil {
		p.name = newGlob(name)
	}
	return p
}

// matchARN tells whether an ARN, whose head has a length, fits the operand of a condition. A variable
// without a value fits nothing; an operand that is not an ARN is invalid.
func (p *arnPattern) matchARN(text string, head int, e *evaluation) verdict {
	switch {
	case p.whole:
		return p.matchExpanded(text, e)
	case p.bad:
		return invalid
	case !p.matchHead(text[:head], e):
		return no
	case p.variables != nil:
		return verdictOf(e.expander.match(p.variables, &e.request.Context, text[head:], &e.finder))
	}
	return verdictOf(p.name.match(text[head:], &e.finder))
}

// matchExpanded is matchARN for an operand with variables in its first five parts.
func (p *arnPattern) matchExpanded(text string, e *evaluation) verdict {
	pattern, ok := e.expander.expand(p.variables, &e.request.Context)
	if !ok {
		return no
	}
	patterns, ok := splitARN(pattern)
	if !ok {
		return invalid
	}
	parts, _ := splitARN(text)
	for i := range parts {
		if !matchMarked(patterns[i], parts[i], &e.finder) {
			return no
		}
	}
	return yes
}
