// Package trail is the record of what was asked and what changed: events in the
// shape of AWS CloudTrail records, each chained to the one before it by a hash,
// so that one that was altered or left out is found.
package trail

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
)

// Event is one record. Its fields are those of a CloudTrail record:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
type Event struct {
	ID        string             // a UUID
	Type      string             // AwsApiCall or AwsServiceEvent
	Source    string             // such as organizations.amazonaws.com
	Name      string             // the operation, or the service event's name
	Time      time.Time          // when it happened, to the second in the record
	Account   identity.AccountID // whose trail it belongs to
	Caller    *identity.Caller   // nil for a service event
	Region    string             // in which the event is recorded
	SourceIP  string             // of the client
	UserAgent string             // as the client sent it
	RequestID string             // as the answer carried it
	ReadOnly  bool               // whether the operation changes nothing
	Request   json.RawMessage    // parameters with sensitive values masked, or nil
	Response  json.RawMessage    // response elements with sensitive values masked, or nil
	ErrorCode string             // the exception, empty when the call succeeded
	Message   string             // the exception's message
	Details   json.RawMessage    // what a service event tells, or nil
	SharedID  string             // of the events that tell several accounts the same, or ""
	Resources []Resource         // what the event is about, for lookups
}

// The types of events.
const (
	APICall      = "AwsApiCall"
	ServiceEvent = "AwsServiceEvent"
)

// Resource is a thing that an event is about.
type Resource struct {
	Type string `json:"resourceType"` // such as AWS::Organizations::Account
	Name string `json:"resourceName"` // its id
}

// record is the JSON form of an event.
type record struct {
	EventVersion       string          `json:"eventVersion"`
	UserIdentity       userIdentity    `json:"userIdentity"`
	EventTime          string          `json:"eventTime"`
	EventSource        string          `json:"eventSource"`
	EventName          string          `json:"eventName"`
	AWSRegion          string          `json:"awsRegion"`
	SourceIPAddress    string          `json:"sourceIPAddress"`
	UserAgent          string          `json:"userAgent"`
	ErrorCode          string          `json:"errorCode,omitempty"`
	ErrorMessage       string          `json:"errorMessage,omitempty"`
	RequestParameters  json.RawMessage `json:"requestParameters"`
	ResponseElements   json.RawMessage `json:"responseElements"`
	RequestID          string          `json:"requestID,omitempty"`
	EventID            string          `json:"eventID"`
	ReadOnly           bool            `json:"readOnly"`
	EventType          string          `json:"eventType"`
	ManagementEvent    bool            `json:"managementEvent"`
	RecipientAccountID string          `json:"recipientAccountId"`
	ServiceDetails     json.RawMessage `json:"serviceEventDetails,omitempty"`
	SharedEventID      string          `json:"sharedEventID,omitempty"`
	EventCategory      string          `json:"eventCategory"`
}

type userIdentity struct {
	Type           string          `json:"type,omitempty"`
	PrincipalID    string          `json:"principalId,omitempty"`
	ARN            string          `json:"arn,omitempty"`
	AccountID      string          `json:"accountId,omitempty"`
	AccessKeyID    string          `json:"accessKeyId,omitempty"`
	UserName       string          `json:"userName,omitempty"`
	SessionContext *sessionContext `json:"sessionContext,omitempty"`
	InvokedBy      string          `json:"invokedBy,omitempty"`
	// IdentityProvider is the ARN of the provider that vouches for a web identity.
	IdentityProvider string `json:"identityProvider,omitempty"`
}

type sessionContext struct {
	SessionIssuer  *sessionIssuer    `json:"sessionIssuer,omitempty"` // absent for a session of a user himself
	Attributes     map[string]string `json:"attributes"`
	AssumedRoot    bool              `json:"assumedRoot,omitempty"`
	SourceIdentity string            `json:"sourceIdentity,omitempty"`
}

type sessionIssuer struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName"`
}

// eventVersion is the version of the record format that is written.
const eventVersion = "1.11"

// Doc returns the event as a CloudTrail record in JSON.
func (e *Event) Doc() []byte {
	r := record{
		EventVersion: eventVersion, EventTime: e.Time.UTC().Format(time.RFC3339),
		EventSource: e.Source, EventName: e.Name, AWSRegion: e.Region, SourceIPAddress: e.SourceIP, UserAgent: e.UserAgent,
		ErrorCode: e.ErrorCode, ErrorMessage: e.Message, RequestParameters: orNull(e.Request), ResponseElements: orNull(e.Response),
		RequestID: e.RequestID, EventID: e.ID, ReadOnly: e.ReadOnly, EventType: e.Type, ManagementEvent: true,
		RecipientAccountID: string(e.Account), ServiceDetails: e.Details, SharedEventID: e.SharedID, EventCategory: "Management",
		UserIdentity: e.userIdentity(),
	}
	doc, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("trail: an event cannot be written as JSON: %v", err)) // its raw parts were encoded by this program
	}
	return doc
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

func (e *Event) userIdentity() userIdentity {
	if e.Caller == nil {
		return userIdentity{AccountID: string(e.Account), InvokedBy: "AWS Internal"}
	}
	if e.Caller.Type == identity.WebIdentityUser { // who is of no account
		return userIdentity{Type: string(e.Caller.Type), PrincipalID: e.Caller.UserID, IdentityProvider: e.Caller.ARN}
	}
	if e.Caller.Type == identity.Service { // which is of none either
		return userIdentity{Type: string(e.Caller.Type), InvokedBy: e.Caller.ARN}
	}
	id := userIdentity{
		Type: string(e.Caller.Type), PrincipalID: e.Caller.UserID, ARN: e.Caller.ARN,
		AccountID: string(e.Caller.Account), AccessKeyID: string(e.Caller.AccessKeyID),
	}
	if e.Caller.Type == identity.IAMUser {
		id.UserName = identity.NameOf(e.Caller.ARN)
	}
	id.SessionContext = e.sessionContext()
	return id
}

// sessionContext returns what the record tells of temporary credentials, or nil
// for a long-term access key.
func (e *Event) sessionContext() *sessionContext {
	by := e.Caller
	if by.IssuedAt.IsZero() {
		return nil
	}
	session := &sessionContext{AssumedRoot: by.AssumedRoot, SourceIdentity: by.SourceIdentity, Attributes: map[string]string{
		"creationDate": by.IssuedAt.UTC().Format(time.RFC3339), "mfaAuthenticated": strconv.FormatBool(by.MFA),
	}}
	if user := by.FederatedBy; user != nil {
		session.SessionIssuer = &sessionIssuer{Type: string(user.Type), PrincipalID: user.UserID, ARN: user.ARN, AccountID: string(by.Account), UserName: identity.NameOf(user.ARN)}
	}
	if role := by.Role; role != nil {
		session.SessionIssuer = &sessionIssuer{Type: "Role", PrincipalID: string(role.ID), ARN: role.ARN, AccountID: string(by.Account), UserName: role.Name}
	}
	return session
}

// Username returns the name under which a lookup finds the caller: "root", the
// user's name or the session's name.
func (e *Event) Username() string {
	if e.Caller == nil {
		return ""
	}
	switch e.Caller.Type {
	case identity.Root:
		return "root"
	case identity.WebIdentityUser:
		return e.Caller.UserID
	case identity.IAMUser, identity.AssumedRole, identity.FederatedUser, identity.Service:
	}
	return identity.NameOf(e.Caller.ARN)
}

// NewID returns a random UUID (version 4) for an event or a request, made of
// sixteen random bytes.
func NewID(random [16]byte) string {
	random[6] = random[6]&0x0f | 0x40
	random[8] = random[8]&0x3f | 0x80
	s := hex.EncodeToString(random[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// ServiceEventOf returns the event of something that a service did on its own
// account. It happens in the region where a partition has its global services.
func ServiceEventOf(id, source, name string, at time.Time, account identity.AccountID, partition identity.Partition, details json.RawMessage) Event {
	return Event{
		ID: id, Type: ServiceEvent, Source: source, Name: name, Time: at, Account: account,
		Region: partition.GlobalRegion(), SourceIP: source, UserAgent: source, Details: details, Resources: resources(source, details),
	}
}

// Timestamp returns a time as CloudTrail shows it inside of Organizations'
// events: "Sep 16, 2020 9:20:50 PM".
func Timestamp(t time.Time) string { return t.UTC().Format("Jan 2, 2006 3:04:05 PM") }
