package authz

// Documents tells how many documents are known.
func (c *Chains) Documents() int {
	c.documents.mu.Lock()
	defer c.documents.mu.Unlock()
	return len(c.documents.known)
}
