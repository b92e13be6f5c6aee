package policy

// setTable finds the numbers of sets by keys: a hash table with open addressing.
type setTable struct {
	slots []setSlot // as many as a power of two
	shift uint8     // of hashes
	used  int
}

type setSlot struct {
	key    uint64
	number int32 // of the set, from 1; 0 in an empty slot
}

// fewSets is how many slots a table begins with, as a power of two.
const fewSets = 9

// clear empties the table.
func (t *setTable) clear() {
	t.slots, t.shift, t.used = zeros(t.slots, 1<<fewSets), 64-fewSets, 0
}

// find returns the number of the set that has a key, and -1 when there is none.
func (t *setTable) find(key uint64) int32 { return t.slot(key).number - 1 }

// slot returns the slot of a key, or the empty slot where it belongs.
func (t *setTable) slot(key uint64) *setSlot {
	const golden = 0x9e3779b97f4a7c15 // 2⁶⁴ divided by the golden ratio: spreads keys that differ little
	last := uint64(len(t.slots) - 1)
	for at := key * golden >> (t.shift & 63); ; at++ {
		if s := &t.slots[at&last]; s.key == key || s.number == 0 {
			return s
		}
	}
}

// add adds a set, whose key is not there yet.
func (t *setTable) add(key uint64, number int32) {
	if t.used++; 2*t.used > len(t.slots) {
		old := t.slots
		t.slots, t.shift = make([]setSlot, 2*len(old)), t.shift-1
		for _, s := range old {
			if s.number != 0 {
				*t.slot(s.key) = s
			}
		}
	}
	*t.slot(key) = setSlot{key, number + 1}
}
