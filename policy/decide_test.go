package policy

import (
	"fmt"
	"strings"
	"testing"
)

// The accounts of the tests.
const (
	home = "111122223333"
	away = "444455556666"
)

// compiled compiles a document, or fails the test with its defects.
func compiled(t testing.TB, kind Kind, text string) *Policy {
	t.Helper()
	d, err := Parse(kind, []byte(text))
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return Compile(d)
}

// statements makes a document of statements.
func statements(list ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
}

// attached compiles statements as one policy with an id.
func attached(t testing.TB, kind Kind, id string, list ...string) Attached {
	t.Helper()
	return Attached{ID: id, Policy: compiled(t, kind, statements(list...))}
}

const (
	allowAll  = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	allowS3   = `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`
	denyS3    = `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`
	allowEC2  = `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
	guardDeny = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`
)

// guarded makes one level of resource control policies, with the one that allows.
func guarded(policies ...Attached) *Path {
	return NewPath(Level{Target: "r", Policies: NewSet(append(policies, Attached{ID: "p-RCPFullAWSAccess", Policy: RCPFullAWSAccess()})...)})
}

// grantTo is a statement of a resource policy that grants s3:GetObject.
func grantTo(principal string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":"s3:GetObject","Resource":"*"}`, principal)
}

func request(t testing.TB, principal, action, resource string) *Request {
	t.Helper()
	r, err := NewRequest(principal, action, resource)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// getObject is a request for an object of the home account.
func getObject(t testing.TB, principal string) *Request {
	t.Helper()
	r := request(t, principal, "s3:GetObject", "arn:aws:s3:::data/k")
	r.ResourceAccount = home
	return r
}

// TestSameAccountGrants is the table of the IAM user guide on what limits the grants of a resource
// policy within an account.
func TestSameAccountGrants(t *testing.T) {
	const (
		user       = "arn:aws:iam::" + home + ":user/ana"
		role       = "arn:aws:iam::" + home + ":role/app"
		session    = "arn:aws:sts::" + home + ":assumed-role/app/s"
		federated  = "arn:aws:sts::" + home + ":federated-user/bob"
		everything = "identity boundary session"
	)
	tests := []struct {
		grant, caller string
		needs         string // of the caller's own policies
	}{
		{`{"AWS":"` + home + `"}`, user, everything},
		{`{"AWS":"arn:aws:iam::` + home + `:root"}`, session, everything},
		{`{"AWS":"` + user + `"}`, user, ""},
		{`{"AWS":"` + role + `"}`, session, "boundary session"},
		{`{"AWS":"` + session + `"}`, session, ""},
		{`{"AWS":"` + federated + `"}`, federated, ""},
		{`{"AWS":"` + user + `"}`, federated, "boundary session"},
		{`"*"`, user, ""},
		{`{"AWS":"*"}`, session, ""},
		{`{"AWS":"arn:aws:iam::` + home + `:user/other"}`, user, everything},
		{`{"AWS":"` + away + `"}`, user, everything},
		{`{"Service":"ec2.amazonaws.com"}`, session, everything},
		{`{"AWS":["` + home + `","` + user + `"]}`, user, ""},
	}
	for _, tt := range tests {
		for _, allowing := range []string{"", "identity", "boundary", "session", "identity boundary", "identity session", "boundary session", everything} {
			r := getObject(t, tt.caller)
			if tt.caller == federated {
				r.Principal.Issuer = user
			}
			pick := func(kind string) string {
				if strings.Contains(allowing, kind) {
					return allowS3
				}
				return allowEC2
			}
			bucket := attached(t, ResourcePolicy, "bucket", grantTo(tt.grant))
			p := &Policies{
				Identity: NewSet(attached(t, IdentityPolicy, "i", pick("identity"))),
				Boundary: NewSet(attached(t, PermissionsBoundary, "b", pick("boundary"))),
				Session:  NewSet(attached(t, SessionPolicy, "s", pick("session"))),
				Resource: NewSet(bucket),
			}
			want := Allowed
			for _, need := range strings.Fields(tt.needs) {
				if !strings.Contains(allowing, need) {
					want = ImplicitDeny
				}
			}
			if d := Decide(r, p); d.Result != want {
				t.Errorf("grant to %s, called by %s, allowed by %q: %v, want %v", tt.grant, tt.caller, allowing, d, want)
			}
			p.Identity = NewSet(append(p.Identity.Policies(), attached(t, IdentityPolicy, "deny", denyS3))...)
			if d := Decide(r, p); d.Result != ExplicitDeny || d.Kind != IdentityPolicy || d.Policy != "deny" || d.Statement != 0 {
				t.Errorf("grant to %s, called by %s, denied: %v", tt.grant, tt.caller, d)
			}
		}
	}
}

// TestAcrossAccounts: the side of the principal and the side of the resource must both allow.
func TestAcrossAccounts(t *testing.T) {
	const user, session = "arn:aws:iam::" + away + ":user/ana", "arn:aws:sts::" + away + ":assumed-role/app/s"
	tests := []struct {
		name, caller, grant, identity, boundary string
		want                                    Result
		kind                                    Kind
	}{
		{"both allow", user, `{"AWS":"` + user + `"}`, allowS3, allowS3, Allowed, IdentityPolicy},
		{"delegated to the account", user, `{"AWS":"` + away + `"}`, allowS3, allowS3, Allowed, IdentityPolicy},
		{"open to everybody", user, `"*"`, allowS3, allowS3, Allowed, IdentityPolicy},
		{"identity does not allow", user, `{"AWS":"` + user + `"}`, allowEC2, allowS3, ImplicitDeny, IdentityPolicy},
		{"boundary does not allow", user, `{"AWS":"` + user + `"}`, allowS3, allowEC2, ImplicitDeny, PermissionsBoundary},
		{"resource does not allow", user, `{"AWS":"` + home + `"}`, allowS3, allowS3, ImplicitDeny, ResourcePolicy},
		{"session named, identity does not allow", session, `{"AWS":"` + session + `"}`, allowEC2, allowS3, ImplicitDeny, IdentityPolicy},
		{"root user of the other account", "arn:aws:iam::" + away + ":root", `{"AWS":"` + away + `"}`, allowEC2, allowS3, Allowed, 0},
	}
	for _, tt := range tests {
		bucket := attached(t, ResourcePolicy, "bucket", grantTo(tt.grant))
		p := &Policies{
			Identity: NewSet(attached(t, IdentityPolicy, "i", tt.identity)),
			Boundary: NewSet(attached(t, PermissionsBoundary, "b", tt.boundary)),
			Resource: NewSet(bucket),
		}
		if d := Decide(getObject(t, tt.caller), p); d.Result != tt.want || d.Kind != tt.kind {
			t.Errorf("%s: %v, want %v by the %v", tt.name, d, tt.want, tt.kind)
		}
		p.Resource = nil
		if d := Decide(getObject(t, tt.caller), p); d.Result != ImplicitDeny || d.Kind != ResourcePolicy {
			t.Errorf("%s, without a resource policy: %v", tt.name, d)
		}
	}
}

// TestOutsiders: services, anonymous callers and the like have what a resource policy grants them,
// and nothing else says anything about them but resource control policies.
func TestOutsiders(t *testing.T) {
	canonical := strings.Repeat("0123456789abcdef", 4)
	tests := []struct {
		caller, grant string
		want          Result
	}{
		{"cloudtrail.amazonaws.com", `{"Service":"cloudtrail.amazonaws.com"}`, Allowed},
		{"cloudtrail.amazonaws.com", `{"Service":"config.amazonaws.com"}`, ImplicitDeny},
		{"cloudtrail.amazonaws.com", `"*"`, Allowed},
		{"cloudtrail.amazonaws.com", `{"AWS":"` + home + `"}`, ImplicitDeny},
		{"*", `"*"`, Allowed},
		{"*", `{"AWS":"*"}`, Allowed},
		{"*", `{"AWS":"` + home + `"}`, ImplicitDeny},
		{canonical, `{"CanonicalUser":"` + canonical + `"}`, Allowed},
		{canonical, `{"CanonicalUser":"` + strings.Repeat("0", 64) + `"}`, ImplicitDeny},
		{"arn:aws:iam::" + home + ":saml-provider/idp", `{"Federated":"arn:aws:iam::` + home + `:saml-provider/idp"}`, Allowed},
		{"arn:aws:iam::" + home + ":saml-provider/idp", `{"AWS":"` + home + `"}`, ImplicitDeny},
		{"accounts.google.com", `{"Federated":"accounts.google.com"}`, Allowed},
	}
	for _, tt := range tests {
		bucket := attached(t, ResourcePolicy, "bucket", grantTo(tt.grant))
		p := &Policies{
			ServiceControl: NewPath(Level{Target: "r", Policies: NewSet(attached(t, ServiceControlPolicy, "scp", denyS3))}),
			Identity:       NewSet(attached(t, IdentityPolicy, "i", denyS3)),
			Boundary:       NewSet(attached(t, PermissionsBoundary, "b", denyS3)),
			Session:        NewSet(attached(t, SessionPolicy, "s", denyS3)),
			Resource:       NewSet(bucket),
		}
		r := getObject(t, tt.caller)
		if d := Decide(r, p); d.Result != tt.want || d.Kind != ResourcePolicy {
			t.Errorf("%s under a grant to %s: %v, want %v", tt.caller, tt.grant, d, tt.want)
		}
		for _, f := range Explain(r, p).Filters {
			if f.Kind != ResourcePolicy && f.Exempt == "" {
				t.Errorf("%s: the %v is said to apply", tt.caller, f.Kind)
			}
		}
		p.ResourceControl = guarded(attached(t, ResourceControlPolicy, "rcp", guardDeny))
		if d := Decide(r, p); d.Result != ExplicitDeny || d.Kind != ResourceControlPolicy || d.Target != "r" || d.Policy != "rcp" {
			t.Errorf("%s under a resource control policy: %v", tt.caller, d)
		}
	}
}

// TestInsistingResources: keys and roles need a word of their own policy.
func TestInsistingResources(t *testing.T) {
	const user = "arn:aws:iam::" + home + ":user/ana"
	tests := []struct {
		action, resource, grant string // no grant: no resource policy
		want                    Result
	}{
		{"kms:Decrypt", "arn:aws:kms:eu-west-1:" + home + ":key/1", `{"AWS":"` + home + `"}`, Allowed},
		{"kms:Decrypt", "arn:aws:kms:eu-west-1:" + home + ":key/1", `{"AWS":"` + user + `"}`, Allowed},
		{"kms:Decrypt", "arn:aws:kms:eu-west-1:" + home + ":key/1", `{"AWS":"arn:aws:iam::` + home + `:user/admin"}`, ImplicitDeny},
		{"kms:Decrypt", "arn:aws:kms:eu-west-1:" + home + ":key/1", "", ImplicitDeny},
		{"kms:ListAliases", "*", "", Allowed},
		{"sts:AssumeRole", "arn:aws:iam::" + home + ":role/r", `{"AWS":"` + home + `"}`, Allowed},
		{"sts:AssumeRole", "arn:aws:iam::" + home + ":role/r", `{"AWS":"` + away + `"}`, ImplicitDeny},
		{"iam:GetRole", "arn:aws:iam::" + home + ":role/r", "", Allowed},
	}
	for _, tt := range tests {
		p := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "admin", allowAll))}
		if tt.grant != "" {
			resource := attached(t, ResourcePolicy, "own", fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":%q,"Resource":"*"}`, tt.grant, tt.action))
			p.Resource = NewSet(resource)
		}
		if d := Decide(request(t, user, tt.action, tt.resource), p); d.Result != tt.want {
			t.Errorf("%s on %s with a grant to %q: %v, want %v", tt.action, tt.resource, tt.grant, d, tt.want)
		}
	}
}

// TestLevels: each level must allow by itself, and one Deny anywhere is enough.
func TestLevels(t *testing.T) {
	tests := []struct {
		levels [][]string // policies of each level, from the root
		want   Result
		target string
	}{
		{nil, Allowed, ""},
		{[][]string{{allowAll}, {allowAll}, {allowAll}}, Allowed, ""},
		{[][]string{{allowAll}, {}, {allowAll}}, ImplicitDeny, "1"},
		{[][]string{{allowEC2}, {allowAll}, {allowAll}}, ImplicitDeny, "0"},
		{[][]string{{allowEC2, allowS3}, {allowS3}, {allowAll}}, Allowed, ""},
		{[][]string{{allowEC2}, {allowEC2}, {allowAll}}, ImplicitDeny, "0"},
		{[][]string{{allowAll}, {allowAll}, {allowAll, denyS3}}, ExplicitDeny, "2"},
		{[][]string{{allowEC2}, {allowAll}, {allowAll, denyS3}}, ExplicitDeny, "2"},
		{[][]string{{allowAll, denyS3}, {allowAll}, {allowAll, denyS3}}, ExplicitDeny, "0"},
	}
	for _, tt := range tests {
		p := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "admin", allowAll))}
		var levels []Level
		for i, policies := range tt.levels {
			var at []Attached
			for _, s := range policies {
				at = append(at, attached(t, ServiceControlPolicy, s, s))
			}
			levels = append(levels, Level{Target: fmt.Sprint(i), Policies: NewSet(at...)})
		}
		p.ServiceControl = NewPath(levels...)
		r := getObject(t, "arn:aws:iam::"+home+":root")
		if d := Decide(r, p); d.Result != tt.want || d.Target != tt.target || d.Result != Allowed && d.Kind != ServiceControlPolicy {
			t.Errorf("levels %v: %v, want %v at %q", tt.levels, d, tt.want, tt.target)
		}
	}
}

// TestExemptions: whom organization policies do not bind.
func TestExemptions(t *testing.T) {
	const user = "arn:aws:iam::" + home + ":user/ana"
	const linked = "arn:aws:iam::" + home + ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
	tests := []struct {
		name, caller, action, resource string
		change                         func(*Request)
		byService, byResource          Result
	}{
		{"member", user, "s3:GetObject", "arn:aws:s3:::b/k", func(*Request) {}, ExplicitDeny, ExplicitDeny},
		{"root user of a member", "arn:aws:iam::" + home + ":root", "s3:GetObject", "arn:aws:s3:::b/k", func(*Request) {}, ExplicitDeny, ExplicitDeny},
		{"management account", user, "s3:GetObject", "arn:aws:s3:::b/k", func(r *Request) { r.PrincipalMembership = ManagementAccount }, Allowed, ExplicitDeny},
		{"outside", user, "s3:GetObject", "arn:aws:s3:::b/k", func(r *Request) { r.PrincipalMembership = NoOrganization }, Allowed, ExplicitDeny},
		{"resource of the management account", user, "s3:GetObject", "arn:aws:s3:::b/k", func(r *Request) { r.ResourceMembership = ManagementAccount }, ExplicitDeny, Allowed},
		{"resource outside", user, "s3:GetObject", "arn:aws:s3:::b/k", func(r *Request) { r.ResourceMembership = NoOrganization }, ExplicitDeny, Allowed},
		{"service-linked role", linked, "s3:GetObject", "arn:aws:s3:::b/k", func(*Request) {}, Allowed, Allowed},
		{"retire grant", user, "kms:RetireGrant", "arn:aws:kms:eu-west-1:" + home + ":grant/1", func(*Request) {}, ExplicitDeny, Allowed},
		{"assuming a service-linked role", user, "sts:AssumeRole", linked, func(*Request) {}, ExplicitDeny, Allowed},
	}
	own := attached(t, ResourcePolicy, "own", `{"Effect":"Allow","Principal":{"AWS":"`+home+`"},"Action":["sts:*","kms:*"],"Resource":"*"}`)
	admin := NewSet(attached(t, IdentityPolicy, "admin", allowAll))
	scp := NewPath(Level{Target: "r", Policies: NewSet(attached(t, ServiceControlPolicy, "scp", `{"Effect":"Deny","Action":"*","Resource":"*"}`))})
	rcp := guarded(attached(t, ResourceControlPolicy, "rcp", `{"Effect":"Deny","Principal":"*","Action":["s3:*","kms:*","sts:*"],"Resource":"*"}`))
	for _, tt := range tests {
		r := request(t, tt.caller, tt.action, tt.resource)
		tt.change(r)
		if d := Decide(r, &Policies{ServiceControl: scp, Identity: admin, Resource: NewSet(own)}); d.Result != tt.byService {
			t.Errorf("%s: %v by a service control policy, want %v", tt.name, d, tt.byService)
		}
		if d := Decide(r, &Policies{ResourceControl: rcp, Identity: admin, Resource: NewSet(own)}); d.Result != tt.byResource {
			t.Errorf("%s: %v by a resource control policy, want %v", tt.name, d, tt.byResource)
		}
	}
}

// TestReported: of several policies that deny, the first in the order of evaluation is named; an
// explicit denial comes before an implicit one.
func TestReported(t *testing.T) {
	r := getObject(t, "arn:aws:iam::"+home+":user/ana")
	deny := func(kind Kind) *Set {
		statement := denyS3
		if kind == ResourceControlPolicy || kind == EndpointPolicy || kind == ResourcePolicy { // they name principals
			statement = guardDeny
		}
		return NewSet(attached(t, kind, kind.String(), statement))
	}
	order := []Kind{ResourceControlPolicy, ServiceControlPolicy, EndpointPolicy, ResourcePolicy, IdentityPolicy, PermissionsBoundary, SessionPolicy}
	for first := range order {
		var p Policies
		for _, kind := range order[first:] {
			switch policies := deny(kind); kind {
			case ResourceControlPolicy:
				p.ResourceControl = NewPath(Level{Target: "r", Policies: policies})
			case ServiceControlPolicy:
				p.ServiceControl = NewPath(Level{Target: "r", Policies: policies})
			case EndpointPolicy:
				p.Endpoint = policies
			case ResourcePolicy:
				p.Resource = policies
			case IdentityPolicy:
				p.Identity = policies
			case PermissionsBoundary:
				p.Boundary = policies
			default:
				p.Session = policies
			}
		}
		if d := Decide(r, &p); d.Result != ExplicitDeny || d.Kind != order[first] || d.Policy != order[first].String() {
			t.Errorf("denied by all from the %v on: %v", order[first], d)
		}
	}
	p := &Policies{ServiceControl: NewPath(Level{Target: "r"}), Session: deny(SessionPolicy)}
	if d := Decide(r, p); d.Result != ExplicitDeny || d.Kind != SessionPolicy {
		t.Errorf("a level that allows nothing hides an explicit denial: %v", d)
	}
	if d := Decide(request(t, "arn:aws:iam::"+home+":user/ana", "sts:GetCallerIdentity", "*"), &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", `{"Effect":"Deny","Action":"*","Resource":"*"}`))}); d.Result != Allowed {
		t.Errorf("sts:GetCallerIdentity: %v", d)
	}
	if d := Decide(r, &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", allowAll)), Endpoint: NewSet(attached(t, EndpointPolicy, "e", `{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"*"}`))}); d.Result != ImplicitDeny || d.Kind != EndpointPolicy {
		t.Errorf("an endpoint that does not allow: %v", d)
	}
}

// TestNotPrincipal: a Deny hits everybody but those it lists; the entry of an account exempts its
// root user only, and a permissions boundary takes the exemption away.
func TestNotPrincipal(t *testing.T) {
	const user, role = "arn:aws:iam::" + home + ":user/ana", "arn:aws:iam::" + home + ":role/app"
	tests := []struct {
		caller  string
		bounded bool
		want    Result
	}{
		{user, false, Allowed},
		{user, true, ExplicitDeny},
		{"arn:aws:sts::" + home + ":assumed-role/app/s", false, Allowed},
		{"arn:aws:iam::" + home + ":user/other", false, ExplicitDeny},
		{"arn:aws:iam::" + home + ":root", false, Allowed},
	}
	bucket := attached(t, ResourcePolicy, "bucket", grantTo(`"*"`), fmt.Sprintf(`{"Effect":"Deny","NotPrincipal":{"AWS":[%q,%q,%q]},"Action":"s3:*","Resource":"*"}`, user, role, "arn:aws:iam::"+home+":root"))
	for _, tt := range tests {
		p := &Policies{Resource: NewSet(bucket)}
		if tt.bounded {
			p.Boundary = NewSet(attached(t, PermissionsBoundary, "b", allowAll))
		}
		if d := Decide(getObject(t, tt.caller), p); d.Result != tt.want {
			t.Errorf("%s, bounded %v: %v, want %v", tt.caller, tt.bounded, d, tt.want)
		}
	}
}

// TestShortARNs: what a Resource with fewer than six parts covers, by kind of policy.
func TestShortARNs(t *testing.T) {
	tests := []struct {
		kind     Kind
		resource string
		want     bool
	}{
		{IdentityPolicy, "arn:aws:s3", true},
		{IdentityPolicy, "arn:aws:ec2", false},
		{SessionPolicy, "arn:aws:s3::", true},
		{PermissionsBoundary, "arn:aws:s3", true},
		{ServiceControlPolicy, "arn:aws:s3*", true},
		{ResourcePolicy, "arn:aws:s3*", true},
		{EndpointPolicy, "arn:aws:s3*", true},
	}
	r := getObject(t, "arn:aws:iam::"+home+":user/ana")
	for _, tt := range tests {
		e := evaluation{request: r}
		p := compileResource(tt.resource, tt.kind, true)
		if got := p.matchResource(&e); got != tt.want {
			t.Errorf("%s in a %v covers the object: %v, want %v", tt.resource, tt.kind, got, tt.want)
		}
	}
	for _, kind := range []Kind{ResourcePolicy, EndpointPolicy, ServiceControlPolicy, ResourceControlPolicy} {
		if p := compileResource("arn:aws:s3", kind, true); !p.bad {
			t.Errorf("arn:aws:s3 in a %v is taken for an ARN", kind)
		}
	}
}
