package policy

// setTable finds the numbers of sets by keys: a hash table with open addressing.
type setTable struct {
	slots []setSlot
	round uint32 // in which slots are filled that count
	used  int
}

// setSlot is empty in all rounds but one.
type setSlot struct {
	key    uint64
	number int32
	round  uint32
}

const (
	// maxKeys is how many sets a table finds: those of more would be too far away from the processor.
	maxKeys = 1 << tableBits / 2
	// tableBits is how many slots a table has, as a power of two.
	tableBits = 13
)

// clear empties the table.
func (t *setTable) clear() {
	if t.used, t.round = 0, t.round+1; t.round == 0 || t.slots == nil {
		t.slots, t.round = make([]setSlot, 1<<tableBits), 1
	}
}

// find returns the number of the set that has a key, and -1 when there is none.
func (t *setTable) find(key uint64) int32 {
	if s := t.slot(key); s.round == t.round {
		return s.number
	}
	return -1
}

// slot returns the slot of a key, or the empty slot where it belongs.
func (t *setTable) slot(key uint64) *setSlot {
	const golden = 0x9e3779b97f4a7c15 // 2⁶⁴ divided by the golden ratio: spreads keys that differ little
	for at := key * golden >> (64 - tableBits); ; at++ {
		if s := &t.slots[at&(1<<tableBits-1)]; s.round != t.round || s.key == key {
			return s
		}
	}
}

// add adds a set, whose key is not there yet.
func (t *setTable) add(key uint64, number int32) {
	t.used++
	*t.slot(key) = setSlot{key, number, t.round}
}
