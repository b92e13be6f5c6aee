package ops_test

import (
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/iam"
)

// TestNobodyHasAPassword: who looks for the password of a user, or of a root user, learns that there is none.
func TestNobodyHasAPassword(t *testing.T) {
	e := newEstate(t)
	for user, text := range map[*string]string{
		new("Ann"):    "Login Profile for User Ann cannot be found.",
		nil:           "Login Profile for User root cannot be found.",
		new("Nobody"): "The user with name Nobody cannot be found.",
	} {
		for _, in := range []api.Input{&iam.GetLoginProfileInput{UserName: user}, &iam.DeleteLoginProfileInput{UserName: user}} {
			if refused := e.refuse(t, e.root, in); refused.ErrorCode() != unknown || refused.ErrorMessage() != text {
				t.Errorf("%s: %v", nameOf(in), refused)
			}
		}
	}
}

// TestRootUsersHaveAccessKeysOnly: as everybody.
func TestRootUsersHaveAccessKeysOnly(t *testing.T) {
	e := newEstate(t)
	for _, in := range []api.Input{
		&iam.ListMFADevicesInput{}, &iam.ListSSHPublicKeysInput{}, &iam.ListSigningCertificatesInput{},
		&iam.ListServiceSpecificCredentialsInput{}, &iam.ListServiceSpecificCredentialsInput{AllUsers: new(true)},
	} {
		e.do(t, e.root, in)
	}
	if role := give[iam.UpdateRoleDescriptionOutput](t, e.world, e.root, &iam.UpdateRoleDescriptionInput{RoleName: "Reader", Description: new("reads on")}).Role; *role.Description != "reads on" || role.RoleName != "Reader" {
		t.Errorf("the role is %+v", role)
	}
}
