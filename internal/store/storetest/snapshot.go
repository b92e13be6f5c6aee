package storetest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
)

func testMeta(t *testing.T, s *store.Store) {
	ctx := t.Context()
	check := func(key, want string) {
		t.Helper()
		value, found, err := s.Meta(ctx, key)
		if err != nil || !found || string(value) != want {
			t.Errorf("Meta(%q): %q, %v, %v; want %q", key, value, found, err, want)
		}
	}
	if value, found, err := s.Meta(ctx, "key"); found || err != nil {
		t.Errorf("Meta of nothing: %q, %v, %v", value, found, err)
	}
	for _, value := range []string{"one", "\x00\xff", ""} {
		if err := s.SetMeta(ctx, "key", []byte(value)); err != nil {
			t.Fatal(err)
		}
		check("key", value)
	}
	if err := s.SetMeta(ctx, "Key", nil); err != nil {
		t.Fatal(err)
	}
	check("Key", "")

	// Those who start together agree on what the first of them kept.
	var mu sync.Mutex
	stored := map[string]bool{}
	together(6, func(i int) {
		value, err := s.InitMeta(ctx, "init", fmt.Append(nil, i))
		if err != nil {
			t.Errorf("InitMeta: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		stored[string(value)] = true
	})
	if len(stored) != 1 {
		t.Errorf("InitMeta returned %v", stored)
	}
	for value := range stored {
		check("init", value)
	}
}

func testSnapshot(t *testing.T, s *store.Store) {
	ctx := t.Context()
	commit(t, s, everything("a", 0))
	commit(t, s, store.Batch{Trail: lookupEvents(), Jobs: []store.Job{{ID: "empty"}}})
	lease(t, s, at(1), "me", 1)
	for _, text := range awkward() {
		commit(t, s, store.Batch{Entities: []store.Entity{{Aggregate: "a", Kind: "k", ID: text, Doc: []byte{}}}})
	}
	if err := s.SetMeta(ctx, "key", []byte("value")); err != nil {
		t.Fatal(err)
	}
	full := exported(t, s)

	commit(t, s, everything("a", 1))
	commit(t, s, everything("b", 0))
	changed := exported(t, s)
	if bytes.Equal(full, changed) {
		t.Fatal("Export does not show a change")
	}
	for name, broken := range map[string][]byte{"nothing": {}, "text": []byte("a database"), "cut": full[:len(full)-3]} {
		if err := s.Import(ctx, bytes.NewReader(broken)); err == nil {
			t.Errorf("Import of %s succeeded", name)
		}
	}
	mustEqual(t, "after broken imports", len(exported(t, s)), len(changed), func(a, b int) bool { return a == b })

	if err := s.Import(ctx, bytes.NewReader(full)); err != nil {
		t.Fatal(err)
	}
	if version, keys, _ := entities(t, s, "a"); version != 1 || len(keys) != 1+len(awkward()) {
		t.Errorf("imported version %d and entities %q", version, keys)
	}
	if got := exported(t, s); !bytes.Equal(got, full) {
		t.Errorf("what was imported exports as %d bytes, want the same %d", len(got), len(full))
	}

	if err := s.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.Meta(ctx, "key"); found || err != nil {
		t.Errorf("after a reset there is meta: %v, %v", found, err)
	}
	if version, keys, _ := entities(t, s, "a"); version != 0 || len(keys) != 0 {
		t.Errorf("after a reset there are version %d and entities %q", version, keys)
	}
	if jobs, err := s.Jobs(ctx, "", 9); len(jobs) != 0 || err != nil {
		t.Errorf("after a reset there are jobs %v, %v", jobs, err)
	}
	commit(t, s, everything("a", 0))
	if err := s.Ping(ctx); err != nil {
		t.Error(err)
	}
}
