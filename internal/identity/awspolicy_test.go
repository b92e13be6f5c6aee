package identity

import (
	"slices"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

// TestPoliciesOfAWS: each file is a policy in the language of its use, and knows what AWS tells of a policy.
func TestPoliciesOfAWS(t *testing.T) {
	d := newDraft(t)
	n := 0
	ids := map[PolicyID]string{}
	for p := range d.PoliciesOfAWS("/", "") {
		n++
		document := p.DefaultVersion().Document
		if _, err := policy.Parse(policy.IdentityPolicy, []byte(document)); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		if p.Description == "" || p.Created.IsZero() || p.Updated.Before(p.Created) || p.Default < 1 || !strings.HasSuffix(p.Path, "/") {
			t.Errorf("%s: %+v", p.Name, p)
		}
		if len(p.ID) != 21 || !strings.HasPrefix(string(p.ID), "ANPA") || ids[p.ID] != "" {
			t.Errorf("%s has the id %s, as has %q", p.Name, p.ID, ids[p.ID])
		}
		ids[p.ID] = p.Name
		if got, ok := d.Policy(d.PolicyARN(p)); !ok || got != p {
			t.Errorf("%s is not found by its ARN", p.Name)
		}
	}
	if n < 60 {
		t.Errorf("%d policies", n)
	}
	var names []string
	for p := range d.PoliciesOfAWS("/root-task/", "iamauditrootusercredentials") {
		names = append(names, p.Name)
	}
	if want := []string{"IAMCreateRootUserPassword", "IAMDeleteRootUserCredentials", "S3UnlockBucketPolicy", "SQSUnlockQueuePolicy"}; !slices.Equal(names, want) {
		t.Errorf("got %q", names)
	}
	for range d.PoliciesOfAWS("/", "") {
		break
	}
}

func TestPoliciesOfAWSInOtherPartitions(t *testing.T) {
	for _, partition := range []Partition{PartitionChina, PartitionGovCloud} {
		d := newDraft(t)
		d.profile.Partition = partition
		arn := ManagedPolicyARN(partition, "aws-service-role/AWSOrganizationsServiceTrustPolicy")
		p, ok := d.Policy(arn)
		if !ok || !strings.Contains(p.DefaultVersion().Document, `"arn:`+string(partition)+`:iam::*:role/aws-service-role/`) {
			t.Errorf("got %+v", p)
		}
		if _, ok := d.Policy(ManagedPolicyARN(PartitionAWS, "AdministratorAccess")); ok {
			t.Error("a policy of another partition is found")
		}
	}
}

// TestServiceLinkedRoles: each role of the list can be made, and its policy exists.
func TestServiceLinkedRoles(t *testing.T) {
	d := newDraft(t)
	for service, linked := range AWSServiceRoles().byService {
		r, err := d.CreateServiceLinkedRole(linked, "", linked.Description)
		must(t, err)
		p, ok := d.Policy(r.ManagedPolicies[0])
		if !ok || p.Attachable() || r.Description == "" || r.Name != linked.Name || service != linked.Service || !strings.HasSuffix(service, ".amazonaws.com") {
			t.Errorf("%s: %+v", service, r)
		}
	}
	if n := d.Count().Roles; n != 0 {
		t.Errorf("%d of them count", n)
	}
}

func TestFilesThatAreWrong(t *testing.T) {
	if _, err := parsePolicyOfAWS("Broken", []byte("{")); err == nil || !strings.Contains(err.Error(), "Broken") {
		t.Errorf("got %v", err)
	}
	if _, err := parseServiceRoles("a\tb\n"); err == nil || !strings.Contains(err.Error(), "2 fields") {
		t.Errorf("got %v", err)
	}
}
