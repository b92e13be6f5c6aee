package authz

// Remembered tells how many states of organizations and how many documents are
// known.
func (c *Chains) Remembered() (states, compiled int) {
	c.organizations.mu.RLock()
	defer c.organizations.mu.RUnlock()
	c.documents.mu.Lock()
	defer c.documents.mu.Unlock()
	return len(c.organizations.known), len(c.documents.known)
}
