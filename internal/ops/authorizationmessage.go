package ops

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/espalier-cloud/espalier/internal/api/sts"
	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/internal/registry"
	"github.com/espalier-cloud/espalier/policy"
)

// AuthorizationMessage is why policies denied a call. Who makes the call is told that he may not, and
// not why: that is handed out sealed, for those who may call DecodeAuthorizationMessage.
type AuthorizationMessage struct {
	By        *Caller
	Request   *policy.Request
	Decision  policy.Decision
	Statement *policy.Statement // that decided, or nil
}

const (
	// messageLife is how long an authorization message can be decoded.
	messageLife = 7 * 24 * time.Hour
	// longestMessage keeps an encoded message within what proxies take for the header of an answer.
	longestMessage = 3600
	// sealOfMessages is what authorization messages are sealed as.
	sealOfMessages = "authorization message"
)

// sealedMessage is what an encoded message holds.
type sealedMessage struct {
	Account      identity.AccountID      `json:"account"` // of who was denied
	Organization identity.OrganizationID `json:"organization"`
	// Governed tells that a policy decided which the organization attached, and not the account.
	Governed bool          `json:"governed"`
	Expires  time.Time     `json:"expires"`
	Reasons  denialReasons `json:"reasons"`
}

// Encode seals the message at a time, as text that DecodeAuthorizationMessage takes. What makes it too
// long is left out: condition keys that the statement does not ask about before others, then the
// statement. It fails when the name of the resource alone is too long, and when random does.
func (m *AuthorizationMessage) Encode(keyring *identity.Keyring, now time.Time, random io.Reader) (string, error) {
	kind := m.Decision.Kind
	sealed := sealedMessage{
		Account: m.By.Account, Organization: m.By.Organization,
		Governed: kind == policy.ServiceControlPolicy || kind == policy.ResourceControlPolicy,
		Expires:  now.Add(messageLife), Reasons: m.reasons(),
	}
	text, err := sealed.within(base64.StdEncoding.DecodedLen(longestMessage) - identity.SealOverhead)
	if err != nil {
		return "", err
	}
	raw, err := keyring.Seal(sealOfMessages, text, random)
	return base64.StdEncoding.EncodeToString(raw), err
}

// within returns the message as JSON of at most some bytes.
func (m *sealedMessage) within(size int) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil || len(text) <= size {
		return text, err
	}
	context := &m.Reasons.Context
	over := len(text) + len(`,"conditionsOmitted":999`) - size
	for last := len(context.Conditions.Items) - 1; last >= 0 && over > 0; last-- {
		item, err := json.Marshal(context.Conditions.Items[last])
		if err != nil {
			return nil, err
		}
		context.Conditions.Items = context.Conditions.Items[:last]
		context.ConditionsOmitted++
		over -= len(item) + len(",")
	}
	if over > 0 {
		m.Reasons.MatchedStatements.Items = []matchedStatement{}
	}
	if text, err = json.Marshal(m); err == nil && len(text) > size {
		return nil, errMessageTooLong
	}
	return text, err
}

// errMessageTooLong is about calls that name a resource which cannot be: they are not validated before they are allowed.
var errMessageTooLong = errors.New("ops: the message does not fit into the header of an answer")

// open returns what an encoded message holds, or an error for what is none, or has expired.
func (s *STS) open(encoded string) (*sealedMessage, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	text, err := s.Keyring.Open(sealOfMessages, raw)
	if err != nil {
		return nil, err
	}
	message := new(sealedMessage)
	if err := json.Unmarshal(text, message); err != nil {
		return nil, err
	}
	if s.Clock().After(message.Expires) {
		return nil, errTokenExpired
	}
	return message, nil
}

// DecodeAuthorizationMessage tells why policies denied a call: whoever may ask, of a call by a principal
// of his own account, and in the management account of every account of the organization. What the
// organization's policies say is for the latter alone. All else is InvalidAuthorizationMessageException.
func (s *STS) DecodeAuthorizationMessage(ctx context.Context, by Caller, in *sts.DecodeAuthorizationMessageInput) (*sts.DecodeAuthorizationMessageOutput, error) {
	invalid := &sts.InvalidAuthorizationMessageException{Message: "The authorization message is invalid or has expired."}
	message, err := s.open(in.EncodedMessage)
	if err != nil {
		return nil, invalid
	}
	manages := by.View.Organization.Standing(org.AccountID(by.Account)) == org.Management && by.Organization == message.Organization
	if by.Account != message.Account && !manages {
		return nil, invalid
	}
	if message.Governed && !manages {
		message.Reasons.MatchedStatements.Items = []matchedStatement{}
		message.Reasons.DecidedBy = decider{Kind: message.Reasons.DecidedBy.Kind, Policy: message.Reasons.DecidedBy.Policy}
	}
	text, err := json.Marshal(&message.Reasons)
	if err != nil {
		return nil, err
	}
	// The event does not show the reasons: who reads the trail need not be allowed to decode.
	err = s.Registry.Write(ctx, registry.AccountKey(by.Account), by.Call.Name, func(tx *registry.Tx) error { return tx.Record(by.Call.Event(nil)) })
	if err != nil {
		return nil, err
	}
	return &sts.DecodeAuthorizationMessageOutput{DecodedMessage: new(string(text))}, nil
}
