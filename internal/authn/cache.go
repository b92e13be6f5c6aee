package authn

import "sync"

// cacheSize bounds each of the two generations of a cache.
const cacheSize = 2048

// cache remembers values by their keys, within bounds. It has two generations: a full young one becomes the old one,
// which is then forgotten unless it is used; so what is in use stays. The zero value is an empty cache.
type cache[K comparable, V any] struct {
	mu         sync.Mutex
	young, old map[K]V
}

// get returns the value kept for k.
func (c *cache[K, V]) get(k K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.young[k]
	if ok {
		return v, true
	}
	if v, ok = c.old[k]; ok {
		c.put(k, v)
	}
	return v, ok
}

// set keeps v for k.
func (c *cache[K, V]) set(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(k, v)
}

func (c *cache[K, V]) put(k K, v V) {
	if c.young == nil || len(c.young) >= cacheSize {
		c.old, c.young = c.young, make(map[K]V)
	}
	c.young[k] = v
}
