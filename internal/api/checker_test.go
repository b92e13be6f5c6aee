package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChecker(t *testing.T) {
	var (
		name   = TextRule{Shape: "Name", Min: 2, Max: 3}
		secret = TextRule{Shape: "Secret", Max: 3, Sensitive: true}
		id     = TextRule{Shape: "Id", Max: 3, Pattern: NewRegexp(`^(\d)|(x)$`, `^(\d)|(x)$`)}
		colour = TextRule{Shape: "Colour", Enum: []string{"red", "green"}}
		count  = IntegerRule{Shape: "Count", Min: 1, Max: 20}
		names  = ListRule{Shape: "Names", Min: 1, Max: 2}
	)
	path := []string{"M"}
	tests := map[string]struct {
		check func(*Checker)
		want  []Violation
	}{
		"absent":             {func(c *Checker) { Text(c, "M", (*string)(nil), &name); c.Integer("M", nil, &count) }, nil},
		"present":            {func(c *Checker) { c.Require("M", "Name", true) }, nil},
		"missing":            {func(c *Checker) { c.Require("M", "Name", false) }, []Violation{{Kind: Required, Path: path, Shape: "Name"}}},
		"empty and required": {func(c *Checker) { RequiredText(c, "M", "", &name) }, []Violation{{Kind: Required, Path: path, Shape: "Name"}}},
		"short":              {func(c *Checker) { RequiredText(c, "M", "a", &name) }, []Violation{{Kind: MinLength, Path: path, Shape: "Name", Limit: 2, Value: "a"}}},
		"short in code points": {func(c *Checker) { RequiredText(c, "M", "鍵", &name) },
			[]Violation{{Kind: MinLength, Path: path, Shape: "Name", Limit: 2, Value: "鍵"}}},
		"long enough in code points": {func(c *Checker) { RequiredText(c, "M", "鍵鍵鍵", &name) }, nil},
		"long":                       {func(c *Checker) { Text(c, "M", new("abcd"), &name) }, []Violation{{Kind: MaxLength, Path: path, Shape: "Name", Limit: 3, Value: "abcd"}}},
		"few entries":                {func(c *Checker) { Entries(c, "M", map[string]string{}, &names) }, []Violation{{Kind: MinItems, Path: path, Shape: "Names", Limit: 1, Value: "0"}}},
		"no entries":                 {func(c *Checker) { Entries(c, "M", map[string]string(nil), &names) }, nil},
		"keys and values in order": {func(c *Checker) {
			entries := map[string]string{"yyyy": "1", "xxxx": "22222"}
			Texts(c, "M", Keys(entries), &name)
			Texts(c, "M", Values(entries), &name)
		}, []Violation{
			{Kind: MaxLength, Path: path, Shape: "Name", Limit: 3, Value: "xxxx"}, {Kind: MaxLength, Path: path, Shape: "Name", Limit: 3, Value: "yyyy"},
			{Kind: MaxLength, Path: path, Shape: "Name", Limit: 3, Value: "22222"}, {Kind: MinLength, Path: path, Shape: "Name", Limit: 2, Value: "1"},
		}},
		"sensitive": {func(c *Checker) { Text(c, "M", new("abcd"), &secret) }, []Violation{{Kind: MaxLength, Path: path, Shape: "Secret", Limit: 3}}},
		"length before pattern": {func(c *Checker) { Text(c, "M", new("12345"), &id) }, []Violation{
			{Kind: MaxLength, Path: path, Shape: "Id", Limit: 3, Value: "12345"},
			{Kind: Pattern, Path: path, Shape: "Id", Pattern: `^(\d)|(x)$`, Value: "12345"},
		}},
		"every alternative is anchored": {func(c *Checker) { Texts(c, "M", []string{"1", "x", "1!", "!x"}, &id) }, []Violation{
			{Kind: Pattern, Path: path, Shape: "Id", Pattern: `^(\d)|(x)$`, Value: "1!"},
			{Kind: Pattern, Path: path, Shape: "Id", Pattern: `^(\d)|(x)$`, Value: "!x"},
		}},
		"a line break is a character": {func(c *Checker) { Text(c, "M", new("x\n"), &id) }, []Violation{{Kind: Pattern, Path: path, Shape: "Id", Pattern: `^(\d)|(x)$`, Value: "x\n"}}},
		"enumeration":                 {func(c *Checker) { Text(c, "M", new("blue"), &colour) }, []Violation{{Kind: Enum, Path: path, Shape: "Colour", Enum: colour.Enum, Value: "blue"}}},
		"list of an enumeration":      {func(c *Checker) { Texts(c, "M", []string{"red", "Red"}, &colour) }, []Violation{{Kind: ListMember, Path: path, Shape: "Colour", Enum: colour.Enum, Value: "Red"}}},
		"numbers at the limits":       {func(c *Checker) { c.Integer("M", new(int32(1)), &count); c.Integer("M", new(int32(20)), &count) }, nil},
		"too small":                   {func(c *Checker) { c.Integer("M", new(int32(0)), &count) }, []Violation{{Kind: MinValue, Path: path, Shape: "Count", Limit: 1, Value: "0"}}},
		"too great":                   {func(c *Checker) { c.Integer("M", new(int32(21)), &count) }, []Violation{{Kind: MaxValue, Path: path, Shape: "Count", Limit: 20, Value: "21"}}},
		"no list":                     {func(c *Checker) { Items(c, "M", []string(nil), &names) }, nil},
		"too few":                     {func(c *Checker) { Items(c, "M", []string{}, &names) }, []Violation{{Kind: MinItems, Path: path, Shape: "Names", Limit: 1, Value: "0"}}},
		"too many":                    {func(c *Checker) { Items(c, "M", make([]string, 3), &names) }, []Violation{{Kind: MaxItems, Path: path, Shape: "Names", Limit: 2, Value: "3"}}},
		"nested": {func(c *Checker) {
			c.Enter("A")
			c.Enter("B")
			c.Require("C", "Name", false)
			c.Leave()
			c.Require("D", "Name", false)
			c.Leave()
			c.Require("E", "Name", false)
		}, []Violation{
			{Kind: Required, Path: []string{"A", "B", "C"}, Shape: "Name"},
			{Kind: Required, Path: []string{"A", "D"}, Shape: "Name"},
			{Kind: Required, Path: []string{"E"}, Shape: "Name"},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := new(Checker)
			test.check(c)
			if diff := cmp.Diff(test.want, c.Violations()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
