package policy

import (
	"reflect"
	"testing"
)

// TestAsk: a prepared action asks what its name asks.
func TestAsk(t *testing.T) {
	who, err := ParsePrincipal("arn:aws:iam::111111111111:user/u")
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"s3:GetObject", "S3:getobject", "organizations:ListRoots", "", "s3", "s3:", "s3:Get*", ":x"} {
		for _, resource := range []string{"*", "arn:aws:s3:::b/k", "ARN", "arn:aws:iam::222222222222:role/R", "b/k"} {
			want, wantErr := who.Request(action, resource)
			got, gotErr := who.Ask(NewAction(action), resource)
			if wantErr != nil || gotErr != nil {
				if wantErr == nil || gotErr == nil || wantErr.Error() != gotErr.Error() {
					t.Errorf("%q on %q: got %v, want %v", action, resource, gotErr, wantErr)
				}
				continue
			}
			got.Context.sources = want.Context.sources // room for them
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%q on %q: got %+v, want %+v", action, resource, got, want)
			}
		}
		if got := NewAction(action).String(); got != action {
			t.Errorf("got %q, want %q", got, action)
		}
	}
	if _, err := who.Ask(Action{}, "*"); err == nil {
		t.Error("a request for no action is prepared")
	}
}
