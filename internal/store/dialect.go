package store

import (
	"database/sql"
	"strings"
)

// dialect is what differs between the databases: the spelling of the column types and
// of the arguments of long statements, and the meaning of errors.
type dialect struct {
	exclusive  bool              // one process owns the database
	single     bool              // there is one connection: rows must be read before they are handed out
	positional bool              // arguments of bulk statements are ?: SQLite seeks each $1 in a list of all of them
	schema     *strings.Replacer // spells the types of the schema
	snapshot   sql.TxOptions     // a transaction that sees one state of the database

	// temporary reports whether the transaction failed because of others that ran
	// beside it, and was undone.
	temporary func(error) bool
	// uncertain reports whether a failed COMMIT may have been carried out.
	uncertain func(error) bool
	// cause says in words why the database failed, "" when its own words do.
	cause func(error) string
}
