package policy_test

import (
	"fmt"
	"log"

	"github.com/espalier-cloud/espalier/policy"
)

// A service control policy keeps an administrator out of a region.
func ExampleDecide() {
	document, err := policy.Parse(policy.ServiceControlPolicy, []byte(`{
	  "Version": "2012-10-17",
	  "Statement": {
	    "Sid": "EuropeOnly",
	    "Effect": "Deny",
	    "NotAction": ["iam:*", "organizations:*", "support:*"],
	    "Resource": "*",
	    "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}
	  }
	}`))
	if err != nil {
		log.Fatal(err) // policy.Defects: all of them, with their positions
	}
	policies := &policy.Policies{
		ServiceControl: policy.NewPath(
			policy.Level{Target: "r-examplerootid", Policies: policy.NewSet(
				policy.Attached{ID: "p-FullAWSAccess", Policy: policy.FullAWSAccess()},
				policy.Attached{ID: "p-europeonly", Policy: policy.Compile(document)},
			)},
			policy.Level{Target: "111122223333", Policies: policy.NewSet(policy.Attached{ID: "p-FullAWSAccess", Policy: policy.FullAWSAccess()})},
		),
		Identity: policy.NewSet(policy.Attached{ID: "AdministratorAccess", Policy: policy.FullAWSAccess()}),
	}

	request, err := policy.NewRequest("arn:aws:iam::111122223333:user/ana", "ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*")
	if err != nil {
		log.Fatal(err)
	}
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		request.Context.Set("aws:RequestedRegion", region)
		decision := policy.Decide(request, policies)
		fmt.Println(region, decision.Result)
		if decision.Result != policy.Allowed {
			fmt.Println(decision.Message(request))
		}
	}
	// Output:
	// eu-west-1 Allowed
	// us-east-1 ExplicitDeny
	// User: arn:aws:iam::111122223333:user/ana is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:111122223333:instance/* with an explicit deny in a service control policy
}

// Explain tells why a statement does not apply.
func ExampleExplain() {
	document, err := policy.Parse(policy.IdentityPolicy, []byte(`{
	  "Version": "2012-10-17",
	  "Statement": [
	    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/*"},
	    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*",
	     "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
	  ]
	}`))
	if err != nil {
		log.Fatal(err)
	}
	policies := &policy.Policies{Identity: policy.NewSet(policy.Attached{ID: "S3ForPeople", Policy: policy.Compile(document)})}
	request, err := policy.NewRequest("arn:aws:iam::111122223333:user/ana", "s3:PutObject", "arn:aws:s3:::home/ana/notes")
	if err != nil {
		log.Fatal(err)
	}
	request.Context.Set("aws:username", "ana")

	explanation := policy.Explain(request, policies)
	fmt.Println(explanation.Message(request))
	for _, filter := range explanation.Filters {
		for _, s := range filter.Statements {
			fmt.Printf("%s, line %d: matched %v", s.Policy, s.Start.Line, s.Matched)
			if m := s.Mismatch; m != nil {
				fmt.Printf(", %s %s %s wants %v, absent %v", m.Element, m.Operator, m.Key, m.Policy, m.Absent)
			}
			fmt.Println()
		}
	}
	// Output:
	// User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::home/ana/notes because no identity-based policy allows the s3:PutObject action
	// S3ForPeople, line 4: matched false, Action   wants [s3:Get*], absent false
	// S3ForPeople, line 5: matched false, Condition Bool aws:SecureTransport wants [true], absent true
}
