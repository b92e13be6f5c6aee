package identity

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	allowAll   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	trustAll   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
	ownPolicy  = "arn:aws:iam::111122223333:policy/team/Own"
	linkedOnly = "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"
)

// newPopulation returns an account with a user, a group and a role, and a policy of its own.
func newPopulation(t failer) *Draft {
	t.Helper()
	d, err := NewAccount(testAccount, PartitionAWS, "tests", "root@example.com", testTime, drawRandom())
	must(t, err)
	_, err = d.CreateUser(NewUser{Name: "Ann", Path: "/team/"})
	must(t, err)
	_, err = d.CreateGroup("Staff", "")
	must(t, err)
	_, err = d.CreateRole(NewRole{Name: "Reader", TrustPolicy: trustAll})
	must(t, err)
	_, err = d.CreatePolicy(NewPolicy{Name: "Own", Path: "/team/", Document: allowAll})
	must(t, err)
	return d
}

// eachEntity runs a test for a user, a group and a role.
func eachEntity(t *testing.T, test func(t *testing.T, d *Draft, of Ref)) {
	for _, of := range []Ref{UserNamed("ANN"), GroupNamed("staff"), RoleNamed("reader")} {
		t.Run(of.Kind(), func(t *testing.T) { test(t, newPopulation(t), of) })
	}
}

// unchanged asserts that a refused rule has changed nothing.
func unchanged(t *testing.T, d *Draft, rule func()) {
	t.Helper()
	before := d.Fork()
	rule()
	if diff := cmp.Diff(contentsOf(before.Account()), contentsOf(d.Account())); diff != "" {
		t.Errorf("a refusal changed the account: %s", diff)
	}
	if len(d.Changes()) != len(before.Changes()) {
		t.Error("a refusal leaves changes")
	}
}

func TestAttachedPolicies(t *testing.T) {
	eachEntity(t, func(t *testing.T, d *Draft, of Ref) {
		must(t, d.AttachPolicy(of, ownPolicy))
		must(t, d.AttachPolicy(of, ownPolicy)) // again
		before, err := d.Entity(of)
		must(t, err)
		must(t, d.AttachPolicy(of, AdministratorAccess(PartitionAWS)))
		if !slices.Equal(before.ManagedPolicies, []string{ownPolicy}) {
			t.Errorf("a published entity was changed: %v", before.ManagedPolicies)
		}
		if d.AttachmentCount(ownPolicy) != 1 || d.BoundaryCount(ownPolicy) != 0 {
			t.Errorf("%d attachments", d.AttachmentCount(ownPolicy))
		}
		wantRefusal(t, d.DeletePolicy(ownPolicy), DeleteConflict, "Cannot delete a policy attached to entities.")
		nobody := Ref{of.kind, "Nobody"}
		for _, c := range []struct {
			err  error
			kind ErrorKind
			text string
		}{
			{d.AttachPolicy(nobody, ownPolicy), NoSuchEntity, "The " + of.kind + " with name Nobody cannot be found."},
			{d.DetachPolicy(nobody, ownPolicy), NoSuchEntity, "with name Nobody cannot be found."},
			{d.AttachPolicy(of, ownPolicy+"x"), NoSuchEntity, "Policy " + ownPolicy + "x does not exist or is not attachable."},
			{d.AttachPolicy(of, ManagedPolicyARN(PartitionAWS, "Nonsense")), NoSuchEntity, "does not exist or is not attachable."},
			{d.AttachPolicy(of, "arn:aws:s3:::bucket"), InvalidInput, "ARN arn:aws:s3:::bucket is not valid."},
			{d.AttachPolicy(of, "arn:aws:iam::111122223333:role/Own"), InvalidInput, "is not valid."},
			{d.AttachPolicy(of, "arn:aws:iam::999988887777:policy/team/Own"), AccessDenied, "Policy is outside your own account."},
			{d.AttachPolicy(of, linkedOnly), PolicyNotAttachable, "Cannot attach a Service Role Policy to a Customer "},
			{d.DetachPolicy(of, "arn:aws:s3:::bucket"), InvalidInput, "is not valid."},
			{d.DetachPolicy(of, ownPolicy+"x"), NoSuchEntity, "Policy " + ownPolicy + "x was not found."},
		} {
			wantRefusal(t, c.err, c.kind, c.text)
		}
		d.Limit(&Quotas{PoliciesPerUser: 2, PoliciesPerGroup: 2, PoliciesPerRole: 2})
		unchanged(t, d, func() {
			wantRefusal(t, d.AttachPolicy(of, ManagedPolicyARN(PartitionAWS, "ReadOnlyAccess")), LimitExceeded, "Cannot exceed quota for PoliciesPer"+of.title()+": 2")
		})
		wantRefusal(t, d.delete(of), DeleteConflict, "Cannot delete entity, must detach all policies first.")
		must(t, d.DetachPolicy(of, ownPolicy))
		must(t, d.DetachPolicy(of, AdministratorAccess(PartitionAWS)))
		must(t, d.DeletePolicy(ownPolicy))
		must(t, d.delete(of))
	})
}

// delete deletes a user, group or role.
func (d *Draft) delete(of Ref) error {
	switch of.kind {
	case KindUser:
		return d.DeleteUser(of.name)
	case KindGroup:
		return d.DeleteGroup(of.name)
	default:
		return d.DeleteRole(of.name)
	}
}

func TestInlinePolicies(t *testing.T) {
	eachEntity(t, func(t *testing.T, d *Draft, of Ref) {
		for _, name := range []string{"b", "a", "c", "a"} {
			must(t, d.PutInlinePolicy(of, name, allowAll))
		}
		other := strings.Replace(allowAll, "Allow", "Deny", 1)
		must(t, d.PutInlinePolicy(of, "b", other))
		e, err := d.Entity(of)
		must(t, err)
		if want := []InlinePolicy{{"a", allowAll}, {"b", other}, {"c", allowAll}}; !slices.Equal(e.InlinePolicies, want) {
			t.Errorf("got %v", e.InlinePolicies)
		}
		if p, err := d.InlinePolicy(of, "b"); err != nil || p.Document != other {
			t.Errorf("got %v, %v", p, err)
		}
		_, err = d.InlinePolicy(of, "B")
		wantRefusal(t, err, NoSuchEntity, "The "+of.kind+" policy with name B cannot be found.")
		_, err = d.InlinePolicy(Ref{of.kind, "Nobody"}, "b")
		wantRefusal(t, err, NoSuchEntity, "Nobody")
		for _, c := range []struct {
			err  error
			kind ErrorKind
			text string
		}{
			{d.PutInlinePolicy(Ref{of.kind, "Nobody"}, "b", allowAll), NoSuchEntity, "Nobody"},
			{d.PutInlinePolicy(of, "no name", allowAll), ValidationError, "policyName"},
			{d.PutInlinePolicy(of, "x", "{"), MalformedPolicyDocument, "This policy contains invalid Json"},
			{d.PutInlinePolicy(of, "x", `{"Version":"2012-10-17"}`), MalformedPolicyDocument, "Syntax errors in policy. 1:1"},
			{d.DeleteInlinePolicy(of, "x"), NoSuchEntity, "policy with name x cannot be found."},
			{d.DeleteInlinePolicy(Ref{of.kind, "Nobody"}, "b"), NoSuchEntity, "Nobody"},
		} {
			wantRefusal(t, c.err, c.kind, c.text)
		}
		wantRefusal(t, d.delete(of), DeleteConflict, "Cannot delete entity, must delete policies first.")
		for _, name := range []string{"b", "c", "a"} {
			must(t, d.DeleteInlinePolicy(of, name))
		}
		must(t, d.delete(of))
	})
}

// TestInlinePolicySize: the policies of an entity count together, and white space does not.
func TestInlinePolicySize(t *testing.T) {
	limits := map[string]int{KindUser: 2048, KindGroup: 5120, KindRole: 10240}
	eachEntity(t, func(t *testing.T, d *Draft, of Ref) {
		limit := limits[of.kind]
		document := func(size int) string {
			text := `{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":"*","Resource":"*"}]}`
			return strings.Replace(text, `"Sid":"`, "   \n\t  \"Sid\":\""+strings.Repeat("x", size-len(text)), 1)
		}
		must(t, d.PutInlinePolicy(of, "a", document(limit/2)))
		must(t, d.PutInlinePolicy(of, "b", document(limit/2)))
		unchanged(t, d, func() {
			wantRefusal(t, d.PutInlinePolicy(of, "b", document(limit/2+1)), LimitExceeded, fmt.Sprintf("Maximum policy size of %d bytes exceeded for %s ", limit, of.kind))
			wantRefusal(t, d.PutInlinePolicy(of, "c", allowAll), LimitExceeded, "Maximum policy size")
		})
		must(t, d.PutInlinePolicy(of, "b", document(limit/2)))
	})
}

func TestPermissionsBoundary(t *testing.T) {
	eachEntity(t, func(t *testing.T, d *Draft, of Ref) {
		if of.kind == KindGroup {
			t.Skip("groups have none")
		}
		must(t, d.SetPermissionsBoundary(of, AdministratorAccess(PartitionAWS)))
		must(t, d.SetPermissionsBoundary(of, ownPolicy))
		if d.BoundaryCount(ownPolicy) != 1 || d.AttachmentCount(ownPolicy) != 0 || d.BoundaryCount(AdministratorAccess(PartitionAWS)) != 0 {
			t.Errorf("it bounds %d", d.BoundaryCount(ownPolicy))
		}
		wantRefusal(t, d.DeletePolicy(ownPolicy), DeleteConflict, "Cannot delete a policy attached to entities.")
		unchanged(t, d, func() {
			wantRefusal(t, d.SetPermissionsBoundary(of, ownPolicy+"x"), NoSuchEntity, "does not exist or is not attachable.")
			wantRefusal(t, d.SetPermissionsBoundary(of, linkedOnly), PolicyNotAttachable, "")
			wantRefusal(t, d.DeletePermissionsBoundary(Ref{of.kind, "Nobody"}), NoSuchEntity, "Nobody")
		})
		must(t, d.DeletePermissionsBoundary(of))
		must(t, d.DeletePermissionsBoundary(of))
		must(t, d.DeletePolicy(ownPolicy))
	})
}

func TestTags(t *testing.T) {
	eachEntity(t, func(t *testing.T, d *Draft, of Ref) {
		must(t, d.Tag(of, []Tag{{"team", "a"}, {"stage", "test"}}))
		must(t, d.Tag(of, []Tag{{"Team", "b"}, {"empty", ""}}))
		e, err := d.Entity(of)
		must(t, err)
		if want := []Tag{{"Team", "b"}, {"stage", "test"}, {"empty", ""}}; !slices.Equal(e.Tags, want) {
			t.Errorf("got %v", e.Tags)
		}
		unchanged(t, d, func() {
			wantRefusal(t, d.Tag(of, []Tag{{"x", ""}, {"X", ""}}), InvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
			wantRefusal(t, d.Tag(of, []Tag{{"AWS:x", ""}}), InvalidInput, "aws:")
			wantRefusal(t, d.Tag(of, manyTags(48)), LimitExceeded, "The number of tags has reached the maximum limit.")
			wantRefusal(t, d.Tag(Ref{of.kind, "Nobody"}, nil), NoSuchEntity, "Nobody")
			wantRefusal(t, d.Untag(Ref{of.kind, "Nobody"}, nil), NoSuchEntity, "Nobody")
		})
		must(t, d.Tag(of, manyTags(47)))
		must(t, d.Untag(of, []string{"TEAM", "stage", "unknown"}))
		e, err = d.Entity(of)
		must(t, err)
		if len(e.Tags) != 48 || e.Tags[0].Key != "empty" {
			t.Errorf("left are %v", e.Tags)
		}
	})
}

// TestPolicyUses: whoever uses a policy is found once, from any place on.
func TestPolicyUses(t *testing.T) {
	d := newPopulation(t)
	for _, of := range []Ref{UserNamed("Ann"), GroupNamed("Staff"), RoleNamed("Reader")} {
		must(t, d.AttachPolicy(of, ownPolicy))
	}
	_, err := d.CreateUser(NewUser{Name: "Bob", PermissionsBoundary: ownPolicy})
	must(t, err)
	must(t, d.SetPermissionsBoundary(UserNamed("ann"), ownPolicy))
	uses := func(usage PolicyUsage, after string) (names, places []string) {
		for use := range d.PolicyUses(ownPolicy, usage, after) {
			names, places = append(names, use.Entity.Name()), append(places, use.Place)
		}
		return names, places
	}
	for usage, want := range map[PolicyUsage][]string{
		"": {"Staff", "Reader", "Ann", "Bob"}, PermissionsPolicy: {"Staff", "Reader", "Ann"}, PermissionsBoundary: {"Ann", "Bob"},
	} {
		names, places := uses(usage, "")
		if !slices.Equal(names, want) {
			t.Errorf("%s: %v, want %v", usage, names, want)
		}
		for i, place := range places {
			if rest, _ := uses(usage, place); !slices.Equal(rest, want[i+1:]) {
				t.Errorf("%s behind %q: %v, want %v", usage, place, rest, want[i+1:])
			}
		}
	}
	for range d.PolicyUses(ownPolicy, "", "") {
		break
	}
}

func TestEntityOfNoKind(t *testing.T) {
	d := newPopulation(t)
	_, err := d.Entity(Ref{"spoon", "Ann"})
	wantRefusal(t, err, NoSuchEntity, "The spoon with name Ann cannot be found.")
	wantRefusal(t, d.edit(Ref{"spoon", "Ann"}, nil), NoSuchEntity, "")
	if v, found := d.lookUp(entity{"spoon", "Ann"}); found {
		t.Errorf("found %v", v)
	}
}
