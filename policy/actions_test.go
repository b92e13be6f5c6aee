package policy

import (
	"slices"
	"strings"
	"testing"
)

func names(a *Actions, service string) []string {
	var all []string
	for _, action := range a.services[service] {
		all = append(all, action.name)
	}
	return all
}

func TestKnownActions(t *testing.T) {
	known, err := ParseActions(actionsText)
	if err != nil {
		t.Fatal(err)
	}
	actions := 0
	for service := range known.services {
		names := names(known, service)
		actions += len(names)
		if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("the actions of %s are not in order", service)
		}
		for _, name := range names {
			if strings.ContainsFunc(name, isNoActionCharacter) || strings.ContainsAny(name, "*?") {
				t.Errorf("%s:%s is not an action", service, name)
			}
		}
	}
	if len(known.services) < 400 || actions < 20_000 {
		t.Errorf("%d actions of %d services", actions, len(known.services))
	}
	// Actions that no operation is called like, and a service that no endpoint is called like.
	for _, action := range []string{"s3:ListAllMyBuckets", "iam:PassRole", "sts:TagSession", "execute-api:Invoke", "access-analyzer:CreateAnalyzer", "organizations:LeaveOrganization"} {
		service, name, _ := strings.Cut(action, ":")
		if !known.service(service) || !known.exist(service, name) {
			t.Errorf("%s is not known", action)
		}
	}
	for _, service := range resourceControlServices() {
		if !known.service(service) {
			t.Errorf("%s supports resource control policies and is not known", service)
		}
	}
}

func TestParseActions(t *testing.T) {
	a, err := ParseActions("# comment\n\nS3\tGetObject PutObject\r\ns3\tListBucket\nempty\t\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(a, "s3"), " "); got != "GetObject PutObject ListBucket" || !a.service("empty") {
		t.Errorf("got %v", a.services)
	}
	for _, text := range []string{"s3 GetObject", "s3", "\n#\nsé\tGetObject"} {
		if _, err := ParseActions(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
	if _, err := ParseActions("#\n#\nx"); err == nil || !strings.HasPrefix(err.Error(), "line 3: ") {
		t.Errorf("got %v", err)
	}
}

func TestLintTakesOtherActions(t *testing.T) {
	actions, err := ParseActions("moon\tLand Launch\n")
	if err != nil {
		t.Fatal(err)
	}
	got := findingsText(Lint(ServiceControlPolicy, []byte(document2012(deny(`["moon:Land","moon:Lunch","moon:Fly","s3:*"]`))), LintOptions{Actions: actions}))
	want := `1:77-1:89 warning unknown-action /Statement/0/Action/1: "moon:Lunch" is not an action; is "moon:Launch" meant?
1:90-1:100 warning unknown-action /Statement/0/Action/2: "moon:Fly" is not an action
1:101-1:107 warning unknown-service /Statement/0/Action/3: no service has the prefix "s3"`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"ab", "abc", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2},
	} {
		if got := distance(c.a, c.b, 10); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
	if got := distance("a", "abcdef", 3); got < 3 {
		t.Errorf("got %d, want the limit", got)
	}
}

func TestValuesOf(t *testing.T) {
	for key, want := range map[string]keyValues{
		"aws:PrincipalArn": oneValue, "AWS:PRINCIPALARN": oneValue, "aws:tagkeys": manyValues, "aws:RequestTag/a/b": oneValue,
		"aws:RequestTag": unknownKey, "aws:RequestTag/": oneValue, "aws:Nothing": unknownKey, "s3:prefix": unknownKey,
	} {
		if got := valuesOf(key); got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
}
