package org

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// direct returns the ids of the policies of a type that a target has.
func direct(t testing.TB, o *Organization, target TargetID, of PolicyType) []PolicyID {
	t.Helper()
	policies, err := o.PoliciesForTarget(target, of, "")
	must(t, err)
	var ids []PolicyID
	for _, policy := range values(policies) {
		ids = append(ids, policy.ID)
	}
	return ids
}

// targets returns the ids of what a policy is attached to.
func targets(t testing.TB, o *Organization, id PolicyID) []TargetID {
	t.Helper()
	list, err := o.TargetsForPolicy(id, "")
	must(t, err)
	var ids []TargetID
	for _, target := range values(list) {
		ids = append(ids, target.ID)
	}
	return ids
}

func TestAttachPolicyKeepsTheOrder(t *testing.T) {
	d := founded(t)
	root := TargetID(d.root.ID)
	enable(t, d, TagPolicy)
	var want []PolicyID
	for i := range 8 { // all within one microsecond
		id := newPolicy(t, d, TagPolicy, fmt.Sprint(i))
		must(t, d.AttachPolicy(id, root))
		want = append(want, id)
	}
	if got := direct(t, d.Organization, root, TagPolicy); !slices.Equal(got, want) {
		t.Errorf("attached %v, want %v", got, want)
	}
	// Attached again, a policy comes last.
	must(t, d.DetachPolicy(want[2], root))
	must(t, d.AttachPolicy(want[2], root))
	want = append(slices.Delete(slices.Clone(want), 2, 3), want[2])
	if got := direct(t, d.Organization, root, TagPolicy); !slices.Equal(got, want) {
		t.Errorf("attached %v, want %v", got, want)
	}
	for size := 1; size < 4; size++ {
		got := pages(size, func(after Cursor) iter.Seq2[Cursor, *Policy] {
			policies, err := d.PoliciesForTarget(root, TagPolicy, after)
			must(t, err)
			return policies
		})
		if len(got) != len(want) || got[7].ID != want[7] {
			t.Errorf("pages of %d hold %d policies", size, len(got))
		}
	}
}

func TestAttachPolicyRefusals(t *testing.T) {
	d := founded(t)
	root := TargetID(d.root.ID)
	id := scp(t, d, "one")
	refused(t, d.AttachPolicy(id, root), PolicyTypeNotEnabled, "")
	refused(t, d.AttachPolicy("p-FullAWSAccess", root), PolicyTypeNotEnabled, "")
	enable(t, d, ServiceControlPolicy)
	must(t, d.AttachPolicy(id, root))
	refused(t, d.AttachPolicy(id, root), DuplicatePolicyAttachment, "")
	refused(t, d.AttachPolicy("p-FullAWSAccess", root), DuplicatePolicyAttachment, "")
	refused(t, d.AttachPolicy("p-aaaaaaaaaa", root), PolicyNotFound, "")
	for _, target := range []TargetID{"r-none", "ou-none-11111111", "999999999999"} {
		refused(t, d.AttachPolicy(id, target), TargetNotFound, "")
		_, err := d.PoliciesForTarget(target, ServiceControlPolicy, "")
		refused(t, err, TargetNotFound, "")
	}
	for i := 2; i < d.rules.Policies[ServiceControlPolicy].Attachments; i++ { // the default policy counts
		must(t, d.AttachPolicy(scp(t, d, fmt.Sprint(i)), root))
	}
	refused(t, d.AttachPolicy(scp(t, d, "too many"), root), ConstraintViolation, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	must(t, d.DetachPolicy("p-FullAWSAccess", root))
	must(t, d.AttachPolicy(scp(t, d, "takes its place"), root))
	refused(t, d.AttachPolicy("p-FullAWSAccess", root), ConstraintViolation, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	b := billing(t)
	refused(t, b.AttachPolicy("p-FullAWSAccess", TargetID(b.root.ID)), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestDetachPolicy(t *testing.T) {
	d := founded(t)
	ou := TargetID(unit(t, d, ParentID(d.root.ID), "unit"))
	id := scp(t, d, "one")
	refused(t, d.DetachPolicy(id, ou), PolicyNotAttached, "") // as when the type is disabled
	enable(t, d, ServiceControlPolicy)
	refused(t, d.DetachPolicy(id, ou), PolicyNotAttached, "")
	refused(t, d.DetachPolicy("p-FullAWSAccess", ou), ConstraintViolation, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	must(t, d.AttachPolicy(id, ou))
	must(t, d.DetachPolicy("p-FullAWSAccess", ou))
	refused(t, d.DetachPolicy("p-FullAWSAccess", ou), PolicyNotAttached, "")
	refused(t, d.DetachPolicy(id, ou), ConstraintViolation, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	must(t, d.AttachPolicy("p-FullAWSAccess", ou))
	if got := direct(t, d.Organization, ou, ServiceControlPolicy); !slices.Equal(got, []PolicyID{"p-FullAWSAccess", id}) {
		t.Errorf("attached: %v", got)
	}
	must(t, d.DetachPolicy(id, ou))
	refused(t, d.DetachPolicy("p-aaaaaaaaaa", ou), PolicyNotFound, "")
	refused(t, d.DetachPolicy(id, "999999999999"), TargetNotFound, "")

	enable(t, d, ResourceControlPolicy)
	refused(t, d.DetachPolicy("p-RCPFullAWSAccess", ou), InvalidInput, "NON_DETACHABLE_POLICY")
	rcp := newPolicy(t, d, ResourceControlPolicy, "rcp")
	must(t, d.AttachPolicy(rcp, ou))
	must(t, d.DetachPolicy(rcp, ou))
	tags := newPolicy(t, d, TagPolicy, "tags")
	enable(t, d, TagPolicy)
	must(t, d.AttachPolicy(tags, ou))
	must(t, d.DetachPolicy(tags, ou)) // other types may be left with none
	refused(t, billing(t).DetachPolicy(id, ou), ConstraintViolation, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
}

func TestTargetsForPolicy(t *testing.T) {
	d := founded(t)
	root := TargetID(d.root.ID)
	ou := TargetID(unit(t, d, ParentID(d.root.ID), "unit"))
	account := TargetID(grown(t, d, "222222222222").ID)
	id := scp(t, d, "one")
	enable(t, d, ServiceControlPolicy)
	for _, target := range []TargetID{account, root, ou} {
		later(d, time.Microsecond)
		must(t, d.AttachPolicy(id, target))
	}
	list, err := d.TargetsForPolicy(id, "")
	must(t, err)
	want := []TargetSummary{
		{ID: account, ARN: d.AccountARN("222222222222"), Name: "Account 222222222222", Type: TargetAccount},
		{ID: root, ARN: d.RootARN(), Name: "Root", Type: TargetRoot},
		{ID: ou, ARN: d.UnitARN(OUID(ou)), Name: "unit", Type: TargetOU},
	}
	if got := values(list); !slices.Equal(got, want) {
		t.Errorf("targets: %v", got)
	}
	_, err = d.TargetsForPolicy("p-aaaaaaaaaa", "")
	refused(t, err, PolicyNotFound, "")
	d.put(d.root.with(ServiceControlPolicy, PolicyTypePendingDisable))
	if got := targets(t, d.Organization, id); len(got) != 0 {
		t.Errorf("targets while the type is disabled: %v", got)
	}
}

func TestDefaultPoliciesAreAttachedEverywhere(t *testing.T) {
	d := founded(t)
	first := TargetID(unit(t, d, ParentID(d.root.ID), "b"))
	later(d, time.Microsecond)
	second := TargetID(unit(t, d, ParentID(d.root.ID), "a"))
	before := len(d.Changes())
	enable(t, d, ServiceControlPolicy)
	if n := len(d.Changes()) - before; n != 1 {
		t.Errorf("enabling a type takes %d changes", n)
	}
	account := TargetID(grown(t, d, "222222222222").ID) // joins while the type is enabled
	want := []TargetID{TargetID(d.root.ID), first, second, TargetID(management.ID), account}
	for size := 1; size <= 6; size++ {
		var got []TargetID
		for _, target := range pages(size, func(after Cursor) iter.Seq2[Cursor, TargetSummary] {
			list, err := d.TargetsForPolicy("p-FullAWSAccess", after)
			must(t, err)
			return list
		}) {
			got = append(got, target.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v, want %v", size, got, want)
		}
	}
	for _, target := range []TargetID{want[0], want[2], want[4]} {
		must(t, d.AttachPolicy(scp(t, d, "for "+string(target)), target))
		must(t, d.DetachPolicy("p-FullAWSAccess", target))
	}
	if got := targets(t, d.Organization, "p-FullAWSAccess"); !slices.Equal(got, []TargetID{first, TargetID(management.ID)}) {
		t.Errorf("targets: %v", got)
	}
	if got := targets(t, d.Organization, "p-RCPFullAWSAccess"); len(got) != 0 {
		t.Errorf("targets of a disabled type: %v", got)
	}
}

func TestAttachmentsGoWithTheirTarget(t *testing.T) {
	d := founded(t)
	ou := unit(t, d, ParentID(d.root.ID), "unit")
	id := scp(t, d, "one")
	enable(t, d, ServiceControlPolicy)
	must(t, d.AttachPolicy(id, TargetID(ou)))
	must(t, d.DetachPolicy("p-FullAWSAccess", TargetID(ou)))
	if got := len(d.attachmentsOf(ServiceControlPolicy, 1)); got != 1 {
		t.Errorf("%d attachments, want no more than one", got)
	}
	must(t, d.DeleteOrganizationalUnit(OUID(ou)))
	if d.attachments.Len()+d.detachments.Len()+d.attachmentsByPolicy.Len()+d.attachmentsByTarget.Len() != 0 {
		t.Error("an attachment outlived its target")
	}
	must(t, d.DeletePolicy(id))
}

// TestAttachmentsAgreeWithASimpleModel attaches and detaches at random and
// compares both lists with plain slices.
func TestAttachmentsAgreeWithASimpleModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := founded(t)
		all := []TargetID{TargetID(d.root.ID), TargetID(unit(t, d, ParentID(d.root.ID), "unit")), TargetID(management.ID)}
		enable(t, d, ServiceControlPolicy)
		policies := []PolicyID{"p-FullAWSAccess", scp(t, d, "a"), scp(t, d, "b"), scp(t, d, "c")}
		model := map[TargetID][]PolicyID{}
		for _, target := range all {
			model[target] = policies[:1:1]
		}
		r.Repeat(map[string]func(*rapid.T){
			"attach": func(r *rapid.T) {
				id, target := rapid.SampledFrom(policies).Draw(r, "policy"), rapid.SampledFrom(all).Draw(r, "target")
				err := d.AttachPolicy(id, target)
				has := slices.Contains(model[target], id)
				if has == (err == nil) {
					r.Fatalf("attaching %s to %s, which has it: %v: %v", id, target, has, err)
				}
				switch {
				case has:
				case id == "p-FullAWSAccess":
					model[target] = append([]PolicyID{id}, model[target]...)
				default:
					model[target] = append(slices.Clone(model[target]), id)
				}
			},
			"detach": func(r *rapid.T) {
				id, target := rapid.SampledFrom(policies).Draw(r, "policy"), rapid.SampledFrom(all).Draw(r, "target")
				err := d.DetachPolicy(id, target)
				i := slices.Index(model[target], id)
				if (i >= 0 && len(model[target]) > 1) != (err == nil) {
					r.Fatalf("detaching %s from %s: %v", id, target, err)
				}
				if err == nil {
					model[target] = slices.Delete(slices.Clone(model[target]), i, i+1)
				}
			},
			"": func(r *rapid.T) {
				for _, target := range all {
					if got := direct(t, d.Organization, target, ServiceControlPolicy); !slices.Equal(got, model[target]) {
						r.Fatalf("%s has %v, want %v", target, got, model[target])
					}
				}
				for _, id := range policies {
					for _, target := range all {
						if slices.Contains(targets(t, d.Organization, id), target) != slices.Contains(model[target], id) {
							r.Fatalf("%s lists wrong targets", id)
						}
					}
				}
			},
		})
	})
}
