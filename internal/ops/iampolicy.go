package ops

import (
	"context"
	"fmt"
	"iter"

	"github.com/espalier-cloud/espalier/internal/api/iam"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// CreatePolicy adds a managed policy to the caller's account.
func (i *IAM) CreatePolicy(ctx context.Context, by Caller, in *iam.CreatePolicyInput) (*iam.CreatePolicyOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.CreatePolicyOutput, error) {
		p, err := d.CreatePolicy(identity.NewPolicy{
			Name: in.PolicyName, Path: given(in.Path), Description: given(in.Description), Document: in.PolicyDocument, Tags: identityTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		shown := summarizePolicy(d.Account(), p)
		shown.Tags = showTags(p.Tags)
		return &iam.CreatePolicyOutput{Policy: &shown}, i.enforceTags(by, typeIAMPolicy, in.Tags)
	})
}

// GetPolicy shows a managed policy.
func (i *IAM) GetPolicy(_ context.Context, by Caller, in *iam.GetPolicyInput) (*iam.GetPolicyOutput, error) {
	p, err := by.View.Account.ExistingPolicy(in.PolicyArn)
	if err != nil {
		return nil, err
	}
	shown := summarizePolicy(by.View.Account, p)
	shown.Description, shown.Tags = new(p.Description), showTags(p.Tags)
	return &iam.GetPolicyOutput{Policy: &shown}, nil
}

// DeletePolicy deletes a managed policy.
func (i *IAM) DeletePolicy(ctx context.Context, by Caller, in *iam.DeletePolicyInput) (*iam.DeletePolicyOutput, error) {
	return apply[iam.DeletePolicyOutput](ctx, i, by, func(d *identity.Draft) error { return d.DeletePolicy(in.PolicyArn) })
}

// ListPolicies lists the managed policies of the caller's account, and then
// those of AWS.
func (i *IAM) ListPolicies(_ context.Context, by Caller, in *iam.ListPoliciesInput) (*iam.ListPoliciesOutput, error) {
	account := by.View.Account
	wanted := policyFilter{account, given(in.Scope), given(in.OnlyAttached), underPath(in.PathPrefix), given(in.PolicyUsageFilter)}
	filter := fmt.Sprint(wanted.scope, wanted.onlyAttached, wanted.pathPrefix, wanted.usage)
	policies, page, err := list(i, by, paging{in.MaxItems, in.Marker}, filter, wanted.behind,
		func(p *identity.Policy) iam.Policy { return summarizePolicy(account, p) })
	if err != nil {
		return nil, err
	}
	return &iam.ListPoliciesOutput{Policies: policies, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// policyFilter is what ListPolicies is asked for.
type policyFilter struct {
	account      *identity.Account
	scope        iam.PolicyScopeType // "" stands for all
	onlyAttached bool
	pathPrefix   string
	usage        iam.PolicyUsageType // "" for any
}

// The sections of the list of policies. A place in it is a section and a name.
const (
	localSection = "1"
	awsSection   = "2"
)

// behind lists the policies from behind a place.
func (f *policyFilter) behind(after string) iter.Seq2[org.Cursor, *identity.Policy] {
	section, name := localSection, ""
	if after != "" {
		section, name = after[:1], after[1:]
	}
	return func(yield func(org.Cursor, *identity.Policy) bool) {
		visit := func(section string, policies iter.Seq[*identity.Policy]) bool {
			for p := range policies {
				if f.admits(p) && !yield(org.Cursor(section+p.Name), p) {
					return false
				}
			}
			return true
		}
		if section == localSection {
			if f.scope != iam.PolicyScopeTypeAws && !visit(localSection, f.account.Policies(f.pathPrefix, name)) {
				return
			}
			name = ""
		}
		if f.scope != iam.PolicyScopeTypeLocal {
			visit(awsSection, f.account.PoliciesOfAWS(f.pathPrefix, name))
		}
	}
}

// admits tells whether a policy is used in the way that is asked for.
func (f *policyFilter) admits(p *identity.Policy) bool {
	arn := f.account.PolicyARN(p)
	switch {
	case f.onlyAttached && f.account.AttachmentCount(arn) == 0:
		return false
	case f.usage == iam.PolicyUsageTypePermissionsBoundary:
		return f.account.BoundaryCount(arn) > 0
	case f.usage == iam.PolicyUsageTypePermissionsPolicy:
		return f.account.AttachmentCount(arn) > 0 || f.account.BoundaryCount(arn) == 0
	}
	return true
}

// summarizePolicy shows a managed policy as lists do: without its description
// and tags.
func summarizePolicy(a *identity.Account, p *identity.Policy) iam.Policy {
	arn := a.PolicyARN(p)
	return iam.Policy{
		PolicyName: new(p.Name), PolicyId: new(string(p.ID)), Arn: new(arn), Path: new(p.Path), DefaultVersionId: new(p.DefaultVersion().ID()),
		AttachmentCount: new(int32(a.AttachmentCount(arn))), PermissionsBoundaryUsageCount: new(int32(a.BoundaryCount(arn))),
		IsAttachable: new(p.Attachable()), CreateDate: p.Created, UpdateDate: p.Updated,
	}
}

// ListPolicyVersions lists the versions of a managed policy, the latest first.
func (i *IAM) ListPolicyVersions(_ context.Context, by Caller, in *iam.ListPolicyVersionsInput) (*iam.ListPolicyVersionsOutput, error) {
	p, err := by.View.Account.ExistingPolicy(in.PolicyArn)
	if err != nil {
		return nil, err
	}
	versions, page, err := list(i, by, paging{in.MaxItems, in.Marker}, in.PolicyArn, numbered(p.LatestVersions()),
		func(v identity.PolicyVersion) iam.PolicyVersion { return showVersion(p, v) })
	if err != nil {
		return nil, err
	}
	return &iam.ListPolicyVersionsOutput{Versions: versions, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// GetPolicyVersion shows a version of a managed policy with its document.
func (i *IAM) GetPolicyVersion(_ context.Context, by Caller, in *iam.GetPolicyVersionInput) (*iam.GetPolicyVersionOutput, error) {
	p, v, err := by.View.Account.PolicyVersion(in.PolicyArn, in.VersionId)
	if err != nil {
		return nil, err
	}
	shown := showVersion(p, v)
	shown.Document = new(encoded(v.Document))
	return &iam.GetPolicyVersionOutput{PolicyVersion: &shown}, nil
}

// CreatePolicyVersion adds a version to a managed policy.
func (i *IAM) CreatePolicyVersion(ctx context.Context, by Caller, in *iam.CreatePolicyVersionInput) (*iam.CreatePolicyVersionOutput, error) {
	return change(ctx, i, by, func(_ *registry.Tx, d *identity.Draft) (*iam.CreatePolicyVersionOutput, error) {
		v, err := d.CreatePolicyVersion(in.PolicyArn, in.PolicyDocument, given(in.SetAsDefault))
		if err != nil {
			return nil, err
		}
		p, _ := d.Policy(in.PolicyArn)
		return &iam.CreatePolicyVersionOutput{PolicyVersion: new(showVersion(p, v))}, nil
	})
}

// SetDefaultPolicyVersion puts a version of a managed policy in effect.
func (i *IAM) SetDefaultPolicyVersion(ctx context.Context, by Caller, in *iam.SetDefaultPolicyVersionInput) (*iam.SetDefaultPolicyVersionOutput, error) {
	return apply[iam.SetDefaultPolicyVersionOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.SetDefaultPolicyVersion(in.PolicyArn, in.VersionId)
	})
}

// DeletePolicyVersion deletes a version of a managed policy.
func (i *IAM) DeletePolicyVersion(ctx context.Context, by Caller, in *iam.DeletePolicyVersionInput) (*iam.DeletePolicyVersionOutput, error) {
	return apply[iam.DeletePolicyVersionOutput](ctx, i, by, func(d *identity.Draft) error {
		return d.DeletePolicyVersion(in.PolicyArn, in.VersionId)
	})
}

// showVersion shows a version of a managed policy without its document.
func showVersion(p *identity.Policy, v identity.PolicyVersion) iam.PolicyVersion {
	return iam.PolicyVersion{VersionId: new(v.ID()), IsDefaultVersion: new(v.Number == p.Default), CreateDate: v.Created}
}

// showVersions shows the versions of a managed policy with their documents.
func showVersions(p *identity.Policy) []iam.PolicyVersion {
	var shown []iam.PolicyVersion
	for _, v := range p.LatestVersions() {
		s := showVersion(p, v)
		s.Document = new(encoded(v.Document))
		shown = append(shown, s)
	}
	return shown
}
