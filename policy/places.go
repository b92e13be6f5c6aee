package policy

import (
	"math/bits"
	"unicode/utf8"
)

// places knows where pieces of a value end in it, as sets of bits, a bit for each character. A piece
// without wildcards has one set. One with wildcards occurs where the sets of the fragments between
// them, each shifted by its place in the piece, meet: 64 places are tried at once, and the text of
// value and piece can do little to make it slower. At worst a piece has a fragment in every other
// character, and all but the last fit nearly everywhere: then the longest legal chain takes 10 ms.
type places struct {
	automaton automaton
	whole     bool     // the automaton reads fragments of any length, and not characters only
	width     int      // words of one set; the last is 0, so that a window may reach beyond the value
	sets      []uint64 // of the states of the automaton
	extents   []extent // of the sets
	fragments []pieceFragment
	// For a value beyond ASCII: the character of each byte, and the first byte of each character, both
	// with one more for the end. Otherwise a character is a byte.
	ascii        bool
	chars, bytes []int32
}

// extent is how many places a set has, the first and the last.
type extent struct{ count, first, last int32 }

// pieceFragment is what a piece has between wildcards, or a character of it. Where it ends in the value,
// shifted by its end in the piece, is where the piece may start.
type pieceFragment struct {
	set   int32 // where the part of its set begins that belongs to the first places
	shift uint8 // by how many bits
	count int32 // how many places its set has
}

const (
	// maxSets is how many words the sets of a value may have together.
	maxSets = 2 << 20
	// maxWhole is how many characters a value has at most of which every fragment is known.
	maxWhole = 2 << 10
)

// of prepares the places of a value. It reports false when they would take too much memory, because
// the value is long and holds very many different characters.
func (p *places) of(value string) bool {
	p.ascii = ascii(value)
	p.chars, p.bytes = p.chars[:0], p.bytes[:0]
	length := utf8.RuneCountInString(value)
	if p.width = length/64 + 2; !p.automaton.begin(value, maxSets/p.width) {
		return false
	}
	if p.whole = length <= maxWhole && length*p.automaton.width <= maxSets; p.whole {
		p.automaton.read(value)
	}
	p.locate(value)
	if p.whole {
		p.inherit()
	}
	if !p.ascii {
		p.number(value)
	}
	return true
}

// locate fills the sets with where the beginnings of the value end, or its characters.
func (p *places) locate(value string) {
	states := p.automaton.width
	if p.whole {
		states = len(p.automaton.states)
	}
	p.sets, p.extents = zeros(p.sets, states*p.width), zeros(p.extents, states)
	at := 0
	for _, r := range value {
		state := int(p.automaton.symbol(r))
		if p.whole {
			state = int(p.automaton.beginnings[at])
		}
		p.sets[state*p.width+at/64] |= 1 << (at % 64)
		p.extents[state].add(extent{1, int32(at), int32(at)})
		at++
	}
}

func (e *extent) add(other extent) {
	if e.count == 0 {
		*e = other
		return
	}
	*e = extent{e.count + other.count, min(e.first, other.first), max(e.last, other.last)}
}

// inherit adds to the places of each state those of the states of which it is a suffix.
func (p *places) inherit() {
	for _, state := range p.automaton.longestFirst() {
		suffix := int(p.automaton.states[state].suffix)
		if suffix == 0 {
			continue
		}
		from, to := p.sets[int(state)*p.width:][:p.width], p.sets[suffix*p.width:][:p.width]
		for i, word := range from {
			to[i] |= word
		}
		p.extents[suffix].add(p.extents[state])
	}
}

// number numbers the characters and the bytes of a value beyond ASCII.
func (p *places) number(value string) {
	for i := range value {
		p.bytes = append(p.bytes, int32(i))
	}
	p.bytes = append(p.bytes, int32(len(value)))
	for i := range len(p.bytes) - 1 {
		for range p.bytes[i+1] - p.bytes[i] {
			p.chars = append(p.chars, int32(i))
		}
	}
	p.chars = append(p.chars, int32(len(p.bytes)-1))
}

// after returns the offset behind the first occurrence of a piece in value[lo:hi], or -1.
func (p *places) after(lo, hi int, piece string) int {
	if !p.ascii {
		lo, hi = int(p.chars[lo]), int(p.chars[hi])
	}
	length, lo, last := p.read(piece, lo, hi)
	sets, fragments := p.sets, p.fragments
	for word := lo / 64; last >= lo && word <= last/64; word++ {
		starts := ^uint64(0)
		if word == lo/64 {
			starts <<= lo % 64
		}
		if word == last/64 {
			starts &= ^uint64(0) >> (63 - last%64)
		}
		for i := range fragments {
			if starts &= fragments[i].window(sets, word); starts == 0 {
				break
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

// read makes a piece the one that is searched between two places, and returns its length and the first
// and the last place where it may start: the last is below the first when the value does not hold one
// of its fragments there. The rarest fragment comes first, for it alone rules most places out.
func (p *places) read(piece string, lo, hi int) (length, first, last int) {
	p.fragments = p.fragments[:0]
	first, last = lo, hi
	rarest := 0
	for piece != "" {
		if piece[0] == anyChar {
			piece = piece[1:]
			length++
			continue
		}
		state, characters, size := p.fragment(piece)
		if state == 0 {
			return 0, 0, -1
		}
		piece = piece[size:]
		length += characters
		e, end := p.extents[state], length-1
		first, last = max(first, int(e.first)-end), min(last, int(e.last)-end)
		p.fragments = append(p.fragments, pieceFragment{int32(state*p.width + end/64), uint8(end % 64), e.count})
		if e.count < p.fragments[rarest].count {
			rarest = len(p.fragments) - 1
		}
	}
	if rarest > 0 {
		p.fragments[0], p.fragments[rarest] = p.fragments[rarest], p.fragments[0]
	}
	return length, first, min(last, hi-length)
}

// fragment reads what a piece has before its first wildcard, as far as there are sets of so long a
// text, and returns the state and the length in characters and in bytes.
func (p *places) fragment(piece string) (state, characters, size int) {
	a := &p.automaton
	switch {
	case !p.whole:
		r, size := utf8.DecodeRuneInString(piece)
		return int(a.symbol(r)), 1, size
	case p.ascii:
		for size < len(piece) && piece[size] != anyChar {
			if state = int(a.next[state*a.width+int(a.symbols[piece[size]])]); state == 0 {
				return 0, 0, 0
			}
			size++
		}
		return state, size, size
	}
	for size < len(piece) && piece[size] != anyChar {
		r, n := utf8.DecodeRuneInString(piece[size:])
		if state = int(a.next[state*a.width+int(a.symbol(r))]); state == 0 {
			return 0, 0, 0
		}
		size += n
		characters++
	}
	return state, characters, size
}

// window returns the 64 places of a word at which a piece may start as far as the fragment goes.
func (f *pieceFragment) window(sets []uint64, word int) uint64 {
	at := int(f.set) + word
	return sets[at]>>(f.shift&63) | sets[at+1]<<1<<(63-f.shift&63)
}

// zeros returns a list of n zeros in the memory of another, where that is enough.
func zeros[S ~[]E, E any](memory S, n int) S {
	if cap(memory) < n {
		return make(S, n)
	}
	memory = memory[:n]
	clear(memory)
	return memory
}
