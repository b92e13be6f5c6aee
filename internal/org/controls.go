package org

import (
	"cmp"
	"sync"
)

// Controls stand for what decides which service control and resource control
// policies are in force at an account: the policies, what they are attached to, and
// the units above. States of an organization that have the same Controls agree about
// each account that has the same parent in them.
type Controls struct {
	// Memo keeps what was found out about the policies in force, by whom it was, for as
	// long as they are.
	Memo sync.Map
}

// Controls returns those of the organization. They are the same ones, not only equal
// ones, until something changes what they stand for.
func (o *Organization) Controls() *Controls { return o.controls }

// controls tells whether policies of the type limit what principals may do or what may
// be done to resources. The others manage services.
func (t PolicyType) controls() bool { return t == ServiceControlPolicy || t == ResourceControlPolicy }

// changesControls tells whether one entity in the place of another one, either of which
// may be nil for none, changes what Controls stand for. A new policy and a new unit do
// not: nothing is attached, and nobody is there, yet.
func changesControls(old, next entity) bool {
	switch e := cmp.Or(next, old).(type) {
	case *Settings, *Root:
		return true
	case *Attachment:
		return e.Type.controls()
	case *Detachment:
		return e.Type.controls()
	case *Policy:
		was, ok := old.(*Policy)
		return ok && e.Type.controls() && (next == nil || e.Content != was.Content)
	case *OrganizationalUnit:
		was, ok := old.(*OrganizationalUnit)
		return ok && (next == nil || e.Parent != was.Parent)
	}
	return false
}
