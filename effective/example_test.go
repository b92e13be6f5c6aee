package effective_test

import (
	"errors"
	"fmt"

	"github.com/espalier-cloud/espalier/effective"
)

func mustParse(t effective.Type, content string) *effective.Policy {
	policy, err := effective.Parse(t, []byte(content))
	if err != nil {
		panic(err)
	}
	return policy
}

func Example() {
	root := mustParse("TAG_POLICY", `{"tags": {"CostCenter": {
		"tag_key": {"@@assign": "CostCenter", "@@operators_allowed_for_child_policies": ["@@none"]},
		"tag_value": {"@@assign": ["100", "200"]}
	}}}`)
	account := mustParse("TAG_POLICY", `{"tags": {"costcenter": {
		"tag_key": {"@@assign": "COSTCENTER"},
		"tag_value": {"@@append": ["300"]}
	}}}`)

	document := effective.Merge("TAG_POLICY", []effective.Level{
		{Target: "r-root", Policies: []effective.Attached{{ID: "p-root", Policy: root}}},
		{Target: "123456789012", Policies: []effective.Attached{{ID: "p-account", Policy: account}}},
	})
	fmt.Println(document.Content)
	// Output:
	// {"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["100","200","300"]}}}
}

func ExampleParse() {
	_, err := effective.Parse("S3_POLICY", []byte(`{"s3_attributes": {
  "public_access_block_configuration": {"@@assign": "some"},
  "versioning": {"@@assign": "enabled"}
}}`))
	var defects effective.Defects
	if errors.As(err, &defects) {
		for _, defect := range defects {
			fmt.Println(defect)
		}
	}
	// Output:
	// 2:53: s3_attributes/public_access_block_configuration/@@assign: "some" is not a value of this setting; expected all, none
	// 3:3: s3_attributes/versioning: "versioning" is not known here; expected public_access_block_configuration
}

func ExampleState_Explain() {
	root := mustParse("S3_POLICY", `{"s3_attributes": {"public_access_block_configuration": {
		"@@assign": "all", "@@operators_allowed_for_child_policies": ["@@none"]}}}`)
	account := mustParse("S3_POLICY", `{"s3_attributes": {"public_access_block_configuration": {"@@assign": "none"}}}`)

	state := effective.NewState("S3_POLICY").
		Extend(effective.Level{Target: "r-root", Policies: []effective.Attached{{ID: "p-root", Policy: root}}}).
		Extend(effective.Level{Target: "123456789012", Policies: []effective.Attached{{ID: "p-account", Policy: account}}})
	for _, setting := range state.Explain() {
		for _, value := range setting.Values {
			fmt.Println(setting.Path, "is", value.Value, "by", value.Source.Policy)
		}
		for _, step := range setting.Steps {
			if step.Outcome == effective.Forbidden {
				fmt.Println(step.Source.Policy, "may not", step.Operator, "because of", step.Because[0].Policy)
			}
		}
	}
	// Output:
	// s3_attributes/public_access_block_configuration is all by p-root
	// p-account may not @@assign because of p-root
}

func ExampleDocument() {
	policy := mustParse("BACKUP_POLICY", `{"plans": {"daily": {"regions": {"@@assign": ["us-east-1"]}}}}`)
	document := effective.Merge("BACKUP_POLICY", []effective.Level{
		{Target: "r-root", Policies: []effective.Attached{{ID: "p-daily", Policy: policy}}},
	})
	for _, problem := range document.Errors {
		fmt.Println(problem.Code, problem.Path, problem.Message, problem.ContributingPolicies)
	}
	// Output:
	// KEY_REQUIRED plans/daily 'rules' is missing [p-daily]
	// KEY_REQUIRED plans/daily 'selections' is missing [p-daily]
}

func ExampleTagRules_Check() {
	rules, err := effective.NewTagRules(`{"tags": {"env": {"tag_key": "Env", "tag_value": ["prod", "test*"], "enforced_for": ["ec2:instance"]}}}`)
	if err != nil {
		panic(err)
	}
	compliance := rules.Check("ec2:instance", map[string]string{"Env": "dev", "owner": "me"})
	if refused, is := compliance.Refused(); is {
		fmt.Println(refused)
	}
	// Output:
	// tag "Env"="dev": the value must be one of ["prod" "test*"]
}
