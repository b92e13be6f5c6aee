package org

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"
)

// documents yields changes as a database does.
func documents(changes []Change, last error) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for _, change := range changes {
			if !yield(change, nil) {
				return
			}
		}
		if last != nil {
			yield(Change{}, last)
		}
	}
}

func TestLoadRefusesDamage(t *testing.T) {
	broken := errors.New("broken")
	for name, list := range map[string]iter.Seq2[Change, error]{
		"no JSON":      documents([]Change{{Kind: kindUnit, ID: "ou-abcd-12345678", Doc: []byte("{")}}, nil),
		"wrong type":   documents([]Change{{Kind: kindUnit, ID: "ou-abcd-12345678", Doc: []byte(`{"name":1}`)}}, nil),
		"unknown kind": documents([]Change{{Kind: "planet", ID: "earth", Doc: []byte("{}")}}, nil),
		"read error":   documents(nil, broken),
	} {
		if o, err := Load(list); err == nil || o != nil {
			t.Errorf("%s: %v %v", name, o, err)
		}
	}
	if _, err := Load(documents(nil, broken)); !errors.Is(err, broken) {
		t.Errorf("error: %v", err)
	}
	if _, err := founded(t).Apply([]Change{{Kind: "planet", ID: "earth", Doc: []byte("{}")}}); err == nil {
		t.Error("an unknown kind was applied")
	}
}

func TestApplyForgetsWhatIsGone(t *testing.T) {
	d := founded(t)
	o, err := d.Apply([]Change{{Kind: kindUnit, ID: "ou-abcd-12345678"}, {Kind: "planet", ID: "earth"}})
	must(t, err)
	if !o.Exists() || o.units.Len() != 0 {
		t.Error("removing what is not there changed something")
	}
}

func TestKeysOrderAsTimesDo(t *testing.T) {
	times := []time.Time{day0.Add(time.Hour), day0, day0.Add(time.Microsecond), day0.AddDate(50, 0, 0), time.UnixMicro(0)}
	byKey := slices.Clone(times)
	slices.SortFunc(byKey, func(a, b time.Time) int {
		if at(a) < at(b) {
			return -1
		}
		return 1
	})
	slices.SortFunc(times, time.Time.Compare)
	if !slices.EqualFunc(byKey, times, time.Time.Equal) {
		t.Errorf("by key: %v", byKey)
	}
}
