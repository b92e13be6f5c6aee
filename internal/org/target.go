package org

import "iter"

// TargetType says what a policy is attached to.
type TargetType string

// The target types of the model.
const (
	TargetRoot    TargetType = "ROOT"
	TargetOU      TargetType = "ORGANIZATIONAL_UNIT"
	TargetAccount TargetType = "ACCOUNT"
)

// TargetSummary describes what a policy is attached to.
type TargetSummary struct {
	ID   TargetID
	ARN  string
	Name string
	Type TargetType
}

// hasTarget tells whether the id is that of the root, a unit or an account.
func (o *Organization) hasTarget(id TargetID) bool {
	if id.IsAccount() {
		_, ok := o.accounts.Get(string(id))
		return ok
	}
	return o.hasParent(ParentID(id))
}

// target describes an existing target.
func (o *Organization) target(id TargetID) TargetSummary {
	switch {
	case id.IsAccount():
		account, _ := o.accounts.Get(string(id))
		return o.accountTarget(account)
	case id.IsOU():
		unit, _ := o.units.Get(string(id))
		return o.unitTarget(unit)
	}
	return o.rootTarget()
}

func (o *Organization) rootTarget() TargetSummary {
	return TargetSummary{ID: TargetID(o.root.ID), ARN: o.RootARN(), Name: RootName, Type: TargetRoot}
}

func (o *Organization) unitTarget(u *OrganizationalUnit) TargetSummary {
	return TargetSummary{ID: TargetID(u.ID), ARN: o.UnitARN(u.ID), Name: u.Name, Type: TargetOU}
}

func (o *Organization) accountTarget(a *Account) TargetSummary {
	return TargetSummary{ID: TargetID(a.ID), ARN: o.AccountARN(a.ID), Name: a.Name, Type: TargetAccount}
}

// TargetsForPolicy lists what a policy is attached to directly, from behind the
// cursor, in the order in which it was attached; a default policy is attached to
// the root, then to the units and then to the accounts. There are none while the
// policy's type is not enabled. It returns PolicyNotFound.
func (o *Organization) TargetsForPolicy(id PolicyID, after Cursor) (iter.Seq2[Cursor, TargetSummary], error) {
	policy, err := o.Policy(id)
	if err != nil {
		return nil, err
	}
	switch {
	case !o.policyTypeEnabled(policy.Type):
		return Chained[TargetSummary](after), nil
	case policy.AWSManaged:
		return o.defaultTargets(policy, after), nil
	}
	return mapped(walk(o.attachmentsByPolicy, key(string(id), ""), after), func(a *Attachment) TargetSummary { return o.target(a.Target) }), nil
}

// defaultTargets lists the root, the units and the accounts from which a default
// policy was not detached. It looks at each of them: nothing is stored where a
// default policy is attached.
func (o *Organization) defaultTargets(policy *Policy, after Cursor) iter.Seq2[Cursor, TargetSummary] {
	everywhere := Chained(after,
		alone(o.rootTarget(), true),
		func(after Cursor) iter.Seq2[Cursor, TargetSummary] {
			return mapped(walk(o.unitsByCreation, "", after), o.unitTarget)
		},
		func(after Cursor) iter.Seq2[Cursor, TargetSummary] {
			return mapped(walk(o.accountsByJoin, "", after), o.accountTarget)
		})
	return func(yield func(Cursor, TargetSummary) bool) {
		for cursor, target := range everywhere {
			if o.attached(policy, target.ID) && !yield(cursor, target) {
				return
			}
		}
	}
}
