package wire

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/sts"
)

// operationModel is what a model says of an operation.
type operationModel struct {
	Output *struct {
		ResultWrapper string `json:"resultWrapper"`
	} `json:"output"`
	Errors []struct{} `json:"errors"`
}

// operationsOf returns the operations of the model of a service, and of its supplement where it has one.
func operationsOf(t *testing.T, name string) map[string]operationModel {
	t.Helper()
	all := map[string]operationModel{}
	for _, file := range []string{"../api/" + name + ".json", "../api/supplement/" + name + ".json"} {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && len(all) > 0 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var model struct {
			Operations map[string]operationModel `json:"operations"`
		}
		if err := json.Unmarshal(text, &model); err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, model.Operations)
	}
	return all
}

// TestEveryOperationIsThere compares the generated tables with the models.
func TestEveryOperationIsThere(t *testing.T) {
	for _, s := range Services() {
		name := s.Name
		operations := operationsOf(t, name)
		if len(s.Operations) != len(operations) {
			t.Errorf("%s: %d operations of %d", s.Name, len(s.Operations), len(operations))
		}
		for op, m := range operations {
			d := s.Operations[op]
			if d == nil {
				t.Errorf("%s: no %s", name, op)
				continue
			}
			if d.Name != op || d.NoOutput != (m.Output == nil) || len(d.Errors) != len(m.Errors) {
				t.Errorf("%s: %s is described as %+v", name, op, d)
			}
			if m.Output != nil && d.ResultWrapper != m.Output.ResultWrapper {
				t.Errorf("%s: %s has the wrapper %q", name, op, d.ResultWrapper)
			}
			if in := reflect.TypeOf(d.New()).Elem().Name(); in != op+"Input" {
				t.Errorf("%s: %s takes %s", name, op, in)
			}
			if out := reflect.TypeOf(d.NewOutput()).Elem().Name(); out != op+"Output" {
				t.Errorf("%s: %s answers %s", name, op, out)
			}
		}
	}
}

// TestValidateIsTotal validates the empty input of every operation. Only what is required is wrong.
func TestValidateIsTotal(t *testing.T) {
	for _, s := range Services() {
		name := s.Name
		for op, d := range s.Operations {
			for _, v := range d.New().Validate() {
				if v.Kind != api.Required || v.Shape == "" || len(v.Path) != 1 {
					t.Errorf("%s: %s: %+v", name, op, v)
				}
			}
		}
	}
}

func TestExceptions(t *testing.T) {
	tests := map[string]struct {
		err    api.Error
		code   string
		status int
	}{
		"code is the name":   {&organizations.AccountNotFoundException{Message: "m"}, "AccountNotFoundException", 400},
		"fault":              {&organizations.ServiceException{Message: "m"}, "ServiceException", 500},
		"code of its own":    {&iam.NoSuchEntityException{Message: "m"}, "NoSuchEntity", 404},
		"nothing in a model": {&cloudtrail.InvalidMaxResultsException{Message: "m"}, "InvalidMaxResultsException", 400},
		"forbidden":          {&account.AccessDeniedException{Message: "m"}, "AccessDeniedException", 403},
		"sts":                {&sts.RegionDisabledException{Message: "m"}, "RegionDisabledException", 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if e := test.err; e.ErrorCode() != test.code || e.HTTPStatus() != test.status || e.ErrorMessage() != "m" || e.Error() != test.code+": m" {
				t.Errorf("%s with status %d: %s", e.ErrorCode(), e.HTTPStatus(), e)
			}
		})
	}
}

func TestEnumerations(t *testing.T) {
	values := organizations.PolicyType("").Values()
	if len(values) != 14 || !slices.Contains(values, organizations.PolicyTypeTagPolicy) {
		t.Errorf("policy types: %v", values)
	}
	values[0] = "changed"
	if organizations.PolicyType("").Values()[0] == "changed" {
		t.Error("the values of an enumeration can be changed")
	}
}

// TestShapes pins how the members of structures are typed.
func TestShapes(t *testing.T) {
	tests := map[string]struct{ of, want any }{
		"required and never empty":   {organizations.AttachPolicyInput{}.PolicyId, ""},
		"required and perhaps empty": {organizations.CreatePolicyInput{}.Description, (*string)(nil)},
		"optional":                   {organizations.OrganizationalUnit{}.Name, (*string)(nil)},
		"integer":                    {organizations.ListAccountsInput{}.MaxResults, (*int32)(nil)},
		"boolean":                    {organizations.PolicySummary{}.AwsManaged, (*bool)(nil)},
		"enumeration":                {organizations.PolicySummary{}.Type, (*organizations.PolicyType)(nil)},
		"structure":                  {organizations.DescribeAccountOutput{}.Account, (*organizations.Account)(nil)},
		"list of structures":         {organizations.ListAccountsOutput{}.Accounts, []organizations.Account(nil)},
		"list of strings":            {organizations.Account{}.Paths, []string(nil)},
		"map":                        {iam.GetAccountSummaryOutput{}.SummaryMap, map[iam.SummaryKeyType]int32(nil)},
	}
	for name, test := range tests {
		if got, want := reflect.TypeOf(test.of), reflect.TypeOf(test.want); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
