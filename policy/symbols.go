package policy

import "unicode/utf8"

// symbols numbers the characters of a value.
type symbols struct {
	narrow [256]uint16     // of the characters below 256 that occur
	wide   map[rune]uint16 // of the others
	count  int
}

const (
	// noSymbol is that of characters that do not occur.
	noSymbol = iota
	// anySymbol stands for any character.
	anySymbol
	// firstSymbol is that of the first character.
	firstSymbol
)

// number gives the characters of a value their symbols. It reports false when there are too many.
func (s *symbols) number(value string, most int) bool {
	s.narrow, s.count = [256]uint16{}, firstSymbol
	clear(s.wide)
	for _, r := range value {
		if s.of(r) != noSymbol {
			continue
		}
		switch {
		case s.count >= min(most, 1<<16-1): // the last one is the mark of any character in a key
			return false
		case r < 256:
			s.narrow[r] = uint16(s.count)
		default:
			if s.wide == nil {
				s.wide = map[rune]uint16{}
			}
			s.wide[r] = uint16(s.count)
		}
		s.count++
	}
	return true
}

// of returns the symbol of a character.
func (s *symbols) of(r rune) uint16 {
	if r < 256 {
		return s.narrow[r]
	}
	return s.wide[r]
}

// spell appends the symbols of a piece, in which the mark of any character is all ones. It reports false
// for a piece with a character that does not occur.
func (s *symbols) spell(to []uint16, piece string) (spelled []uint16, ok bool) {
	for piece != "" {
		if piece[0] == anyChar {
			to, piece = append(to, 1<<16-1), piece[1:]
			continue
		}
		r, size := utf8.DecodeRuneInString(piece)
		symbol := s.of(r)
		if symbol == noSymbol {
			return to, false
		}
		to, piece = append(to, symbol), piece[size:]
	}
	return to, true
}
