package effective

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// field is what a schema says of one member: of a container, which has members,
// or of a setting, which has operators. Restrictions of names and of single
// values are checked when a policy is admitted, those of presence, number and
// combination in the effective policy only.
type field struct {
	Ref      string `json:"ref"`      // the definition that says the rest
	Expected string `json:"expected"` // what names or pattern is about

	// Of a container.
	Keys       map[string]*field `json:"keys"`       // members with fixed names
	Each       *field            `json:"each"`       // members with names that a policy chooses
	Names      string            `json:"names"`      // expression that chosen names match; expected says it in words
	KeepCase   bool              `json:"keepCase"`   // chosen names are shown as first spelled, otherwise in lower case
	Required   []string          `json:"required"`   // fixed names that may not be missing
	MaxMembers int               `json:"maxMembers"` // how many members there may be
	MaxUses    map[string]int    `json:"maxUses"`    // in how many members a list may name the same value
	Conflicts  []conflict        `json:"conflicts"`  // settings that exclude each other
	Block      bool              `json:"block"`      // errors of combination below are reported for this container

	// Of a setting.
	Value    kind     `json:"value"`
	Enum     []string `json:"enum"`    // the values that there are
	Pattern  string   `json:"pattern"` // expression that values match; expected says it in words
	SameAs   string   `json:"sameAs"`  // "key": the value is the name of the container, in any case
	Min      *int64   `json:"min"`
	Max      *int64   `json:"max"`
	MinItems int      `json:"minItems"`
	MaxItems int      `json:"maxItems"`
	Default  []string `json:"default"` // shown when nothing sets it; "$key" is the name of the container

	slots    map[string]slot // of Keys, by folded names
	defaults []slot          // the settings of Keys that have one, by names
	names    *regexp.Regexp
	pattern  *regexp.Regexp
	checked  bool // whether it, or a member below it, restricts effective policies
}

// slot is a member with a fixed name.
type slot struct {
	name  *name
	field *field
}

// kind is what the value of a setting is. AWS takes scalars for each other and
// shows them all as strings.
type kind string

const (
	aString  kind = "string"
	aNumber  kind = "number" // an integer
	aBoolean kind = "boolean"
	aList    kind = "list" // of scalars
	anything kind = "any"  // a container or a setting whose inside is not documented
)

func (f *field) isSetting() bool { return f.Value != "" }

// operators returns what a policy may do to the setting.
func (f *field) operators() operators {
	if f.Value == aList {
		return allOperators
	}
	return assigning
}

// member returns what the schema says of a member of a container: its name, for
// matching and showing, and its field. The field is nil for a name that the
// schema does not have.
func (f *field) member(text string) (*name, *field) {
	folded := fold(text)
	if f == nil {
		return newName(folded, folded), nil
	}
	if slot, fixed := f.slots[folded]; fixed {
		return slot.name, slot.field
	}
	if !f.KeepCase {
		text = folded
	}
	if f.Each == nil || text == "" || f.names != nil && !f.names.MatchString(folded) {
		return newName(folded, text), nil
	}
	return newName(folded, text), f.Each
}

// expectedMembers says which members a container takes.
func (f *field) expectedMembers() string {
	expected := slices.Sorted(maps.Keys(f.Keys))
	if f.Each != nil {
		expected = append(expected, cmp.Or(f.Expected, "a name"))
	}
	return strings.Join(expected, ", ")
}

// compiler prepares the fields of a schema and finds what is wrong with them.
type compiler struct {
	definitions map[string]*field
	done        map[*field]bool // definitions are met more than once
}

func (c compiler) compile(path string, f *field) (err error) {
	if c.done[f] {
		return nil
	}
	c.done[f] = true
	if f.names, err = compileWhole(f.Names); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if (f.Names != "" || f.Pattern != "") && f.Expected == "" {
		return fmt.Errorf("%s: has an expression, and no words for it", path)
	}
	if f.pattern, err = compileWhole(f.Pattern); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.isSetting() {
		return f.checkSetting(path)
	}
	return c.compileContainer(path, f)
}

func (f *field) checkSetting(path string) error {
	f.checked = f.MinItems > 0 || f.MaxItems > 0
	switch {
	case !slices.Contains([]kind{aString, aNumber, aBoolean, aList, anything}, f.Value):
		return fmt.Errorf("%s: there is no value %q", path, f.Value)
	case f.Keys != nil || f.Each != nil:
		return fmt.Errorf("%s: is a setting and a container", path)
	case f.SameAs != "" && f.SameAs != "key":
		return fmt.Errorf("%s: cannot be the same as %q", path, f.SameAs)
	}
	return nil
}

func (c compiler) compileContainer(path string, f *field) error {
	if f.Keys == nil && f.Each == nil {
		return fmt.Errorf("%s: is neither a setting nor a container", path)
	}
	f.checked = f.Required != nil || f.MaxMembers > 0 || f.MaxUses != nil || f.Conflicts != nil
	f.slots = make(map[string]slot, len(f.Keys))
	for _, text := range slices.Sorted(maps.Keys(f.Keys)) {
		member, err := c.resolve(path+"/"+text, f.Keys[text])
		if err != nil {
			return err
		}
		f.checked = f.checked || member.checked
		f.slots[fold(text)] = slot{newName(fold(text), text), member}
		if member.Default != nil {
			f.defaults = append(f.defaults, f.slots[fold(text)])
		}
	}
	if f.Each != nil {
		var err error
		if f.Each, err = c.resolve(path+"/*", f.Each); err != nil {
			return err
		}
		f.checked = f.checked || f.Each.checked
	}
	return f.checkContainer(path)
}

// resolve follows a reference and compiles what it finds.
func (c compiler) resolve(path string, f *field) (*field, error) {
	if f.Ref != "" {
		defined := c.definitions[f.Ref]
		if defined == nil {
			return nil, fmt.Errorf("%s: there is no definition %q", path, f.Ref)
		}
		f = defined
	}
	return f, c.compile(path, f)
}

func (f *field) checkContainer(path string) error {
	for _, required := range f.Required {
		if _, known := f.slots[required]; !known {
			return fmt.Errorf("%s: requires %q, which it does not have", path, required)
		}
	}
	for _, conflict := range f.Conflicts {
		for _, condition := range conflict {
			if err := condition.check(f); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

// compileWhole compiles an expression that must match a whole string; "" matches everything.
func compileWhole(expression string) (*regexp.Regexp, error) {
	if expression == "" {
		return nil, nil
	}
	return regexp.Compile(`^(?:` + expression + `)$`)
}
