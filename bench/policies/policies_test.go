package policies

import "testing"

// Every engine decides every request as the others do.
func TestEnginesAgree(t *testing.T) {
	for _, statements := range []int{10, 100, 250, 1000} {
		w, err := New(statements)
		if err != nil {
			t.Fatal(err)
		}
		engines, err := Engines(w)
		if err != nil {
			t.Fatal(err)
		}
		if err := Agree(engines, w.Requests); err != nil {
			t.Fatalf("%d statements: %v", statements, err)
		}
	}
}
