package effective

import (
	"fmt"
	"strings"
	"testing"
)

func TestEffectiveTagPoliciesHaveALimit(t *testing.T) {
	var level Level
	for i := range 10 {
		var rules []string
		for j := range 400 {
			rules = append(rules, fmt.Sprintf(`"key-%d-%d":{"tag_value":{"@@assign":["%s"]}}`, i, j, strings.Repeat("v", 60)))
		}
		policy, err := Parse("TAG_POLICY", []byte(`{"tags":{`+strings.Join(rules, ",")+`}}`))
		if err != nil {
			t.Fatal(err)
		}
		level.Policies = append(level.Policies, Attached{fmt.Sprint("p-", i), policy})
	}
	document := Merge("TAG_POLICY", []Level{level})
	want := fmt.Sprintf("Effective policy size is %d bytes, which exceeds the maximum limit of 395000 bytes", len(document.Content))
	if len(document.Errors) != 1 || document.Errors[0].Message != want || document.Errors[0].Path != "tags" || len(document.Errors[0].ContributingPolicies) != 10 {
		t.Errorf("errors are %+v", document.Errors)
	}
}

func TestSchedulesThatFireOftenerThanMonthly(t *testing.T) {
	for schedule, want := range map[string]bool{
		"cron(0 5 1 * ? *)":    false,
		"cron(0 5 L * ? *)":    false,
		"cron(0 5 ? * 2#1 *)":  false,
		"cron(0 5 ? * 6L *)":   false,
		"cron(0 5 1 1 ? *)":    false,
		"cron(0 5 ? * * *)":    true,
		"cron(0 5 ? * MON *)":  true,
		"cron(0 5 1,15 * ? *)": true,
		"cron(0 5 1-3 * ? *)":  true,
		"cron(0 0/12 1 * ? *)": true,
		"cron(0,30 5 1 * ? *)": true,
		"rate(27 days)":        true,
		"rate(28 days)":        false,
		"rate(1 day)":          true,
		"rate(1000 hours)":     true,
		"rate(many days)":      false,
		"cron(0 5 1 * ?)":      false,
		"every day":            false,
		"":                     false,
	} {
		if got := firesOftenerThanMonthly(schedule); got != want {
			t.Errorf("%q fires oftener than monthly: %v", schedule, got)
		}
	}
}

func TestConditionsCompareNumbersOnly(t *testing.T) {
	for value, want := range map[string]bool{"36": true, "35": false, "": false, "many": false} {
		if got := (condition{Above: new(int64(35))}).holds(value); got != want {
			t.Errorf("%q is above 35: %v", value, got)
		}
	}
	for value, want := range map[string]bool{"34": true, "35": false, "many": false} {
		if got := (condition{Below: new(int64(35))}).holds(value); got != want {
			t.Errorf("%q is below 35: %v", value, got)
		}
	}
}

func TestListsHaveALimit(t *testing.T) {
	var teams []string
	for i := range 37 {
		teams = append(teams, fmt.Sprintf(`"%036d"`, i))
	}
	policy, err := Parse("CHATBOT_POLICY", []byte(`{"platforms":{"microsoft_teams":{"tenants":{"t":{"@@assign":[`+strings.Join(teams, ",")+`]}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	document := Merge("CHATBOT_POLICY", []Level{{"r-root", []Attached{{"p-1", policy}}}})
	want := "[{ELEMENTS_TOO_MANY 't' exceeds the allowed maximum limit 36 platforms/microsoft_teams/tenants/t [p-1]}]"
	if got := fmt.Sprint(document.Errors); got != want {
		t.Errorf("errors are %s, want %s", got, want)
	}
}
