package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMismatch: of a statement that does not apply, the first element that fails is told.
func TestMismatch(t *testing.T) {
	tests := []struct {
		name, statement string
		want            *Mismatch
	}{
		{"applies", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`, nil},
		{"action", `{"Effect":"Allow","Principal":"*","Action":["ec2:*","s3:Put*"],"Resource":"*"}`,
			&Mismatch{Element: "Action", Policy: []string{"ec2:*", "s3:Put*"}, Request: []string{"s3:GetObject"}}},
		{"not action", `{"Effect":"Deny","Principal":"*","NotAction":"s3:Get*","Resource":"*"}`,
			&Mismatch{Element: "NotAction", Policy: []string{"s3:Get*"}, Request: []string{"s3:GetObject"}}},
		{"principal", `{"Effect":"Allow","Principal":{"AWS":["` + away + `"],"Service":"ec2.amazonaws.com"},"Action":"s3:*","Resource":"*"}`,
			&Mismatch{Element: "Principal", Policy: []string{away, "ec2.amazonaws.com"}, Request: []string{"arn:aws:iam::" + home + ":user/ana"}}},
		{"not principal", `{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::` + home + `:user/ana"},"Action":"s3:*","Resource":"*"}`,
			&Mismatch{Element: "NotPrincipal", Policy: []string{"arn:aws:iam::" + home + ":user/ana"}, Request: []string{"arn:aws:iam::" + home + ":user/ana"}}},
		{"resource", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}`,
			&Mismatch{Element: "Resource", Policy: []string{"arn:aws:s3:::other/*"}, Request: []string{"arn:aws:s3:::data/k"}}},
		{"not resource", `{"Effect":"Allow","Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::data/*"}`,
			&Mismatch{Element: "NotResource", Policy: []string{"arn:aws:s3:::data/*"}, Request: []string{"arn:aws:s3:::data/k"}}},
		{"condition", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"k:a":"1","k:b":["x","y"]}}}`,
			&Mismatch{Element: "Condition", Operator: "StringEquals", Key: "k:b", Policy: []string{"x", "y"}, Request: []string{"2"}}},
		{"absent key", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"k:none":"x*"}}}`,
			&Mismatch{Element: "Condition", Operator: "ForAnyValue:StringLike", Key: "k:none", Policy: []string{"x*"}, Absent: true}},
		{"values of a list", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringLike":{"k:list":"x*"}}}`,
			&Mismatch{Element: "Condition", Operator: "ForAllValues:StringLike", Key: "k:list", Policy: []string{"x*"}, Request: []string{"x1", "y1"}}},
		{"invalid operand", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"ArnLike":{"k:arn":"${k:a}"}}}`,
			&Mismatch{Element: "Condition", Operator: "ArnLike", Key: "k:arn", Policy: []string{"${k:a}"}, Request: []string{"arn:aws:sns:::t"}, Invalid: true}},
	}
	r := getObject(t, "arn:aws:iam::"+home+":user/ana")
	r.Context.Set("k:a", "1")
	r.Context.Set("k:b", "2")
	r.Context.Set("k:arn", "arn:aws:sns:::t")
	r.Context.SetList("k:list", []string{"x1", "y1"})
	for _, tt := range tests {
		bucket := attached(t, ResourcePolicy, "bucket", tt.statement)
		x := Explain(r, &Policies{Resource: NewSet(bucket)})
		reason := x.Filters[0].Statements[0]
		if diff := cmp.Diff(tt.want, reason.Mismatch); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if reason.Matched != (tt.want == nil) {
			t.Errorf("%s: matched is %v", tt.name, reason.Matched)
		}
	}
}

// TestInvalidDenyApplies: the reason of a Deny that cannot be evaluated says so, and that it applies.
func TestInvalidDenyApplies(t *testing.T) {
	r := getObject(t, "arn:aws:iam::"+home+":user/ana")
	r.Context.Set("k:arn", "arn:aws:sns:::t")
	p := attached(t, SessionPolicy, "s", allowAll, `{"Sid":"Bad","Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"ArnLike":{"k:arn":"no-arn"}}}`)
	x := Explain(r, &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", allowAll)), Session: NewSet(p)})
	reason := x.Filters[1].Statements[1]
	if x.Result != ExplicitDeny || !reason.Matched || reason.Mismatch == nil || !reason.Mismatch.Invalid || reason.Sid != "Bad" {
		t.Errorf("%+v", x)
	}
}

// TestExplanation follows one request through all filters.
func TestExplanation(t *testing.T) {
	r := getObject(t, "arn:aws:iam::"+home+":user/ana")
	r.ResourceMembership = ManagementAccount
	p := &Policies{
		ResourceControl: guarded(attached(t, ResourceControlPolicy, "rcp", guardDeny)),
		ServiceControl: NewPath(
			Level{Target: "r-1", Policies: NewSet(Attached{ID: "p-FullAWSAccess", Policy: FullAWSAccess()})},
			Level{Target: "ou-1", Policies: NewSet(attached(t, ServiceControlPolicy, "p-ec2", allowEC2))},
			Level{Target: home},
		),
		Identity: NewSet(attached(t, IdentityPolicy, "admin", allowAll)),
	}
	x := Explain(r, p)
	if want := (Decision{Kind: ServiceControlPolicy, Target: "ou-1", Statement: -1}); x.Decision != want || Decide(r, p) != want {
		t.Errorf("%+v, and without reasons %+v; want %+v", x.Decision, Decide(r, p), want)
	}
	type line struct {
		Kind   Kind
		Target string
		Result Result
		Exempt bool
	}
	var got []line
	for _, f := range x.Filters {
		got = append(got, line{f.Kind, f.Target, f.Result, f.Exempt != ""})
	}
	want := []line{
		{ResourceControlPolicy, "", Allowed, true},
		{ServiceControlPolicy, "r-1", Allowed, false},
		{ServiceControlPolicy, "ou-1", ImplicitDeny, false},
		{ServiceControlPolicy, home, ImplicitDeny, false},
		{IdentityPolicy, "", Allowed, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
}

// TestMessage holds the sentences of the IAM user guide, troubleshooting access denied.
func TestMessage(t *testing.T) {
	r := getObject(t, "arn:aws:iam::"+home+":user/ana")
	none := request(t, "arn:aws:iam::"+home+":user/ana", "s3:ListAllMyBuckets", "*")
	const user = "User: arn:aws:iam::" + home + ":user/ana is not authorized to perform: "
	tests := []struct {
		d    Decision
		r    *Request
		want string
	}{
		{Decision{Result: Allowed}, r, ""},
		{Decision{Kind: ServiceControlPolicy, Statement: -1}, r, user + "s3:GetObject on resource: arn:aws:s3:::data/k because no service control policy allows the s3:GetObject action"},
		{Decision{Kind: IdentityPolicy, Statement: -1}, none, user + "s3:ListAllMyBuckets on resource: * because no identity-based policy allows the s3:ListAllMyBuckets action"},
		{Decision{Result: ExplicitDeny, Kind: ResourceControlPolicy, Policy: "p-12345678"}, r, user + "s3:GetObject on resource: arn:aws:s3:::data/k with an explicit deny in a resource control policy"},
		{Decision{Result: ExplicitDeny, Kind: ServiceControlPolicy, Policy: "arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"}, none,
			user + "s3:ListAllMyBuckets on resource: * with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"},
		{Decision{Kind: TrustPolicy, Statement: -1}, r, user + "s3:GetObject on resource: arn:aws:s3:::data/k because no resource-based policy allows the s3:GetObject action"},
		{Decision{Result: ExplicitDeny, Kind: PermissionsBoundary}, getObject(t, "*"), "User: anonymous is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::data/k with an explicit deny in a permissions boundary"},
	}
	for _, tt := range tests {
		if got := tt.d.Message(tt.r); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
