package policy

// automaton is the suffix automaton of a value: the smallest one that reads every piece of it, so that
// a piece is read in a step for each of its characters, however long the value is (A. Blumer et al.,
// The smallest automaton recognizing the subwords of a text, 1985).
type automaton struct {
	symbols    [256]uint16     // of the characters below 256 that occur, from 1
	wide       map[rune]uint16 // of the others
	width      int             // how many symbols there are, and one for characters that do not occur
	next       []uint16        // for each state and symbol the next state, 0 for none
	states     []automatonState
	beginnings []uint16 // the states of the beginnings of the value, from one character on
	order      []uint16 // memory of longestFirst
}

// automatonState stands for pieces that end at the same places. State 0 is that of nothing.
type automatonState struct {
	length uint16 // of the longest piece
	suffix uint16 // the state of its longest suffix that ends elsewhere, too
}

// begin gives the characters of a value their symbols. It reports false when there are too many.
func (a *automaton) begin(value string, most int) bool {
	a.symbols, a.width = [256]uint16{}, 1
	clear(a.wide)
	for _, r := range value {
		if a.symbol(r) != 0 {
			continue
		}
		switch {
		case a.width == most:
			return false
		case r < 256:
			a.symbols[r] = uint16(a.width)
		default:
			if a.wide == nil {
				a.wide = map[rune]uint16{}
			}
			a.wide[r] = uint16(a.width)
		}
		a.width++
	}
	return true
}

// symbol returns the symbol of a character, and 0 when it does not occur.
func (a *automaton) symbol(r rune) uint16 {
	if r < 256 {
		return a.symbols[r]
	}
	return a.wide[r]
}

// read makes the states.
func (a *automaton) read(value string) {
	a.next, a.states, a.beginnings = a.next[:0], a.states[:0], a.beginnings[:0]
	a.add(automatonState{})
	text := uint16(0)
	for _, r := range value {
		text = a.extend(text, a.symbol(r))
		a.beginnings = append(a.beginnings, text)
	}
}

// add adds a state that leads nowhere.
func (a *automaton) add(s automatonState) uint16 {
	a.states = append(a.states, s)
	for range a.width {
		a.next = append(a.next, 0)
	}
	return uint16(len(a.states) - 1)
}

// step returns where a state leads to.
func (a *automaton) step(state, symbol uint16) *uint16 {
	return &a.next[int(state)*a.width+int(symbol)]
}

// extend adds a symbol to the text that has a state, and returns the state of the longer text.
func (a *automaton) extend(text, symbol uint16) uint16 {
	longer := a.add(automatonState{length: a.states[text].length + 1})
	s := text
	for *a.step(s, symbol) == 0 {
		*a.step(s, symbol) = longer
		if s == 0 {
			return longer
		}
		s = a.states[s].suffix
	}
	a.states[longer].suffix = a.split(s, symbol)
	return longer
}

// split returns the state of the longest piece of a state with a symbol behind it. Where longer pieces
// lead to the same one, which end elsewhere now, it is a new one.
func (a *automaton) split(s, symbol uint16) uint16 {
	target, length := *a.step(s, symbol), a.states[s].length+1
	if a.states[target].length == length {
		return target
	}
	shorter := a.add(automatonState{length: length, suffix: a.states[target].suffix})
	copy(a.next[int(shorter)*a.width:], a.next[int(target)*a.width:][:a.width])
	a.states[target].suffix = shorter
	for *a.step(s, symbol) == target {
		*a.step(s, symbol) = shorter
		if s == 0 {
			break
		}
		s = a.states[s].suffix
	}
	return shorter
}

// longestFirst returns the states but for state 0, those of long pieces before those of their suffixes.
func (a *automaton) longestFirst() []uint16 {
	starts := zeros(a.order, 2*len(a.states)+1)
	a.order = starts
	ordered, starts := starts[len(a.states)+1:], starts[:len(a.states)+1]
	for _, s := range a.states {
		starts[s.length]++
	}
	place := 0
	for length := len(starts) - 1; length >= 0; length-- {
		n := int(starts[length])
		starts[length] = uint16(place)
		place += n
	}
	for i, s := range a.states {
		ordered[starts[s.length]] = uint16(i)
		starts[s.length]++
	}
	return ordered[:len(a.states)-1] // state 0 alone has no length, and is the last
}
