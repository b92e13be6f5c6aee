package registry

import (
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
)

// TestLateLoad: what was read before a commit, and is to be kept after it, never
// hides the commit. memory is led through what may come between.
func TestLateLoad(t *testing.T) {
	const id = "o"
	version := func(n int64) *snapshot { return &snapshot{version: n, entities: 10} }
	for name, tt := range map[string]struct {
		read    int64           // by the load
		between func(m *memory) // until its end
		want    int64           // what is in memory then, 0 for nothing
		gets    int64           // what the load returns
	}{
		"nothing comes between": {5, func(*memory) {}, 5, 5},
		"it does not exist":     {0, func(*memory) {}, 0, 0},
		"created":               {0, func(m *memory) { m.publish(id, version(1)) }, 1, 1},
		"changed":               {5, func(m *memory) { m.publish(id, version(6)) }, 6, 6},
		"changed twice, published in the wrong order": {5, func(m *memory) { m.publish(id, version(7)); m.publish(id, version(6)) }, 7, 7},
		"changed and evicted":                         {5, func(m *memory) { m.publish(id, version(6)); m.evictAll() }, 0, 5},
		"changed, evicted and loaded": {5, func(m *memory) {
			m.publish(id, version(6))
			m.evictAll()
			m.keep(m.aggregate(OrganizationKey(id)), version(6))
		}, 6, 5},
		"deleted":               {5, func(m *memory) { m.publish(id, version(0)) }, 0, 5},
		"created and deleted":   {0, func(m *memory) { m.publish(id, version(1)); m.publish(id, version(0)) }, 0, 0},
		"deleted and asked for": {5, func(m *memory) { m.publish(id, version(0)); m.aggregate(OrganizationKey(id)) }, 0, 5},
		"forgotten":             {5, func(m *memory) { m.clear() }, 0, 5},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory(1000)
			a := m.aggregate(OrganizationKey(id))
			tt.between(m)
			if got := m.keep(a, version(tt.read)); got.version != tt.gets {
				t.Errorf("the load returns version %d, want %d", got.version, tt.gets)
			}
			got := int64(0)
			if s := m.peek(OrganizationKey(id)); s != nil {
				got = s.version
			}
			if got != tt.want {
				t.Errorf("version %d is in memory, want %d", got, tt.want)
			}
			if want := min(tt.want, 1) * 10; m.entities.Load() != want {
				t.Errorf("%d documents are counted, want %d", m.entities.Load(), want)
			}
		})
	}
}

// evictAll drops everything as if memory were short.
func (m *memory) evictAll() {
	for _, a := range m.aggregates {
		a.mu.Lock()
		m.swap(a, nil)
		a.mu.Unlock()
		m.tidy(a)
	}
}

// TestEvict: what was used last stays.
func TestEvict(t *testing.T) {
	m := newMemory(100)
	ids := []store.AggregateID{"a", "b", "c", "d", "e"}
	for _, id := range ids {
		m.keep(m.aggregate(OrganizationKey("o")), &snapshot{}) // asked for, and not there
		m.keep(m.aggregate(Key{id, kindAccount}), &snapshot{version: 1, entities: 40})
	}
	m.aggregate(Key{"a", kindAccount})
	m.evict()
	for i, id := range ids {
		kept := m.peek(Key{id, kindAccount}) != nil
		if want := i == 0 || i == 4; kept != want {
			t.Errorf("%s is in memory: %v, want %v", id, kept, want)
		}
	}
	if got := m.entities.Load(); got != 80 {
		t.Errorf("%d documents are counted", got)
	}

	// One that is larger than the bound alone stays, for it is in use.
	m.keep(m.aggregate(Key{"large", kindAccount}), &snapshot{version: 1, entities: 1000})
	m.evict()
	if m.peek(Key{"large", kindAccount}) == nil || m.entities.Load() != 1000 {
		t.Errorf("%d documents are counted", m.entities.Load())
	}
}
