package ops

import (
	"context"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreateOpenIDConnectProvider adds an OpenID Connect provider to the caller's
// account.
func (i *IAM) CreateOpenIDConnectProvider(ctx context.Context, by Caller, in *iam.CreateOpenIDConnectProviderInput) (*iam.CreateOpenIDConnectProviderOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.CreateOpenIDConnectProviderOutput, error) {
		p, err := d.CreateOIDCProvider(identity.NewOIDCProvider{
			URL: in.Url, ClientIDs: in.ClientIDList, Thumbprints: in.ThumbprintList, Tags: identityTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		return &iam.CreateOpenIDConnectProviderOutput{OpenIDConnectProviderArn: new(d.OIDCProviderARN(p)), Tags: showTags(p.Tags)}, i.enforceTags(by, typeIAMOIDCProvider, in.Tags)
	})
}

// GetOpenIDConnectProvider shows an OpenID Connect provider.
func (i *IAM) GetOpenIDConnectProvider(_ context.Context, by Caller, in *iam.GetOpenIDConnectProviderInput) (*iam.GetOpenIDConnectProviderOutput, error) {
	p, err := by.View.Account.OIDCProvider(in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	return &iam.GetOpenIDConnectProviderOutput{
		Url: new(p.URL), ClientIDList: p.ClientIDs, ThumbprintList: p.Thumbprints, CreateDate: p.Created, Tags: showTags(p.Tags),
	}, nil
}

// ListOpenIDConnectProviders lists the OpenID Connect providers of the caller's
// account.
func (i *IAM) ListOpenIDConnectProviders(_ context.Context, by Caller, _ *iam.ListOpenIDConnectProvidersInput) (*iam.ListOpenIDConnectProvidersOutput, error) {
	account, shown := by.View.Account, []iam.OpenIDConnectProviderListEntry{}
	for p := range account.OIDCProviders("") {
		shown = append(shown, iam.OpenIDConnectProviderListEntry{Arn: new(account.OIDCProviderARN(p))})
	}
	return &iam.ListOpenIDConnectProvidersOutput{OpenIDConnectProviderList: shown}, nil
}

// DeleteOpenIDConnectProvider deletes an OpenID Connect provider.
func (i *IAM) DeleteOpenIDConnectProvider(ctx context.Context, by Caller, in *iam.DeleteOpenIDConnectProviderInput) (*iam.DeleteOpenIDConnectProviderOutput, error) {
	return apply[iam.DeleteOpenIDConnectProviderOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DeleteOIDCProvider(in.OpenIDConnectProviderArn)
	})
}

// AddClientIDToOpenIDConnectProvider lets an OpenID Connect provider vouch to one
// more client.
func (i *IAM) AddClientIDToOpenIDConnectProvider(ctx context.Context, by Caller, in *iam.AddClientIDToOpenIDConnectProviderInput) (*iam.AddClientIDToOpenIDConnectProviderOutput, error) {
	return apply[iam.AddClientIDToOpenIDConnectProviderOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.AddClientID(in.OpenIDConnectProviderArn, in.ClientID)
	})
}

// RemoveClientIDFromOpenIDConnectProvider undoes
// AddClientIDToOpenIDConnectProvider.
func (i *IAM) RemoveClientIDFromOpenIDConnectProvider(ctx context.Context, by Caller, in *iam.RemoveClientIDFromOpenIDConnectProviderInput) (*iam.RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	return apply[iam.RemoveClientIDFromOpenIDConnectProviderOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.RemoveClientID(in.OpenIDConnectProviderArn, in.ClientID)
	})
}

// UpdateOpenIDConnectProviderThumbprint replaces the thumbprints of an OpenID
// Connect provider.
func (i *IAM) UpdateOpenIDConnectProviderThumbprint(ctx context.Context, by Caller, in *iam.UpdateOpenIDConnectProviderThumbprintInput) (*iam.UpdateOpenIDConnectProviderThumbprintOutput, error) {
	return apply[iam.UpdateOpenIDConnectProviderThumbprintOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.SetThumbprints(in.OpenIDConnectProviderArn, in.ThumbprintList)
	})
}
