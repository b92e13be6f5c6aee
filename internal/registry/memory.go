package registry

import (
	"sync"
	"sync/atomic"

	"github.com/espalier-cloud/espalier/internal/store"
)

// memory is the organizations and accounts that are in use or whose state is
// kept. It holds nothing of what does not exist.
type memory struct {
	bound      int64 // of entities
	mu         sync.RWMutex
	aggregates map[store.AggregateID]*aggregate
	entities   atomic.Int64 // documents in memory
	ticks      atomic.Int64 // counts uses, so that the least recently used can be told
}

// An aggregate is an organization or an account in memory. Its state may be
// evicted while writes wait.
type aggregate struct {
	Key
	current atomic.Pointer[snapshot] // nil while the state is not in memory
	used    atomic.Int64             // the memory's tick at the last use
	loading chan struct{}            // holds an element while one loads and others wait for it

	mu      sync.Mutex // taken after that of the memory
	newest  int64      // the highest version that was ever current
	retired bool       // not in memory any more: another one may take its place
	pending []*write
	writing bool
}

func newMemory(bound int64) *memory {
	return &memory{bound: bound, aggregates: make(map[store.AggregateID]*aggregate)}
}

// aggregate returns the aggregate of a key, a new one if there is none.
func (m *memory) aggregate(key Key) *aggregate {
	m.mu.RLock()
	a, ok := m.aggregates[key.id]
	m.mu.RUnlock()
	if !ok {
		m.mu.Lock()
		if a, ok = m.aggregates[key.id]; !ok {
			a = &aggregate{Key: key, loading: make(chan struct{}, 1)}
			m.aggregates[key.id] = a
		}
		m.mu.Unlock()
	}
	a.used.Store(m.ticks.Add(1))
	return a
}

// peek returns the state of a key that is in memory, or nil.
func (m *memory) peek(key Key) *snapshot {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if a, ok := m.aggregates[key.id]; ok {
		return a.current.Load()
	}
	return nil
}

// keep makes s the state of an aggregate and returns it, or returns the state
// that is in memory if that is newer. A retired aggregate keeps nothing: what
// was read for it may be out of date before anybody would notice.
func (m *memory) keep(a *aggregate, s *snapshot) *snapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.version == 0 || s.version < a.newest || a.retired {
		if newer := a.current.Load(); newer != nil {
			return newer
		}
		return s
	}
	a.newest = s.version
	m.swap(a, s)
	return s
}

// publish makes what was committed visible. What is not in memory is left to be
// loaded when it is asked for.
func (m *memory) publish(id store.AggregateID, s *snapshot) {
	if s.version == 0 {
		m.drop(id)
		return
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if a, ok := m.aggregates[id]; ok {
		m.keep(a, s)
	}
}

// swap replaces the state of an aggregate whose lock is held.
func (m *memory) swap(a *aggregate, s *snapshot) {
	if old := a.current.Swap(s); old != nil {
		m.entities.Add(-old.entities)
	}
	if s != nil {
		m.entities.Add(s.entities)
	}
}

// drop removes what was deleted, or what nobody knows the state of.
func (m *memory) drop(id store.AggregateID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.aggregates[id]; ok {
		a.mu.Lock()
		defer a.mu.Unlock()
		m.retire(a)
	}
}

// clear removes everything.
func (m *memory) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.aggregates {
		a.mu.Lock()
		m.retire(a)
		a.mu.Unlock()
	}
}

// tidy removes an aggregate that has no state and no writes.
func (m *memory) tidy(a *aggregate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current.Load() == nil && !a.writing {
		m.retire(a)
	}
}

// retire removes an aggregate; both locks are held.
func (m *memory) retire(a *aggregate) {
	m.swap(a, nil)
	a.retired = true
	if m.aggregates[a.id] == a {
		delete(m.aggregates, a.id)
	}
}

// evict drops the least recently used of a few aggregates, until what is in
// memory is within bounds. What is dropped is loaded again when it is asked for.
func (m *memory) evict() {
	for m.entities.Load() > m.bound {
		a := m.leastRecentlyUsed()
		if a == nil {
			return
		}
		a.mu.Lock()
		m.swap(a, nil)
		a.mu.Unlock()
		m.tidy(a)
	}
}

// leastRecentlyUsed returns the least recently used of a few aggregates. It
// returns nil when there is only one, which is in use and alone larger than
// the bound.
func (m *memory) leastRecentlyUsed() *aggregate {
	const sample = 16
	oldest, seen := (*aggregate)(nil), 0
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, a := range m.aggregates { // in random order
		if a.current.Load() == nil {
			continue
		}
		if oldest == nil || a.used.Load() < oldest.used.Load() {
			oldest = a
		}
		if seen++; seen == sample {
			break
		}
	}
	if seen <= 1 {
		return nil
	}
	return oldest
}
