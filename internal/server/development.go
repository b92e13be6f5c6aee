package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// Development is what a server for test suites offers beside the API: state to save and bring back, a clock to put
// forward, and faults to inject.
type Development struct {
	Clock  *Clock
	Faults *Faults
	State  State
	Settle func(context.Context) error // does the background work that is due

	work sync.RWMutex // held for reading by work on the state, for writing while the state is replaced
}

// State is everything that a server knows, to be replaced as a whole. Nothing works on it meanwhile.
type State interface {
	Reset(context.Context) error             // back to a first start
	Export(context.Context, io.Writer) error // what Import reads
	Import(context.Context, io.Reader) error // returns an error and changes nothing when that cannot be read
}

// During does work on the state while nobody replaces it. A nil Development does it at once.
func (d *Development) During(work func() error) error {
	if d == nil {
		return work()
	}
	d.work.RLock()
	defer d.work.RUnlock()
	return work()
}

// replacing replaces the state, when the work on it is done and before there is more.
func (d *Development) replacing(replace func() error) error {
	d.work.Lock()
	defer d.work.Unlock()
	return replace()
}

func (d *Development) reset(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := readControl(r, &struct{}{}); err != nil {
		return nil, err
	}
	return nil, d.replacing(func() error {
		if err := d.State.Reset(r.Context()); err != nil {
			return err
		}
		d.Clock.Reset()
		return d.Faults.Set(nil)
	})
}

// snapshotType is the content type of a saved state.
const snapshotType = "application/octet-stream"

func (d *Development) snapshot(w http.ResponseWriter, r *http.Request) (any, error) {
	var saved bytes.Buffer // so that a failure is not noticed in the middle of the answer
	if err := d.replacing(func() error { return d.State.Export(r.Context(), &saved) }); err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", snapshotType)
	w.Write(saved.Bytes())
	return nil, nil
}

func (d *Development) restore(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := requireContent(r, snapshotType); err != nil {
		return nil, err
	}
	// A state may take longer to arrive than other bodies; where the deadline cannot be lifted, it stays.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	err := d.replacing(func() error { return d.State.Import(r.Context(), r.Body) })
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "%w", err)
	}
	return nil, nil
}

// clockState is the clock as it is shown.
type clockState struct {
	Now   time.Time `json:"now"`
	Ahead Duration  `json:"ahead"`
}

func (d *Development) showClock(http.ResponseWriter, *http.Request) (any, error) {
	return clockState{d.Clock.Now().UTC(), Duration(d.Clock.Ahead())}, nil
}

// clockMove says by how much to put the clock forward, or to which time.
type clockMove struct {
	Advance *Duration  `json:"advance"`
	Set     *time.Time `json:"set"`
}

func (d *Development) moveClock(w http.ResponseWriter, r *http.Request) (any, error) {
	var move clockMove
	if err := readControl(r, &move); err != nil {
		return nil, err
	}
	// What is due may take longer than other answers; where the deadline cannot be lifted, it stays.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	if err := d.move(move); err != nil {
		return nil, refuse(http.StatusBadRequest, "%w", err)
	}
	if err := d.Settle(r.Context()); err != nil {
		return nil, err
	}
	return d.showClock(w, r)
}

func (d *Development) move(m clockMove) error {
	switch {
	case (m.Advance == nil) == (m.Set == nil):
		return errors.New(`give either "advance" or "set"`)
	case m.Advance != nil:
		return d.Clock.Advance(time.Duration(*m.Advance))
	}
	return d.Clock.Set(*m.Set)
}

func (d *Development) showFaults(http.ResponseWriter, *http.Request) (any, error) {
	return d.Faults.Rules(), nil
}

func (d *Development) setFaults(_ http.ResponseWriter, r *http.Request) (any, error) {
	var rules []Fault
	if err := readControl(r, &rules); err != nil {
		return nil, err
	}
	if err := d.Faults.Set(rules); err != nil {
		return nil, refuse(http.StatusBadRequest, "%w", err)
	}
	return d.Faults.Rules(), nil
}

func (d *Development) clearFaults(http.ResponseWriter, *http.Request) (any, error) {
	return nil, d.Faults.Set(nil)
}
