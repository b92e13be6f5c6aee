package policy

import "strings"

// Key is the name of a condition key, prepared for those who use it in many requests.
type Key struct{ contextKey }

// NewKey prepares the name of a condition key.
func NewKey(name string) Key { return Key{newKey(name)} }

// contextKey is the name of a condition key, prepared for look-ups, which do not depend on case.
type contextKey struct {
	name   string
	hash   uint32
	number uint8 // of a known key, and 0 for the others: keys with numbers are found without looking at names
}

// newKey prepares a key for look-ups. A name beyond ASCII is folded here, so that looking up has to
// fold ASCII only.
func newKey(name string) contextKey {
	if !ascii(name) {
		name = lowerText(name)
	}
	hash := hashKey(name)
	return contextKey{name, hash, numbers.of(name, hash)}
}

// same tells whether two keys are one.
func (k *contextKey) same(other *contextKey) bool {
	return k.hash == other.hash && (k.name == other.name || equalFold(k.name, other.name))
}

func hashKey(name string) uint32 {
	hash := uint32(2166136261) // FNV-1a
	for i := range len(name) {
		hash = (hash ^ uint32(lower(name[i]))) * 16777619
	}
	return hash
}

// keyNumbers are numbers of condition keys, from 1.
type keyNumbers struct {
	names []string
	slots [4 * maxNumbers]uint8 // a hash table with open addressing
}

// maxNumbers is how many keys have numbers at most.
const maxNumbers = 96

// numbers are those of the keys that the linter knows. The keys of tags have none.
var numbers = numberKeys(conditionKeysText)

func numberKeys(text string) *keyNumbers {
	n := new(keyNumbers)
	for line := range strings.Lines(text) {
		name, _, ok := strings.Cut(line, "\t")
		if !ok || strings.HasSuffix(name, "/") || len(n.names) == maxNumbers {
			continue
		}
		n.names = append(n.names, name)
		*n.slot(name, hashKey(name)) = uint8(len(n.names))
	}
	return n
}

// of returns the number of a key.
func (n *keyNumbers) of(name string, hash uint32) uint8 { return *n.slot(name, hash) }

// slot returns the slot of a key, or the empty slot where it belongs.
func (n *keyNumbers) slot(name string, hash uint32) *uint8 {
	for at := hash % uint32(len(n.slots)); ; at = (at + 1) % uint32(len(n.slots)) {
		if number := n.slots[at]; number == 0 || equalFold(n.names[number-1], name) {
			return &n.slots[at]
		}
	}
}
