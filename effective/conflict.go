package effective

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// conflict is a list of conditions on the settings of a container. When all of
// them hold, the settings are invalid when used together.
type conflict []condition

// condition holds for the value of one setting, or does not. A setting that is
// not set has the value "".
type condition struct {
	Field   string  `json:"field"` // path of the setting below the container; * is any name
	Is      *string `json:"is"`
	IsNot   *string `json:"isNot"`
	Above   *int64  `json:"above"`
	Below   *int64  `json:"below"`
	Over    string  `json:"over"`    // Below is compared with the difference to this setting
	Oftener string  `json:"oftener"` // "monthly": the schedule fires more than once a month
}

var errNoCondition = errors.New("a condition needs exactly one of is, isNot, above, below and oftener")

// check returns what is wrong with a condition on settings below a container.
func (c condition) check(container *field) error {
	tests := 0
	for _, given := range []bool{c.Is != nil, c.IsNot != nil, c.Above != nil, c.Below != nil, c.Oftener == "monthly"} {
		if given {
			tests++
		}
	}
	if tests != 1 {
		return errNoCondition
	}
	for _, path := range []string{c.Field, c.Over} {
		if path != "" && !container.reaches(strings.Split(path, "/")) {
			return fmt.Errorf("there is no setting %q", path)
		}
	}
	return nil
}

// reaches reports whether a path leads from a container to a setting.
func (f *field) reaches(path []string) bool {
	if len(path) == 0 {
		return f.isSetting()
	}
	if path[0] != "*" {
		slot, known := f.slots[path[0]]
		return known && slot.field.reaches(path[1:])
	}
	for _, slot := range f.slots {
		if slot.field.reaches(path[1:]) {
			return true
		}
	}
	return f.Each != nil && f.Each.reaches(path[1:])
}

// found is a setting that meets a condition.
type found struct {
	name  string
	value string
}

func (f found) String() string { return f.name + "=" + f.value }

// conflicting returns the settings below a container that meet all conditions, or nil.
func (c conflict) conflicting(container *node) []found {
	settings := make([]found, 0, len(c))
	for _, condition := range c {
		met := condition.met(container)
		if met == nil {
			return nil
		}
		settings = append(settings, met...)
	}
	return settings
}

// met returns the first setting that meets the condition, and the one that it
// is compared with; nil when there is none.
func (c condition) met(container *node) []found {
	path := strings.Split(c.Field, "/")
	for setting := range container.reach(path) {
		value := setting.scalar()
		if c.holds(value) {
			return []found{{setting.name.text, value}}
		}
		if other, isOver := c.under(value, container); isOver {
			return []found{{setting.name.text, value}, other}
		}
	}
	if (c.Is != nil || c.IsNot != nil) && c.holds("") && !container.has(path) {
		return []found{{path[len(path)-1], ""}}
	}
	return nil
}

// holds reports whether a value meets a condition that speaks of nothing else.
func (c condition) holds(value string) bool {
	switch {
	case c.Is != nil:
		return strings.EqualFold(value, *c.Is)
	case c.IsNot != nil:
		return !strings.EqualFold(value, *c.IsNot)
	case c.Oftener != "":
		return firesOftenerThanMonthly(value)
	}
	number, err := strconv.ParseInt(value, 10, 64)
	return err == nil && (c.Above != nil && number > *c.Above || c.Below != nil && c.Over == "" && number < *c.Below)
}

// under reports whether a value is too close to the setting that it must be over.
func (c condition) under(value string, container *node) (found, bool) {
	if c.Over == "" {
		return found{}, false
	}
	for other := range container.reach(strings.Split(c.Over, "/")) {
		text := other.scalar()
		least, err := strconv.ParseInt(text, 10, 32)
		number, otherErr := strconv.ParseInt(value, 10, 32)
		if err == nil && otherErr == nil && number-least < *c.Below {
			return found{other.name.text, text}, true
		}
	}
	return found{}, false
}

// firesOftenerThanMonthly reports whether a schedule of EventBridge, cron(…) or
// rate(…), may fire twice within 28 days. What it cannot read does not.
func firesOftenerThanMonthly(schedule string) bool {
	if fields, isCron := between(schedule, "cron("); isCron && len(fields) == 6 {
		minute, hour, day, weekday := fields[0], fields[1], fields[2], fields[4]
		once := func(s string) bool { return s != "?" && !strings.ContainsAny(s, "*,-/") }
		oneWeekday := once(weekday) && strings.ContainsAny(weekday, "#L")
		return !once(minute) || !once(hour) || !once(day) && !oneWeekday
	}
	if fields, isRate := between(schedule, "rate("); isRate && len(fields) == 2 {
		n, err := strconv.ParseInt(fields[0], 10, 32)
		return err == nil && (!strings.HasPrefix(fields[1], "day") || n < 28)
	}
	return false
}

// between returns the fields between an opening and the closing parenthesis.
func between(schedule, opening string) ([]string, bool) {
	inner, opens := strings.CutPrefix(schedule, opening)
	inner, closes := strings.CutSuffix(inner, ")")
	return strings.Fields(inner), opens && closes
}
