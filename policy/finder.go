package policy

import (
	"math"
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
		if f.places.of(value) {
			return f.places.after(lo, hi, piece)
		}
		f.effort = math.MinInt // not again
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
		f.places.value = "" // which may be of a request that is gone
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

// places knows for every character at which places of a value it is, as a set of bits. A piece
// occurs where the sets of its characters, each shifted by the character's place in the piece, meet:
// 64 places are tried at once, and the text of value and piece can do nothing to make it slower.
type places struct {
	value  string
	width  int             // words of one set; the last is 0, so that a window may reach beyond the value
	rows   [256]uint16     // the sets of characters below 256
	wide   map[rune]uint16 // the sets of the others
	sets   []uint64        // set 0 holds every place, for the wildcard
	counts []int32         // how many places are in each set
	piece  []uint16        // the sets of the characters that are searched
	// For a value beyond ASCII: the character of each byte, and the first byte of each character, both
	// with one more for the end. Otherwise a character is a byte.
	ascii        bool
	chars, bytes []int32
}

// maxWords is how long all sets together may be: those of 16 KiB without a character twice.
const maxWords = 2 << 20

// of prepares the places of a value. It reports false when they would take too much memory, because
// the value is long and holds very many different characters.
func (p *places) of(value string) bool {
	if p.value == value {
		return true
	}
	p.value, p.ascii = "", ascii(value)
	p.rows = [256]uint16{}
	clear(p.wide)
	used, length := uint16(0), 0
	p.counts = append(p.counts[:0], math.MaxInt32)
	p.chars, p.bytes = p.chars[:0], p.bytes[:0]
	for i, r := range value {
		if p.row(r) == 0 {
			if used++; int(used)*len(value)/64 > maxWords {
				return false
			}
			p.setRow(r, used)
			p.counts = append(p.counts, 0)
		}
		p.counts[p.row(r)]++
		length++
		if !p.ascii {
			p.bytes = append(p.bytes, int32(i))
		}
	}
	p.width = length/64 + 2
	words := (int(used) + 1) * p.width
	if cap(p.sets) < words {
		p.sets = make([]uint64, words)
	}
	p.sets = p.sets[:words]
	clear(p.sets)
	for i := range p.width {
		p.sets[i] = ^uint64(0)
	}
	at := 0
	for _, r := range value {
		p.sets[int(p.row(r))*p.width+at/64] |= 1 << (at % 64)
		at++
	}
	p.value = value
	if p.ascii {
		return true
	}
	p.bytes = append(p.bytes, int32(len(value)))
	for i := range length {
		for range p.bytes[i+1] - p.bytes[i] {
			p.chars = append(p.chars, int32(i))
		}
	}
	p.chars = append(p.chars, int32(length))
	return true
}

func (p *places) row(r rune) uint16 {
	if r < 256 {
		return p.rows[r]
	}
	return p.wide[r]
}

func (p *places) setRow(r rune, row uint16) {
	if r < 256 {
		p.rows[r] = row
		return
	}
	if p.wide == nil {
		p.wide = map[rune]uint16{}
	}
	p.wide[r] = row
}

// after returns the offset behind the first occurrence of a piece in value[lo:hi], or -1.
func (p *places) after(lo, hi int, piece string) int {
	if !p.ascii {
		lo, hi = int(p.chars[lo]), int(p.chars[hi])
	}
	rarest, ok := p.read(piece)
	if !ok {
		return -1
	}
	last := hi - len(p.piece)
	for word := lo / 64; last >= lo && word <= last/64; word++ {
		starts := p.window(p.piece[rarest], word*64+rarest)
		if word == lo/64 {
			starts &= ^uint64(0) << (lo % 64)
		}
		if word == last/64 {
			starts &= ^uint64(0) >> (63 - last%64)
		}
		for i := 0; i < len(p.piece) && starts != 0; i++ {
			starts &= p.window(p.piece[i], word*64+i)
		}
		if starts != 0 {
			end := word*64 + bits.TrailingZeros64(starts) + len(p.piece)
			if !p.ascii {
				end = int(p.bytes[end])
			}
			return end
		}
	}
	return -1
}

// read makes a piece the one that is searched, and returns the place in it of the character that is
// rarest in the value: it alone rules most places out. It reports false when the value does not hold
// one of the characters.
func (p *places) read(piece string) (rarest int, ok bool) {
	p.piece = p.piece[:0]
	for rest := piece; rest != ""; {
		r, size := character(rest)
		rest = rest[size:]
		row := uint16(0)
		if r != anyCharRune {
			if row = p.row(r); row == 0 {
				return 0, false
			}
		}
		p.piece = append(p.piece, row)
		if p.counts[row] < p.counts[p.piece[rarest]] {
			rarest = len(p.piece) - 1
		}
	}
	return rarest, true
}

// character reads the first character of a piece; anyCharRune is the wildcard.
func character(piece string) (r rune, size int) {
	switch b := piece[0]; {
	case b < utf8.RuneSelf:
		return rune(b), 1
	case b == anyChar:
		return anyCharRune, 1
	}
	return utf8.DecodeRuneInString(piece)
}

// anyCharRune is no character.
const anyCharRune = rune(-1)

// window returns 64 bits of a set, from a place on.
func (p *places) window(row uint16, at int) uint64 {
	set := p.sets[int(row)*p.width:]
	return set[at/64]>>(at%64) | set[at/64+1]<<(64-at%64)
}
