package ops

import (
	"context"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// Access keys are the only credentials that users have here. Those who look for others, such as
// Terraform before it deletes a user and the audit of a root user, find none.

// ListMFADevices lists nothing: nobody has a multi-factor device.
func (i *IAM) ListMFADevices(_ context.Context, by Caller, in *iam.ListMFADevicesInput) (*iam.ListMFADevicesOutput, error) {
	_, err := holder(by, in.UserName)
	return found(&iam.ListMFADevicesOutput{MFADevices: []iam.MFADevice{}, IsTruncated: new(false)}, err)
}

// ListVirtualMFADevices lists nothing.
func (i *IAM) ListVirtualMFADevices(context.Context, Caller, *iam.ListVirtualMFADevicesInput) (*iam.ListVirtualMFADevicesOutput, error) {
	return &iam.ListVirtualMFADevicesOutput{VirtualMFADevices: []iam.VirtualMFADevice{}, IsTruncated: new(false)}, nil
}

// ListSSHPublicKeys lists nothing: there are no repositories to have keys for.
func (i *IAM) ListSSHPublicKeys(_ context.Context, by Caller, in *iam.ListSSHPublicKeysInput) (*iam.ListSSHPublicKeysOutput, error) {
	_, err := holder(by, in.UserName)
	return found(&iam.ListSSHPublicKeysOutput{SSHPublicKeys: []iam.SSHPublicKeyMetadata{}, IsTruncated: new(false)}, err)
}

// ListSigningCertificates lists nothing: nobody has an X.509 certificate.
func (i *IAM) ListSigningCertificates(_ context.Context, by Caller, in *iam.ListSigningCertificatesInput) (*iam.ListSigningCertificatesOutput, error) {
	_, err := holder(by, in.UserName)
	return found(&iam.ListSigningCertificatesOutput{Certificates: []iam.SigningCertificate{}, IsTruncated: new(false)}, err)
}

// ListServiceSpecificCredentials lists nothing: there are no services to have credentials for.
func (i *IAM) ListServiceSpecificCredentials(_ context.Context, by Caller, in *iam.ListServiceSpecificCredentialsInput) (*iam.ListServiceSpecificCredentialsOutput, error) {
	out := &iam.ListServiceSpecificCredentialsOutput{ServiceSpecificCredentials: []iam.ServiceSpecificCredentialMetadata{}}
	if given(in.AllUsers) {
		return out, nil
	}
	_, err := holder(by, in.UserName)
	return found(out, err)
}

// GetLoginProfile finds nothing: nobody has a password.
func (i *IAM) GetLoginProfile(_ context.Context, by Caller, in *iam.GetLoginProfileInput) (*iam.GetLoginProfileOutput, error) {
	return nil, noLoginProfile(by, in.UserName)
}

// DeleteLoginProfile finds nothing to delete.
func (i *IAM) DeleteLoginProfile(_ context.Context, by Caller, in *iam.DeleteLoginProfileInput) (*iam.DeleteLoginProfileOutput, error) {
	return nil, noLoginProfile(by, in.UserName)
}

func noLoginProfile(by Caller, name *string) error {
	principal, err := holder(by, name)
	if err != nil {
		return err
	}
	user := strings.TrimPrefix(principal, "/") // of the root user's
	return &identity.Error{Kind: identity.NoSuchEntity, Message: "Login Profile for User " + user + " cannot be found."}
}

// holder returns whose credentials a call is about, or why there is nobody.
func holder(by Caller, name *string) (string, error) {
	principal, err := userOr(by, name)
	if err != nil || principal == identity.RootPrincipal {
		return principal, err
	}
	return principal, missing(by.View.Account, identity.UserNamed(principal))
}

// found returns an answer, or the error that there is none.
func found[Out any](out *Out, err error) (*Out, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}
