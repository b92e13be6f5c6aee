package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// conditions evaluates one operator against one key in both effects, and returns how an Allow and a
// Deny statement with it decide.
func conditions(t *testing.T, operator string, operands []string, set func(*Context)) (allow, deny Result) {
	t.Helper()
	values, err := json.Marshal(operands)
	if err != nil {
		t.Fatal(err)
	}
	block := fmt.Sprintf(`"Action":"svc:Do","Resource":"*","Condition":{%q:{"k:v":%s}}`, operator, values)
	r := request(t, "arn:aws:iam::"+home+":user/ana", "svc:Do", "*")
	set(&r.Context)
	// Session policies take operands that managed policies do not.
	session := attached(t, SessionPolicy, "s", `{"Effect":"Allow",`+block+`}`)
	p := &Policies{Identity: NewSet(attached(t, IdentityPolicy, "i", allowAll)), Session: NewSet(session)}
	allow = Decide(r, p).Result
	p.Session = NewSet(attached(t, SessionPolicy, "s", allowAll, `{"Effect":"Deny",`+block+`}`))
	return allow, Decide(r, p).Result
}

// TestConditions: a condition that holds makes an Allow allow and a Deny deny.
func TestConditions(t *testing.T) {
	const arn, user = "arn:aws:iam::123456789012:user/test", "arn:aws:iam::*:user/*"
	tests := []struct {
		operator string
		operands string // alternatives between bars
		value    string
		want     bool
	}{
		{"StringEquals", "a|b", "b", true},
		{"StringEquals", "a*", "ab", false},
		{"StringEquals", "A", "a", false},
		{"StringNotEquals", "a|b", "c", true},
		{"StringNotEquals", "a|b", "b", false},
		{"StringEqualsIgnoreCase", "ProD", "pROd", true},
		{"StringNotEqualsIgnoreCase", "ProD", "pROd", false},
		{"StringLike", "a*|?", "abc", true},
		{"StringLike", "AB*", "abc", false},
		{"StringLike", "", "", true},
		{"StringNotLike", "a*|b*", "c1", true},
		{"NumericEquals", "1|2", "02.0", true},
		{"NumericEquals", "NaN", "NaN", false},
		{"NumericNotEquals", "1", "no-number", true},
		{"NumericNotEquals", "NaN", "1", true},
		{"NumericNotEquals", "1", "1e0", false},
		{"NumericLessThan", "9007199254740993", "9007199254740992", true},
		{"NumericLessThan", "1", "x", false},
		{"NumericLessThanEquals", "10", "10.0", true},
		{"NumericGreaterThan", "-5", "-4.5", true},
		{"NumericGreaterThan", "-5", "-5", false},
		{"NumericGreaterThanEquals", "5", "5", true},
		{"NumericGreaterThanEquals", "x", "5", false},
		{"DateEquals", "2030-01-01T00:00:00Z", "1893456000", true},
		{"DateEquals", "not-a-date", "not-a-date", false},
		{"DateNotEquals", "2030-01-01T00:00:00Z", "not-a-date", true},
		{"DateNotEquals", "2030-01-01T00:00:00Z", "2030-01-01", false},
		{"DateLessThan", "2030-01-01", "2029-12-31T23:59:59.999Z", true},
		{"DateLessThanEquals", "2030-01-01", "2030-01-01", true},
		{"DateGreaterThan", "2030-01-01", "2030-01-01T00:00:00.001", true},
		{"DateGreaterThanEquals", "2030-01-01", "", false},
		{"Bool", "true", "TRUE", true},
		{"Bool", "false", "yes", true},
		{"Bool", "yes", "false", true},
		{"Bool", "true", " true ", false},
		{"BinaryEquals", "YQ==", "YQ==", true},
		{"BinaryEquals", "YQ==", "YR==", false},
		{"IpAddress", "192.0.2.0/24|203.0.113.9", "203.0.113.9", true},
		{"IpAddress", "192.0.2.0/24", "192.0.2.1/32", false},
		{"IpAddress", "not-an-ip", "192.0.2.1", false},
		{"NotIpAddress", "192.0.2.0/24", "192.0.3.1", true},
		{"NotIpAddress", "192.0.2.0/24", "not-an-ip", false},
		{"NotIpAddress", "not-an-ip", "192.0.2.1", true},
		{"NotIpAddress", "not-an-ip", "not-an-ip", false},
		{"ArnEquals", user, arn, true},
		{"ArnLike", user, arn, true},
		{"ArnLike", "arn:aws:iam::123456789012:user/*", arn, true},
		{"ArnLike", "arn:aws:iam::123456789012:user/tes?", arn, true},
		{"ArnLike", "arn:aws:IAM::123456789012:user/*", arn, false},
		{"ArnLike", "arn:aws:iam::12345678901:user/*", arn, false},
		{"ArnLike", "arn:aws:iam:*:user/*:x", arn, false},
		{"ArnLike", user, "not-an-arn", false},
		{"ArnLike", user + "|not-an-arn", arn, true},
		{"ArnLike", "not-an-arn", "not-an-arn", false},
		{"ArnNotEquals", "arn:aws:iam::*:role/*", arn, true},
		{"ArnNotLike", user, arn, false},
		{"ArnNotLike", user, "not-an-arn", false},
		{"ArnNotLike", user + "|not-an-arn", arn, false},
		{"StringEqualsIfExists", "a", "a", true},
		{"StringEqualsIfExists", "a", "b", false},
		{"Null", "false", "x", true},
		{"Null", "yes", "x", true},
		{"Null", "TRUE", "x", false},
		{"Null", "true|false", "x", true},
		{"ForAnyValue:StringEquals", "a", "a", true},
		{"ForAllValues:StringEquals", "a", "b", false},
		{"Bool", "${k:v}", "TRUE", true},
		{"Bool", "${k:none}", "false", false},
		{"StringEquals", "${k:v}", "a", true},
		{"StringEquals", "${k:none}", "a", false},
		{"StringNotEquals", "${k:none}", "a", true},
		{"StringEqualsIgnoreCase", "${k:V}", "a", true},
		{"StringLike", "${k:v}*", "a*", true},
		{"ArnLike", "${k:v}", arn, true},
		{"ArnLike", "${k:none}", arn, false},
		{"ArnNotLike", "${k:none}", arn, true},
		{"ArnLike", "arn:aws:iam::*:user/${k:none, 'test'}", arn, true},
		{"ArnLike", "arn:aws:iam::*:user/${k:none, 'other'}", arn, false},
	}
	for _, tt := range tests {
		allow, deny := conditions(t, tt.operator, strings.Split(tt.operands, "|"), func(c *Context) { c.Set("k:v", tt.value) })
		want, wantDeny := ImplicitDeny, Allowed
		if tt.want {
			want, wantDeny = Allowed, ExplicitDeny
		}
		if allow != want || deny != wantDeny {
			t.Errorf("%s %q against %q: Allow %v, Deny %v; want %v, %v", tt.operator, tt.operands, tt.value, allow, deny, want, wantDeny)
		}
	}
}

// TestInvalidCondition: an operand that is not an ARN makes an Allow not apply and a Deny apply,
// unless an operand before it matches or the value is no ARN either (live AWS, September 2026).
func TestInvalidCondition(t *testing.T) {
	const arn = "arn:aws:iam::123456789012:user/test"
	tests := []struct{ operator, operands string }{
		{"ArnLike", "not-an-arn"},
		{"ArnNotLike", "not-an-arn"},
		{"ArnLike", "not-an-arn|arn:aws:iam::*:user/*"},
		{"ArnLike", "arn:aws:iam::*:role/*|not-an-arn"},
		{"ArnNotLike", "not-an-arn|arn:aws:iam::*:role/*"},
		{"ArnEquals", "${k:text}"},
		{"ArnNotEquals", "${k:text}"},
		{"ForAnyValue:ArnLike", "not-an-arn"},
		{"ForAllValues:ArnNotLike", "not-an-arn"},
	}
	for _, tt := range tests {
		allow, deny := conditions(t, tt.operator, strings.Split(tt.operands, "|"), func(c *Context) {
			c.Set("k:text", "no-arn")
			if strings.HasPrefix(tt.operator, "For") {
				c.SetList("k:v", []string{arn})
			} else {
				c.Set("k:v", arn)
			}
		})
		if allow != ImplicitDeny || deny != ExplicitDeny {
			t.Errorf("%s %q: Allow %v, Deny %v; want ImplicitDeny, ExplicitDeny", tt.operator, tt.operands, allow, deny)
		}
	}
}

// TestAbsentKeys is the table of what operators make of a key that the request does not carry.
func TestAbsentKeys(t *testing.T) {
	tests := []struct {
		operator, operand string
		want              Result
	}{
		{"StringEquals", "a", ImplicitDeny},
		{"NumericLessThan", "1", ImplicitDeny},
		{"IpAddress", "192.0.2.0/24", ImplicitDeny},
		{"Bool", "false", ImplicitDeny},
		{"ArnLike", "arn:aws:iam::*:user/*", ImplicitDeny},
		{"StringNotEquals", "a", Allowed},
		{"StringNotLike", "a", Allowed},
		{"StringNotEqualsIgnoreCase", "a", Allowed},
		{"NumericNotEquals", "1", Allowed},
		{"DateNotEquals", "2030-01-01", Allowed},
		{"NotIpAddress", "192.0.2.0/24", Allowed},
		{"ArnNotEquals", "arn:aws:iam::*:user/*", Allowed},
		{"ArnNotLike", "arn:aws:iam::*:user/*", Allowed},
		{"StringEqualsIfExists", "a", Allowed},
		{"StringNotEqualsIfExists", "a", Allowed},
		{"Null", "true", Allowed},
		{"Null", "false", ImplicitDeny},
		{"ForAllValues:StringEquals", "a", Allowed},
		{"ForAllValues:StringNotEquals", "a", Allowed},
		{"ForAnyValue:StringEquals", "a", ImplicitDeny},
		{"ForAnyValue:StringNotEquals", "a", ImplicitDeny},
		{"ForAnyValue:StringEqualsIfExists", "a", Allowed},
	}
	for _, tt := range tests {
		for name, set := range map[string]func(*Context){
			"absent":     func(*Context) {},
			"empty list": func(c *Context) { c.SetList("k:v", nil) },
		} {
			if allow, deny := conditions(t, tt.operator, []string{tt.operand}, set); allow != tt.want || (deny == ExplicitDeny) != (tt.want == Allowed) {
				t.Errorf("%s with the key %s: Allow %v, Deny %v; want %v", tt.operator, name, allow, deny, tt.want)
			}
		}
	}
}

// TestMultivaluedKeys: the set operators, and that without one a key with several values passes
// nothing (live AWS, September 2026).
func TestMultivaluedKeys(t *testing.T) {
	tests := []struct {
		operator string
		team     Result // the key holds team
		env      Result // env
		both     Result // team and env
	}{
		{"StringEquals", ImplicitDeny, ImplicitDeny, ImplicitDeny},
		{"StringNotEquals", ImplicitDeny, ImplicitDeny, ImplicitDeny},
		{"StringEqualsIfExists", ImplicitDeny, ImplicitDeny, ImplicitDeny},
		{"StringNotEqualsIfExists", ImplicitDeny, ImplicitDeny, ImplicitDeny},
		{"ForAnyValue:StringEquals", Allowed, ImplicitDeny, Allowed},
		{"ForAnyValue:StringNotEquals", ImplicitDeny, Allowed, Allowed},
		{"ForAllValues:StringEquals", Allowed, ImplicitDeny, ImplicitDeny},
		{"ForAllValues:StringNotEquals", ImplicitDeny, Allowed, ImplicitDeny},
		{"ForAnyValue:Null", ImplicitDeny, ImplicitDeny, ImplicitDeny},
	}
	for _, tt := range tests {
		for values, want := range map[string]Result{"team": tt.team, "env": tt.env, "team env": tt.both} {
			operand := "team"
			if strings.HasSuffix(tt.operator, "Null") {
				operand = "true"
			}
			allow, _ := conditions(t, tt.operator, []string{operand}, func(c *Context) { c.SetList("k:v", strings.Fields(values)) })
			if allow != want {
				t.Errorf("%s team against [%s]: %v, want %v", tt.operator, values, allow, want)
			}
		}
	}
}

// TestVersion2008: variables are text in the older language.
func TestVersion2008(t *testing.T) {
	r := request(t, "arn:aws:iam::"+home+":user/ana", "s3:GetObject", "arn:aws:s3:::b/ana")
	r.Context.Set("aws:username", "ana")
	r.Context.Set("k:v", "${aws:username}")
	r.Context.Set("k:arn", "arn:aws:s3:::${aws:username}")
	for version, want := range map[string]Result{Version2012: Allowed, Version2008: ImplicitDeny} {
		p := compiled(t, IdentityPolicy, `{"Version":"`+version+`","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}}`)
		if d := Decide(r, &Policies{Identity: NewSet(Attached{Policy: p})}); d.Result != want {
			t.Errorf("a variable in version %s: %v, want %v", version, d, want)
		}
	}
	literal := `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"k:v":"${aws:username}"},"StringLike":{"k:v":"${aws:user*}"},"ArnLike":{"k:arn":"arn:aws:s3:::${aws:username}"}}}}`
	if d := Decide(r, &Policies{Identity: NewSet(Attached{Policy: compiled(t, IdentityPolicy, literal)})}); d.Result != Allowed {
		t.Errorf("the text of a variable does not match itself: %v", d)
	}
}

// TestResourceVariableWithoutValue matches nothing, in Resource and in NotResource.
func TestResourceVariableWithoutValue(t *testing.T) {
	r := request(t, "arn:aws:iam::"+home+":user/ana", "s3:GetObject", "arn:aws:s3:::b/ana")
	for element, want := range map[string]Result{"Resource": ImplicitDeny, "NotResource": Allowed} {
		p := attached(t, IdentityPolicy, "i", fmt.Sprintf(`{"Effect":"Allow","Action":"s3:*",%q:"arn:aws:s3:::b/${aws:username}"}`, element))
		if d := Decide(r, &Policies{Identity: NewSet(p)}); d.Result != want {
			t.Errorf("%s: %v, want %v", element, d, want)
		}
	}
}

// FuzzConditionValues looks for an operator that any operand and value make crash, and for one that
// holds together with its negation.
func FuzzConditionValues(f *testing.F) {
	for test := StringEquals; test <= Null; test++ {
		f.Add(uint8(test), "1", "01")
		f.Add(uint8(test), "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/x")
	}
	f.Add(uint8(IPAddress), "192.0.2.0/24", "192.000.2.1")
	f.Add(uint8(DateEquals), "2030-01-01T00:00:00.1+01:00", "1893456000")
	f.Fuzz(func(t *testing.T, test uint8, operand, value string) {
		op := Operator{Test: Test(test)}
		if op.Test < StringEquals || op.Test > Null {
			t.Skip()
		}
		var r Request
		r.Context.Set("k:v", value)
		r.Context.Set("aws:username", value)
		e := evaluation{request: &r}
		defer e.release()
		holds := func(op Operator) verdict {
			c := new(operands).compile(&Condition{Operator: op, Key: "K:V", Values: []string{valid(operand)}}, true)
			return c.holds(&e)
		}
		v := holds(op)
		if other := holds(Operator{Test: op.Test, IfExists: op.Test != Null}); other != v {
			t.Errorf("%v of %q and %q is %v, and %v with IfExists, though the key is there", op, operand, value, v, other)
		}
		if op.Test.negated() {
			positive := op.Test - 1
			if op.Test == ArnNotLike {
				positive = ArnLike
			}
			if holds(Operator{Test: positive}) == yes && v == yes {
				t.Errorf("%v of %q and %q holds, and its negation too", op, operand, value)
			}
		}
	})
}
