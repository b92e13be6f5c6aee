package org

import (
	"fmt"
	"testing"
)

func enable(t testing.TB, d *Draft, of PolicyType) {
	t.Helper()
	root, err := d.EnablePolicyType(d.root.ID, of)
	must(t, err)
	if root.Status(of) != PolicyTypeEnabled {
		t.Fatalf("%s is %q", of, root.Status(of))
	}
}

func TestEveryPolicyTypeHasLimits(t *testing.T) {
	rules := AWSRules()
	for _, of := range PolicyTypes() {
		if limits := rules.Policies[of]; limits.Characters == 0 || limits.Attachments == 0 || limits.Policies == 0 {
			t.Errorf("%s: %+v", of, limits)
		}
	}
	if got := rules.Policies[ServiceControlPolicy]; got != (PolicyLimits{Characters: 10_240, Attachments: 10, Policies: 10_000}) {
		t.Errorf("SCPs: %+v", got)
	}
}

func TestEnablePolicyType(t *testing.T) {
	d := founded(t)
	enable(t, d, ServiceControlPolicy)
	enable(t, d, TagPolicy)
	if got := d.Root().PolicyTypes; len(got) != 2 || got[0].Type != ServiceControlPolicy || got[1].Type != TagPolicy {
		t.Errorf("policy types: %v", got)
	}
	_, err := d.EnablePolicyType(d.root.ID, TagPolicy)
	refused(t, err, PolicyTypeAlreadyEnabled, "")
	_, err = d.EnablePolicyType("r-none", BackupPolicy)
	refused(t, err, RootNotFound, "")
	d.put(d.root.with(BackupPolicy, PolicyTypePendingDisable))
	_, err = d.EnablePolicyType(d.root.ID, BackupPolicy)
	refused(t, err, PolicyChangesInProgress, "")
	b := billing(t)
	_, err = b.EnablePolicyType(b.root.ID, BackupPolicy)
	refused(t, err, PolicyTypeNotAvailableForOrganization, "")
}

func TestBoundPolicyTypesNeedTrustedAccess(t *testing.T) {
	for of, service := range map[PolicyType]ServicePrincipal{
		SecurityHub: "securityhub.amazonaws.com", Inspector: "inspector2.amazonaws.com",
		NetworkSecurityDirector: "network-security-director.amazonaws.com", GuardDuty: "guardduty.amazonaws.com",
	} {
		d := founded(t)
		_, err := d.EnablePolicyType(d.root.ID, of)
		refused(t, err, ConstraintViolation, "SERVICE_ACCESS_NOT_ENABLED")
		must(t, d.EnableService(service))
		enable(t, d, of)
		refused(t, d.DisableService(service), ConstraintViolation, "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE")
		_, err = d.DisablePolicyType(d.root.ID, of)
		must(t, err)
		must(t, d.DisableService(service))
	}
}

func TestDisablePolicyType(t *testing.T) {
	d := founded(t)
	root := TargetID(d.root.ID)
	id := scp(t, d, "one")
	enable(t, d, ServiceControlPolicy)
	must(t, d.AttachPolicy(id, root))
	must(t, d.DetachPolicy("p-FullAWSAccess", root))
	got, err := d.DisablePolicyType(d.root.ID, ServiceControlPolicy)
	must(t, err)
	if len(got.PolicyTypes) != 0 || d.attachments.Len() != 0 || d.detachments.Len() != 0 {
		t.Errorf("root: %+v, %d attachments, %d detachments", got, d.attachments.Len(), d.detachments.Len())
	}
	// Only the default policy comes back.
	enable(t, d, ServiceControlPolicy)
	policies, err := d.PoliciesForTarget(root, ServiceControlPolicy, "")
	must(t, err)
	if all := values(policies); len(all) != 1 || all[0] != fullAWSAccess {
		t.Errorf("policies: %v", all)
	}
}

func TestDisablePolicyTypeRefusals(t *testing.T) {
	d := founded(t)
	_, err := d.DisablePolicyType(d.root.ID, TagPolicy)
	refused(t, err, PolicyTypeNotEnabled, "")
	_, err = d.DisablePolicyType("r-none", TagPolicy)
	refused(t, err, RootNotFound, "")
	d.put(d.root.with(TagPolicy, PolicyTypePendingEnable))
	_, err = d.DisablePolicyType(d.root.ID, TagPolicy)
	refused(t, err, PolicyChangesInProgress, "")
	b := billing(t)
	_, err = b.DisablePolicyType(b.root.ID, TagPolicy)
	refused(t, err, ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestPolicyTypesStayPendingUntilAJobFinishesThem(t *testing.T) {
	rules := AWSRules()
	rules.DelayPolicyTypes = true
	d := foundedBy(t, rules)
	root := TargetID(d.root.ID)
	id := scp(t, d, "one")

	got, err := d.EnablePolicyType(d.root.ID, ServiceControlPolicy)
	must(t, err)
	if status := got.Status(ServiceControlPolicy); status != PolicyTypePendingEnable || !status.Pending() {
		t.Fatalf("status: %s", status)
	}
	_, err = d.EnablePolicyType(d.root.ID, ServiceControlPolicy)
	refused(t, err, PolicyTypeAlreadyEnabled, "")
	refused(t, d.AttachPolicy(id, root), PolicyChangesInProgress, "")
	refused(t, d.DetachPolicy(id, root), PolicyChangesInProgress, "")

	d.FinishEnabling(ServiceControlPolicy)
	d.FinishEnabling(ServiceControlPolicy) // a job may run twice
	d.FinishEnabling(TagPolicy)
	if got := d.root.PolicyTypes; len(got) != 1 || got[0].Status != PolicyTypeEnabled {
		t.Fatalf("policy types: %v", got)
	}
	must(t, d.AttachPolicy(id, root))

	got, err = d.DisablePolicyType(d.root.ID, ServiceControlPolicy)
	must(t, err)
	if got.Status(ServiceControlPolicy) != PolicyTypePendingDisable {
		t.Fatalf("root: %+v", got)
	}
	policies, err := d.PoliciesForTarget(root, ServiceControlPolicy, "")
	must(t, err)
	if all := values(policies); len(all) != 0 {
		t.Errorf("policies are in force: %v", all)
	}
	refused(t, d.DeletePolicy(id), PolicyInUse, "")
	if d.DetachSome(ServiceControlPolicy, 1) {
		t.Error("done before looking for more")
	}
	for range 2 { // a job may run twice
		if !d.DetachSome(ServiceControlPolicy, 1) {
			t.Error("not done")
		}
	}
	if len(d.root.PolicyTypes) != 0 || d.attachments.Len() != 0 {
		t.Errorf("root: %+v", d.root)
	}
	must(t, d.DeletePolicy(id))
}

// TestDisablingIsDoneInPortions: one rule must not change more than a
// transaction can hold.
func TestDisablingIsDoneInPortions(t *testing.T) {
	for _, c := range []struct {
		attachments int
		want        PolicyTypeStatus
	}{{attachmentsAtOnce, ""}, {attachmentsAtOnce + 1, PolicyTypePendingDisable}} {
		d := founded(t)
		id := newPolicy(t, d, TagPolicy, "one")
		enable(t, d, TagPolicy)
		for i := range c.attachments {
			account := invited(d, AccountID(fmt.Sprintf("2%011d", i)))
			must(t, d.AttachPolicy(id, TargetID(account.ID)))
		}
		before := len(d.Changes())
		root, err := d.DisablePolicyType(d.root.ID, TagPolicy)
		must(t, err)
		if root.Status(TagPolicy) != c.want {
			t.Errorf("%d attachments: %q, want %q", c.attachments, root.Status(TagPolicy), c.want)
		}
		if n := len(d.Changes()) - before; n > attachmentsAtOnce+2 {
			t.Errorf("%d changes at once", n)
		}
		for !d.DetachSome(TagPolicy, 100) {
		}
		if d.attachments.Len() != 0 || d.root.Status(TagPolicy) != "" {
			t.Errorf("%d attachments are left", d.attachments.Len())
		}
	}
}

func TestDelayPolicyTypes(t *testing.T) {
	d := founded(t)
	d.DelayPolicyTypes()
	got, err := d.EnablePolicyType(d.root.ID, TagPolicy)
	must(t, err)
	if got.Status(TagPolicy) != PolicyTypePendingEnable {
		t.Errorf("root: %+v", got)
	}
	d.FinishEnabling(TagPolicy)
	got, err = d.Fork(d.now).DisablePolicyType(d.root.ID, TagPolicy)
	must(t, err)
	if len(got.PolicyTypes) != 0 {
		t.Errorf("a fork delays too: %+v", got)
	}
	got, err = d.DisablePolicyType(d.root.ID, TagPolicy)
	must(t, err)
	if got.Status(TagPolicy) != PolicyTypePendingDisable {
		t.Errorf("root: %+v", got)
	}
}
