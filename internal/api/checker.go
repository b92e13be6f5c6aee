package api

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Checker collects the violations of one input. The zero Checker is ready. It is called by
// generated code, member by member.
type Checker struct {
	path       []string
	violations []Violation
}

// Violations returns what was found, in the order in which it was found.
func (c *Checker) Violations() []Violation { return c.violations }

// Enter descends into a structure member: what is checked next is inside it.
func (c *Checker) Enter(member string) { c.path = append(c.path, member) }

// Leave returns from the structure last entered.
func (c *Checker) Leave() { c.path = c.path[:len(c.path)-1] }

// Require reports the member as missing unless it is present.
func (c *Checker) Require(member, shape string, present bool) {
	if !present {
		c.add(member, Violation{Kind: Required, Shape: shape})
	}
}

// Items checks the number of elements of a list; nil is absent and breaks nothing.
func Items[E any](c *Checker, member string, list []E, rule *ListRule) {
	if list != nil {
		c.count(member, len(list), rule)
	}
}

// Entries checks the number of entries of a map; nil is absent and breaks nothing.
func Entries[K ~string, V any](c *Checker, member string, entries map[K]V, rule *ListRule) {
	if entries != nil {
		c.count(member, len(entries), rule)
	}
}

func (c *Checker) count(member string, count int, rule *ListRule) {
	switch n := int64(count); {
	case n < rule.Min:
		c.add(member, Violation{Kind: MinItems, Shape: rule.Shape, Limit: rule.Min, Value: strconv.FormatInt(n, 10)})
	case rule.Max > 0 && n > rule.Max:
		c.add(member, Violation{Kind: MaxItems, Shape: rule.Shape, Limit: rule.Max, Value: strconv.FormatInt(n, 10)})
	}
}

// Keys returns the keys of a map in their order.
func Keys[K ~string, V any](entries map[K]V) []K { return slices.Sorted(maps.Keys(entries)) }

// Values returns the values of a map in the order of their keys.
func Values[K ~string, V any](entries map[K]V) []V {
	var values []V
	for _, key := range Keys(entries) {
		values = append(values, entries[key])
	}
	return values
}

// Integer checks a number; nil is absent and breaks nothing.
func (c *Checker) Integer(member string, value *int32, rule *IntegerRule) {
	if value == nil {
		return
	}
	n := int64(*value)
	text := strconv.FormatInt(n, 10)
	switch {
	case n < rule.Min:
		c.add(member, Violation{Kind: MinValue, Shape: rule.Shape, Limit: rule.Min, Value: text})
	case n > rule.Max:
		c.add(member, Violation{Kind: MaxValue, Shape: rule.Shape, Limit: rule.Max, Value: text})
	}
}

// RequiredText checks a required string for which empty is never legal, so that empty is missing.
func RequiredText[S ~string](c *Checker, member string, value S, rule *TextRule) {
	if value == "" {
		c.Require(member, rule.Shape, false)
		return
	}
	c.text(member, string(value), rule, Enum)
}

// Text checks a string; nil is absent and breaks nothing.
func Text[S ~string](c *Checker, member string, value *S, rule *TextRule) {
	if value != nil {
		c.text(member, string(*value), rule, Enum)
	}
}

// Texts checks each string of a list.
func Texts[S ~string](c *Checker, member string, values []S, rule *TextRule) {
	for _, value := range values {
		c.text(member, string(value), rule, ListMember)
	}
}

// text checks one string. A value outside its enumeration is reported as enum.
func (c *Checker) text(member, value string, rule *TextRule, enum Kind) {
	if rule.Enum != nil && !slices.Contains(rule.Enum, value) {
		c.addText(member, value, rule, Violation{Kind: enum, Enum: rule.Enum})
	}
	// Counting is needed only when the bytes could be too many or the code points too few.
	if length := int64(len(value)); length < rule.Min || (rule.Max > 0 && length > rule.Max) || (rule.Min > 1 && length < rule.Min*utf8.UTFMax) {
		length = int64(utf8.RuneCountInString(value))
		switch {
		case length < rule.Min:
			c.addText(member, value, rule, Violation{Kind: MinLength, Limit: rule.Min})
		case rule.Max > 0 && length > rule.Max:
			c.addText(member, value, rule, Violation{Kind: MaxLength, Limit: rule.Max})
		}
	}
	if rule.Pattern != nil && !rule.Pattern.Matches(value) {
		c.addText(member, value, rule, Violation{Kind: Pattern, Pattern: rule.Pattern.String()})
	}
}

func (c *Checker) addText(member, value string, rule *TextRule, v Violation) {
	v.Shape = rule.Shape
	if !rule.Sensitive {
		v.Value = value
	}
	c.add(member, v)
}

func (c *Checker) add(member string, v Violation) {
	v.Path = append(slices.Clone(c.path), member)
	c.violations = append(c.violations, v)
}
