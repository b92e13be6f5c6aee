package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/espalier-cloud/espalier/policy"
)

func TestKnowingOnly(t *testing.T) {
	const (
		version = `"Version": "2012-10-17", `
		deny    = `{"Effect": "Deny", "Action": "s3:*", "Resource": "*"`
		allow   = `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"`
		told    = `"StringEquals": {"aws:principalarn": "${AWS:PrincipalAccount}/${*}"}`
		asks    = `"StringNotEquals": {"aws:SourceIp": "x"}`
		varies  = `"StringLike": {"aws:PrincipalArn": ["x", "${aws:username, 'y'}"]}`
		other   = `"arn:aws:s3:::${aws:username}"`
		known   = `"arn:aws:s3:::${aws:PrincipalAccount}"`
	)
	tests := map[string]struct{ document, want string }{
		"known":                     {deny + `, "Condition": {` + told + `}},` + allow + `, "Condition": {` + told + `}}`, deny + `, "Condition": {` + told + `}},` + allow + `, "Condition": {` + told + `}}`},
		"a condition":               {deny + `, "Condition": {` + told + `,` + asks + `}},` + allow + `, "Condition": {` + told + `,` + asks + `}}`, deny + `, "Condition": {` + told + `}}`},
		"a variable in a condition": {deny + `, "Condition": {` + varies + `}},` + allow + `, "Condition": {` + varies + `}}`, deny + `}`},
		"a variable in a resource": {
			`{"Effect": "Deny", "Action": "s3:*", "NotResource": ` + other + `}, {"Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::x", ` + other + `]},` +
				`{"Effect": "Allow", "Action": "s3:*", "Resource": ` + other + `}, {"Effect": "Deny", "Action": "s3:*", "Resource": ` + known + `}`,
			deny + `},` + deny + `}, {"Effect": "Deny", "Action": "s3:*", "Resource": ` + known + `}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			document := parsed(t, `{`+version+`"Statement": [`+tt.document+`]}`)
			before := *parsed(t, `{`+version+`"Statement": [`+tt.document+`]}`)
			got := document.KnowingOnly("AWS:PrincipalArn", "aws:PrincipalAccount")
			want := parsed(t, `{`+version+`"Statement": [`+tt.want+`]}`)
			same := cmp.Options{cmpopts.IgnoreTypes(policy.Position{}), cmpopts.IgnoreFields(policy.Document{}, "Size"), cmpopts.EquateEmpty()}
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(&before, document); diff != "" {
				t.Errorf("the document itself changed: %s", diff)
			}
		})
	}
	older := parsed(t, `{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": `+other+`}}`)
	if len(older.KnowingOnly().Statements) != 1 {
		t.Error("a variable counts in a version that has none")
	}
}

func parsed(t *testing.T, text string) *policy.Document {
	t.Helper()
	d, err := policy.Parse(policy.IdentityPolicy, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}
