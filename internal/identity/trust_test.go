package identity

import (
	"fmt"
	"testing"
)

func TestTrustPolicy(t *testing.T) {
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
		return `{"Id":"i","Statement":[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny",` + rest + `}]}`
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
		{"root of another service", allow(`"Principal":{"AWS":["arn:aws:sts::222222222222:root"]}` + action), "", nil},
		{"user", allow(`"Principal":{"AWS":"arn:aws:iam::222222222222:user/alice"}` + action), "", []Caller{alice}},
		{"role", allow(`"Principal":{"AWS":"arn:aws:iam::222222222222:role/p/R"}` + action), "", []Caller{session}},
		{"session", allow(`"Principal":{"AWS":"arn:aws:sts::222222222222:assumed-role/R/s"}` + action), "", []Caller{session}},
		{"everybody", allow(`"Principal":"*"` + action), "", everybody},
		{"every AWS principal", allow(`"Principal":{"AWS":"*"},"Action":["sts:*"]`), "", everybody},
		{"service", allow(`"Principal":{"Service":"organizations.amazonaws.com"}` + action), "", nil},
		{"other action", allow(`"Principal":"*","Action":"sts:TagSession"`), "", nil},
		{"action in other case", allow(`"Principal":"*","Action":"STS:assumerole"`), "", everybody},
		{"pattern of actions", allow(`"Principal":"*","Action":"sts:Assume*"`), "", nil},
		{"unique id", allow(`"Principal":{"AWS":["*","AIDAEXAMPLE"]}` + action), "", nil},
		{"pattern of principals", allow(`"Principal":{"AWS":["*","arn:aws:iam::222222222222:user/*"]}` + action), "", nil},
		{"external id", allow(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":["a","b"]}}` + action), "b", everybody},
		{"wrong external id", allow(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "b", nil},
		{"missing external id", allow(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "", nil},
		{"other condition", allow(`"Principal":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}` + action), "", nil},
		{"no condition in it", allow(`"Principal":"*","Condition":{"StringEquals":{}}` + action), "", nil},
		{"NotPrincipal", allow(`"NotPrincipal":"*"` + action), "", nil},
		{"NotAction", allow(`"Principal":"*","NotAction":"iam:*"`), "", nil},
		{"Resource", allow(`"Principal":"*","Resource":"*"` + action), "", nil},
		{"deny one", withDeny(`"Principal":{"AWS":"arn:aws:iam::222222222222:user/alice"}` + action), "", []Caller{root, session, stranger}},
		{"deny a service", withDeny(`"Principal":{"Service":"organizations.amazonaws.com"}` + action), "", everybody},
		{"deny by external id", withDeny(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "a", nil},
		{"deny by another external id", withDeny(`"Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"a"}}` + action), "b", everybody},
		{"deny by what is not understood", withDeny(`"Principal":{"AWS":"AIDAEXAMPLE"}` + action), "", nil},
		{"deny by another condition", withDeny(`"Principal":{"AWS":"333333333333"},"Condition":{"Bool":{"x":"y"}}` + action), "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseTrustPolicy(tt.document)
			must(t, err)
			var got []Caller
			for _, by := range everybody {
				if p.Allows(by, AssumeRoleAction, tt.externalID) {
					got = append(got, by)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("allowed are %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestMalformedTrustPolicy(t *testing.T) {
	for _, tt := range []struct{ document, text string }{
		{``, "This policy contains invalid Json"},
		{`{`, "This policy contains invalid Json"},
		{`[]`, "This policy contains invalid Json"},
		{`{"Statement":[],"Statement":[]}`, "This policy contains invalid Json"},
		{`{"Statement":"x"}`, "This policy contains invalid Json"},
		{`{}`, "Syntax errors in policy."},
		{`{"Statement":[]}`, "Syntax errors in policy."},
		{`{"statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}`, "Syntax errors in policy."},
		{`{"Statement":{}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"allow","Principal":"*","Action":"*"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":1,"Principal":"*","Action":"*"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Action":"*"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":1,"Action":"*"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*","Action":[1]}}`, "Syntax errors in policy."},
	} {
		_, err := ParseTrustPolicy(tt.document)
		wantRefusal(t, err, MalformedPolicyDocument, tt.text)
	}
}

func FuzzTrustPolicy(f *testing.F) {
	f.Add(`{"Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"sts:AssumeRole"}}`)
	f.Add(`{"Statement":[{"Effect":"Deny","Principal":"*","Action":["*"],"Condition":{"StringEquals":{"sts:ExternalId":["a"]}}}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		p, err := ParseTrustPolicy(document)
		if err != nil {
			return
		}
		if p.Allows(Caller{}, "iam:CreateUser", "") && p.Allows(Caller{}, "iam:DeleteUser", "") && len(p.statements) == 0 {
			t.Fatal("allows without a statement")
		}
		p.statements = append(p.statements, trustStatement{deny: true, opaque: true})
		if p.Allows(Caller{Account: "222222222222"}, AssumeRoleAction, "") {
			t.Fatal("a statement that denies does not outweigh the others")
		}
	})
}
