package policies

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// statement is a statement of a service control policy in the form of its JSON.
type statement struct {
	Effect    string
	Action    texts      `json:",omitempty"`
	NotAction texts      `json:",omitempty"`
	Resource  texts      `json:",omitempty"`
	NotRes    texts      `json:"NotResource,omitempty"`
	Condition conditions `json:",omitempty"`
}

// conditions are values by key by operator.
type conditions map[string]map[string]texts

// texts is written as one string when it is one, as people do.
type texts []string

// MarshalJSON writes the texts.
func (t texts) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// guardrail is a statement that denies, and a request that it denies.
type guardrail struct {
	statement
	violation Request
}

// author writes guardrails as they are found in the organizations of the world.
type author struct {
	*rand.Rand
	catalogue
}

// first are the kinds of guardrails that every organization begins with, in order.
func (a *author) first() []func() guardrail {
	return []func() guardrail{a.region, a.protectRole, a.requireTag, a.leave, a.root}
}

// kinds are the kinds of guardrails, each as often as it is met.
func (a *author) kinds() []func() guardrail {
	frequencies := []struct {
		kind func() guardrail
		of   int
	}{
		{a.protectResource, 20}, {a.protectService, 18}, {a.protectRole, 10}, {a.requireTag, 9}, {a.tagValue, 5}, {a.lockTags, 5}, {a.encryption, 6},
		{a.instanceTypes, 4}, {a.publicAccess, 4}, {a.network, 3}, {a.mfa, 3}, {a.root, 3}, {a.region, 2}, {a.perimeter, 2}, {a.matchTags, 2},
		{a.forbidService, 2}, {a.assume, 1}, {a.keyDeletion, 1},
	}
	var kinds []func() guardrail
	for _, f := range frequencies {
		kinds = append(kinds, slices.Repeat([]func() guardrail{f.kind}, f.of)...)
	}
	return kinds
}

// deny returns a guardrail for actions, and an ordinary request for one of them.
func (a *author) deny(resource string, c conditions, actions ...string) guardrail {
	slices.Sort(actions)
	actions = slices.Compact(actions)
	return guardrail{statement{Effect: "Deny", Action: actions, Resource: texts{resource}, Condition: c}, newRequest(a.Rand, pick(a.Rand, actions...))}
}

// some returns n actions of a service.
func (a *author) some(service string, n int) []string {
	actions := slices.Clone(a.actions[service])
	a.Shuffle(len(actions), func(i, j int) { actions[i], actions[j] = actions[j], actions[i] })
	return actions[:min(n, len(actions))]
}

// changes returns up to n actions of a service that are more than reading.
func (a *author) changes(service string, n int) []string {
	var found []string
	for _, action := range a.some(service, len(a.actions[service])) {
		if _, name, _ := strings.Cut(action, ":"); !strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "List") && !strings.HasPrefix(name, "Describe") && len(found) < n {
			found = append(found, action)
		}
	}
	return found
}

// exempt lets the roles of a team pass.
func (a *author) exempt(c conditions) conditions {
	team := pick(a.Rand, "platform", "security", "network", "audit", "landing-zone")
	c["ArnNotLike"] = map[string]texts{"aws:PrincipalArn": {"arn:aws:iam::*:role/" + team + pick(a.Rand, "-*", "-admin", "-deploy")}}
	return c
}

// protected returns the beginning of the names of something that belongs to a team.
func (a *author) protected() string {
	return fmt.Sprintf("%s-%s%02d", pick(a.Rand, "platform", "security", "network", "audit", "stacksets"), pick(a.Rand, "core", "log", "exec", "relay", "sso"), a.IntN(100))
}

func (a *author) region() guardrail {
	actions := texts{"iam:*", "sts:*", "organizations:*", "account:*", "route53:*", "cloudfront:*", "support:*", "budgets:*", "ce:*", "wafv2:*",
		"s3:ListAllMyBuckets", "s3:GetAccountPublic*", "ec2:DescribeRegions", "kms:List*", "globalaccelerator:*", "health:*"}
	c := a.exempt(conditions{"StringNotEquals": {"aws:RequestedRegion": {region, pick(a.Rand, "eu-west-1", "eu-north-1", "eu-west-3")}}})
	q := newRequest(a.Rand, pick(a.Rand, a.some(pick(a.Rand, "ec2", "lambda", "sqs", "rds", "dynamodb"), 1)...))
	q.set("aws:RequestedRegion", foreignRegion)
	return guardrail{statement{Effect: "Deny", NotAction: actions, Resource: texts{"*"}, Condition: c}, q}
}

func (a *author) protectRole() guardrail {
	name := a.protected()
	g := a.deny("arn:aws:iam::*:role/"+name+"*", a.exempt(conditions{}), pick(a.Rand,
		[]string{"iam:AttachRolePolicy", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"},
		[]string{"iam:*Role*"}, []string{"iam:UpdateRole", "iam:TagRole", "iam:UntagRole"})...)
	if g.Action[0] == "iam:*Role*" {
		g.violation = newRequest(a.Rand, "iam:DeleteRole")
	}
	g.violation.Resource = "arn:aws:iam::" + account + ":role/" + name + "-abc"
	return g
}

func (a *author) protectResource() guardrail {
	service := pick(a.Rand, "s3", "lambda", "sns", "sqs", "logs", "events", "cloudformation", "kms", "dynamodb", "secretsmanager", "cloudwatch", "ecr", "backup", "states", "ssm")
	name := a.protected()
	g := a.deny(resourceOf(service, name+"*", "*"), a.exempt(conditions{}), a.changes(service, 1+a.IntN(3))...)
	g.violation.Resource = resourceOf(service, name+"-1", account)
	return g
}

func (a *author) protectService() guardrail {
	service := pick(a.Rand, "cloudtrail", "config", "guardduty", "securityhub", "access-analyzer", "ram", "wafv2", "backup", "ec2", "account", "iam")
	return a.deny("*", a.exempt(conditions{}), a.changes(service, 1+a.IntN(4))...)
}

func (a *author) requireTag() guardrail {
	key := pick(a.Rand, tagKeys()...)
	g := a.deny("*", conditions{"Null": {"aws:RequestTag/" + key: {"true"}}},
		pick(a.Rand, "ec2:CreateVolume", "secretsmanager:CreateSecret", "rds:CreateDBInstance", "lambda:CreateFunction", "eks:CreateCluster", "sqs:CreateQueue"))
	if a.IntN(3) == 0 {
		g = a.deny("arn:aws:ec2:*:*:instance/*", g.Condition, "ec2:RunInstances")
		g.Resource = append(g.Resource, "arn:aws:ec2:*:*:volume/*")
	}
	g.violation.set("aws:RequestTag/" + key)
	return g
}

func (a *author) tagValue() guardrail {
	c := conditions{"StringNotEquals": {"aws:RequestTag/env": {"prod", "stage", "dev"}}, "Null": {"aws:RequestTag/env": {"false"}}}
	g := a.deny("*", c, pick(a.Rand, "ec2:CreateVolume", "ec2:RunInstances", "dynamodb:CreateTable", "s3:CreateBucket", "ecs:CreateCluster", "redshift:CreateCluster"))
	g.violation.set("aws:RequestTag/env", "playground")
	return g
}

func (a *author) lockTags() guardrail {
	key := fmt.Sprintf("%s-%02d", pick(a.Rand, "billing", "owner", "backup"), a.IntN(100))
	c := a.exempt(conditions{"ForAnyValue:StringEquals": {"aws:TagKeys": {key, key + ":id"}}})
	g := a.deny("*", c, pick(a.Rand, []string{"ec2:CreateTags", "ec2:DeleteTags"}, []string{"iam:TagRole", "iam:UntagRole"})...)
	g.violation.Context = append(g.violation.Context, Pair{Key: "aws:TagKeys", Values: []string{"color", key}, Multivalued: true})
	return g
}

func (a *author) leave() guardrail {
	g := a.deny("*", nil, "organizations:LeaveOrganization")
	g.violation.Resource = "*"
	return g
}

func (a *author) root() guardrail {
	service := pick(a.Rand, "ec2", "s3", "lambda", "rds", "dynamodb", "ecs")
	g := a.deny("*", conditions{"ArnLike": {"aws:PrincipalArn": {"arn:aws:iam::*:root"}}}, service+":*")
	g.violation = newRequest(a.Rand, pick(a.Rand, a.actions[service]...))
	g.violation.byRoot()
	return g
}

func (a *author) instanceTypes() guardrail {
	types := texts{"t3.*", "m6i.*", pick(a.Rand, "c6i.*", "r6i.*", "*.nano"), pick(a.Rand, "*.micro", "t4g.*")}
	g := a.deny("arn:aws:ec2:*:*:instance/*", conditions{"StringNotLike": {"ec2:InstanceType": types}}, "ec2:RunInstances")
	g.violation.set("ec2:InstanceType", "p5.48xlarge")
	return g
}

func (a *author) encryption() guardrail {
	if a.IntN(2) == 0 {
		c := conditions{"StringNotEquals": {"s3:x-amz-server-side-encryption": {"aws:kms", "aws:kms:dsse"}}, "Null": {"s3:x-amz-server-side-encryption": {"false"}}}
		g := a.deny("*", c, "s3:PutObject")
		g.violation.set("s3:x-amz-server-side-encryption", "AES256")
		return g
	}
	choice := pick(a.Rand, [2]string{"ec2:CreateVolume", "ec2:Encrypted"}, [2]string{"rds:CreateDBInstance", "rds:StorageEncrypted"}, [2]string{"elasticfilesystem:CreateFileSystem", "elasticfilesystem:Encrypted"})
	g := a.deny("*", conditions{"Bool": {choice[1]: {"false"}}}, choice[0])
	g.violation.set(choice[1], "false")
	return g
}

func (a *author) publicAccess() guardrail {
	if a.IntN(2) == 0 {
		return a.deny("*", a.exempt(conditions{}), "s3:PutBucketPublicAccessBlock", "s3:PutAccountPublicAccessBlock")
	}
	g := a.deny("*", conditions{"StringEquals": {"s3:x-amz-acl": {"public-read", "public-read-write", "authenticated-read"}}}, "s3:PutBucketAcl", "s3:PutObjectAcl", "s3:CreateBucket")
	g.violation.set("s3:x-amz-acl", "public-read")
	return g
}

func (a *author) network() guardrail {
	service := pick(a.Rand, "s3", "secretsmanager", "dynamodb", "ssm")
	c := a.exempt(conditions{"NotIpAddressIfExists": {"aws:SourceIp": {"10.0.0.0/8", "192.0.2.0/24"}}, "Bool": {"aws:ViaAWSService": {"false"}}})
	g := a.deny("*", c, service+":*")
	g.violation = newRequest(a.Rand, pick(a.Rand, a.actions[service]...))
	g.violation.set("aws:SourceIp", "203.0.113.9")
	return g
}

func (a *author) mfa() guardrail {
	g := a.deny("*", conditions{"BoolIfExists": {"aws:MultiFactorAuthPresent": {"false"}}}, a.changes(pick(a.Rand, "iam", "kms", "ec2", "rds"), 2)...)
	g.violation.set("aws:MultiFactorAuthPresent", "false")
	return g
}

func (a *author) perimeter() guardrail {
	service := pick(a.Rand, "s3", "sqs", "kms", "secretsmanager")
	g := a.deny("*", a.exempt(conditions{"StringNotEqualsIfExists": {"aws:ResourceOrgID": {organization}}}), a.some(service, 4)...)
	g.violation.set("aws:ResourceOrgID", "o-somebodyelse")
	return g
}

func (a *author) matchTags() guardrail {
	c := conditions{"StringNotEquals": {"aws:ResourceTag/project": {"${aws:PrincipalTag/project}"}}, "Null": {"aws:ResourceTag/project": {"false"}}}
	g := a.deny("*", c, a.changes(pick(a.Rand, "ec2", "rds", "lambda", "dynamodb"), 3)...)
	g.violation.set("aws:ResourceTag/project", "lighthouse")
	return g
}

func (a *author) forbidService() guardrail {
	service := pick(a.Rand, strings.Fields(forbiddenServices)...)
	g := a.deny("*", nil, service+":*", pick(a.Rand, "bedrock:Create*", "sagemaker:Create*"))
	g.violation = newRequest(a.Rand, pick(a.Rand, a.actions[service]...))
	return g
}

func (a *author) assume() guardrail {
	g := a.deny("", conditions{}, "sts:AssumeRole")
	g.Resource, g.NotRes = nil, texts{"arn:aws:iam::" + account + ":role/*", "arn:aws:iam::44445555*:role/app-*"}
	g.violation.Resource = "arn:aws:iam::999900001111:role/trader"
	return g
}

func (a *author) keyDeletion() guardrail {
	g := a.deny("*", conditions{"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": {"30"}}}, "kms:ScheduleKeyDeletion")
	g.violation.set("kms:ScheduleKeyDeletionPendingWindowInDays", "7")
	return g
}
