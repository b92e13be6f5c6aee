package policy

import (
	"slices"
	"strings"
)

// isAction tells whether a text is the pattern of actions: a service without wildcards, and a name
// with them; or "*", where the services are not limited.
func (p *parser) isAction(text string) bool {
	if text == "*" {
		return p.grammar.services == nil
	}
	service, name, ok := strings.Cut(text, ":")
	if !ok || service == "" || name == "" || strings.ContainsFunc(service, isNoServiceCharacter) || strings.ContainsFunc(name, isNoActionCharacter) {
		return false
	}
	return p.grammar.services == nil || slices.Contains(p.grammar.services, strings.ToLower(service))
}

// actionForm says what the patterns of actions look like.
func (p *parser) actionForm() string {
	switch services := p.grammar.services; {
	case services == nil:
		return `"*" or service:Name`
	case len(services) == 1:
		return services[0] + ":Name"
	default:
		return "service:Name of a service that supports resource control policies"
	}
}

func isNoServiceCharacter(c rune) bool { return !isAlphanumeric(c) && c != '-' }

func isNoActionCharacter(c rune) bool {
	return !isAlphanumeric(c) && c != '-' && c != '_' && c != '*' && c != '?'
}

// isResource tells whether a text is the pattern of resources: "*", or an ARN. Where an ARN may have
// fewer than six parts depends on the kind of document.
func (p *parser) isResource(text string) bool {
	if text == "*" {
		return true
	}
	if strings.Count(text, ":") < 5 {
		return strings.HasPrefix(text, "arn:") && p.grammar.short(text)
	}
	parts, ok := splitARN(text)
	return ok && parts[1] != "" && parts[2] != "" && parts[5] != ""
}

// resourceForm says what the patterns of resources look like.
func (p *parser) resourceForm() string { return `"*" or arn:partition:service:region:account:resource` }
