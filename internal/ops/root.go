package ops

import (
	"context"
	"iter"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// ListRoots lists the one root.
func (o *Organizations) ListRoots(_ context.Context, by Caller, in *organizations.ListRootsInput) (*organizations.ListRootsOutput, error) {
	p, err := o.page(by, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	roots, next := collect(p, theRoot(by.View.Organization, p.after), func(*org.Root) organizations.Root {
		return *showRoot(by.View.Organization)
	})
	return &organizations.ListRootsOutput{Roots: roots, NextToken: next}, nil
}

// theRoot is the list of roots behind a cursor.
func theRoot(o *org.Organization, after org.Cursor) iter.Seq2[org.Cursor, *org.Root] {
	return func(yield func(org.Cursor, *org.Root) bool) {
		if after == "" {
			yield(org.Cursor(o.Root().ID), o.Root())
		}
	}
}

// EnablePolicyType brings the policies of a type into force.
func (o *Organizations) EnablePolicyType(ctx context.Context, by Caller, in *organizations.EnablePolicyTypeInput) (*organizations.EnablePolicyTypeOutput, error) {
	fault := o.fault(by)
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.EnablePolicyTypeOutput, error) {
		if fault().Delay > 0 {
			d.DelayPolicyTypes()
		}
		_, err := d.EnablePolicyType(org.RootID(in.RootId), org.PolicyType(in.PolicyType))
		if err != nil {
			return nil, err
		}
		return &organizations.EnablePolicyTypeOutput{Root: showRoot(d.Organization)}, o.schedulePolicyType(tx, d, org.PolicyType(in.PolicyType), fault)
	})
}

// DisablePolicyType takes the policies of a type out of force.
func (o *Organizations) DisablePolicyType(ctx context.Context, by Caller, in *organizations.DisablePolicyTypeInput) (*organizations.DisablePolicyTypeOutput, error) {
	fault := o.fault(by)
	return write(ctx, &o.Core, by, func(tx *registry.Tx, d *org.Draft) (*organizations.DisablePolicyTypeOutput, error) {
		if fault().Delay > 0 {
			d.DelayPolicyTypes()
		}
		_, err := d.DisablePolicyType(org.RootID(in.RootId), org.PolicyType(in.PolicyType))
		if err != nil {
			return nil, err
		}
		return &organizations.DisablePolicyTypeOutput{Root: showRoot(d.Organization)}, o.schedulePolicyType(tx, d, org.PolicyType(in.PolicyType), fault)
	})
}

func showRoot(o *org.Organization) *organizations.Root {
	return &organizations.Root{
		Id: new(string(o.Root().ID)), Arn: new(o.RootARN()), Name: new(org.RootName), PolicyTypes: showPolicyTypes(o.Root().PolicyTypes),
	}
}
