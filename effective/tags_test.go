package effective

import (
	"reflect"
	"testing"
)

const effectiveTags = `{"tags": {
	"costcenter": {
		"tag_key": "CostCenter",
		"tag_value": ["100", "2*", "*0x*"],
		"enforced_for": ["ec2:instance", "sqs:ALL_SUPPORTED", "redshift:*"],
		"report_required_tag_for": ["ec2:ALL_SUPPORTED"]
	},
	"color": {"tag_key": "color", "tag_value": [], "enforced_for": ["dynamodb:table"]},
	"free": {"tag_key": "free", "tag_value": ["*"], "report_required_tag_for": ["s3:bucket"]}
}}`

func TestTagsAreChecked(t *testing.T) {
	rules, err := NewTagRules(effectiveTags)
	if err != nil {
		t.Fatal(err)
	}
	values := []string{"100", "2*", "*0x*"}
	for _, test := range []struct {
		name         string
		resourceType string
		tags         map[string]string
		want         Compliance
	}{
		{"nothing to say", "iam:policy", map[string]string{"owner": "me"}, Compliance{}},
		{"untagged", "iam:policy", nil, Compliance{}},
		{"compliant", "ec2:instance", map[string]string{"CostCenter": "2", "free": ""}, Compliance{Compliant: []string{"CostCenter", "free"}}},
		{"wrong key", "ec2:instance", map[string]string{"costcenter": "200"},
			Compliance{Noncompliant: []Noncompliance{{Key: "costcenter", Value: "200", WrongKey: "CostCenter", Enforced: true}}}},
		{"wrong value", "ec2:volume", map[string]string{"CostCenter": "300"},
			Compliance{Noncompliant: []Noncompliance{{Key: "CostCenter", Value: "300", WrongValue: values}}}},
		{"all of a service", "sqs:queue", map[string]string{"CostCenter": ""},
			Compliance{Noncompliant: []Noncompliance{{Key: "CostCenter", WrongValue: values, Enforced: true}}}},
		{"all of a service as once written", "redshift:cluster", map[string]string{"CostCenter": "20", "COSTCENTER": "1"},
			Compliance{
				Compliant:    []string{"CostCenter"},
				Noncompliant: []Noncompliance{{Key: "COSTCENTER", Value: "1", WrongKey: "CostCenter", WrongValue: values, Enforced: true}},
			}},
		{"no value may be", "dynamodb:table", map[string]string{"color": "red"},
			Compliance{Noncompliant: []Noncompliance{{Key: "color", Value: "red", WrongValue: []string{}, Enforced: true}}}},
		{"missing", "ec2:instance", map[string]string{"color": "red"},
			Compliance{Noncompliant: []Noncompliance{{Key: "color", Value: "red", WrongValue: []string{}}}, Missing: []string{"CostCenter"}}},
		{"missing of one type", "s3:bucket", nil, Compliance{Missing: []string{"free"}}},
		{"not missing", "ec2:instance", map[string]string{"COSTCENTER": "100"},
			Compliance{Noncompliant: []Noncompliance{{Key: "COSTCENTER", Value: "100", WrongKey: "CostCenter", Enforced: true}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := rules.Check(test.resourceType, test.tags)
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			refused, isRefused := got.Refused()
			if isRefused != (len(test.want.Noncompliant) > 0 && test.want.Noncompliant[0].Enforced) || isRefused && refused.Key == "" {
				t.Errorf("refused is %+v, %v", refused, isRefused)
			}
		})
	}
}

func TestWildcardsOfTagValues(t *testing.T) {
	for _, test := range []struct {
		pattern, value string
		want           bool
	}{
		{"*", "", true}, {"a*", "a", true}, {"a*a", "a", false}, {"a*a", "aa", true}, {"*@example.com", "me@example.com", true},
		{"*@example.com", "example.com", false}, {"a", "A", false}, {"", "", true}, {"", "a", false},
	} {
		if got := matchesWildcard(test.pattern, test.value); got != test.want {
			t.Errorf("%q matches %q: %v", test.pattern, test.value, got)
		}
	}
}

func TestNoncomplianceSaysWhatIsWrong(t *testing.T) {
	n := Noncompliance{Key: "env", Value: "dev", WrongKey: "Env", WrongValue: []string{"prod"}}
	if want := `tag "env"="dev": the key must be "Env", and the value must be one of ["prod"]`; n.Error() != want {
		t.Errorf("says %s", n.Error())
	}
}

func TestOnlyEffectiveTagPoliciesAreRules(t *testing.T) {
	for _, content := range []string{``, `{"plans":{}}`, `{"tags":{"a":{"tag_key":{"@@assign":"a"}}}}`} {
		if _, err := NewTagRules(content); err == nil {
			t.Errorf("%s was taken", content)
		}
	}
	if rules, err := NewTagRules(`{}`); err != nil || rules.Check("ec2:instance", map[string]string{"a": ""}).Noncompliant != nil {
		t.Errorf("an empty policy was not taken: %v", err)
	}
}
