package org

import "time"

// CreationState is the state of a request to create an account.
type CreationState string

// The creation states of the model.
const (
	CreationInProgress CreationState = "IN_PROGRESS"
	CreationSucceeded  CreationState = "SUCCEEDED"
	CreationFailed     CreationState = "FAILED"
)

// Creation is a request to create an account.
type Creation struct {
	ID            CreationID    `json:"id"`
	State         CreationState `json:"state"`
	AccountName   string        `json:"accountName"`
	Email         string        `json:"email"`
	RoleName      string        `json:"roleName"`
	Requested     time.Time     `json:"requested"`
	Completed     time.Time     `json:"completed,omitzero"`
	Account       AccountID     `json:"account,omitempty"`
	FailureReason string        `json:"failureReason,omitempty"`
	Tags          Tags          `json:"tags,omitempty"` // given to the account when it is made
}

func (c *Creation) kind() string { return kindCreation }
func (c *Creation) id() string   { return string(c.ID) }

func (c *Creation) put(o *Organization) {
	o.creations.Set(string(c.ID), c)
	o.creationsByTime.Set(key(at(c.Requested), string(c.ID)), c)
}

func (c *Creation) remove(o *Organization) {
	o.creations.Delete(string(c.ID))
	o.creationsByTime.Delete(key(at(c.Requested), string(c.ID)))
}
