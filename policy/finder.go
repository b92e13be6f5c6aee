package policy

import (
	"math/bits"
	"strings"
	"sync"
	"unicode/utf8"
)

// finder finds pieces of patterns in the value that is being matched. It counts what it does: a
// hostile chain of policies searches one long value many thousand times, and then an index of the
// value, made once, makes each search cheap. The zero finder is ready; release it after use.
type finder struct {
	value  string
	effort int // bytes looked at in value
	places *places
}

// patience is the effort in bytes after which a value is worth an index.
const patience = 16 << 10

// after returns the offset behind the first occurrence of a piece in value[lo:hi], or -1.
func (f *finder) after(value string, lo, hi int, piece string) int {
	if hi-lo < len(piece) {
		return -1
	}
	if f.value != value {
		f.value, f.effort = value, 0
	}
	anyChars := strings.IndexByte(piece, anyChar) >= 0
	if f.effort += hi - lo; anyChars {
		f.effort += (hi - lo) * len(piece)
	}
	if f.effort > patience {
		if f.places == nil {
			f.places = placesPool.Get().(*places)
		}
		f.places.of(value)
		if f.places.ascii || !anyChars {
			return f.places.after(lo, hi, piece)
		}
	}
	if anyChars {
		return afterAny(value[:hi], lo, piece)
	}
	at := strings.Index(value[lo:hi], piece)
	if at < 0 {
		return -1
	}
	return lo + at + len(piece)
}

// release returns what the finder borrowed.
func (f *finder) release() {
	if f.places != nil {
		placesPool.Put(f.places)
		f.places = nil
	}
}

// afterAny finds a piece that holds anyChar by trying every place.
func afterAny(value string, lo int, piece string) int {
	for lo < len(value) {
		if n, ok := leads(value[lo:], piece); ok {
			return lo + n
		}
		_, size := utf8.DecodeRuneInString(value[lo:])
		lo += size
	}
	return -1
}

// placesPool keeps places for their memory.
var placesPool = sync.Pool{New: func() any { return new(places) }}

// places knows for every byte at which offsets of a value it is, as a set of bits. A piece occurs
// where the sets of its bytes, each shifted by the byte's place in the piece, meet: 64 places are
// tried at once, and the text of value and piece can do nothing to make it slower.
type places struct {
	value string
	ascii bool
	width int // words of one set; the last is 0, so that a window may reach beyond the value
	rows  [256]uint16
	sets  []uint64 // set 0 is empty, for the bytes that the value does not hold
}

// of prepares the index for a value.
func (p *places) of(value string) {
	if p.value == value {
		return
	}
	p.value, p.ascii, p.width = value, ascii(value), len(value)/64+2
	p.rows = [256]uint16{}
	used := uint16(0)
	for i := range len(value) {
		if row := &p.rows[value[i]]; *row == 0 {
			used++
			*row = used
		}
	}
	words := (int(used) + 1) * p.width
	if cap(p.sets) < words {
		p.sets = make([]uint64, words)
	}
	p.sets = p.sets[:words]
	clear(p.sets)
	for i := range len(value) {
		p.sets[int(p.rows[value[i]])*p.width+i/64] |= 1 << (i % 64)
	}
}

// after returns the offset behind the first occurrence of a piece in value[lo:hi], or -1.
func (p *places) after(lo, hi int, piece string) int {
	for i := range len(piece) {
		if piece[i] != anyChar && p.rows[piece[i]] == 0 {
			return -1
		}
	}
	last := hi - len(piece)
	for word := lo / 64; word <= last/64; word++ {
		starts := ^uint64(0)
		if word == lo/64 {
			starts <<= lo % 64
		}
		if word == last/64 {
			starts &= ^uint64(0) >> (63 - last%64)
		}
		for i := 0; i < len(piece) && starts != 0; i++ {
			if piece[i] != anyChar {
				starts &= p.window(piece[i], word*64+i)
			}
		}
		if starts != 0 {
			return word*64 + bits.TrailingZeros64(starts) + len(piece)
		}
	}
	return -1
}

// window returns 64 bits of a byte's set, from an offset on.
func (p *places) window(b byte, at int) uint64 {
	set := p.sets[int(p.rows[b])*p.width:]
	return set[at/64]>>(at%64) | set[at/64+1]<<(64-at%64)
}
