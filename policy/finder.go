package policy

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// finder finds pieces of patterns in the values that are matched. It counts what it does: a hostile
// chain of policies searches long values many thousand times, and then an index of each value, made
// once, makes each search cheap. The zero finder is ready; release it after use.
type finder struct {
	value    string  // that was searched last
	search   *search // of value, once patience is at an end
	effort   int     // bytes looked at before that
	searches *searches
}

// patience is the effort in bytes after which values are worth an index.
const patience = 64 << 10

// nearby is how many bytes are looked through for a character at once.
const nearby = 64

// after returns the offset behind the first occurrence of a piece in value[lo:hi], or -1.
func (f *finder) after(value string, lo, hi int, piece string) int {
	switch {
	case hi-lo < len(piece):
		return -1
	case value[lo] == piece[0] && strings.HasPrefix(value[lo:], piece):
		return lo + len(piece)
	}
	// Many short pieces may follow each other, and each be found nearby.
	if len(piece) == 1 && piece[0] != anyChar {
		if at := strings.IndexByte(value[lo:min(lo+nearby, hi)], piece[0]); at >= 0 {
			return lo + at + 1
		}
	} else if len(piece) <= blockLength {
		if n, ok := leads(value[lo:hi], piece); ok {
			return lo + n
		}
	}
	if f.indexed(value) {
		return f.search.places.after(lo, hi, piece)
	}
	anyChars := strings.IndexByte(piece, anyChar) >= 0
	effort := hi - lo
	if anyChars {
		effort *= len(piece)
	}
	switch {
	case f.tires(value, effort):
		return f.search.places.after(lo, hi, piece)
	case anyChars:
		return afterAny(value[:hi], lo, piece)
	}
	return afterText(value[:hi], lo, piece)
}

// indexed tells whether there is an index of a value, and it was the last that was searched.
func (f *finder) indexed(value string) bool {
	return f.search != nil && f.value == value && f.search.index == hasIndex
}

// tires counts the effort that a search will take, and tells whether that led to an index.
func (f *finder) tires(value string, effort int) bool {
	if f.searches == nil {
		if f.effort += effort; f.effort <= patience {
			return false
		}
		f.searches = searchesPool.Get().(*searches)
	}
	if f.search == nil || f.value != value {
		f.value, f.search = value, f.searches.of(value)
	}
	return f.search.spend(effort)
}

// release returns what the finder borrowed.
func (f *finder) release() {
	if f.searches != nil {
		f.searches.forget()
		searchesPool.Put(f.searches)
		*f = finder{}
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

// afterText finds any other piece.
func afterText(value string, lo int, piece string) int {
	at := strings.Index(value[lo:], piece)
	if at < 0 {
		return -1
	}
	return lo + at + len(piece)
}

// searches are those of the values of a request.
type searches struct {
	list []*search
	next int // to be given to another value, when there are as many as there may be
}

// searchesPool keeps searches for their memory.
var searchesPool = sync.Pool{New: func() any { return new(searches) }}

const (
	maxSearches  = 64 // more than requests have long values
	keptSearches = 4  // without a request
)

// of returns the search of a value.
func (s *searches) of(value string) *search {
	for _, known := range s.list {
		if known.value == value {
			return known
		}
	}
	if s.next == len(s.list) {
		s.list = append(s.list, new(search))
	}
	known := s.list[s.next]
	s.next = (s.next + 1) % maxSearches
	known.begin(value)
	return known
}

// forget drops the values, which may be of a request that is gone, and most of the memory.
func (s *searches) forget() {
	s.list, s.next = s.list[:min(len(s.list), keptSearches)], 0
	for _, known := range s.list {
		known.begin("")
	}
}

// search is what is known of a value.
type search struct {
	value  string
	effort int // bytes looked at before there was an index
	index  indexState
	places places
}

type indexState uint8

const (
	noIndex indexState = iota
	hasIndex
	neverIndex // it would take too much memory
)

func (s *search) begin(value string) { s.value, s.effort, s.index = value, 0, noIndex }

// spend counts an effort, and tells whether there is an index. It is made when searching without one took about
// as long.
func (s *search) spend(effort int) bool {
	if s.index != noIndex {
		return s.index == hasIndex
	}
	n := len(s.value)
	if s.effort += effort; s.effort <= 16*n {
		return false
	}
	s.index = neverIndex
	if s.places.of(s.value) {
		s.index = hasIndex
	}
	return s.index == hasIndex
}
