package policy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// everybody is the principal that stands for everyone.
const everybody = "*"

// principals reads a Principal or NotPrincipal element: everybody, or principals by type.
func (p *parser) principals() []Principals {
	at := p.here()
	expected := p.principalForm()
	if p.peek() == '"' {
		if text := p.next(); text != everybody || !p.grammar.namesEverybody() {
			p.report(at, "the value is "+quote(text), expected)
		}
		return []Principals{{Type: everybody, Values: []string{everybody}}}
	}
	if !p.is(expected, '{') {
		return nil
	}
	var all []Principals
	named := false
	p.members(func(name string, at Position) {
		named = true
		c, ok := p.grammar.principals[name]
		switch {
		case !ok:
			p.report(at, "unknown type of principal "+quote(name), p.principalTypes())
		case p.grammar.onePrincipal && p.peek() == '[':
			p.is(c.expected, '"')
		default:
			all = append(all, Principals{Type: name, Values: p.texts(c)})
		}
	})
	if !named {
		p.report(at, "no principal is named", expected)
	}
	return all
}

// principalForm says what a Principal element looks like.
func (p *parser) principalForm() string {
	if p.grammar.namesEverybody() {
		return `"*" or an object with ` + p.principalTypes()
	}
	return "an object with " + p.principalTypes()
}

func (p *parser) principalTypes() string {
	return strings.Join(slices.Sorted(maps.Keys(p.grammar.principals)), ", ")
}

// namesEverybody tells whether the principal may be everybody.
func (g *grammar) namesEverybody() bool { return g.principals["AWS"].ok(everybody) }

// The forms of principals in policies. The account "cloudfront" owns the origin access identities of
// Amazon CloudFront.
var (
	awsPrincipal      = regexp.MustCompile(`^(\d{12}|arn:[a-z-]+:(iam::(\d{12}|cloudfront):(root|(user|role)/[^*?]+)|sts::\d{12}:(assumed-role/[^*?/]+/[^*?/]+|federated-user/[^*?]+)))$`)
	hostName          = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	federatedProvider = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:(saml|oidc)-provider/[^*?]+$`)
	canonicalUser     = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func isEverybody(text string) bool { return text == everybody }

func isAWSPrincipal(text string) bool { return isEverybody(text) || isNamedAWSPrincipal(text) }

func isNamedAWSPrincipal(text string) bool { return awsPrincipal.MatchString(text) }

func isServicePrincipal(text string) bool { return hostName.MatchString(text) }

func isCanonicalUser(text string) bool { return canonicalUser.MatchString(text) }

func isFederatedPrincipal(text string) bool {
	host, path, _ := strings.Cut(text, "/")
	return federatedProvider.MatchString(text) || hostName.MatchString(host) && !strings.ContainsAny(path, "*?")
}
