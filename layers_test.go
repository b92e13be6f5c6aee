// Package espalier_test checks the architecture: who may import whom, and the budgets of a file.
//
// The tests read the source files themselves. One that asks `go list` keeps passing from the test
// cache after the offending edit; files that a test opens are part of its cache key.
package espalier_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/espalier-cloud/espalier"

// maxLines is the longest that a file written by hand may be.
const maxLines = 700

// layers is the import table of docs/architecture.md: what each package may import, of this module.
// A new edge is a decision about the architecture and changes both together.
//
// A key ending in /* speaks for every package below it that has no row of its own. Every package may
// import internal/api, the runtime of the generated code.
var layers = map[string][]string{
	"policy":                   {},
	"effective":                {},
	"ui":                       {},
	"internal/api":             {},
	"internal/api/*":           {},
	"internal/apigen":          {},
	"internal/org":             {"policy", "effective"},
	"internal/identity":        {"policy"},
	"internal/trail":           {"internal/identity"},
	"internal/store":           {},
	"internal/store/storetest": {"internal/store"},
	"internal/registry":        {"internal/org", "internal/identity", "internal/store", "internal/trail"},
	"internal/jobs":            {"internal/registry", "internal/store"},
	"internal/webhook":         {"internal/identity"},
	"internal/outbox":          {"internal/store", "internal/webhook"},
	"internal/provisioner":     {"internal/webhook"},
	"internal/wire":            {"internal/api/*"},
	"internal/authn":           {"internal/identity"},
	"internal/authz":           {"policy", "internal/org", "internal/identity"},
	"internal/authzen":         {"policy", "internal/org", "internal/identity", "internal/authz"},
	"internal/ops":             {"internal/api/*", "internal/org", "internal/identity", "policy", "effective", "internal/registry", "internal/store", "internal/trail", "internal/provisioner"},
	"internal/server":          {"internal/api/*", "internal/wire", "internal/authn", "internal/authz", "internal/authzen", "internal/ops", "internal/registry", "internal/trail", "internal/outbox", "policy"},
	"internal/console":         {"internal/api/*", "internal/identity", "ui", "internal/server"},
	"cmd/espalier":             {"*"},
	"e2e":                      {"*"},
}

// forEveryone may be imported by every package.
const forEveryone = "internal/api"

// testSupport may be imported by every test.
const testSupport = "internal/store/storetest"

// vagueNames say nothing about what a package is for.
var vagueNames = []string{"pkg", "util", "utils", "types", "common", "helper", "helpers", "mock", "mocks", "misc", "base"}

// sourceFile is one Go file of the module.
type sourceFile struct {
	path      string // relative to the module, with slashes
	lines     int
	syntax    *ast.File
	positions *token.FileSet
}

func (f sourceFile) directory() string { return path.Dir(f.path) }
func (f sourceFile) isTest() bool      { return strings.HasSuffix(f.path, "_test.go") }

// isOutside tells a test that stands outside of its package: it plays the part of the packages that use it.
func (f sourceFile) isOutside() bool { return strings.HasSuffix(f.syntax.Name.Name, "_test") }

// imports returns the packages of this module that the file imports, relative to the module.
func (f sourceFile) imports() []string {
	var found []string
	for _, spec := range f.syntax.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if relative, ours := strings.CutPrefix(name, module+"/"); ours {
			found = append(found, relative)
		}
	}
	return found
}

// sourceFiles parses every Go file of the module, without nested modules and testdata.
func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && isForeign(name, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || path.Dir(filepath.ToSlash(name)) == "." {
			return nil
		}
		file, err := parseSource(name)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("found no source files")
	}
	return files
}

// isForeign reports whether a directory holds no package of this module.
func isForeign(directory, base string) bool {
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules" {
		return true
	}
	_, err := os.Stat(filepath.Join(directory, "go.mod"))
	return err == nil
}

func parseSource(name string) (sourceFile, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return sourceFile{}, err
	}
	positions := token.NewFileSet()
	syntax, err := parser.ParseFile(positions, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return sourceFile{}, err
	}
	return sourceFile{filepath.ToSlash(name), bytes.Count(text, []byte("\n")), syntax, positions}, nil
}

// row returns the row of the table that speaks for a package.
func row(directory string) (allowed []string, known bool) {
	if allowed, known = layers[directory]; known {
		return allowed, true
	}
	for key, allowed := range layers {
		if parent, isPattern := strings.CutSuffix(key, "/*"); isPattern && strings.HasPrefix(directory, parent+"/") {
			return allowed, true
		}
	}
	return nil, false
}

// permits reports whether a row of the table lets its package import another.
func permits(allowed []string, imported string) bool {
	return slices.ContainsFunc(allowed, func(entry string) bool {
		parent, isPattern := strings.CutSuffix(entry, "*")
		return entry == imported || isPattern && strings.HasPrefix(imported, parent)
	})
}

// reach adds what the packages of a row may import in their turn: a test may set up by hand what its
// package is given, so it may import whatever its package already depends on.
func reach(allowed []string) []string {
	all := map[string]bool{testSupport: true}
	var visit func([]string)
	visit = func(entries []string) {
		for _, entry := range entries {
			if !all[entry] {
				all[entry] = true
				visit(layers[entry])
			}
		}
	}
	visit(allowed)
	return slices.Collect(maps.Keys(all))
}

func TestPackagesImportOnlyWhatTheTableAllows(t *testing.T) {
	for _, file := range sourceFiles(t) {
		allowed, known := row(file.directory())
		if !known {
			t.Errorf("%s: package %s is not in the import table", file.path, file.directory())
			continue
		}
		switch {
		case file.isOutside():
			continue
		case file.isTest():
			allowed = reach(allowed)
		}
		for _, imported := range file.imports() {
			own := file.isTest() && imported == file.directory()
			if !own && imported != forEveryone && !permits(allowed, imported) {
				t.Errorf("%s imports %s, which the import table forbids", file.path, imported)
			}
		}
	}
}

func TestPackagesAreNamedForWhatTheyHold(t *testing.T) {
	for _, file := range sourceFiles(t) {
		for _, element := range strings.Split(file.directory(), "/") {
			if slices.Contains(vagueNames, element) {
				t.Errorf("%s: %q says nothing about what the package is for", file.path, element)
			}
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, file := range sourceFiles(t) {
		if file.lines > maxLines && !ast.IsGenerated(file.syntax) {
			t.Errorf("%s has %d lines, more than %d", file.path, file.lines, maxLines)
		}
	}
}

func TestOnlyCommandsReadTheClock(t *testing.T) {
	for _, file := range sourceFiles(t) {
		if file.isTest() || strings.HasPrefix(file.path, "cmd/") || file.directory() == testSupport {
			continue
		}
		for _, at := range clockReads(file) {
			t.Errorf("%s: time is an argument; only cmd reads the clock", at)
		}
	}
}

// clockReads returns the positions where a file mentions time.Now or what calls it.
func clockReads(file sourceFile) []string {
	var found []string
	clock := importName(file.syntax, "time")
	ast.Inspect(file.syntax, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Now", "Since", "Until"}, selector.Sel.Name) {
			return true
		}
		if name, ok := selector.X.(*ast.Ident); ok && clock != "" && name.Name == clock {
			found = append(found, fmt.Sprint(file.positions.Position(selector.Pos())))
		}
		return true
	})
	return found
}

// importName returns the name by which a file knows a package, or "".
func importName(file *ast.File, name string) string {
	for _, spec := range file.Imports {
		if spec.Path.Value != strconv.Quote(name) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(name)
	}
	return ""
}

// TestTheTableItselfIsSound keeps the rules above from passing because they compare nothing.
func TestTheTableItselfIsSound(t *testing.T) {
	for directory, allowed := range layers {
		for _, entry := range allowed {
			if _, known := layers[entry]; !known && entry != "*" {
				t.Errorf("%s may import %s, which is not in the table", directory, entry)
			}
		}
	}
	for _, test := range []struct {
		importer, imported string
		want               bool
	}{
		{"internal/org", "policy", true},
		{"internal/org", "internal/store", false},
		{"policy", "internal/org", false},
		{"internal/wire", "internal/api/organizations", true},
		{"internal/api/organizations", "internal/wire", false},
		{"cmd/espalier", "internal/store", true},
	} {
		allowed, _ := row(test.importer)
		if got := permits(allowed, test.imported); got != test.want {
			t.Errorf("%s may import %s: %v, want %v", test.importer, test.imported, got, test.want)
		}
	}
}
