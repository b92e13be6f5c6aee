package policies

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Request is a request as it reaches an engine from outside: strings.
type Request struct {
	Principal, Action, Resource string
	Context                     []Pair
}

// Pair is a condition key of a request with its value, or its values when the key is multivalued.
type Pair struct {
	Key         string
	Values      []string
	Multivalued bool
}

const (
	account       = "111122223333"
	organization  = "o-exampleorgid"
	region        = "eu-central-1"
	foreignRegion = "ap-southeast-2"
)

// set gives a key its value, or takes the key away when there is none.
func (r *Request) set(key string, values ...string) {
	r.Context = slices.DeleteFunc(r.Context, func(p Pair) bool { return p.Key == key })
	if len(values) > 0 {
		r.Context = append(r.Context, Pair{Key: key, Values: values})
	}
}

// tag is a request's tag on what it creates.
func (r *Request) tag(key, value string) {
	r.set("aws:RequestTag/"+key, value)
	for i := range r.Context {
		if p := &r.Context[i]; p.Key == "aws:TagKeys" {
			p.Values = append(p.Values, key)
			return
		}
	}
	r.Context = append(r.Context, Pair{Key: "aws:TagKeys", Values: []string{key}, Multivalued: true})
}

// by makes a role the principal, in a session.
func (r *Request) by(role string) {
	r.Principal = "arn:aws:sts::" + account + ":assumed-role/" + role + "/session-1"
	r.set("aws:PrincipalArn", "arn:aws:iam::"+account+":role/"+role)
	r.set("aws:PrincipalType", "AssumedRole")
}

// byRoot makes the root user of the account the principal.
func (r *Request) byRoot() {
	r.Principal = "arn:aws:iam::" + account + ":root"
	r.set("aws:PrincipalArn", r.Principal)
	r.set("aws:PrincipalType", "Account")
}

// newRequest returns a request of an ordinary role for an ordinary resource in circumstances that no guardrail minds,
// with the keys that AWS adds to every request.
func newRequest(r *rand.Rand, action string) Request {
	q := Request{Action: action, Resource: ordinaryResource(r, action)}
	q.by(pick(r, "Developer", "DataEngineer", "Analyst", "ci-deploy", "app-runtime"))
	for _, p := range circumstances() {
		q.set(p.Key, p.Values...)
	}
	q.set("aws:PrincipalTag/project", "harbour")
	q.set("aws:ResourceTag/project", "harbour")
	q.Context = append(q.Context, Pair{Key: "aws:PrincipalOrgPaths", Values: []string{organization + "/r-ab12/ou-ab12-11111111/"}, Multivalued: true})
	if creates(action) {
		for _, key := range tagKeys() {
			q.tag(key, "harbour")
		}
		q.tag("env", "prod")
	}
	if service, name, _ := strings.Cut(action, ":"); service == "ec2" && name == "RunInstances" {
		q.set("ec2:InstanceType", "t3.small")
	} else if action == "s3:PutObject" {
		q.set("s3:x-amz-server-side-encryption", "aws:kms")
	}
	return q
}

// circumstances are the keys that every request has.
func circumstances() []Pair {
	return []Pair{
		{Key: "aws:PrincipalAccount", Values: []string{account}},
		{Key: "aws:PrincipalOrgID", Values: []string{organization}},
		{Key: "aws:userid", Values: []string{"AROAEXAMPLEEXAMPLE:session-1"}},
		{Key: "aws:ResourceAccount", Values: []string{account}},
		{Key: "aws:ResourceOrgID", Values: []string{organization}},
		{Key: "aws:RequestedRegion", Values: []string{region}},
		{Key: "aws:SourceIp", Values: []string{"10.20.30.40"}},
		{Key: "aws:SecureTransport", Values: []string{"true"}},
		{Key: "aws:ViaAWSService", Values: []string{"false"}},
		{Key: "aws:MultiFactorAuthPresent", Values: []string{"true"}},
		{Key: "aws:CurrentTime", Values: []string{"2026-10-01T09:30:00Z"}},
		{Key: "aws:UserAgent", Values: []string{"aws-sdk-go-v2/1.47.7"}},
	}
}

// creates tells whether an action makes a resource that can be tagged at once.
func creates(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	return strings.HasPrefix(name, "Create") || name == "RunInstances"
}

func tagKeys() []string { return []string{"owner", "project", "cost-center", "data-class"} }

// ordinaryResource returns the ARN of something that no guardrail protects, of the right form for the service.
func ordinaryResource(r *rand.Rand, action string) string {
	service, name, _ := strings.Cut(action, ":")
	if strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Describe") {
		return "*" // these have no resource
	}
	return resourceOf(service, pick(r, "app-orders", "app-invoices", "team-blue-web", "app-search-index"), account)
}

// resourceOf returns an ARN in the form of a service. The account may be "*", and the name may end in "*".
func resourceOf(service, name, account string) string {
	where := region
	if account == "*" {
		where = "*"
	}
	kinds := map[string]string{
		"ec2": "instance/", "lambda": "function:", "dynamodb": "table/", "rds": "db:", "logs": "log-group:", "kms": "alias/", "secretsmanager": "secret:",
		"cloudformation": "stack/", "events": "rule/", "cloudwatch": "alarm:", "ecr": "repository/", "ecs": "service/", "eks": "cluster/", "ssm": "parameter/",
		"backup": "backup-vault:", "cloudtrail": "trail/", "states": "stateMachine:", "sqs": "", "sns": "",
	}
	switch service {
	case "s3":
		return "arn:aws:s3:::" + name
	case "sts":
		return "*"
	case "iam":
		return "arn:aws:iam::" + account + ":role/" + name
	}
	kind, known := kinds[service]
	if !known {
		kind = "resource/"
	}
	return "arn:aws:" + service + ":" + where + ":" + account + ":" + kind + name
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
