package ops_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

const (
	readBucket = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bucket/*"}}`
	everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	object     = "arn:aws:s3:::bucket/key"
	someone    = "arn:aws:iam::111122223333:user/someone"
)

// simulate makes a simulation that must succeed, and returns its first result.
func simulate(t *testing.T, in *iam.SimulateCustomPolicyInput) iam.EvaluationResult {
	t.Helper()
	w := newWorld(t)
	return give[iam.SimulateCustomPolicyOutput](t, w, w.standalone(t, "Somebody"), in).EvaluationResults[0]
}

// TestSimulationDocumentedExamples has the examples of the AWS CLI's reference for
// simulate-custom-policy. There a statement begins in column 38, behind its brace.
func TestSimulationDocumentedExamples(t *testing.T) {
	for at, want := range map[string]iam.EvaluationResult{
		"2019-04-25T11:00:00Z": {EvalDecision: "allowed", MatchedStatements: []iam.Statement{{
			SourcePolicyId: new("PolicyInputList.1"), SourcePolicyType: new(iam.PolicySourceType("IAM Policy")),
			StartPosition: &iam.Position{Line: new(int32(1)), Column: new(int32(37))}, EndPosition: &iam.Position{Line: new(int32(1)), Column: new(int32(167))},
		}}},
		"2014-04-25T11:00:00Z": {EvalDecision: "implicitDeny", MatchedStatements: []iam.Statement{}},
	} {
		want.EvalActionName, want.EvalResourceName, want.MissingContextValues = "dynamodb:CreateBackup", new("*"), []string{}
		got := simulate(t, &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`},
			ActionNames:     []string{"dynamodb:CreateBackup"},
			ContextEntries:  []iam.ContextEntry{entry("aws:CurrentTime", "date", at)},
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", at, diff)
		}
	}
}

func entry(name, valueType string, values ...string) iam.ContextEntry {
	return iam.ContextEntry{ContextKeyName: &name, ContextKeyType: new(iam.ContextKeyTypeEnum(valueType)), ContextKeyValues: values}
}

func TestSimulationDecides(t *testing.T) {
	trusting := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + someone + `"},"Action":"s3:*","Resource":"*"}}`
	denying := strings.Replace(trusting, "Allow", "Deny", 1)
	base := iam.SimulateCustomPolicyInput{PolicyInputList: []string{readBucket}, ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{object}}
	for _, tt := range []struct {
		name     string
		change   func(*iam.SimulateCustomPolicyInput)
		decision string
		matched  string // the ids of the matched statements
		boundary string // whether it allows
		details  map[string]iam.PolicyEvaluationDecisionType
	}{
		{name: "allowed", change: func(*iam.SimulateCustomPolicyInput) {}, decision: "allowed", matched: "PolicyInputList.1"},
		{name: "another action", change: func(in *iam.SimulateCustomPolicyInput) { in.ActionNames[0] = "s3:PutObject" }, decision: "implicitDeny"},
		{name: "explicit deny", change: func(in *iam.SimulateCustomPolicyInput) {
			in.PolicyInputList = append(in.PolicyInputList, strings.Replace(readBucket, "Allow", "Deny", 1))
		}, decision: "explicitDeny", matched: "PolicyInputList.2"},
		{name: "boundary allows", change: func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{everything}
		}, decision: "allowed", matched: "PolicyInputList.1 PermissionsBoundaryPolicyInputList.1", boundary: "true"},
		{name: "boundary does not allow", change: func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{strings.Replace(everything, `"*"`, `"ec2:*"`, 1)}
		}, decision: "implicitDeny", boundary: "false"},
		{name: "resource policy of the account", change: func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourcePolicy, in.ActionNames[0] = new(someone), &trusting, "s3:PutObject"
		}, decision: "allowed", matched: "ResourcePolicy"},
		{name: "resource policy denies", change: func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourcePolicy = new(someone), &denying
		}, decision: "explicitDeny", matched: "ResourcePolicy"},
		{name: "across accounts, both allow", change: func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourcePolicy, in.ResourceOwner = new(someone), &trusting, new("arn:aws:iam::444455556666:root")
		}, decision: "allowed", matched: "ResourcePolicy PolicyInputList.1", details: map[string]iam.PolicyEvaluationDecisionType{"IAM Policy": "allowed", "Resource Policy": "allowed"}},
		{name: "across accounts, the resource policy alone", change: func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourcePolicy, in.ResourceOwner, in.ActionNames[0] = new(someone), &trusting, new("arn:aws:iam::444455556666:root"), "s3:PutObject"
		}, decision: "implicitDeny", details: map[string]iam.PolicyEvaluationDecisionType{"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}},
		{name: "across accounts, without a resource policy", change: func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourceArns[0], in.PolicyInputList[0] = new(someone), "arn:aws:sqs:us-east-1:444455556666:queue", everything
		}, decision: "implicitDeny", details: map[string]iam.PolicyEvaluationDecisionType{"IAM Policy": "allowed", "Resource Policy": "allowed"}},
		{name: "a key without its policy", change: func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ActionNames[0], in.ResourceArns[0], in.PolicyInputList[0] = new(someone), "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1", everything
		}, decision: "allowed", matched: "PolicyInputList.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := base
			in.PolicyInputList, in.ActionNames, in.ResourceArns = slices.Clone(base.PolicyInputList), slices.Clone(base.ActionNames), slices.Clone(base.ResourceArns)
			tt.change(&in)
			got := simulate(t, &in)
			specific := got.ResourceSpecificResults[0]
			if string(got.EvalDecision) != tt.decision || specific.EvalResourceDecision != got.EvalDecision || specific.EvalResourceName != in.ResourceArns[0] {
				t.Errorf("decided %s, on the resource %s", got.EvalDecision, specific.EvalResourceDecision)
			}
			var matched []string
			for _, statement := range got.MatchedStatements {
				matched = append(matched, *statement.SourcePolicyId)
			}
			if got := strings.Join(matched, " "); got != tt.matched {
				t.Errorf("matched %q", got)
			}
			boundary := ""
			if b := got.PermissionsBoundaryDecisionDetail; b != nil {
				boundary = fmt.Sprint(*b.AllowedByPermissionsBoundary)
			}
			if boundary != tt.boundary {
				t.Errorf("the boundary allows: %s", boundary)
			}
			if tt.details == nil {
				tt.details = map[string]iam.PolicyEvaluationDecisionType{}
			}
			if diff := cmp.Diff(tt.details, got.EvalDecisionDetails); diff != "" {
				t.Errorf("details: %s", diff)
			}
		})
	}
}

// TestSimulationOfMembers: the service control policies above the caller's account
// count, and those of the management account's do not.
func TestSimulationOfMembers(t *testing.T) {
	w := newWorld(t)
	owner := w.organization(t, organizations.OrganizationFeatureSetAll)
	member := w.member(t, owner, "Member")
	root := *w.rootOf(t, owner).Id
	w.do(t, owner, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: organizations.PolicyTypeServiceControlPolicy})
	in := &iam.SimulateCustomPolicyInput{PolicyInputList: []string{everything}, ActionNames: []string{"s3:GetObject"}}
	check := func(when string, want map[string]string) {
		t.Helper()
		for name, by := range map[string]identity.Caller{"management": owner, "member": member} {
			got := give[iam.SimulateCustomPolicyOutput](t, w, by, in).EvaluationResults[0]
			if text := fmt.Sprint(got.EvalDecision, " ", *got.OrganizationsDecisionDetail.AllowedByOrganizations, " ", len(got.MatchedStatements)); text != want[name] {
				t.Errorf("%s, %s: %s, want %s", when, name, text, want[name])
			}
		}
	}
	check("nothing attached", map[string]string{"management": "allowed true 1", "member": "allowed true 1"})
	w.do(t, owner, &organizations.AttachPolicyInput{PolicyId: w.policy(t, owner, organizations.PolicyTypeServiceControlPolicy, "no buckets"), TargetId: root})
	check("a denial attached", map[string]string{"management": "allowed true 1", "member": "explicitDeny false 0"})
	w.do(t, owner, &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: organizations.PolicyTypeServiceControlPolicy})
	check("disabled", map[string]string{"management": "allowed true 1", "member": "allowed true 1"})
	outside := give[iam.SimulateCustomPolicyOutput](t, w, member, &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{everything}, ActionNames: []string{"s3:GetObject"}, CallerArn: new(someone),
	}).EvaluationResults[0]
	if outside.OrganizationsDecisionDetail != nil {
		t.Error("a caller of another account is told about this one's organization")
	}
}

// TestSimulationMissingContext: keys in conditions and variables of all policies
// are missing until they are given.
func TestSimulationMissingContext(t *testing.T) {
	in := &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}-${*}/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":["${aws:RequestTag/team, 'none'}"]}}},
			{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"secret"}}}]}`},
		PermissionsBoundaryPolicyInputList: []string{strings.Replace(everything, `"Resource"`, `"Condition":{"Bool":{"AWS:SecureTransport":"true"}},"Resource"`, 1)},
		ActionNames:                        []string{"s3:GetObject"},
		ContextEntries:                     []iam.ContextEntry{entry("AWS:UserName", "string", "me")},
	}
	want := []string{"aws:PrincipalTag/team", "aws:RequestTag/team", "aws:TagKeys", "AWS:SecureTransport"}
	if got := simulate(t, in); !slices.Equal(got.MissingContextValues, want) || got.ResourceSpecificResults != nil {
		t.Errorf("missing are %v", got.MissingContextValues)
	}
	in.ResourceArns = []string{object}
	if got := simulate(t, in); len(got.MissingContextValues) != 0 || !slices.Equal(got.ResourceSpecificResults[0].MissingContextValues, want) {
		t.Errorf("missing are %v, and for the resource %v", got.MissingContextValues, got.ResourceSpecificResults)
	}
	in.ContextEntries = append(in.ContextEntries, entry("aws:PrincipalTag/team", "string", "none"), entry("aws:TagKeys", "stringList"), entry("aws:SecureTransport", "boolean", "true"))
	in.ResourceArns[0] = "arn:aws:s3:::me-*/key"
	if got := simulate(t, in); got.EvalDecision != "allowed" {
		t.Errorf("decided %s", got.EvalDecision)
	}
	w := newWorld(t)
	keys := give[iam.GetContextKeysForCustomPolicyOutput](t, w, w.standalone(t, "Somebody"), &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: in.PolicyInputList})
	if want := append([]string{"aws:username"}, want[:3]...); !slices.Equal(keys.ContextKeyNames, want) {
		t.Errorf("the keys are %v", keys.ContextKeyNames)
	}
}

func TestSimulationRefuses(t *testing.T) {
	w := newWorld(t)
	by := w.standalone(t, "Somebody")
	base := iam.SimulateCustomPolicyInput{PolicyInputList: []string{readBucket}, ActionNames: []string{"s3:GetObject"}}
	scenario := []string{"arn:aws:ec2:us-east-1:111122223333:instance/i", "arn:aws:ec2:us-east-1::image/a", "arn:aws:ec2:us-east-1:111122223333:security-group/s", "arn:aws:ec2:us-east-1:111122223333:network-interface/n"}
	for _, tt := range []struct {
		change func(*iam.SimulateCustomPolicyInput)
		want   string
	}{
		{func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"s3:Get*"} }, "ActionNames are not in a valid format: s3:Get*."},
		{func(in *iam.SimulateCustomPolicyInput) { in.ResourceArns = []string{"bucket"} }, "ResourceNames are not in a valid ARN format: bucket."},
		{func(in *iam.SimulateCustomPolicyInput) { in.ResourceOwner = new("111122223333") }, "'111122223333' is not a valid as a Resource Owner."},
		{func(in *iam.SimulateCustomPolicyInput) { in.CallerArn = new("arn:aws:iam::111122223333:role/r") }, "'arn:aws:iam::111122223333:role/r' is not a valid Caller ARN: it must be the ARN of an IAM user."},
		{func(in *iam.SimulateCustomPolicyInput) {
			in.ResourcePolicy = new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}`)
		}, "CallerArn is required when a ResourcePolicy is given."},
		{func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{everything, everything}
		}, "Only one permissions boundary policy can be simulated."},
		{func(in *iam.SimulateCustomPolicyInput) {
			in.ContextEntries = []iam.ContextEntry{entry("aws:SourceIp", "ip", "1.2.3.4"), entry("aws:sourceip", "ip", "1.2.3.4")}
		}, "The context key aws:sourceip is given twice."},
		{func(in *iam.SimulateCustomPolicyInput) {
			in.ContextEntries = []iam.ContextEntry{entry("aws:SourceIp", "ip", "1.2.3.4", "5.6.7.8")}
		}, "The context key aws:SourceIp has the type ip and needs one value."},
		{func(in *iam.SimulateCustomPolicyInput) { in.ContextEntries = []iam.ContextEntry{{}} }, "A context entry needs a ContextKeyName and a ContextKeyType."},
		{func(in *iam.SimulateCustomPolicyInput) { in.ResourceHandlingOption = new("EC2-Moon") }, "Invalid Resource Handling Option: EC2-Moon."},
		{func(in *iam.SimulateCustomPolicyInput) {
			in.ResourceHandlingOption, in.ResourceArns = new("EC2-VPC-EBS-Subnet"), scenario
		}, "The resource handling option EC2-VPC-EBS-Subnet needs a resource of the type subnet."},
		{func(in *iam.SimulateCustomPolicyInput) {
			in.ResourceHandlingOption, in.ResourceArns = new("EC2-VPC-EBS"), scenario
		}, "The resource handling option EC2-VPC-EBS needs a resource of the type volume."},
		{func(in *iam.SimulateCustomPolicyInput) { in.Marker = new("marker") }, "Invalid Marker."},
		{func(in *iam.SimulateCustomPolicyInput) { in.PolicyInputList = []string{readBucket, "{"} }, "Syntax errors in policy. (PolicyInputList.2: "},
		{func(in *iam.SimulateCustomPolicyInput) { in.PermissionsBoundaryPolicyInputList = []string{"{}"} }, "Syntax errors in policy. (PermissionsBoundaryPolicyInputList.1: "},
		{func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn, in.ResourcePolicy = new(someone), new(everything)
		}, "Syntax errors in policy. (ResourcePolicy: "},
	} {
		in := base
		tt.change(&in)
		if e := w.refuse(t, by, &in); e.ErrorCode() != "InvalidInput" || e.HTTPStatus() != 400 || !strings.HasPrefix(e.ErrorMessage(), tt.want) {
			t.Errorf("refused with %v, want %s", e, tt.want)
		}
	}
	allowed := base
	allowed.ResourceHandlingOption, allowed.ResourceArns = new("EC2-VPC-InstanceStore"), scenario
	w.do(t, by, &allowed)
	if e := w.refuse(t, by, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{"{}"}}); e.ErrorCode() != "InvalidInput" {
		t.Errorf("refused with %v", e)
	}
	w.do(t, by, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{strings.Replace(everything, `"Action"`, `"Principal":"*","Action"`, 1)}})
}

// TestSimulationPages: every action on every resource once, on pages of any size.
func TestSimulationPages(t *testing.T) {
	w := newWorld(t)
	by := w.standalone(t, "Somebody")
	in := iam.SimulateCustomPolicyInput{PolicyInputList: []string{readBucket}}
	var want []string
	for a := range 12 {
		in.ActionNames = append(in.ActionNames, fmt.Sprintf("s3:Action%d", a))
	}
	for r := range 12 {
		in.ResourceArns = append(in.ResourceArns, fmt.Sprintf("arn:aws:s3:::bucket/%d", r))
	}
	for _, action := range in.ActionNames {
		for _, resource := range in.ResourceArns {
			want = append(want, action+" "+resource)
		}
	}
	for _, size := range []*int32{nil, new(int32(1)), new(int32(7)), new(int32(144)), new(int32(1000))} {
		in.MaxItems, in.Marker = size, nil
		var got []string
		for {
			out := give[iam.SimulateCustomPolicyOutput](t, w, by, &in)
			for _, result := range out.EvaluationResults {
				got = append(got, result.EvalActionName+" "+*result.EvalResourceName)
			}
			if *out.IsTruncated != (out.Marker != nil) {
				t.Fatal("a truncated page has no marker, or another has one")
			}
			if in.Marker = out.Marker; in.Marker == nil {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %v: %s", size, diff)
		}
	}
	in.MaxItems = new(int32(1))
	in.Marker = give[iam.SimulateCustomPolicyOutput](t, w, by, &in).Marker
	in.ActionNames = in.ActionNames[1:]
	if e := w.refuse(t, by, &in); e.ErrorCode() != "InvalidInput" {
		t.Errorf("the marker of another simulation: %v", e)
	}
	long := strings.Repeat(`{"Effect":"Allow","Action":"s3:*","Resource":"*"},`, 2000)
	in.PolicyInputList, in.Marker, in.MaxItems = []string{`{"Version":"2012-10-17","Statement":[` + long[:len(long)-1] + `]}`}, nil, nil
	if out := give[iam.SimulateCustomPolicyOutput](t, w, by, &in); len(out.EvaluationResults) != 50 || !*out.IsTruncated {
		t.Errorf("%d results by long policies", len(out.EvaluationResults))
	}
}
