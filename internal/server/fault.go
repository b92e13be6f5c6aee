package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/internal/wire"
)

// FaultKind is what goes wrong.
type FaultKind string

// The faults of calls: they are answered instead of, or before, carrying the call out.
const (
	FaultThrottle               FaultKind = "throttle"                // TooManyRequestsException: too many requests
	FaultThrottleConcurrent     FaultKind = "throttle-concurrent"     // TooManyRequestsException: another request is in progress
	FaultConcurrentModification FaultKind = "concurrent-modification" // ConcurrentModificationException
	FaultFinalizing             FaultKind = "finalizing"              // FinalizingOrganizationException
	FaultUnavailable            FaultKind = "unavailable"             // ServiceException, with status 500
	FaultError                  FaultKind = "error"                   // the exception Code with Message
	FaultSlow                   FaultKind = "slow"                    // waits Delay, then carries the call out
	FaultStale                  FaultKind = "stale"                   // carries out a read, but shows the state before the last change
)

// The faults of background work: that of CreateAccount, CloseAccount, EnablePolicyType and DisablePolicyType.
const (
	FaultLate      FaultKind = "late"      // the work is done Delay later
	FaultFail      FaultKind = "fail"      // a creation fails with Reason
	FaultOscillate FaultKind = "oscillate" // a closing account is active again Returns times before it is closed
)

// Fault is one rule of a fault profile: what goes wrong, in which calls and how often.
type Fault struct {
	Operation string    `json:"operation"`        // a name, or a pattern with * such as Create*
	Kind      FaultKind `json:"kind"`             //
	Rate      *float64  `json:"rate,omitzero"`    // the share of calls it strikes, from 0 to 1; absent means 1
	Count     int       `json:"count,omitzero"`   // how many calls it strikes; 0 means any number
	Delay     Duration  `json:"delay,omitzero"`   // of slow and late, such as "2s"
	Code      string    `json:"code,omitzero"`    // of error
	Message   string    `json:"message,omitzero"` // of error
	Reason    string    `json:"reason,omitzero"`  // of fail: a CreateAccountFailureReason; absent means INTERNAL_FAILURE
	Returns   int       `json:"returns,omitzero"` // of oscillate; absent means once
	Seed      uint64    `json:"seed,omitzero"`    // makes the choice of calls repeatable
}

// Duration is a time span that JSON writes as Go does: "1m30s".
type Duration time.Duration

// MarshalText writes the time span.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a time span. It refuses a negative one.
func (d *Duration) UnmarshalText(text []byte) error {
	span, err := time.ParseDuration(string(text))
	if err != nil || span < 0 {
		return fmt.Errorf("%q is not a time span such as 90s or 720h", text)
	}
	*d = Duration(span)
	return nil
}

// maxSlow is the longest that a call can be slowed down.
const maxSlow = 30 * time.Second

// check returns an error that says what is wrong with a rule.
func (f *Fault) check() error {
	if _, err := path.Match(f.Operation, ""); err != nil || f.Operation == "" {
		return fmt.Errorf("operation %q is not the name of an operation or a pattern", f.Operation)
	}
	if f.Rate != nil && (*f.Rate < 0 || *f.Rate > 1) {
		return fmt.Errorf("rate %v is not from 0 to 1", *f.Rate)
	}
	if f.Count < 0 || f.Returns < 0 {
		return errors.New("count or returns is negative")
	}
	return f.checkKind()
}

// checkKind returns an error when the kind is not known, or lacks what it needs.
func (f *Fault) checkKind() error {
	switch f.Kind {
	case FaultError:
		if f.Code == "" {
			return fmt.Errorf("kind %s needs a code", f.Kind)
		}
	case FaultSlow, FaultLate:
		if f.Delay == 0 || f.Kind == FaultSlow && time.Duration(f.Delay) > maxSlow {
			return fmt.Errorf("kind %s needs a delay, of at most %v for %s", f.Kind, maxSlow, FaultSlow)
		}
	case FaultFail:
		reasons := organizations.CreateAccountFailureReason("").Values()
		if f.Reason != "" && !slices.Contains(reasons, organizations.CreateAccountFailureReason(f.Reason)) {
			return fmt.Errorf("reason %q is not one of %v", f.Reason, reasons)
		}
	case FaultThrottle, FaultThrottleConcurrent, FaultConcurrentModification, FaultFinalizing, FaultUnavailable, FaultStale, FaultOscillate:
	default:
		return fmt.Errorf("kind %q is not known", f.Kind)
	}
	return nil
}

// exception returns the error that a fault is answered with, or nil when the call is carried out.
func (f *Fault) exception(service *api.Service) api.Error {
	throttles := f.Kind == FaultThrottle || f.Kind == FaultThrottleConcurrent
	switch {
	case throttles && service == tagging.Service():
		return &tagging.ThrottledException{Message: "Rate exceeded"}
	case throttles && service == account.Service():
		return &account.TooManyRequestsException{Message: "Rate exceeded"}
	case throttles && service != organizations.Service():
		return wire.Error{Code: "Throttling", Message: "Rate exceeded", Status: 400}
	}
	switch f.Kind {
	case FaultThrottle:
		return ops.RateExceeded()
	case FaultThrottleConcurrent:
		return ops.RequestInProgress()
	case FaultConcurrentModification:
		return ops.Exception(registry.ErrConcurrentModification)
	case FaultFinalizing:
		return ops.Finalizing()
	case FaultUnavailable:
		return wire.Internal(service)
	case FaultError:
		return wire.Error{Code: f.Code, Message: f.Message, Status: 400}
	case FaultSlow, FaultStale, FaultLate, FaultFail, FaultOscillate:
	}
	return nil
}

// Faults is a fault profile: rules that are asked one after another, in their order. It is safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	rules []*activeFault
}

// activeFault is a rule in force.
type activeFault struct {
	Fault
	struck int // how many calls it struck
	random *rand.Rand
}

// Set replaces the profile. It returns an error that names the first rule that makes no sense, and changes nothing then.
func (f *Faults) Set(rules []Fault) error {
	active := make([]*activeFault, len(rules))
	for i, rule := range rules {
		if err := rule.check(); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
		active[i] = &activeFault{Fault: rule, random: rand.New(rand.NewPCG(rule.Seed, uint64(i)))} //nolint:gosec // repeatable on purpose
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = active
	return nil
}

// Rules returns the profile.
func (f *Faults) Rules() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	rules := make([]Fault, len(f.rules))
	for i, rule := range f.rules {
		rules[i] = rule.Fault
	}
	return rules
}

// strike returns the rules of some kinds that strike a call of an operation, in their order.
func (f *Faults) strike(operation string, kinds ...FaultKind) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var struck []Fault
	for _, rule := range f.rules {
		if slices.Contains(kinds, rule.Kind) && rule.strikes(operation) {
			struck = append(struck, rule.Fault)
		}
	}
	return struck
}

// strikeOnce returns the first rule of some kinds that strikes a call of an operation. Those after it are not asked.
func (f *Faults) strikeOnce(operation string, kinds ...FaultKind) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if slices.Contains(kinds, rule.Kind) && rule.strikes(operation) {
			return rule.Fault, true
		}
	}
	return Fault{}, false
}

func (f *activeFault) strikes(operation string) bool {
	if matches, _ := path.Match(f.Operation, operation); !matches || f.Count > 0 && f.struck == f.Count {
		return false
	}
	if f.Rate != nil && f.random.Float64() >= *f.Rate {
		return false
	}
	f.struck++
	return true
}

// BackgroundFault is how background work goes wrong. The zero value lets it go well.
type BackgroundFault struct {
	Delay   time.Duration // by which it is late
	Failure string        // why an account cannot be created
	Returns int           // how often a closing account is active again before it is closed
}

// Background returns how the faults that strike the background work of an operation make it go wrong. It is asked once
// for each piece of work.
func (f *Faults) Background(operation string) BackgroundFault {
	var struck BackgroundFault
	for _, fault := range f.strike(operation, FaultLate, FaultFail, FaultOscillate) {
		switch fault.Kind { //nolint:exhaustive // the faults of calls do not strike here
		case FaultLate:
			struck.Delay += time.Duration(fault.Delay)
		case FaultFail:
			struck.Failure = cmp.Or(fault.Reason, string(organizations.CreateAccountFailureReasonInternalFailure))
		case FaultOscillate:
			struck.Returns += max(fault.Returns, 1)
		}
	}
	return struck
}

// hold lets faults slow a call down.
func (f *Faults) hold(ctx context.Context, operation string) error {
	for _, fault := range f.strike(operation, FaultSlow) {
		if err := wait(ctx, time.Duration(fault.Delay)); err != nil {
			return err
		}
	}
	return nil
}

// call lets faults strike a call: it returns the error to answer, if any.
func (f *Faults) call(service *api.Service, operation string) error {
	fault, struck := f.strikeOnce(operation, FaultThrottle, FaultThrottleConcurrent, FaultConcurrentModification,
		FaultFinalizing, FaultUnavailable, FaultError)
	if !struck {
		return nil
	}
	return fault.exception(service)
}

// wait waits for a while, or until the context is done.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
