package policy

import "testing"

// TestPatternsOfActions: an index tells what a pattern matches from its key and its lead, and nothing else.
func TestPatternsOfActions(t *testing.T) {
	for _, tt := range []struct {
		pattern, action string
		want            bool
	}{
		{"*", "s3:Get", true},
		{"s3:*", "s3:Get", true},
		{"S3:*", "s3:get", true},
		{"s3:*", "s3x:Get", false},
		{"s3:Get*", "s3:Get", true},
		{"s3:Get*", "s3:Ge", false},
		{"s3:GetObjec*", "S3:GETOBJECTACL", true},
		{"s3:GetObject*", "s3:GetObject", true},
		{"s3:GetObjectA*", "s3:GetObjectTagging", false},
		{"s3:GetObject", "s3:getobject", true},
		{"s3:GetObject", "s3:GetObjectAcl", false},
		{"s3*", "s3:Get", true},
		{"s3*", "sns:Get", false},
		{"s?:Get", "s3:Get", true},
		{"s3:*Acl", "s3:PutObjectAcl", true},
		{"s3:*Acl", "s3:PutObject", false},
		// No document has these.
		{"s3:", "s3:Get", false},
		{"s3:\x00*", "s3:Get", false},
		{"s3:Get\x00*", "s3:Get", false},
		{"s3:Get\x00*", "s3:Get\x00x", true},
	} {
		for _, not := range []bool{false, true} {
			d := &Document{Kind: IdentityPolicy, Statements: []Statement{{Effect: Allow, Actions: []string{tt.pattern}, NotAction: not, Resources: []string{"*"}}}}
			r := request(t, "arn:aws:iam::"+home+":user/ana", tt.action, "*")
			got := Decide(r, &Policies{Identity: NewSet(Attached{ID: "i", Policy: Compile(d)})}).Result == Allowed
			if got != (tt.want != not) {
				t.Errorf("%q against %q, NotAction %v: %v", tt.pattern, tt.action, not, got)
			}
		}
	}
}
