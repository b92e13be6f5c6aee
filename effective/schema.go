package effective

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
)

// Type names a type of management policy as the API does, such as TAG_POLICY.
type Type string

// schema says what policies of one type may contain, and what their effective
// policy must. It is one file of the directory schema.
type schema struct {
	Type        Type              `json:"type"`
	Source      string            `json:"source"`   // where AWS documents it
	MaxBytes    int               `json:"maxBytes"` // of the effective policy; 0 is no limit
	Document    *field            `json:"document"`
	Definitions map[string]*field `json:"definitions"` // for members that say "ref"
}

//go:embed schema/*.json
var schemaFiles embed.FS

// schemas returns the schema of each type. They are read once; a test reads
// them all, so that a program never meets a broken one.
var schemas = sync.OnceValue(func() map[Type]*schema {
	loaded, err := loadSchemas(schemaFiles)
	if err != nil {
		panic(err)
	}
	return loaded
})

// Types lists the types of management policy, sorted.
func Types() []Type { return slices.Sorted(maps.Keys(schemas())) }

// Known reports whether t is a type of management policy.
func (t Type) Known() bool { return schemas()[t] != nil }

// loadSchemas reads the schemas of a file system. It returns what is wrong with the first broken one.
func loadSchemas(files fs.FS) (map[Type]*schema, error) {
	names, err := fs.Glob(files, "schema/*.json")
	if err != nil {
		return nil, err
	}
	loaded := map[Type]*schema{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		s, err := parseSchema(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		loaded[s.Type] = s
	}
	return loaded, nil
}

func parseSchema(text []byte) (*schema, error) {
	s := &schema{}
	if err := json.Unmarshal(text, s, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	if s.Type == "" || s.Document == nil || s.Document.isSetting() {
		return nil, fmt.Errorf("needs a type, and a document that is a container")
	}
	compiler := compiler{definitions: s.Definitions, done: map[*field]bool{}}
	return s, compiler.compile("document", s.Document)
}
