package wire

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

func TestDecodeJSON(t *testing.T) {
	moment := time.Date(2021, 9, 8, 17, 22, 8, 678e6, time.UTC)
	tests := map[string]struct {
		body string
		want any
	}{
		"empty body":         {"", &organizations.ListAccountsInput{}},
		"blank body":         {" \n", &organizations.ListAccountsInput{}},
		"null body":          {"null", &organizations.ListAccountsInput{}},
		"empty object":       {"{}", &organizations.ListAccountsInput{}},
		"members":            {`{"NextToken":"a","MaxResults":5}`, &organizations.ListAccountsInput{NextToken: new("a"), MaxResults: new(int32(5))}},
		"empty string":       {`{"NextToken":""}`, &organizations.ListAccountsInput{NextToken: new("")}},
		"null member":        {`{"NextToken":null}`, &organizations.ListAccountsInput{}},
		"unknown member":     {`{"Other":{"a":[1,{}]},"MaxResults":5}`, &organizations.ListAccountsInput{MaxResults: new(int32(5))}},
		"enumeration":        {`{"FeatureSet":"NEW"}`, &organizations.CreateOrganizationInput{FeatureSet: new(organizations.OrganizationFeatureSet("NEW"))}},
		"structure":          {`{"Filter":{"ActionType":"INVITE"}}`, &organizations.ListHandshakesForAccountInput{Filter: &organizations.HandshakeFilter{ActionType: new(organizations.ActionTypeInvite)}}},
		"empty list":         {`{"TagKeys":[]}`, &organizations.UntagResourceInput{TagKeys: []string{}}},
		"list of structures": {`{"Tags":[{"Key":"k","Value":"é\u00e9"}]}`, &organizations.TagResourceInput{Tags: []organizations.Tag{{Key: "k", Value: new("éé")}}}},
		"seconds":            {`{"StartTime":1631121728.678}`, &cloudtrail.LookupEventsInput{StartTime: moment}},
		"exponent":           {`{"StartTime":1.631121728678E9}`, &cloudtrail.LookupEventsInput{StartTime: moment}},
		"ISO 8601":           {`{"StartTime":"2021-09-08T17:22:08.678Z"}`, &cloudtrail.LookupEventsInput{StartTime: moment}},
		"other zone":         {`{"StartTime":"2021-09-08T19:22:08.678+02:00"}`, &cloudtrail.LookupEventsInput{StartTime: moment}},
		"map":                {`{"Sizes":{"a":1,"b":2}}`, &shapes{Sizes: map[string]int32{"a": 1, "b": 2}}},
		"empty map":          {`{"Sizes":{}}`, &shapes{Sizes: map[string]int32{}}},
		"account":            {`{"AccountName":"n"}`, &account.PutAccountNameInput{AccountName: "n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := emptyLike(test.want)
			if err := decodeJSON([]byte(test.body), got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	tests := map[string]struct {
		body, message string
	}{
		"not JSON":                 {"AccountId", "The body is not valid JSON at byte 0."},
		"cut short":                {`{"AccountId":"1`, "The body is not valid JSON at byte 15."},
		"trailing text":            {`{} {}`, "The body has text after the end of the JSON object."},
		"list":                     {`[]`, "Start of list found where not expected."},
		"string":                   {`"a"`, "STRING_VALUE can not be converted to structure or map"},
		"member twice":             {`{"AccountId":"1","AccountId":"2"}`, "The body has a member twice in the same object."},
		"unknown member twice":     {`{"A":1,"A":2}`, "The body has a member twice in the same object."},
		"nested member twice":      {`{"A":{"B":1,"B":2}}`, "The body has a member twice in the same object."},
		"wrong case":               {`{"accountId":"1"}`, "The member AccountId is written accountId."},
		"no UTF-8":                 {"{\"AccountId\":\"\xff\"}", "The body is not valid JSON at byte 14."},
		"lone surrogate":           {`{"AccountId":"\ud800"}`, "The body is not valid JSON at byte 14."},
		"number for string":        {`{"AccountId":1}`, "NUMBER_VALUE can not be converted to a String"},
		"boolean for string":       {`{"AccountId":true}`, "TRUE_VALUE can not be converted to a String"},
		"object for string":        {`{"AccountId":{}}`, "Start of structure or map found where not expected."},
		"list for string":          {`{"AccountId":[]}`, "Start of list found where not expected."},
		"string for integer":       {`{"MaxResults":"5"}`, "STRING_VALUE can not be converted to an Integer"},
		"fraction for integer":     {`{"MaxResults":5.5}`, "NUMBER_VALUE can not be converted to an Integer"},
		"integer out of range":     {`{"MaxResults":2147483648}`, "NUMBER_VALUE can not be converted to an Integer"},
		"string for list":          {`{"Tags":"a"}`, "STRING_VALUE can not be converted to list"},
		"null in list":             {`{"TagKeys":[null]}`, "NULL_VALUE can not be converted to a String"},
		"null structure in list":   {`{"Tags":[null]}`, "NULL_VALUE can not be converted to structure or map"},
		"time out of range":        {`{"StartTime":1e300}`, "NUMBER_VALUE can not be converted to a Timestamp"},
		"time that means absent":   {`{"StartTime":-62135596800}`, "NUMBER_VALUE can not be converted to a Timestamp"},
		"text that is no time":     {`{"StartTime":"now"}`, "STRING_VALUE can not be converted to a Timestamp"},
		"boolean for time":         {`{"StartTime":false}`, "FALSE_VALUE can not be converted to a Timestamp"},
		"too deep":                 {strings.Repeat(`{"a":`, 20_000), "The body is not valid JSON at byte 50000."},
		"null in map":              {`{"Sizes":{"a":null}}`, "NULL_VALUE can not be converted to an Integer"},
		"list for map":             {`{"Sizes":[]}`, "Start of list found where not expected."},
		"key twice in map":         {`{"Sizes":{"a":1,"a":1}}`, "The body has a member twice in the same object."},
		"map cut short":            {`{"Sizes":{`, "The body is not valid JSON at byte 10."},
		"structure from a boolean": {`{"Filter":true}`, "TRUE_VALUE can not be converted to structure or map"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var in struct {
				AccountId  string                         `json:"AccountId"`
				MaxResults *int32                         `json:"MaxResults"`
				Tags       []organizations.Tag            `json:"Tags"`
				TagKeys    []string                       `json:"TagKeys"`
				StartTime  time.Time                      `json:"StartTime"`
				Sizes      map[string]int32               `json:"Sizes"`
				Filter     *organizations.HandshakeFilter `json:"Filter"`
			}
			err := decodeJSON([]byte(test.body), &in)
			var e Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if want := malformed(test.message); e != want {
				t.Errorf("got %v, want %v", e, want)
			}
		})
	}
}

// FuzzJSON reads arbitrary bodies into the input of every operation that takes JSON.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{``, `{}`, `{"AccountId":"111122223333"}`, `{"Tags":[{"Key":"k","Value":""}],"MaxResults":1e9}`, `{"StartTime":1.5E9}`, `{"Target":{"Id":"x","Type":"ACCOUNT"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range Services() {
			for name, op := range s.Operations {
				in := op.New()
				if err := decodeJSON(body, in); err != nil {
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
