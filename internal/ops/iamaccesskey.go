package ops

import (
	"context"
	"slices"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateAccessKey gives a user, or the caller himself, another access key. Its
// secret is shown this one time.
func (i *IAM) CreateAccessKey(ctx context.Context, by Caller, in *iam.CreateAccessKeyInput) (*iam.CreateAccessKeyOutput, error) {
	principal, err := userOr(by, in.UserName)
	if err != nil {
		return nil, err
	}
	return change(ctx, i, by, func(tx *registry.Tx, d *identity.Draft) (*iam.CreateAccessKeyOutput, error) {
		key, secret, err := d.CreateAccessKey(principal, i.Keyring)
		if err != nil {
			return nil, err
		}
		if err := tx.Claim(registry.SpaceAccessKey, string(key.ID), string(by.Account)); err != nil {
			return nil, err
		}
		return &iam.CreateAccessKeyOutput{AccessKey: &iam.AccessKey{
			UserName: given(keyUser(key)), AccessKeyId: string(key.ID), Status: iam.StatusType(key.Status),
			SecretAccessKey: new(secret.Reveal()), CreateDate: key.Created,
		}}, nil
	})
}

// ListAccessKeys lists the access keys of a user, or of the caller himself.
func (i *IAM) ListAccessKeys(_ context.Context, by Caller, in *iam.ListAccessKeysInput) (*iam.ListAccessKeysOutput, error) {
	principal, err := holder(by, in.UserName)
	if err != nil {
		return nil, err
	}
	keys, page, err := list(i, by, paging{in.MaxItems, in.Marker}, principal, numbered(slices.Collect(by.View.Account.AccessKeysOf(principal))), showKey)
	if err != nil {
		return nil, err
	}
	return &iam.ListAccessKeysOutput{AccessKeyMetadata: keys, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// UpdateAccessKey activates or deactivates an access key of a user, or of the
// caller himself.
func (i *IAM) UpdateAccessKey(ctx context.Context, by Caller, in *iam.UpdateAccessKeyInput) (*iam.UpdateAccessKeyOutput, error) {
	principal, err := userOr(by, in.UserName)
	if err != nil {
		return nil, err
	}
	return apply[iam.UpdateAccessKeyOutput](ctx, i, by, func(d *identity.Draft) error {
		key, err := d.AccessKeyOf(principal, identity.AccessKeyID(in.AccessKeyId))
		if err != nil {
			return err
		}
		return d.SetAccessKeyStatus(key.ID, identity.KeyStatus(in.Status))
	})
}

// DeleteAccessKey deletes an access key of a user, or of the caller himself.
func (i *IAM) DeleteAccessKey(ctx context.Context, by Caller, in *iam.DeleteAccessKeyInput) (*iam.DeleteAccessKeyOutput, error) {
	principal, err := userOr(by, in.UserName)
	if err != nil {
		return nil, err
	}
	return change(ctx, i, by, func(tx *registry.Tx, d *identity.Draft) (*iam.DeleteAccessKeyOutput, error) {
		key, err := d.AccessKeyOf(principal, identity.AccessKeyID(in.AccessKeyId))
		if err != nil {
			return nil, err
		}
		tx.Release(registry.SpaceAccessKey, string(key.ID), string(by.Account))
		return &iam.DeleteAccessKeyOutput{}, d.DeleteAccessKey(key.ID)
	})
}

// GetAccessKeyLastUsed tells who has an access key of the caller's account, and
// when it was used last. That another account has the key is not told.
func (i *IAM) GetAccessKeyLastUsed(_ context.Context, by Caller, in *iam.GetAccessKeyLastUsedInput) (*iam.GetAccessKeyLastUsedOutput, error) {
	key, ok := by.View.Account.AccessKey(identity.AccessKeyID(in.AccessKeyId))
	if !ok {
		return nil, denied(by, "iam:GetAccessKeyLastUsed", "access key "+in.AccessKeyId)
	}
	use := &iam.AccessKeyLastUsed{ServiceName: new("N/A"), Region: new("N/A")}
	if key.LastUsed != nil {
		use = &iam.AccessKeyLastUsed{LastUsedDate: key.LastUsed.At, ServiceName: new(key.LastUsed.Service), Region: new(key.LastUsed.Region)}
	}
	return &iam.GetAccessKeyLastUsedOutput{UserName: keyUser(key), AccessKeyLastUsed: use}, nil
}

// keyUser returns the name of the user who has a key, or nil for the root user.
func keyUser(k *identity.AccessKey) *string {
	if k.Principal == identity.RootPrincipal {
		return nil
	}
	return new(k.Principal)
}

func showKey(k *identity.AccessKey) iam.AccessKeyMetadata {
	return iam.AccessKeyMetadata{
		UserName: keyUser(k), AccessKeyId: new(string(k.ID)), Status: new(iam.StatusType(k.Status)), CreateDate: k.Created,
	}
}
