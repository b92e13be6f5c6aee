package authz

import (
	"runtime"
	"sync"
	"weak"
)

// A memo keeps what was found for values that never change, as long as they are
// used: it keeps none of them alive. What it keeps must not refer to the value that
// it was found for.
type memo[K, V any] struct {
	mu    sync.RWMutex
	known map[weak.Pointer[K]]V
}

// of returns what was found for a key. Several callers may find it at once, of
// whom one is right for all.
func (m *memo[K, V]) of(key *K, find func() V) V {
	at := weak.Make(key)
	m.mu.RLock()
	known, ok := m.known[at]
	m.mu.RUnlock()
	if ok {
		return known
	}
	found := find()
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok = m.known[at]; ok {
		return known
	}
	if m.known == nil {
		m.known = map[weak.Pointer[K]]V{}
	}
	m.known[at] = found
	runtime.AddCleanup(key, m.forget, at)
	return found
}

// forget drops what was found for a key that is gone.
func (m *memo[K, V]) forget(key weak.Pointer[K]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, key)
}

// noted returns what was found out by somebody and is kept with what it is about, at first nothing.
func noted[V any](in *sync.Map, by *Chains) *V {
	known, ok := in.Load(by)
	if !ok {
		known, _ = in.LoadOrStore(by, new(V))
	}
	return known.(*V)
}

// A bounded map remembers up to a number of values, and then begins anew.
type bounded[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

// maxRemembered is how many values a bounded map remembers.
const maxRemembered = 10_000

func (b *bounded[K, V]) get(key K) (V, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	v, ok := b.known[key]
	return v, ok
}

func (b *bounded[K, V]) put(key K, v V) V {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil || len(b.known) >= maxRemembered {
		b.known = map[K]V{}
	}
	b.known[key] = v
	return v
}

// A shared map finds values that somebody uses. It keeps none of them alive.
type shared[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]weak.Pointer[V]
}

// find returns the value of a key, nil when nobody uses one.
func (s *shared[K, V]) find(key K) *V {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[key].Value()
}

// share makes a value the one that is found, and returns it.
func (s *shared[K, V]) share(key K, v *V) *V {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[K]weak.Pointer[V]{}
	}
	s.known[key] = weak.Make(v)
	runtime.AddCleanup(v, s.forget, key)
	return v
}

// forget removes a value that is gone, unless another one took its place.
func (s *shared[K, V]) forget(key K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[key].Value() == nil {
		delete(s.known, key)
	}
}
