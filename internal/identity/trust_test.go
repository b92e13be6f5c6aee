package identity

import (
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

func TestMalformedTrustPolicy(t *testing.T) {
	for _, tt := range []struct{ document, text string }{
		{``, "This policy contains invalid Json"},
		{`{`, "This policy contains invalid Json"},
		{`{"Statement":[],"Statement":[]}`, "This policy contains invalid Json"},
		{`[]`, "Syntax errors in policy."},
		{`{}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"allow","Principal":"*","Action":"sts:AssumeRole"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}}`, "Syntax errors in policy."},
		{`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}`, "Syntax errors in policy."},
	} {
		wantRefusal(t, checkDocument(policy.TrustPolicy, tt.document), MalformedPolicyDocument, tt.text)
	}
}

// A trust policy names users and roles of its account that there are; of other accounts nothing is asked. What it
// names may be deleted, and then stays as it was written.
func TestTrustPolicyNamesSomebody(t *testing.T) {
	d := newDraft(t)
	_, err := d.CreateUser(NewUser{Name: "ann", Path: "/team/"})
	must(t, err)
	trusting := func(principal string) string { return trustDocument("AWS", principal) }
	_, err = d.CreateRole(NewRole{Name: "Job", TrustPolicy: trusting("arn:aws:iam::111122223333:user/team/ann")})
	must(t, err)
	for _, principal := range []string{
		"*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/Job",
		"arn:aws:iam::999999999999:user/nobody", "arn:aws:sts::111122223333:assumed-role/None/session",
	} {
		must(t, d.UpdateAssumeRolePolicy("Job", trusting(principal)))
	}
	for _, principal := range []string{
		"arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/team/Ann", "arn:aws:iam::111122223333:user/nobody",
		"arn:aws:iam::111122223333:role/None", "arn:aws:iam::111122223333:role/New",
	} {
		unchanged(t, d, func() {
			want := `Invalid principal in policy: "AWS":"` + principal + `"`
			wantRefusal(t, d.UpdateAssumeRolePolicy("Job", trusting(principal)), MalformedPolicyDocument, want)
			_, err := d.CreateRole(NewRole{Name: "New", TrustPolicy: trusting(principal)})
			wantRefusal(t, err, MalformedPolicyDocument, want)
		})
	}
	must(t, d.UpdateAssumeRolePolicy("Job", trusting("arn:aws:iam::111122223333:user/team/ann")))
	must(t, d.DeleteUser("ann"))
	if r, ok := d.Role("Job"); !ok || r.TrustPolicy != trusting("arn:aws:iam::111122223333:user/team/ann") {
		t.Errorf("the role trusts %s", r.TrustPolicy)
	}
}
