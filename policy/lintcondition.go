package policy

import (
	"fmt"
	"slices"
	"strings"
)

// reportCondition adds a finding about a condition.
func (l *linter) reportCondition(p *place, c *Condition, problem string) {
	l.report(p.condition(c), fmt.Sprintf("%s %s: %s", c.Operator, c.Key, problem))
}

// reportValues adds a finding about each value of a condition that is wrong.
func (l *linter) reportValues(p *place, c *Condition, wrong func(string) bool, problem string) {
	for i, value := range c.Values {
		if wrong(value) {
			l.report(p.value(p.condition(c), i), fmt.Sprintf("%s %s: %s %s", c.Operator, c.Key, quote(value), problem))
		}
	}
}

// The global services whose requests are in us-east-1 and which hardly any account can do without.
var globalServices = []string{"cloudfront", "iam", "organizations", "route53", "support"}

func regionDeniesGlobal(l *linter, p *place, c *Condition) {
	allowsHome := func(region string) bool { return coversPattern(region, "us-east-1") }
	if p.Effect != Deny || !c.isKey("aws:RequestedRegion") || !c.Operator.Test.negated() || slices.ContainsFunc(c.Values, allowsHome) {
		return
	}
	var hit []string
	for _, service := range globalServices {
		named := slices.ContainsFunc(p.Actions, func(action string) bool {
			prefix, name, _ := strings.Cut(strings.ToLower(action), ":")
			return action == "*" || prefix == service && (p.NotAction || name == "*")
		})
		if named != p.NotAction {
			hit = append(hit, service)
		}
	}
	if len(hit) > 0 {
		l.reportCondition(p, c, "denies the global services "+strings.Join(hit, ", "))
	}
}

func rcpDeniesServices(l *linter, p *place, c *Condition) {
	ours := []string{"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount"}
	if l.document.Kind != ResourceControlPolicy || !c.Operator.Test.negated() || !slices.Contains(ours, strings.ToLower(c.Key)) {
		return
	}
	exempt := slices.ContainsFunc(p.Conditions, func(c Condition) bool {
		return c.isKey("aws:PrincipalIsAWSService") || c.isKey("aws:PrincipalServiceName") || c.isKey("aws:PrincipalServiceNamesList") ||
			c.isKey("aws:SourceOrgID") || c.isKey("aws:SourceAccount")
	})
	if !exempt {
		l.reportCondition(p, c, "AWS services have no such key, and are denied")
	}
}

func unknownConditionKey(l *linter, p *place, c *Condition) {
	prefix, _, _ := strings.Cut(strings.ToLower(c.Key), ":")
	switch {
	case valuesOf(c.Key) != unknownKey:
	case prefix == "aws":
		l.reportCondition(p, c, "no global condition key has this name")
	case prefix != "saml" && !strings.Contains(prefix, ".") && !l.options.Actions.service(prefix):
		l.reportCondition(p, c, "no service has this prefix")
	}
}

func noSetOperator(l *linter, p *place, c *Condition) {
	if c.Operator.Set == NoSet && c.Operator.Test != Null && valuesOf(c.Key) == manyValues {
		l.reportCondition(p, c, "never matches when the key is present, because it has many values")
	}
}

func setOperatorOnOneValue(l *linter, p *place, c *Condition) {
	if c.Operator.Set != NoSet && c.Operator.Test != Null && valuesOf(c.Key) == oneValue {
		l.reportCondition(p, c, "the key has one value")
	}
}

func allowWhenAbsent(l *linter, p *place, c *Condition) {
	if p.Effect == Allow && c.Operator.Set == ForAllValues && !p.requires(c.Key) {
		l.reportCondition(p, c, "holds when the key is absent")
	}
}

func allowIfExists(l *linter, p *place, c *Condition) {
	holds := c.Operator.IfExists || c.Operator.Test.negated()
	if p.Effect == Allow && c.Operator.Set == NoSet && holds && !p.requires(c.Key) {
		l.reportCondition(p, c, "holds when the key is absent")
	}
}

// requires tells whether a condition of the statement demands that a key is present.
func (p *place) requires(key string) bool {
	return slices.ContainsFunc(p.Conditions, func(c Condition) bool {
		present := c.Operator.Test == Null && !slices.ContainsFunc(c.Values, isTrue)
		return c.isKey(key) && present && len(c.Values) > 0
	})
}

func mfaWithoutIfExists(l *linter, p *place, c *Condition) {
	if p.Effect == Deny && c.isKey("aws:MultiFactorAuthPresent") && c.Operator == (Operator{Test: Bool}) && !slices.ContainsFunc(c.Values, isTrue) {
		l.reportCondition(p, c, "does not hold when the key is absent")
	}
}

func invalidOperand(l *linter, p *place, c *Condition) {
	check, ok := operandChecks[c.Operator.Test]
	if !ok {
		return
	}
	wrong := func(v string) bool { return !check.ok(v) && parseTemplate(v, verbatim) == nil }
	l.reportValues(p, c, wrong, "is not "+check.expected)
}

func notABoolean(l *linter, p *place, c *Condition) {
	if c.Operator.Test == Bool || c.Operator.Test == Null {
		wrong := func(v string) bool {
			return !isTrue(v) && !strings.EqualFold(v, "false") && parseTemplate(v, verbatim) == nil
		}
		l.reportValues(p, c, wrong, "is read as false")
	}
}

func wildcardInEquals(l *linter, p *place, c *Condition) {
	equals := []Test{StringEquals, StringNotEquals, StringEqualsIgnoreCase, StringNotEqualsIgnoreCase}
	if slices.Contains(equals, c.Operator.Test) {
		l.reportValues(p, c, l.hasWildcard, "holds a wildcard that is a plain character here")
	}
}

func patternInArnEquals(l *linter, p *place, c *Condition) {
	if c.Operator.Test == ArnEquals || c.Operator.Test == ArnNotEquals {
		l.reportValues(p, c, l.hasWildcard, "is a pattern")
	}
}

// hasWildcard tells whether a value holds a wildcard outside of variables.
func (l *linter) hasWildcard(value string) bool {
	if l.variables() {
		if t := parseTemplate(value, verbatim); t != nil {
			value = strings.NewReplacer("${*}", "", "${?}", "").Replace(value)
		}
	}
	return strings.ContainsAny(value, "*?")
}

func sessionInPrincipalARN(l *linter, p *place, c *Condition) {
	if c.isKey("aws:PrincipalArn") {
		l.reportValues(p, c, func(v string) bool { return strings.Contains(v, ":assumed-role/") }, "is the ARN of a session")
	}
}
