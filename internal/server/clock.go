package server

import (
	"errors"
	"sync/atomic"
	"time"
)

var (
	// errBackwards refuses to turn the clock back: what was recorded would lie in the future.
	errBackwards = errors.New("the clock only goes forward")
	// errTooFar refuses what a time span cannot hold.
	errTooFar = errors.New("the clock does not go that far")
)

// Clock is a clock that can be put forward, so that what takes days at AWS is tested in a moment.
// It is safe for concurrent use.
type Clock struct {
	base   func() time.Time
	offset atomic.Int64 // nanoseconds that it is ahead of base
}

// NewClock returns a clock that shows the time of base until it is put forward.
func NewClock(base func() time.Time) *Clock { return &Clock{base: base} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time { return c.base().Add(c.Ahead()) }

// Ahead returns how far the clock was put forward.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.offset.Load()) }

// Advance puts the clock forward by d. It returns an error when d is negative, or takes the clock further than 292 years.
func (c *Clock) Advance(d time.Duration) error {
	for {
		old := c.offset.Load()
		switch {
		case d < 0:
			return errBackwards
		case old+int64(d) < old:
			return errTooFar
		case c.offset.CompareAndSwap(old, old+int64(d)):
			return nil
		}
	}
}

// Set puts the clock forward to t. It returns an error when t is in the past of the clock, or further than 292 years
// ahead.
func (c *Clock) Set(t time.Time) error {
	now := c.Now()
	d := t.Sub(now)
	if !now.Add(d).Equal(t) { // Sub returns the longest duration for a longer one
		return errTooFar
	}
	return c.Advance(d)
}

// Reset makes the clock show the time of its base again.
func (c *Clock) Reset() { c.offset.Store(0) }
