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
		return f.places.after(lo, hi, piece)
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
	value string
	width int             // words of one set; the last is 0, so that a window may reach beyond the value
	rows  [256]uint16     // the sets of characters below 256
	wide  map[rune]uint16 // the sets of the others
	sets  []uint64        // set 0 is empty, for the characters that the value does not hold
	// For a value beyond ASCII: the character of each byte, and the first byte of each character, both
	// with one more for the end. Otherwise a character is a byte.
	ascii        bool
	chars, bytes []int32
}

// of prepares the places of a value.
func (p *places) of(value string) {
	if p.value == value {
		return
	}
	p.value, p.ascii = value, ascii(value)
	p.rows = [256]uint16{}
	clear(p.wide)
	used, length := uint16(0), 0
	p.chars, p.bytes = p.chars[:0], p.bytes[:0]
	for i, r := range value {
		if p.row(r) == 0 {
			used++
			p.setRow(r, used)
		}
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
	at := 0
	for _, r := range value {
		p.sets[int(p.row(r))*p.width+at/64] |= 1 << (at % 64)
		at++
	}
	if p.ascii {
		return
	}
	p.bytes = append(p.bytes, int32(len(value)))
	for i := range length {
		for range p.bytes[i+1] - p.bytes[i] {
			p.chars = append(p.chars, int32(i))
		}
	}
	p.chars = append(p.chars, int32(length))
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
	length := 0
	for rest := piece; rest != ""; length++ {
		r, size := character(rest)
		if rest = rest[size:]; r != anyCharRune && p.row(r) == 0 {
			return -1
		}
	}
	last := hi - length
	for word := lo / 64; last >= lo && word <= last/64; word++ {
		starts := ^uint64(0)
		if word == lo/64 {
			starts <<= lo % 64
		}
		if word == last/64 {
			starts &= ^uint64(0) >> (63 - last%64)
		}
		at := word * 64
		for rest := piece; rest != "" && starts != 0; at++ {
			r, size := character(rest)
			if rest = rest[size:]; r != anyCharRune {
				starts &= p.window(r, at)
			}
		}
		if starts != 0 {
			end := word*64 + bits.TrailingZeros64(starts) + length
			if !p.ascii {
				end = int(p.bytes[end])
			}
			return end
		}
	}
	return -1
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

// window returns 64 bits of a character's set, from a place on.
func (p *places) window(r rune, at int) uint64 {
	set := p.sets[int(p.row(r))*p.width:]
	return set[at/64]>>(at%64) | set[at/64+1]<<(64-at%64)
}
