package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"strings"
	"text/template"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

// Generate returns the files of the package of one service by their names. Its model may come in
// several texts. The same model gives the same files.
func Generate(name string, texts ...[]byte) (map[string][]byte, error) {
	m, err := parse(texts...)
	if err != nil {
		return nil, err
	}
	service, err := newService(name, m)
	if err != nil {
		return nil, err
	}
	templates, err := template.New("").Funcs(template.FuncMap{"article": article, "exported": exported}).ParseFS(templateFiles, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, t := range templates.Templates() {
		file, isFile := strings.CutSuffix(t.Name(), ".tmpl")
		if !isFile {
			continue
		}
		var b bytes.Buffer
		b.WriteString(header + "\n")
		if err := t.Execute(&b, service); err != nil {
			return nil, err
		}
		if !bytes.Contains(b.Bytes(), []byte("\npackage ")) {
			continue // the service has nothing of this kind
		}
		formatted, err := format.Source(b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		files[file] = formatted
	}
	return files, nil
}
