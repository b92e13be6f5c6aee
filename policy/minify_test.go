package policy

import (
	"bytes"
	"reflect"
	"testing"
)

func TestMinify(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"{ \"Statement\" : [ {\n\"Action\" : [ \"s3:*\" ] } ] }", `{"Statement":{"Action":"s3:*"}}`},
		{`{"Statement":[{"Action":["a","b"]},{"Action":[]}]}`, `{"Statement":[{"Action":["a","b"]},{"Action":[]}]}`},
		{`{"Condition":{"Bool":{"k":[true]},"NumericEquals":{"k":[1.50]}}}`, `{"Condition":{"Bool":{"k":true},"NumericEquals":{"k":1.50}}}`},
		{`{"Principal":{"AWS":["*"]}}`, `{"Principal":{"AWS":"*"}}`},
		{`{"a":["a b","\u0041 "],"b":["[ ]"]}`, `{"a":["a b","\u0041 "],"b":"[ ]"}`},
		{`{"a":[["x"]],"b":[null],"c":[[]]}`, `{"a":[["x"]],"b":[null],"c":[[]]}`}, // no policy, and it stays none
		{`[{"Statement":[{}]}]`, `[{"Statement":{}}]`},
		{` [ "x" ] `, `["x"]`},
	} {
		got, err := Minify([]byte(c.text))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s and %v, want %s", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"", "{", `{"a":1}x`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}"} {
		if got, err := Minify([]byte(text)); err == nil {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

// meaning is what a document says, without where it stands in the text.
func meaning(d *Document) *Document {
	d.Size = 0
	for i := range d.Statements {
		s := &d.Statements[i]
		s.Start, s.End = Position{}, Position{}
		for c := range s.Conditions {
			s.Conditions[c].Start = Position{}
		}
	}
	return d
}

func FuzzMinify(f *testing.F) {
	for _, c := range ruleCases {
		for _, text := range c.bad {
			f.Add(int(c.kind), []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, kind int, text []byte) {
		small, err := Minify(text)
		if err != nil {
			return
		}
		if again, err := Minify(small); err != nil || !bytes.Equal(again, small) {
			t.Errorf("%q becomes %q and then %q, %v", text, small, again, err)
		}
		before, err := Parse(Kind(kind), text)
		if err != nil {
			return
		}
		after, err := Parse(Kind(kind), small)
		if err != nil || !reflect.DeepEqual(meaning(before), meaning(after)) {
			t.Errorf("%q does not mean %q: %v", small, text, err)
		}
	})
}

func FuzzLint(f *testing.F) {
	for _, c := range ruleCases {
		for _, text := range c.bad {
			f.Add(int(c.kind), []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, kind int, text []byte) {
		for _, found := range Lint(Kind(kind), text, LintOptions{BreakGlass: []string{"Rescue"}}) {
			if found.Message == "" || found.Start.Line < 1 || found.End.Offset < found.Start.Offset || found.End.Offset > len(text) {
				t.Errorf("%q: %+v", text, found)
			}
		}
	})
}
