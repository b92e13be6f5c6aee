package trail

import (
	"encoding/json"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// Call is a request that is being served, as far as its event needs it. The
// server makes one for every request; the operation turns it into an event
// inside the commit that carries out the request.
type Call struct {
	Caller    *identity.Caller
	Source    string // such as organizations.amazonaws.com
	Name      string // the operation
	Region    string // of the credential scope
	SourceIP  string
	UserAgent string
	RequestID string
	Time      time.Time
	ReadOnly  bool
	Input     any                       // the decoded input
	Masked    func(any) json.RawMessage // an input or output with its sensitive values masked
	NewID     func() string             // makes event ids
}

// Event returns the call's event: out is the output of a call that succeeded
// and nil otherwise; reads show no output, as CloudTrail does not.
func (c *Call) Event(out any) Event {
	e := Event{
		ID: c.NewID(), Type: APICall, Source: c.Source, Name: c.Name, Time: c.Time, Caller: c.Caller,
		Region: c.region(), SourceIP: c.SourceIP, UserAgent: c.UserAgent, RequestID: c.RequestID, ReadOnly: c.ReadOnly,
	}
	if c.Caller != nil {
		e.Account = c.Caller.Account
	}
	if c.Input != nil {
		e.Request = c.Masked(c.Input)
	}
	if out != nil && !c.ReadOnly {
		e.Response = c.Masked(out)
	}
	e.Resources = resources(e.Source, e.Request, e.Response)
	return e
}

// Refused returns the event of a call that failed.
func (c *Call) Refused(code, message string) Event {
	e := c.Event(nil)
	e.ErrorCode, e.Message = code, message
	return e
}
