package server

import (
	"errors"
	"sync/atomic"
	"time"
)

// errBackwards refuses to turn the clock back: what was recorded would lie in the future.
var errBackwards = errors.New("the clock only goes forward")

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

// Advance puts the clock forward by d. It returns an error when d is negative or no clock reaches that far.
func (c *Clock) Advance(d time.Duration) error {
	for {
		old := c.offset.Load()
		if d < 0 {
			return errBackwards
		}
		if c.base().Add(time.Duration(old)).Add(d).Year() > lastYear || old+int64(d) < old {
			return errors.New("the clock does not go beyond the year 9999")
		}
		if c.offset.CompareAndSwap(old, old+int64(d)) {
			return nil
		}
	}
}

// Set puts the clock forward to t. It returns an error when t is in the past of the clock.
func (c *Clock) Set(t time.Time) error {
	if t.Year() > lastYear {
		return c.Advance(maxDuration)
	}
	return c.Advance(t.Sub(c.Now()))
}

// Reset makes the clock show the time of its base again.
func (c *Clock) Reset() { c.offset.Store(0) }

const (
	// lastYear is the last year that RFC 3339 can write.
	lastYear    = 9999
	maxDuration = time.Duration(1<<63 - 1)
)
