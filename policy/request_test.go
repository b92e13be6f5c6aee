package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestParsePrincipal(t *testing.T) {
	tests := []struct {
		text string
		want Principal
	}{
		{"", Principal{}},
		{"*", Principal{}},
		{"arn:aws:iam::111122223333:root", Principal{Type: RootUser, Account: home}},
		{"arn:aws:iam::111122223333:user/path/ana", Principal{Type: User, Account: home}},
		{"arn:aws-cn:iam::111122223333:role/app", Principal{Type: Role, Account: home}},
		{"arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", Principal{Type: Role, Account: home, ServiceLinked: true}},
		{"arn:aws:sts::111122223333:assumed-role/app/s", Principal{Type: RoleSession, Account: home, Issuer: "arn:aws:iam::111122223333:role/app"}},
		{"arn:aws:sts::111122223333:federated-user/bob", Principal{Type: FederatedUser, Account: home}},
		{"arn:aws:iam::111122223333:saml-provider/idp", Principal{Type: Federated, Account: home}},
		{"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", Principal{Type: Federated, Account: home}},
		{"accounts.google.com", Principal{Type: Federated}},
		{"cloudtrail.amazonaws.com", Principal{Type: Service}},
		{"ec2.amazonaws.com.cn", Principal{Type: Service}},
		{strings.Repeat("0a", 32), Principal{Type: CanonicalUser}},
	}
	for _, tt := range tests {
		if tt.want.Type != Anonymous {
			tt.want.ARN = tt.text
		}
		if got, err := ParsePrincipal(tt.text); err != nil || got != tt.want {
			t.Errorf("%q is %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{
		"ana", "arn:aws:iam", "arn:aws:iam::1:user/ana", "arn:aws:iam::111122223333:user/", "arn:aws:iam::111122223333:group/g", "arn:aws:sts::111122223333:assumed-role/app",
		"arn:aws:s3:::bucket", "not a.principal", "x:y:z:a:b:c",
	} {
		if got, err := ParsePrincipal(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestNewRequest(t *testing.T) {
	tests := []struct{ principal, action, resource, problem string }{
		{"arn:aws:iam::111122223333:user/ana", "s3:GetObject", "arn:aws:s3:::b/k", ""},
		{"arn:aws:iam::111122223333:user/ana", "s3:GetObject", "*", ""},
		{"ana", "s3:GetObject", "*", "principal: "},
		{"*", "GetObject", "*", "action: "},
		{"*", "s3:", "*", "action: "},
		{"*", ":Get", "*", "action: "},
		{"*", "s3:Get*", "*", "action: "},
		{"*", "s3:GetObject", "bucket", "resource: "},
		{"*", "s3:GetObject", "", "resource: "},
	}
	for _, tt := range tests {
		_, err := NewRequest(tt.principal, tt.action, tt.resource)
		if (err == nil) != (tt.problem == "") || err != nil && !strings.HasPrefix(err.Error(), tt.problem) {
			t.Errorf("%v: %v", tt, err)
		}
	}
	r := request(t, "arn:aws:iam::111122223333:user/ana", "S3:GetObject", "arn:aws:s3:::b/k")
	if r.Action() != "S3:GetObject" || r.Resource() != "arn:aws:s3:::b/k" || r.ResourceAccount != home {
		t.Errorf("%q %q %q", r.Action(), r.Resource(), r.ResourceAccount)
	}
	if r := request(t, "*", "sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:q"); r.ResourceAccount != away {
		t.Errorf("the owner is %q", r.ResourceAccount)
	}
}

// TestActionsAndARNsWithoutCase: actions compare without case, and so do the parts of an ARN before
// the resource part.
func TestActionsAndARNsWithoutCase(t *testing.T) {
	p := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", `{"Effect":"Allow","Action":"S3:getOBJECT","Resource":"arn:AWS:s3:::Data/K"}`))}
	for resource, want := range map[string]Result{"arn:aws:S3:::Data/K": Allowed, "arn:aws:s3:::data/k": ImplicitDeny} {
		if d := Decide(request(t, "arn:aws:iam::"+home+":user/ana", "s3:GetObject", resource), p); d.Result != want {
			t.Errorf("%s: %v, want %v", resource, d, want)
		}
	}
}

func TestContext(t *testing.T) {
	var c Context
	c.Set("aws:PrincipalTag/Team", "red")
	c.Set("AWS:principaltag/team", "blue")
	c.Set("k:É", "upper")
	c.SetList("aws:TagKeys", []string{"a", "b\xff"})
	c.SetList("k:none", nil)
	if v, ok := c.Get("aws:principaltag/TEAM"); !ok || v.Multivalued() || !slices.Equal(v.Values(), []string{"blue"}) {
		t.Errorf("%v, %v", v, ok)
	}
	if v, ok := c.Get("k:é"); !ok || v.Values()[0] != "upper" {
		t.Errorf("%v, %v", v, ok)
	}
	if v, ok := c.Get("aws:tagkeys"); !ok || !v.Multivalued() || !slices.Equal(v.Values(), []string{"a", "b\uFFFD"}) {
		t.Errorf("%v, %v", v, ok)
	}
	if _, ok := c.Get("aws:TagKey"); ok {
		t.Error("a key that nobody set")
	}
	all := maps.Collect(c.All())
	if len(all) != 4 {
		t.Errorf("%v", all)
	}
	for range c.All() {
		break
	}
	c.Reset()
	if _, ok := c.Get("aws:TagKeys"); ok {
		t.Error("a key is left after Reset")
	}
}

// TestSetListKeepsTheCallersList: what is not UTF-8 is mended in a copy.
func TestSetListKeepsTheCallersList(t *testing.T) {
	list := []string{"a\xff"}
	var c Context
	c.SetList("k", list)
	if list[0] != "a\xff" {
		t.Errorf("the list became %q", list)
	}
}

func TestARN(t *testing.T) {
	const text = "arn:aws:sns:eu-west-1:111122223333:topic:sub"
	a, err := ParseARN(text)
	if err != nil || a.String() != text || a.Resource != "topic:sub" || a.Region != "eu-west-1" || a.Account != home {
		t.Errorf("%+v, %v", a, err)
	}
	for _, text := range []string{"", "arn:aws:sns", "arn::sns:::x", "arn:aws::::x", "arn:aws:sns:::", "x:aws:sns:::y"} {
		if a, err := ParseARN(text); err == nil {
			t.Errorf("%q is %+v", text, a)
		}
	}
}

func FuzzParseARN(f *testing.F) {
	f.Add("arn:aws:sns:eu-west-1:111122223333:topic:sub")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := ParseARN(text); err == nil && a.String() != text {
			t.Errorf("%q became %q", text, a)
		}
	})
}

func TestOperators(t *testing.T) {
	for test := StringEquals; test <= Null; test++ {
		for set := NoSet; set <= ForAnyValue; set++ {
			for _, ifExists := range []bool{false, true} {
				op := Operator{test, set, ifExists}
				got, ok := ParseOperator(op.String())
				if legal := !ifExists || test != Null; ok != legal || ok && got != op {
					t.Errorf("%v is %v, %v", op, got, ok)
				}
			}
		}
	}
	if op, ok := ParseOperator("forAnyValue:Stringlikeifexists"); !ok || op != (Operator{StringLike, ForAnyValue, true}) {
		t.Errorf("a name in another case is %v, %v", op, ok)
	}
	for _, name := range []string{"", "StringEqual", "ForAnyValue:", "ForSomeValues:StringEquals", "ForAnyValue:ForAllValues:StringEquals", "IfExists", "StringEqualsIfExistsIfExists"} {
		if op, ok := ParseOperator(name); ok {
			t.Errorf("%q is %v", name, op)
		}
	}
}

func TestNames(t *testing.T) {
	if Kind(0).String() != "policy" || Kind(99).String() != "policy" || TrustPolicy.String() != "role trust policy" {
		t.Error("names of kinds")
	}
	if Allow.String() != "Allow" || Deny.String() != "Deny" || Allowed.String() != "Allowed" || ExplicitDeny.String() != "ExplicitDeny" {
		t.Error("names of effects and results")
	}
}
