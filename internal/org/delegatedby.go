package org

// DelegatedByPolicy tells whether the resource policy allows an action to a
// member. Nothing is delegated yet.
func (o *Organization) DelegatedByPolicy(_ string, _ AccountID, _, _ string, _ map[string][]string) bool {
	return false
}
