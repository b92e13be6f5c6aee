package policy

import "testing"

// TestAgain: a request that is made from another one is decided as one that is made anew.
func TestAgain(t *testing.T) {
	first, err := NewRequest("arn:aws:iam::111122223333:user/somebody", "s3:GetObject", "arn:aws:s3:::bucket/key")
	if err != nil {
		t.Fatal(err)
	}
	first.Context.Set("aws:SourceIp", "192.0.2.1")
	p, err := Parse(IdentityPolicy, []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:Send*","Resource":"arn:aws:sqs:*:111122223333:*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	policies := &Policies{Identity: NewSet(Attached{ID: "p", Policy: Compile(p)})}
	for _, tt := range []struct {
		action, resource, account string
		want                      Result
	}{
		{"sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:queue", "111122223333", Allowed},
		{"sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:queue", "444455556666", ImplicitDeny},
		{"sqs:GetQueueUrl", "*", "111122223333", ImplicitDeny},
	} {
		again := new(Request)
		if err := first.Again(again, tt.action, tt.resource); err != nil || again.Action() != tt.action || again.Resource() != tt.resource || again.ResourceAccount != tt.account {
			t.Errorf("the request is %+v (%v)", again, err)
			continue
		}
		if d := Decide(again, policies); d.Result != tt.want {
			t.Errorf("%s on %s: %v", tt.action, tt.resource, d)
		}
	}
	if first.Action() != "s3:GetObject" || first.Resource() != "arn:aws:s3:::bucket/key" {
		t.Error("the first request has changed")
	}
	for _, bad := range [][2]string{{"sqs", "*"}, {"sqs:SendMessage", "queue"}} {
		if err := first.Again(new(Request), bad[0], bad[1]); err == nil {
			t.Errorf("%v is no error", bad)
		}
	}
}
