package registry

// Waiting returns how many writes wait in a queue.
func (r *Registry) Waiting(key Key) int {
	a := r.memory.aggregate(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.pending)
}

// Held returns how many organizations and accounts are in memory, and of how
// many documents.
func (r *Registry) Held() (aggregates int, entities int64) {
	r.memory.mu.RLock()
	defer r.memory.mu.RUnlock()
	return len(r.memory.aggregates), r.memory.entities.Load()
}

// MaxBatch is how many writes are committed together.
const MaxBatch = maxBatch

// Attempts is how often a batch is tried.
const Attempts = attempts

// HoldLoad keeps everybody from loading an organization or account until release
// is called.
func (r *Registry) HoldLoad(key Key) (release func()) {
	a := r.memory.aggregate(key)
	a.loading <- struct{}{}
	return func() { <-a.loading }
}

// HoldCommit is a commit whose states are not visible yet. settling tells
// whether somebody waits for them; release makes an end of it.
func (r *Registry) HoldCommit() (settling func() bool, release func()) {
	r.commits.RLock()
	settling = func() bool {
		free := r.commits.TryRLock()
		if free {
			r.commits.RUnlock()
		}
		return !free
	}
	return settling, r.commits.RUnlock
}
