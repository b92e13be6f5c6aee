package wire

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is the greatest number of names joined by dots in a parameter.
const maxDepth = 16

// formNode is a part of a form whose parameter names are paths: Tags.member.1.Key is the member Key
// of the first element of the list Tags.
type formNode struct {
	text     string
	hasText  bool
	children map[string]*formNode
}

// decodeForm reads the parameters of a Query request into a pointer to an input. Parameters that
// the input does not have are passed over.
func decodeForm(form url.Values, in any) error {
	root := new(formNode)
	for name, values := range form {
		if err := root.insert(name, values[0]); err != nil {
			return err
		}
	}
	s := reflect.ValueOf(in).Elem()
	return root.structure(s, planOf(s.Type()))
}

func (n *formNode) insert(name, value string) error {
	if !utf8.ValidString(name) || !utf8.ValidString(value) {
		return malformedForm("A parameter is not valid UTF-8.")
	}
	if strings.Count(name, ".") >= maxDepth {
		return malformedForm("A parameter is nested too deeply.")
	}
	for part := range strings.SplitSeq(name, ".") {
		child := n.children[part]
		if child == nil {
			child = new(formNode)
			if n.children == nil {
				n.children = map[string]*formNode{}
			}
			n.children[part] = child
		}
		n = child
	}
	n.text, n.hasText = value, true
	return nil
}

func (n *formNode) value(v reflect.Value, p *plan) error {
	switch p.kind {
	case text, integer, boolean, timestamp:
		return n.scalar(v, p)
	case structure:
		return n.structure(v, p)
	case list:
		return n.list(v, p)
	case dictionary:
		return n.dictionary(v, p)
	case pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.value(v.Elem(), p.element)
	}
	return nil
}

func (n *formNode) structure(v reflect.Value, p *plan) error {
	if n.hasText {
		return malformedForm("A value was found where a structure is expected.")
	}
	for i := range p.fields {
		f := &p.fields[i]
		child, given := n.children[f.name]
		if !given {
			continue
		}
		if err := child.value(v.Field(f.index), f.plan); err != nil {
			return err
		}
	}
	return nil
}

// list reads List.member.1, List.member.2 and so on without a gap; List with an empty value is the
// empty list.
func (n *formNode) list(v reflect.Value, p *plan) error {
	elements, err := n.elements("member")
	if err != nil {
		return err
	}
	items := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	for i, element := range elements {
		if err := element.value(items.Index(i), p.element); err != nil {
			return err
		}
	}
	v.Set(items)
	return nil
}

// dictionary reads Map.entry.1.key and Map.entry.1.value, and so on.
func (n *formNode) dictionary(v reflect.Value, p *plan) error {
	entries, err := n.elements("entry")
	if err != nil {
		return err
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, entry := range entries {
		key, value := entry.children["key"], entry.children["value"]
		if key == nil || value == nil {
			return malformedForm("An entry of a map lacks its key or its value.")
		}
		k := reflect.ValueOf(key.text).Convert(v.Type().Key())
		if v.MapIndex(k).IsValid() {
			return malformedForm("A map has a key twice.")
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := value.value(element, p.element); err != nil {
			return err
		}
		v.SetMapIndex(k, element)
	}
	return nil
}

// elements returns the children 1, 2, 3 … of the child with the given name.
func (n *formNode) elements(name string) ([]*formNode, error) {
	numbered := n.children[name]
	if len(n.children) == 0 && n.text == "" {
		return nil, nil
	}
	if numbered == nil || n.hasText || numbered.hasText || len(n.children) > 1 {
		return nil, malformedForm("A value was found where a list or map is expected.")
	}
	elements := make([]*formNode, len(numbered.children))
	for i := range elements {
		if elements[i] = numbered.children[strconv.Itoa(i+1)]; elements[i] == nil {
			return nil, malformedForm("The elements of a list or map must be numbered from 1 without a gap.")
		}
	}
	return elements, nil
}

func (n *formNode) scalar(v reflect.Value, p *plan) error {
	if len(n.children) > 0 {
		return malformedForm("Start of structure or map found where not expected.")
	}
	switch p.kind {
	case integer:
		i, err := strconv.ParseInt(n.text, 10, v.Type().Bits())
		if err != nil {
			return unreadable(p)
		}
		v.SetInt(i)
	case boolean:
		if n.text != "true" && n.text != "false" {
			return unreadable(p)
		}
		v.SetBool(n.text == "true")
	case timestamp:
		t, ok := parseTime(n.text, false)
		if !ok {
			return unreadable(p)
		}
		v.Set(reflect.ValueOf(t))
	case text, structure, list, dictionary, pointer:
		v.SetString(n.text)
	}
	return nil
}

func unreadable(p *plan) error {
	return malformedForm("STRING_VALUE can not be converted to " + scalarName[p.kind])
}
