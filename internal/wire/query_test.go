package wire

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/sts"
)

// shapes has a member of every kind that a form can hold, also those that no model uses today.
type shapes struct {
	Text  *string          `json:"Text"`
	Count *int32           `json:"Count"`
	Flag  *bool            `json:"Flag"`
	Since time.Time        `json:"Since"`
	Names []string         `json:"Names"`
	Tags  []iam.Tag        `json:"Tags"`
	Sizes map[string]int32 `json:"Sizes"`
}

func TestDecodeForm(t *testing.T) {
	tests := map[string]struct {
		form string
		want any
	}{
		"nothing":         {"Action=GetUser", &iam.GetUserInput{}},
		"scalar":          {"RoleName=a%20b", &iam.GetRoleInput{RoleName: "a b"}},
		"empty":           {"Text=", &shapes{Text: new("")}},
		"integer":         {"Count=-5", &shapes{Count: new(int32(-5))}},
		"boolean":         {"Flag=false", &shapes{Flag: new(bool)}},
		"time":            {"Since=2021-09-08T17:22:08Z", &shapes{Since: time.Date(2021, 9, 8, 17, 22, 8, 0, time.UTC)}},
		"list":            {"Names.member.1=a&Names.member.2=b", &shapes{Names: []string{"a", "b"}}},
		"empty list":      {"Names=", &shapes{Names: []string{}}},
		"structures":      {"Tags.member.1.Key=k&Tags.member.1.Value=v", &shapes{Tags: []iam.Tag{{Key: "k", Value: new("v")}}}},
		"map":             {"Sizes.entry.1.key=a&Sizes.entry.1.value=1&Sizes.entry.2.key=b&Sizes.entry.2.value=2", &shapes{Sizes: map[string]int32{"a": 1, "b": 2}}},
		"unknown":         {"Other.member.7=a&Text=b", &shapes{Text: new("b")}},
		"session request": {"RoleArn=arn&RoleSessionName=s&DurationSeconds=900", &sts.AssumeRoleInput{RoleArn: "arn", RoleSessionName: "s", DurationSeconds: new(int32(900))}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := emptyLike(test.want)
			form, err := url.ParseQuery(test.form)
			if err != nil {
				t.Fatal(err)
			}
			if err := decodeForm(form, got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeFormRefuses(t *testing.T) {
	const (
		gap  = "The elements of a list or map must be numbered from 1 without a gap."
		list = "A value was found where a list or map is expected."
	)
	tests := map[string]struct {
		form, message string
	}{
		"gap":                   {"Names.member.1=a&Names.member.3=b", gap},
		"from zero":             {"Names.member.0=a", gap},
		"huge index":            {"Names.member.4294967296=a", gap},
		"leading zero":          {"Names.member.01=a", gap},
		"no index":              {"Names.member.=a", gap},
		"no member":             {"Names.1=a", list},
		"value for list":        {"Names=a", list},
		"list and value":        {"Names=a&Names.member.1=a", list},
		"value at member":       {"Names.member=a&Names.member.1=a", list},
		"two kinds of elements": {"Names.member.1=a&Names.other.1=a", list},
		"structure for scalar":  {"Text.member.1=a", "Start of structure or map found where not expected."},
		"scalar for structure":  {"Tags.member.1=a", "A value was found where a structure is expected."},
		"no integer":            {"Count=five", "STRING_VALUE can not be converted to an Integer"},
		"integer out of range":  {"Count=2147483648", "STRING_VALUE can not be converted to an Integer"},
		"no boolean":            {"Flag=yes", "STRING_VALUE can not be converted to a Boolean"},
		"no time":               {"Since=5", "STRING_VALUE can not be converted to a Timestamp"},
		"no UTF-8":              {"Text=%ff", "A parameter is not valid UTF-8."},
		"too deep":              {strings.Repeat("a.", 20) + "a=1", "A parameter is nested too deeply."},
		"no key":                {"Sizes.entry.1.value=1", "An entry of a map lacks its key or its value."},
		"key twice":             {"Sizes.entry.1.key=a&Sizes.entry.1.value=1&Sizes.entry.2.key=a&Sizes.entry.2.value=2", "A map has a key twice."},
		"bad map value":         {"Sizes.entry.1.key=a&Sizes.entry.1.value=x", "STRING_VALUE can not be converted to an Integer"},
		"value for map":         {"Sizes=a", list},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			form, err := url.ParseQuery(test.form)
			if err != nil {
				t.Fatal(err)
			}
			err = decodeForm(form, new(shapes))
			var e Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if want := malformedForm(test.message); e != want {
				t.Errorf("got %v, want %v", e, want)
			}
		})
	}
}

// FuzzForm reads arbitrary forms into the input of every operation.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{``, `RoleName=a`, `Tags.member.1.Key=k&Tags.member.1.Value=v`, `Tags=`, `TagKeys.member.2=a`, `A..B=1`, `PolicyArns.member.1.arn=a`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, s := range Services() {
			for name, op := range s.Operations {
				q, err := formCall(s.Name, body).route()
				if err != nil && q.form == nil {
					return // no form at all
				}
				in := op.New()
				if err := decodeForm(q.form, in); err != nil {
					var e Error
					if !errors.As(err, &e) {
						t.Errorf("%s: %v is no wire error", name, err)
					}
					continue
				}
				answerable(t, s, in)
			}
		}
	})
}
