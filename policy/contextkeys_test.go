package policy_test

import (
	"slices"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

func TestContextKeys(t *testing.T) {
	parse := func(text string) *policy.Document {
		d, err := policy.Parse(policy.IdentityPolicy, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	const statement = `"Statement":{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::${aws:username}/${*}${aws:PrincipalTag/Team, 'none'}/${home","*"],
		"Condition":{"StringLike":{"s3:prefix":["${aws:UserName}","${aws:userid}","${plain}"],"AWS:SourceIp":"x"}}}}`
	now, before := parse(`{"Version":"2012-10-17",`+statement), parse(`{"Version":"2008-10-17",`+statement)
	other := parse(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:sourceip":"1","aws:SecureTransport":"false"}}}}`)
	for _, test := range []struct {
		documents []*policy.Document
		want      []string
	}{
		{nil, nil},
		{[]*policy.Document{before}, []string{"s3:prefix", "AWS:SourceIp"}},
		{[]*policy.Document{now, other}, []string{"aws:username", "aws:PrincipalTag/Team", "s3:prefix", "aws:userid", "AWS:SourceIp", "aws:SecureTransport"}},
	} {
		if got := policy.ContextKeys(test.documents...); !slices.Equal(got, test.want) {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
