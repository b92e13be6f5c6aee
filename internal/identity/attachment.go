package identity

import (
	"iter"
	"slices"
	"strings"
)

// AttachPolicy attaches a managed policy to a user, group or role; attaching it again changes nothing. It refuses a
// name or policy that does not exist as NoSuchEntity, an ARN that is no policy's as InvalidInput, a policy
// that is for a service's own role as PolicyNotAttachable, a policy too many as LimitExceeded,
// and a service-linked role as UnmodifiableEntity.
func (d *Draft) AttachPolicy(to Ref, arn string) error {
	return d.change(to, func(e *Entity) error {
		if err := d.attachable(to, arn); err != nil {
			return err
		}
		if slices.Contains(e.ManagedPolicies, arn) {
			return nil
		}
		if limit := d.attachments(to); len(e.ManagedPolicies) >= limit {
			return exceeded("PoliciesPer"+to.title(), limit)
		}
		e.ManagedPolicies = append(slices.Clip(e.ManagedPolicies), arn)
		return nil
	})
}

// DetachPolicy detaches a managed policy from a user, group or role. It refuses a name that does not exist and a
// policy that is not attached as NoSuchEntity, an ARN that is no policy's as InvalidInput, and a service-linked role as
// UnmodifiableEntity.
func (d *Draft) DetachPolicy(from Ref, arn string) error {
	return d.change(from, func(e *Entity) error {
		if err := d.checkPolicyARN(arn); err != nil {
			return err
		}
		i := slices.Index(e.ManagedPolicies, arn)
		if i < 0 {
			return noSuchPolicy(arn)
		}
		e.ManagedPolicies = slices.Delete(slices.Clone(e.ManagedPolicies), i, i+1)
		if len(e.ManagedPolicies) == 0 {
			e.ManagedPolicies = nil
		}
		return nil
	})
}

// SetPermissionsBoundary bounds what the policies of a user or role can grant by a managed policy. It refuses
// as [Draft.AttachPolicy] does.
func (d *Draft) SetPermissionsBoundary(of Ref, arn string) error {
	return d.change(of, func(e *Entity) error {
		err := d.attachable(of, arn)
		if err == nil {
			e.PermissionsBoundary = arn
		}
		return err
	})
}

// DeletePermissionsBoundary takes the boundary from a user or role; one that has none stays as it is. It refuses a name
// that does not exist as NoSuchEntity, and a service-linked role as UnmodifiableEntity.
func (d *Draft) DeletePermissionsBoundary(of Ref) error {
	return d.change(of, func(e *Entity) error {
		e.PermissionsBoundary = ""
		return nil
	})
}

// AttachmentCount returns to how many users, groups and roles a managed policy is attached.
func (s *state) AttachmentCount(arn string) int { return s.referrerCount(attached, arn) }

// BoundaryCount returns of how many users and roles a managed policy is the permissions boundary.
func (s *state) BoundaryCount(arn string) int { return s.referrerCount(bounds, arn) }

// PolicyUsage is what a managed policy is to a user, group or role: a policy that grants, or a boundary.
type PolicyUsage string

// The usages of managed policies, as IAM calls them.
const (
	PermissionsPolicy   PolicyUsage = "PermissionsPolicy"
	PermissionsBoundary PolicyUsage = "PermissionsBoundary"
)

// PolicyUse is the use of a managed policy by somebody.
type PolicyUse struct {
	Entity Ref    // with its name as it is written
	Place  string // among the uses of the policy
}

// PolicyUses yields the groups, roles and users that use a managed policy, in any way when usage is empty, from behind
// a place. Each comes once.
func (s *state) PolicyUses(arn string, usage PolicyUsage, after string) iter.Seq[PolicyUse] {
	begin, behind, _ := strings.Cut(after, linkSeparator)
	return func(yield func(PolicyUse) bool) {
		for _, way := range []struct {
			relation
			PolicyUsage
		}{{attached, PermissionsPolicy}, {bounds, PermissionsBoundary}} {
			from := ""
			switch {
			case usage != "" && usage != way.PolicyUsage, string(way.relation) < begin:
				continue
			case string(way.relation) == begin:
				from = behind
			}
			for l := range s.referrers(way.relation, arn, "", from) {
				e, err := s.Entity(Ref{l.kind, l.from})
				again := usage == "" && way.relation == bounds && err == nil && slices.Contains(e.ManagedPolicies, arn)
				if err == nil && !again && !yield(PolicyUse{Ref{l.kind, e.Name}, l.place()}) {
					return
				}
			}
		}
	}
}

// attachable refuses a managed policy that cannot be attached to users, groups and roles.
func (d *Draft) attachable(to Ref, arn string) error {
	if err := d.checkPolicyARN(arn); err != nil {
		return err
	}
	p, ok := d.Policy(arn)
	if !ok {
		return refuse(NoSuchEntity, "Policy %s does not exist or is not attachable.", arn)
	}
	if !p.Attachable() {
		return refuse(PolicyNotAttachable, "Cannot attach a Service Role Policy to a Customer %s.", to.title())
	}
	return nil
}

func (d *Draft) attachments(of Ref) int {
	switch of.kind {
	case KindUser:
		return d.quotas.PoliciesPerUser
	case KindGroup:
		return d.quotas.PoliciesPerGroup
	default:
		return d.quotas.PoliciesPerRole
	}
}
