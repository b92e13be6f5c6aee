package wire

import (
	"net/url"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/espalier-cloud/espalier/internal/api"
)

// emptyLike returns a pointer to a zero value of what v points to.
func emptyLike(v any) any { return reflect.New(reflect.TypeOf(v).Elem()).Interface() }

// answerable checks that an input can be recorded, and that what is wrong with it can be answered.
func answerable(t *testing.T, s *api.Service, in api.Input) {
	t.Helper()
	if !TrailParameters(in).IsValid() {
		t.Errorf("%T: the record is not valid JSON", in)
	}
	violations := in.Validate()
	if e := Invalid(s, "", violations); (e == nil) != (violations == nil) || (e != nil && e.ErrorMessage() == "") {
		t.Errorf("%T: %d violations are answered by %v", in, len(violations), e)
	}
}

// TestRoundTrip writes random inputs of every operation as JSON and as forms and reads them back.
func TestRoundTrip(t *testing.T) {
	for _, s := range Services() {
		for name, op := range s.Operations {
			t.Run(s.Name+"/"+name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					want := op.New()
					fill(t, reflect.ValueOf(want).Elem())

					e := jsonEncoder{}
					v := reflect.ValueOf(want).Elem()
					e.value(v, planOf(v.Type()))
					got := op.New()
					if err := decodeJSON(e.b, got); err != nil {
						t.Fatalf("%s: %v", e.b, err)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("%s: %s", e.b, diff)
					}

					form := url.Values{}
					toForm(form, "", v)
					got = op.New()
					if err := decodeForm(form, got); err != nil {
						t.Fatalf("%v: %v", form, err)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("%v: %s", form, diff)
					}
				})
			})
		}
	}
}

// TestAnswers compares what random outputs write of themselves with what their plans write.
func TestAnswers(t *testing.T) {
	for _, s := range Services() {
		for name, op := range s.Operations {
			if s.Protocol == api.Query {
				continue
			}
			t.Run(s.Name+"/"+name, func(t *testing.T) {
				answer, ok := op.NewOutput().(api.Answer)
				if !ok {
					t.Fatalf("%T does not write itself", op.NewOutput())
				}
				rapid.Check(t, func(t *rapid.T) {
					v := reflect.ValueOf(answer).Elem()
					v.SetZero()
					fill(t, v)
					e := jsonEncoder{}
					e.value(v, planOf(v.Type()))
					if got := string(answer.AppendJSON(nil)); got != string(e.b) {
						t.Fatalf("got %s, want %s", got, e.b)
					}
				})
			})
		}
	}
}

// fill gives random values to a random choice of members. A structure has at least one member,
// because a form cannot say that there is one without any.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if _, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(time.Unix(rapid.Int64Range(0, lastSecond).Draw(t, "seconds"), 0).UTC()))
			return
		}
		chosen := rapid.IntRange(0, max(0, v.NumField()-1)).Draw(t, "chosen")
		for i := range v.NumField() {
			if i == chosen || rapid.Bool().Draw(t, "present") {
				fill(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "elements")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rapid.IntRange(0, 3).Draw(t, "entries") {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key)
			fill(t, value)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString(rapid.StringN(1, 8, -1).Draw(t, "string"))
	case reflect.Int32:
		v.SetInt(int64(rapid.Int32().Draw(t, "integer")))
	case reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "long"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "boolean"))
	default:
		t.Fatalf("an input has a %s", v.Type())
	}
}

// toForm writes a value as the SDKs do.
func toForm(form url.Values, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			if !at.IsZero() {
				form.Set(path, at.Format(api.DateFormat))
			}
			return
		}
		for _, f := range planOf(v.Type()).fields {
			name := f.name
			if path != "" {
				name = path + "." + name
			}
			if !f.plan.absent(v.Field(f.index)) {
				toForm(form, name, v.Field(f.index))
			}
		}
	case reflect.Pointer:
		toForm(form, path, v.Elem())
	case reflect.Slice:
		if v.Len() == 0 {
			form.Set(path, "")
		}
		for i := range v.Len() {
			toForm(form, path+".member."+strconv.Itoa(i+1), v.Index(i))
		}
	case reflect.Map:
		if v.Len() == 0 {
			form.Set(path, "")
		}
		for i, key := range v.MapKeys() {
			entry := path + ".entry." + strconv.Itoa(i+1)
			toForm(form, entry+".key", key)
			toForm(form, entry+".value", v.MapIndex(key))
		}
	case reflect.String:
		form.Set(path, v.String())
	case reflect.Int32:
		form.Set(path, strconv.FormatInt(v.Int(), 10))
	case reflect.Bool:
		form.Set(path, strconv.FormatBool(v.Bool()))
	}
}
