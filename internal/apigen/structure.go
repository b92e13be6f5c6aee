package main

import (
	"fmt"
	"net/http"
	"slices"
)

// structure is a Go struct.
type structure struct {
	Name     string
	Fields   []field
	Checks   []string // statements that check the constraints of the members
	Encoding []string // statements that append the members as JSON
}

// UsesTime reports whether a field is a time.
func (s structure) UsesTime() bool {
	return slices.ContainsFunc(s.Fields, func(f field) bool { return f.Type == "time.Time" })
}

type field struct {
	Name    string
	Type    string
	Tag     string
	Comment string // the shape that the model gives the member
}

// secrets are shapes that hold credentials though the models do not say that they are sensitive.
var secrets = map[string][]string{
	"sts": {"tokenType", "tokenCodeType"},
}

// structure makes the struct of a shape; of nothing, an empty one.
func (s *service) structure(name string, ref *reference) (structure, error) {
	view := structure{Name: name}
	if ref == nil {
		return view, nil
	}
	sh := s.model.Shapes[ref.Shape]
	if sh.Type != "structure" {
		return view, fmt.Errorf("%s: %s is not a structure", name, ref.Shape)
	}
	for _, m := range sh.Members {
		required := slices.Contains(sh.Required, m.Name)
		f := field{Name: exported(m.Name), Comment: m.Shape, Type: s.memberType(m.Shape, required)}
		if required {
			f.Comment += ", required"
		}
		f.Tag = s.tag(m)
		view.Fields, view.Encoding = append(view.Fields, f), append(view.Encoding, s.encoding(m, f))
	}
	return view, nil
}

// tag is the struct tag of a member: its name on the wire, and what else an encoder must know.
func (s *service) tag(m member) string {
	tag := fmt.Sprintf(`json:"%s,omitzero"`, m.Name)
	sh := s.model.Shapes[m.Shape]
	switch {
	case s.sensitive(m.Shape):
		tag += ` espalier:"sensitive"`
	case sh.TimestampFormat != "":
		tag += fmt.Sprintf(` espalier:"%s"`, sh.TimestampFormat)
	}
	return tag
}

// sensitive reports whether a shape, or what a list of it holds, must not be shown.
func (s *service) sensitive(shape string) bool {
	sh := s.model.Shapes[shape]
	if sh.Type == "list" {
		return s.sensitive(sh.Member.Shape)
	}
	return sh.Sensitive || slices.Contains(secrets[s.Package], shape)
}

// memberType is the Go type of a member. A scalar is a pointer, so that absent and empty differ,
// unless it is required and empty is never legal.
func (s *service) memberType(shape string, required bool) string {
	sh := s.model.Shapes[shape]
	plain := s.elementType(shape)
	switch sh.Type {
	case "list", "map", "timestamp":
		return plain
	}
	if required && s.Rules.forbidsEmpty(sh) {
		return plain
	}
	return "*" + plain
}

// elementType is the Go type of a shape inside a list or a map.
func (s *service) elementType(shape string) string {
	sh := s.model.Shapes[shape]
	switch sh.Type {
	case "structure":
		return exported(shape)
	case "integer":
		return "int32"
	case "long":
		return "int64"
	case "boolean":
		return "bool"
	case "timestamp":
		return "time.Time"
	case "list":
		return "[]" + s.elementType(sh.Member.Shape)
	case "map":
		return "map[" + s.elementType(sh.Key.Shape) + "]" + s.elementType(sh.Value.Shape)
	}
	if sh.Enum != nil {
		return exported(shape)
	}
	return "string"
}

// exception makes the struct of an exception. Its scalars are never pointers, and it always has a
// Message: stripped models leave it out where the service sends it nevertheless.
func (s *service) exception(name string) (exceptionView, error) {
	sh := s.model.Shapes[name]
	view := exceptionView{structure: structure{Name: exported(name)}, Code: s.code(name), Status: http.StatusBadRequest}
	if sh.Fault {
		view.Status = http.StatusInternalServerError
	}
	if sh.Error != nil && sh.Error.HTTPStatusCode != 0 {
		view.Status = sh.Error.HTTPStatusCode
	}
	for _, m := range sh.Members {
		if m.Location == "header" && m.LocationName == "x-amzn-ErrorType" {
			continue // the code, which every answer carries
		}
		if m.Location != "" {
			return view, fmt.Errorf("%s.%s travels in the %s", name, m.Name, m.Location)
		}
		target := s.model.Shapes[m.Shape]
		f := field{Name: exported(m.Name), Type: s.elementType(m.Shape), Tag: s.tag(m), Comment: m.Shape}
		if target.Type == "structure" {
			f.Type = "*" + f.Type
		}
		view.Fields = append(view.Fields, f)
	}
	if !slices.ContainsFunc(view.Fields, func(f field) bool { return f.Name == "Message" }) {
		view.Fields = append(view.Fields, field{Name: "Message", Type: "string", Tag: `json:"Message,omitzero"`})
	}
	return view, nil
}
