package store

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	// ErrConflict means that an aggregate was not at the version a batch started
	// from, or that another writer has already taken a place in its trail. Nothing
	// was changed.
	ErrConflict = errors.New("store: the aggregate was changed by another writer")

	// ErrBusy means that the database asked for the transaction to be run again
	// more often than the store is willing to. Nothing was changed.
	ErrBusy = errors.New("store: the database is too busy")

	// ErrUncertain means that the answer to a commit was lost: the batch may or may
	// not have been written. Compare the aggregates' versions to learn which.
	ErrUncertain = errors.New("store: the outcome of the commit is unknown")

	// ErrJournalPurged means that the journal does not reach back to the version
	// asked for, or that none is kept: the aggregate must be loaded again from its entities.
	ErrJournalPurged = errors.New("store: the journal does not reach back that far")

	// ErrText means that a batch holds text that PostgreSQL cannot keep: invalid
	// UTF-8 or a NUL. Nothing was changed.
	ErrText = errors.New("store: text holds a NUL or invalid UTF-8")

	// errOwned means that another process has opened the SQLite file.
	errOwned = errors.New("another process is using it")

	// errAgain makes a transaction run again from its start.
	errAgain = errors.New("store: run the transaction again")
)

// ClaimedError means that a value a batch claims belongs to somebody else. Nothing
// was changed.
type ClaimedError struct {
	Space, Value string // what was to be claimed
	Owner        string // who holds it
}

// Error tells the space and the holder. The value is not for a log: it may be
// somebody's e-mail address.
func (e *ClaimedError) Error() string {
	return fmt.Sprintf("store: the %s is already claimed by %q", e.Space, e.Owner)
}

// explain says which operation failed and, where the database's own words are not
// enough, why. Errors of this package pass unchanged.
func (s *Store) explain(operation string, err error) error {
	var claimed *ClaimedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &claimed), errors.Is(err, ErrConflict), errors.Is(err, ErrText), errors.Is(err, ErrJournalPurged):
		return err
	}
	if cause := s.dialect.cause(err); cause != "" {
		return fmt.Errorf("store: %s: %s: %w", operation, cause, err)
	}
	return fmt.Errorf("store: %s: %w", operation, err)
}

// storable reports whether both databases can keep the texts. What is not storable
// is not stored either, so a lookup with such a text finds nothing.
func storable(texts ...string) bool {
	for _, text := range texts {
		if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
			return false
		}
	}
	return true
}
