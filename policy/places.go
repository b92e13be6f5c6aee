package policy

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// places knows where pieces of a value end in it, as sets of bits, a bit for each character. A piece is
// read in blocks of a few characters, wildcards included, which are joined to longer ones. Where what was
// read ends, shifted by a block, and where the next block ends, is where both end: 64 places are tried at
// once, and as where a block ends is worked out once for all pieces that hold it, the text of value and
// pieces can do little to make that slower.
type places struct {
	width   int // words of one set
	symbols symbols
	sets    []uint64 // by number: those of the symbols, and then those of blocks
	extents []extent // of the sets
	blocks  setTable // by their characters
	joins   setTable // by the sets of both parts
	found   []int32  // the sets of the blocks that were read
	current []uint64 // where what was read of a piece ends
	spelled []uint16 // a piece in symbols
	// For a value beyond ASCII: the character of each byte, and the first byte of each character, both
	// with one more for the end. Otherwise a character is a byte.
	ascii        bool
	chars, bytes []int32
}

// extent is the first and the last place of a set; the last is before the first when there is none.
type extent struct{ first, last int32 }

const (
	// maxSets is how many words the sets of a value may have together.
	maxSets = 2 << 20
	// blockLength is how many characters a block has before it is joined to another one.
	blockLength = 4
	// longestBlock is how many it has that is not joined any more.
	longestBlock = 32
	// blocksRead is how many blocks are read before they are looked for.
	blocksRead = 16
	// setsRead is how many new sets that takes at most: each block and its halves, and what they are joined to.
	setsRead = 4 * blocksRead
	// narrow is how many places a piece may start at that are tried without joining blocks.
	narrow = 64
)

// of prepares the places of a value. It reports false when they would take too much memory, because
// the value is long and holds very many different characters.
func (p *places) of(value string) bool {
	p.ascii = ascii(value)
	p.chars, p.bytes = p.chars[:0], p.bytes[:0]
	length := utf8.RuneCountInString(value)
	p.width = length/64 + 1
	if !p.symbols.number(value, maxSets/p.width-setsRead) {
		return false
	}
	p.sets, p.extents = zeros(p.sets, p.symbols.count*p.width), zeros(p.extents, p.symbols.count)
	p.current = zeros(p.current, p.width+1)
	p.forget()
	at := 0
	for _, r := range value {
		for _, symbol := range [...]int{int(p.symbols.of(r)), anySymbol} {
			p.sets[symbol*p.width+at/64] |= 1 << (at % 64)
		}
		at++
	}
	for symbol := firstSymbol; symbol < p.symbols.count; symbol++ {
		p.extents[symbol] = extentOf(p.set(int32(symbol)))
	}
	if !p.ascii {
		p.number(value)
	}
	return true
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

// makeRoom drops all blocks when there is no room for as many as are read at once.
func (p *places) makeRoom() {
	if len(p.sets)+setsRead*p.width > maxSets || max(p.blocks.used, p.joins.used)+setsRead > maxKeys {
		p.forget()
	}
}

// forget drops all blocks.
func (p *places) forget() {
	p.blocks.clear()
	p.joins.clear()
	p.sets, p.extents = p.sets[:p.symbols.count*p.width], p.extents[:p.symbols.count]
	p.extents[noSymbol] = extent{0, -1}
}

// set returns the set that has a number.
func (p *places) set(number int32) []uint64 { return p.sets[int(number)*p.width:][:p.width] }

// after returns the offset behind the first occurrence of a piece in value[lo:hi], or -1.
func (p *places) after(lo, hi int, piece string) int {
	switch {
	case p.ascii && len(piece) == 1 && piece[0] != anyChar:
		return p.nearest(int32(p.symbols.narrow[piece[0]]), lo, hi-1)
	case p.ascii:
		return p.search(lo, hi-len(piece), piece, len(piece))
	}
	var ok bool
	if p.spelled, ok = p.symbols.spell(p.spelled[:0], piece); !ok {
		return -1
	}
	length := len(p.spelled)
	if end := p.search(int(p.chars[lo]), int(p.chars[hi])-length, piece, length); end >= 0 {
		return int(p.bytes[end])
	}
	return -1
}

// search returns the character behind the first occurrence of a piece, of so many characters, that starts
// at one of the places from first to last, or -1.
func (p *places) search(first, last int, piece string, length int) int {
	if length <= blockLength {
		p.makeRoom()
		return p.nearest(p.block(p.key(piece, 0, length)), first+length-1, last+length-1)
	}
	var w window
	for start, read := 0, 0; read < length; start = read {
		if read, first, last = p.read(piece, start, length, first, last); first > last {
			return -1
		}
		size := blockLength
		if last-first >= narrow {
			size = p.join()
		}
		n := read - start - (len(p.found)-1)*size // characters of the first block, which may be shorter
		switch {
		case start > 0:
			if !w.step(p, p.found[0], n) {
				return -1
			}
		case len(p.found) == 1 && read == length:
			return p.nearest(p.found[0], first+n-1, last+n-1)
		case len(p.found) == 2 && read == length:
			return p.nearestPair(p.found[0], p.found[1], size, first+n-1, last+n-1)
		default:
			w = p.begin(p.found[0], first+n-1, last+n-1)
		}
		for _, b := range p.found[1:] {
			if !w.step(p, b, size) {
				return -1
			}
		}
	}
	return w.low*64 + bits.TrailingZeros64(p.current[w.low]) + 1
}

// nearest returns the character behind the first place of a set between two, or -1.
func (p *places) nearest(number int32, from, to int) int {
	e := p.extents[number]
	from, to = max(from, int(e.first)), min(to, int(e.last))
	if from > to {
		return -1
	}
	set, word := p.set(number), from/64
	found := set[word] >> (from % 64) << (from % 64)
	for found == 0 { // there is the last place
		word++
		found = set[word]
	}
	if at := word*64 + bits.TrailingZeros64(found); at <= to {
		return at + 1
	}
	return -1
}

// nearestPair is nearest for the places of one set between two, shifted, where another one has places, too.
func (p *places) nearestPair(a, b int32, shift, from, to int) int {
	from, to = max(from+shift, int(p.extents[b].first)), min(to+shift, int(p.extents[b].last))
	if from > to {
		return -1
	}
	before, last := p.set(a), p.set(b)
	carry, up, down := uint64(0), uint(shift)&63, uint(64-shift)&63
	if from >= 64 {
		carry = before[from/64-1] >> down
	}
	mask := ^uint64(0) << (from % 64)
	for word := from / 64; word <= to/64; word++ {
		met := (before[word]<<up | carry) & last[word] & mask
		if met != 0 {
			if at := word*64 + bits.TrailingZeros64(met); at <= to {
				return at + 1
			}
			return -1
		}
		carry, mask = before[word]>>down, ^uint64(0)
	}
	return -1
}

// read finds blocks of a piece of so many characters, from one character on. It returns the character
// behind them, and between which of the places from first to last the piece may start, as far as the
// extents of the blocks tell.
func (p *places) read(piece string, at, length, first, last int) (read, from, to int) {
	p.makeRoom()
	p.found = p.found[:0]
	for n := (length-at-1)%blockLength + 1; at < length && len(p.found) < blocksRead && first <= last; n = blockLength {
		b := p.block(p.key(piece, at, n))
		at += n
		first, last = max(first, int(p.extents[b].first)-at+1), min(last, int(p.extents[b].last)-at+1)
		p.found = append(p.found, b)
	}
	return at, first, last
}

// join joins the blocks that were found to longer ones, and returns how many characters they have but for
// the first.
func (p *places) join() (size int) {
	for size = blockLength; len(p.found) > 2 && size < longestBlock; size *= 2 {
		odd := len(p.found) % 2
		joined := p.found[:odd] // the first has no partner
		for i := odd; i < len(p.found); i += 2 {
			joined = append(joined, p.pair(p.found[i], p.found[i+1], size))
		}
		p.found = joined
	}
	return size
}

// pair returns the block of one and the next, which has so many characters.
func (p *places) pair(a, b int32, size int) int32 {
	key := uint64(a)<<32 | uint64(b)
	joined := p.joins.find(key)
	if joined < 0 {
		joined = p.meet(a, b, size, 0)
		p.joins.add(key, joined)
	}
	return joined
}

// block returns the block of a key. It is made of its halves, which are blocks that begin with wildcards,
// or for one of these of its two characters.
func (p *places) block(key uint64) int32 {
	if b := p.blocks.find(key); b >= 0 {
		return b
	}
	lane := 8 // bits of a character
	if !p.ascii {
		lane = 16
	}
	all := ^uint64(0) >> (64 - blockLength*lane)
	half := all >> (2 * lane)
	var before, last int32
	shift, open := 2, uint64(0)
	if key&half != half {
		before, last = p.block((key<<(2*lane)|half)&all), p.block(key|half)
	} else if before, last, shift = p.lane(key>>(2*lane), lane), p.lane(key>>(3*lane), lane), 1; before == anySymbol {
		open = 1 // it may be before the value
	}
	if before == noSymbol || last == noSymbol {
		return noSymbol
	}
	b := p.meet(before, last, shift, open)
	p.blocks.add(key, b)
	return b
}

// lane returns the symbol in the lowest bits of a key.
func (p *places) lane(key uint64, width int) int32 {
	switch lane := key & (1<<width - 1); {
	case lane == 1<<width-1:
		return anySymbol
	case p.ascii:
		return int32(p.symbols.narrow[lane])
	default:
		return int32(lane)
	}
}

// key returns the key of a block: of n characters of a piece from one on, with wildcards before them
// where these are less than a block has.
func (p *places) key(piece string, at, n int) uint64 {
	if !p.ascii {
		return spelledKey(p.spelled[at:][:n])
	}
	if n == blockLength {
		text := piece[at:][:blockLength]
		return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24
	}
	key := uint64(1<<32 - 1)
	for i := range n {
		key = key>>8 | uint64(piece[at+i])<<24
	}
	return key
}

// spelledKey is key for characters that are spelled in symbols.
func spelledKey(spelled []uint16) uint64 {
	key := ^uint64(0)
	for _, symbol := range spelled {
		key = key>>16 | uint64(symbol)<<48
	}
	return key
}

// meet makes a set of the places where one set, shifted, and another one meet, and returns its number.
// What is open is shifted in.
func (p *places) meet(a, b int32, shift int, open uint64) int32 {
	number := int32(len(p.extents))
	p.sets = slices.Grow(p.sets, p.width)[:len(p.sets)+p.width]
	met, from, to := p.set(number), p.set(a), p.set(b)
	some, up, down := uint64(0), uint(shift)&63, uint(64-shift)&63
	for i, word := range from[:len(met)] {
		both := (word<<up | open) & to[i]
		open = word >> down
		met[i] = both
		some |= both
	}
	if some == 0 {
		p.sets = p.sets[:int(number)*p.width]
		return noSymbol
	}
	p.extents = append(p.extents, extentOf(met))
	return number
}

// extentOf returns the extent of a set that is not empty.
func extentOf(set []uint64) extent {
	low, high := 0, len(set)-1
	for set[low] == 0 {
		low++
	}
	for set[high] == 0 {
		high--
	}
	return extent{int32(low*64 + bits.TrailingZeros64(set[low])), int32(high*64 + 63 - bits.LeadingZeros64(set[high]))}
}

// window is the words of the current places between which all are. The word behind them is 0.
type window struct{ low, high int }

// begin makes the places of a set from one to another the current ones.
func (p *places) begin(number int32, from, to int) window {
	w, set := window{from / 64, to / 64}, p.set(number)
	copy(p.current[w.low:], set[w.low:w.high+1])
	p.current[w.low] &= ^uint64(0) << (from % 64)
	p.current[w.high] &= ^uint64(0) >> (63 - to%64)
	p.current[w.high+1] = 0
	return w
}

// step goes on by a block of so many characters: of the current places those are left, shifted, where the
// block ends. It tells whether there are any.
func (w *window) step(p *places, number int32, size int) bool {
	e := p.extents[number]
	low, high := max(w.low, int(e.first/64)), min(w.high+1, int(e.last/64))
	if low > high {
		return false
	}
	carry, up, down := uint64(0), uint(size)&63, uint(64-size)&63
	if low > w.low {
		carry = p.current[low-1] >> down
	}
	words := p.current[low : high+1]
	set := p.set(number)[low:][:len(words)]
	some := uint64(0)
	for i, word := range words {
		both := (word<<up | carry) & set[i]
		carry = word >> down
		words[i] = both
		some |= both
	}
	if some == 0 {
		return false
	}
	for p.current[low] == 0 {
		low++
	}
	for p.current[high] == 0 {
		high--
	}
	p.current[high+1] = 0
	*w = window{low, high}
	return true
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
