package org

import (
	"strings"
	"testing"
)

// TestControls: they change with what decides which control policies are in force
// anywhere, and with nothing else.
func TestControls(t *testing.T) {
	d := founded(t)
	_, err := d.EnablePolicyType(d.root.ID, ServiceControlPolicy)
	must(t, err)
	_, err = d.EnablePolicyType(d.root.ID, TagPolicy)
	must(t, err)
	root := ParentID(d.root.ID)
	a := unit(t, d, root, "A")
	account := grown(t, d, "222222222222").ID
	const denial = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`
	scp, err := d.CreatePolicy(ServiceControlPolicy, "scp", "", denial, nil)
	must(t, err)
	tags, err := d.CreatePolicy(TagPolicy, "tags", "", `{"tags":{}}`, nil)
	must(t, err)
	for _, step := range []struct {
		name    string
		rule    func() error
		changes bool
	}{
		{"CreateOrganizationalUnit", func() error { _, err := d.CreateOrganizationalUnit(a, "B", nil); return err }, false},
		{"UpdateOrganizationalUnit", func() error { _, err := d.UpdateOrganizationalUnit(OUID(a), new("C")); return err }, false},
		{"MoveAccount", func() error { return d.MoveAccount(account, root, a) }, false},
		{"TagResource", func() error { return d.Tag(ResourceID(account), Tags{{Key: "k", Value: "v"}}) }, false},
		{"UpdatePolicy, its name", func() error { _, err := d.UpdatePolicy(scp.ID, new("renamed"), nil, nil); return err }, false},
		{"AttachPolicy of a tag policy", func() error { return d.AttachPolicy(tags.ID, TargetID(a)) }, false},
		{"UpdatePolicy of a tag policy", func() error { _, err := d.UpdatePolicy(tags.ID, nil, nil, new(`{"tags":{"a":{}}}`)); return err }, false},
		{"AttachPolicy", func() error { return d.AttachPolicy(scp.ID, TargetID(a)) }, true},
		{"UpdatePolicy", func() error {
			_, err := d.UpdatePolicy(scp.ID, nil, nil, new(strings.Replace(denial, "s3", "ec2", 1)))
			return err
		}, true},
		{"DetachPolicy of the default policy", func() error { return d.DetachPolicy(fullAWSAccess.ID, TargetID(a)) }, true},
		{"DeletePolicy of one that is attached", func() error {
			if d.DeletePolicy(scp.ID) == nil {
				t.Error("it is not refused")
			}
			return nil
		}, false},
		{"AttachPolicy of the default policy", func() error { return d.AttachPolicy(fullAWSAccess.ID, TargetID(a)) }, true},
		{"DetachPolicy", func() error { return d.DetachPolicy(scp.ID, TargetID(a)) }, true},
		{"DisablePolicyType", func() error { _, err := d.DisablePolicyType(d.root.ID, ServiceControlPolicy); return err }, true},
	} {
		before := d.Controls()
		if err := step.rule(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if changed := d.Controls() != before; changed != step.changes {
			t.Errorf("%s: the controls have changed: %t", step.name, changed)
		}
	}
}
