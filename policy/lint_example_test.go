package policy_test

import (
	"fmt"

	"github.com/espalier-cloud/espalier/policy"
)

func ExampleLint() {
	text := `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"},
    {"Effect": "Deny", "Action": ["cloudtrail:StopLoging", "cloudtrail:DeleteTrail"], "Resource": "*"}
  ]
}`
	for _, f := range policy.Lint(policy.ServiceControlPolicy, []byte(text), policy.LintOptions{}) {
		fmt.Printf("%d:%d %v: %s\n", f.Start.Line, f.Start.Column, f.Severity, f.Message)
	}
	// Output:
	// 6:5 warning: statement 3 does nothing that statement 2 does not do
	// 6:35 warning: "cloudtrail:StopLoging" is not an action; is "cloudtrail:StopLogging" meant?
}

func ExampleMinify() {
	small, _ := policy.Minify([]byte(`{"Statement": [{"Effect": "Deny", "Action": ["s3:*"], "Resource": "*"}]}`))
	fmt.Printf("%s\n", small)
	// Output: {"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}
}
