package trail

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"iter"
)

// Hash chains an event to the one before it: SHA-256 over the previous hash and
// the record. The first event of a chain has no previous hash.
func Hash(previous, doc []byte) []byte {
	h := sha256.New()
	h.Write(previous)
	h.Write(doc)
	return h.Sum(nil)
}

// Link is an event as its chain holds it.
type Link struct {
	Doc  []byte // the record
	Hash []byte // over the hash before it and the record
}

// BrokenError says that a chain does not hold: a record was altered, or the one
// before it was left out.
type BrokenError struct {
	Index int // of the first link that does not follow from what is before it
}

// Error names the link.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("trail: event %d does not follow from the one before it", e.Index)
}

// Verify checks that each link of a chain follows from the one before it, and
// returns the last hash: where the next part of a long chain goes on. The first
// link follows from previous, which is nil for a whole chain; of a chain whose
// beginning was purged it is the hash of a link that is taken on trust. Verify
// returns a *BrokenError, or the first error of the sequence.
func Verify(previous []byte, chain iter.Seq2[Link, error]) (last []byte, err error) {
	index := 0
	for link, err := range chain {
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(link.Hash, Hash(previous, link.Doc)) {
			return nil, &BrokenError{index}
		}
		previous = link.Hash
		index++
	}
	return previous, nil
}
