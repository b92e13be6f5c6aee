package identity

import (
	"fmt"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

func TestTrusts(t *testing.T) {
	root := Caller{Account: "222222222222", Type: Root, ARN: "arn:aws:iam::222222222222:root"}
	alice := Caller{Account: "222222222222", Type: IAMUser, ARN: "arn:aws:iam::222222222222:user/alice"}
	session := Caller{Account: "222222222222", Type: AssumedRole, ARN: "arn:aws:sts::222222222222:assumed-role/R/s",
		Role: &SessionIssuer{ARN: "arn:aws:iam::222222222222:role/p/R", Name: "R", SessionName: "s"}}
	stranger := Caller{Account: "333333333333", Type: Root, ARN: "arn:aws:iam::333333333333:root"}

	everybody := []Caller{root, alice, session, stranger}
	own := []Caller{root, alice, session}
	allow := func(rest string) string {
		return `{"Version":"2012-10-17","Statement":{"Sid":"s","Effect":"Allow",` + rest + `}}`
	}
	withDeny := func(rest string) string {
		return `{"Id":"i","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:*"},{"Effect":"Deny",` + rest + `}]}`
	}
	const action = `,"Action":"sts:AssumeRole"`
	for _, tt := range []struct {
		name       string
		document   string
		externalID string
		want       []Caller
	}{
		{"account", allow(`"Principal":{"AWS":"222222222222"}` + action), "", own},
		{"account's ARN", allow(`"Principal":{"AWS":["arn:aws:iam::222222222222:root"]}` + action), "", own},
		{"user", allow(`"Principal":{"AWS":"arn:aws:iam::222222222222:user/alice"}` + action), "", []Caller{alice}},
		{"role", allow(`"Principal":{"AWS":"arn:aws:iam::222222222222:role/p/R"}` + action), "", []Caller{session}},
		{"role of another path", allow(`"Principal":{"AWS":"arn:aws:iam::222222222222:role/R"}` + action), "", nil},
		{"session", allow(`"Principal":{"AWS":"arn:aws:sts::222222222222:assumed-role/R/s"}` + action), "", []Caller{session}},
		{"everybody", allow(`"Principal":"*"` + action), "", everybody},
		{"every AWS principal", allow(`"Principal":{"AWS":"*"},"Action":["sts:*"]`), "", everybody},
		{"service", allow(`"Principal":{"Service":"organizations.amazonaws.com"}` + action), "", nil},
		{"other action", allow(`"Principal":"*","Action":"sts:TagSession"`), "", nil},
		{"action in other case", allow(`"Principal":"*","Action":"STS:assumerole"`), "", everybody},
		{"pattern of actions", allow(`"Principal":"*","Action":"sts:Assume*"`), "", everybody},
		{"external id", allow(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":["a","b"]}}` + action), "b", everybody},
		{"pattern of external ids", allow(`"Principal":"*","Condition":{"StringLike":{"sts:externalid":"b*"}}` + action), "b", everybody},
		{"wrong external id", allow(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "b", nil},
		{"missing external id", allow(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "", nil},
		{"role by condition", allow(`"Principal":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/p/*"}}` + action), "", []Caller{session}},
		{"account by condition", allow(`"Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"222222222222"}}` + action), "", []Caller{stranger}},
		{"condition on what is not told", allow(`"Principal":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}` + action), "", nil},
		{"no condition in it", allow(`"Principal":"*","Condition":{"StringEquals":{}}` + action), "", everybody},
		{"deny one", withDeny(`"Principal":{"AWS":"arn:aws:iam::222222222222:user/alice"}` + action), "", []Caller{root, session, stranger}},
		{"deny all but one", withDeny(`"NotPrincipal":{"AWS":"arn:aws:iam::222222222222:user/alice"}` + action), "", []Caller{alice}},
		{"deny a service", withDeny(`"Principal":{"Service":"organizations.amazonaws.com"}` + action), "", everybody},
		{"deny by external id", withDeny(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "a", nil},
		{"deny by another external id", withDeny(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "b", everybody},
		{"deny by what is not told", withDeny(`"Principal":{"AWS":"333333333333"},"Condition":{"Bool":{"x":"y"}}` + action), "", own},
		{"no trust policy", `{"Statement":[]}`, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var given *string
			if tt.externalID != "" {
				given = &tt.externalID
			}
			var got []Caller
			for _, by := range everybody {
				if trusts(t, tt.document, by, given) {
					got = append(got, by)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("allowed are %+v, want %+v", got, tt.want)
			}
		})
	}
	if trusts(t, allow(`"Principal":"*"`+action), Caller{ARN: "nobody"}, nil) {
		t.Error("somebody without an ARN is trusted")
	}
}

// trusts tells whether a role with a trust policy trusts a caller.
func trusts(t *testing.T, document string, by Caller, externalID *string) bool {
	return newDraft(t).Account().Trusts(&Role{Entity: Entity{Name: "R", Path: "/"}, TrustPolicy: document}, by, externalID)
}

func TestMalformedTrustPolicy(t *testing.T) {
	for _, tt := range []struct{ document, text string }{
		{``, "This policy contains invalid Json"},
		{`{`, "This policy contains invalid Json"},
		{`{"Statement":[],"Statement":[]}`, "This policy contains invalid Json"},
		{`[]`, "Syntax errors in policy."},
		{`{}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"allow","Principal":"*","Action":"sts:AssumeRole"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}`, "Syntax errors in policy."},
	} {
		wantRefusal(t, checkDocument(policy.TrustPolicy, tt.document), MalformedPolicyDocument, tt.text)
	}
}

func FuzzTrusts(f *testing.F) {
	f.Add(`{"Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"sts:AssumeRole"}}`)
	f.Add(`{"Statement":[{"Effect":"Deny","Principal":"*","Action":["sts:*"],"Condition":{"StringEquals":{"sts:ExternalId":["a"]}}}]}`)
	by := Caller{Account: "222222222222", Type: Root, ARN: "arn:aws:iam::222222222222:root"}
	f.Fuzz(func(t *testing.T, document string) {
		if trusts(t, document, by, nil) && checkDocument(policy.TrustPolicy, document) != nil {
			t.Error("a malformed document is trusted")
		}
	})
}
