package server

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// noon is when tests happen.
var noon = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func TestClockGoesForward(t *testing.T) {
	c := NewClock(at(noon))
	if err := c.Advance(90 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := c.Set(noon.Add(2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Now(), noon.Add(2*time.Hour); !got.Equal(want) {
		t.Errorf("the clock shows %v, want %v", got, want)
	}
	if got := c.Ahead(); got != 2*time.Hour {
		t.Errorf("the clock is %v ahead, want 2h", got)
	}
	c.Reset()
	if got := c.Now(); !got.Equal(noon) {
		t.Errorf("after a reset the clock shows %v, want %v", got, noon)
	}
}

func TestClockRefuses(t *testing.T) {
	for name, move := range map[string]func(*Clock) error{
		"a negative span":        func(c *Clock) error { return c.Advance(-1) },
		"a time in the past":     func(c *Clock) error { return c.Set(noon.Add(-time.Second)) },
		"the year 3000":          func(c *Clock) error { return c.Set(time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)) },
		"the year 1":             func(c *Clock) error { return c.Set(time.Time{}) },
		"more than a span holds": func(c *Clock) error { _ = c.Advance(1 << 62); return c.Advance(1 << 62) },
	} {
		t.Run(name, func(t *testing.T) {
			c := NewClock(at(noon))
			if err := move(c); err == nil {
				t.Errorf("accepted; the clock shows %v", c.Now())
			}
		})
	}
}

func TestClockNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewClock(at(noon))
		for _, d := range rapid.SliceOf(rapid.Int64()).Draw(t, "moves") {
			before := c.Now()
			err := c.Advance(time.Duration(d))
			if err == nil && c.Now().Sub(before) != time.Duration(d) || err != nil && !c.Now().Equal(before) {
				t.Fatalf("advanced by %v (error %v) from %v to %v", time.Duration(d), err, before, c.Now())
			}
			if c.Now().Before(before) {
				t.Fatalf("the clock went from %v to %v", before, c.Now())
			}
		}
	})
}
