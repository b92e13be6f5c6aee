// Package provisioner asks an operator's webhook to make and to remove what accounts stand for, such as projects of a
// private cloud, and learns whether that succeeded.
package provisioner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/espalier-cloud/espalier/internal/webhook"
)

// Provisioner is an operator's webhook. It may be asked the same again, and must then answer the same.
type Provisioner struct {
	Endpoint *webhook.Endpoint
	Patience time.Duration // how long a request may take altogether
}

// The operations that a provisioner is asked for.
const (
	CreateAccount = "CreateAccount"
	CloseAccount  = "CloseAccount"
)

// Request is what a provisioner is asked for.
type Request struct {
	ID           string    `json:"requestId"` // the same whenever the request is repeated, and no other's
	Operation    string    `json:"operation"`
	Organization string    `json:"organizationId"`
	Management   string    `json:"managementAccountId"`
	Partition    string    `json:"partition"`
	Account      string    `json:"accountId"`
	GovCloud     string    `json:"govCloudAccountId,omitempty"` // its pair in AWS GovCloud (US), which is made or removed with it
	Name         string    `json:"accountName"`
	Email        string    `json:"email"`
	RoleName     string    `json:"roleName,omitempty"` // that the management account will have in a new account
	Tags         []Tag     `json:"tags,omitempty"`     // of a new account
	Requested    time.Time `json:"requestedTimestamp"`
}

// Tag is a tag of a new account.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// State says how a request stands.
type State string

// The states of a request.
const (
	InProgress State = "IN_PROGRESS"
	Succeeded  State = "SUCCEEDED"
	Failed     State = "FAILED"
)

// Answer is what a provisioner says to a request.
type Answer struct {
	State         State         `json:"state"`
	FailureReason string        `json:"failureReason"` // where the state is Failed
	RetryAfter    time.Duration `json:"-"`             // when to ask again, where the state is InProgress
}

// The limits of when a provisioner is asked again that is still at work, and when it is where it does not say.
const (
	soonest = time.Second
	latest  = 5 * time.Minute
	usually = 10 * time.Second
)

// Ask asks once. Status 200 has the outcome in its body, status 202 says that the provisioner is still at work. All else
// is an error: the request is to be repeated.
func (p *Provisioner) Ask(ctx context.Context, r Request) (Answer, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return Answer{}, fmt.Errorf("provisioner: %w", err)
	}
	said, err := p.Endpoint.Send(ctx, webhook.Message{ID: r.ID, ContentType: "application/json", Body: body})
	if err != nil {
		return Answer{}, fmt.Errorf("provisioner: %w", err)
	}
	switch said.Status {
	case http.StatusAccepted:
		wait := said.RetryAfter
		if wait == 0 {
			wait = usually
		}
		return Answer{State: InProgress, RetryAfter: min(max(wait, soonest), latest)}, nil
	case http.StatusOK:
		return outcome(said.Body)
	}
	return Answer{}, fmt.Errorf("provisioner: status %d says nothing about the request", said.Status)
}

// outcome reads how a request ended.
func outcome(body []byte) (Answer, error) {
	var a Answer
	if err := json.Unmarshal(body, &a); err != nil {
		return Answer{}, errors.New("provisioner: the answer is no JSON object with a state")
	}
	switch a.State {
	case Succeeded:
		return Answer{State: Succeeded}, nil
	case Failed:
		return a, nil
	case InProgress: // is said by the status
	}
	return Answer{}, errors.New("provisioner: the state in the answer is neither SUCCEEDED nor FAILED")
}
