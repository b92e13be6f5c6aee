package main

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// model is a service description as the AWS SDKs publish it. Decoding refuses members that are not
// listed here. A jsontext.Value is a trait that needs no code.
type model struct {
	Metadata   metadata             `json:"metadata"`
	Operations map[string]operation `json:"operations"`
	Shapes     map[string]*shape    `json:"shapes"`
	Pagination jsontext.Value       `json:"pagination"`
}

type metadata struct {
	APIVersion          string         `json:"apiVersion"`
	Auth                jsontext.Value `json:"auth"`
	EndpointPrefix      string         `json:"endpointPrefix"`
	GlobalEndpoint      string         `json:"globalEndpoint"`
	JSONVersion         string         `json:"jsonVersion"`
	Protocol            string         `json:"protocol"`
	Protocols           jsontext.Value `json:"protocols"`
	ServiceAbbreviation string         `json:"serviceAbbreviation"`
	ServiceFullName     string         `json:"serviceFullName"`
	ServiceID           string         `json:"serviceId"`
	SignatureVersion    string         `json:"signatureVersion"`
	SigningName         string         `json:"signingName"`
	TargetPrefix        string         `json:"targetPrefix"`
	UID                 string         `json:"uid"`
	XMLNamespace        string         `json:"xmlNamespace"`
}

// title is the name of the service for people.
func (m metadata) title() string {
	if m.ServiceID == "Organizations" || m.ServiceAbbreviation == "" {
		return m.ServiceFullName
	}
	return m.ServiceAbbreviation
}

type operation struct {
	Name       string         `json:"name"`
	HTTP       binding        `json:"http"`
	Input      *reference     `json:"input"`
	Output     *reference     `json:"output"`
	Errors     []reference    `json:"errors"`
	Idempotent bool           `json:"idempotent"`
	ReadOnly   bool           `json:"readonly"`
	Auth       jsontext.Value `json:"auth"`
	AuthType   string         `json:"authtype"`
}

type binding struct {
	Method       string `json:"method"`
	RequestURI   string `json:"requestUri"`
	ResponseCode int    `json:"responseCode"`
}

type reference struct {
	Shape         string `json:"shape"`
	ResultWrapper string `json:"resultWrapper"`
	Location      string `json:"location"`
	LocationName  string `json:"locationName"`
}

type shape struct {
	Type            string         `json:"type"`
	Required        []string       `json:"required"`
	Members         members        `json:"members"`
	Member          *reference     `json:"member"`
	Key             *reference     `json:"key"`
	Value           *reference     `json:"value"`
	Enum            []string       `json:"enum"`
	Min             *int64         `json:"min"`
	Max             *int64         `json:"max"`
	Pattern         string         `json:"pattern"`
	Sensitive       bool           `json:"sensitive"`
	Box             bool           `json:"box"`
	Exception       bool           `json:"exception"`
	Fault           bool           `json:"fault"`
	Error           *exception     `json:"error"`
	Retryable       jsontext.Value `json:"retryable"`
	TimestampFormat string         `json:"timestampFormat"`
}

type exception struct {
	Code           string `json:"code"`
	HTTPStatusCode int    `json:"httpStatusCode"`
	SenderFault    bool   `json:"senderFault"`
}

// members are the members of a structure in the order of the model, which is the order in which
// they are checked.
type members []member

type member struct {
	Name string
	reference
}

// UnmarshalJSONFrom reads a JSON object and keeps the order of its members.
func (m *members) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	*m = members{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		next := member{Name: name.String()}
		if err := json.UnmarshalDecode(d, &next.reference, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		*m = append(*m, next)
	}
	_, err := d.ReadToken()
	return err
}

// parse reads a model, which may come in several texts.
func parse(texts ...[]byte) (*model, error) {
	m := &model{Operations: map[string]operation{}, Shapes: map[string]*shape{}}
	for _, text := range texts {
		part := &model{Metadata: m.Metadata, Pagination: m.Pagination}
		if err := json.Unmarshal(text, part, json.RejectUnknownMembers(true)); err != nil {
			return nil, err
		}
		m.Metadata, m.Pagination = part.Metadata, part.Pagination
		if err := errors.Join(add(m.Operations, part.Operations), add(m.Shapes, part.Shapes)); err != nil {
			return nil, err
		}
	}
	for name, s := range m.Shapes {
		if err := m.check(s.references()...); err != nil {
			return nil, fmt.Errorf("shape %s: %w", name, err)
		}
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("shape %s: %w", name, err)
		}
	}
	for name, op := range m.Operations {
		if err := m.check(append([]*reference{op.Input, op.Output}, pointers(op.Errors)...)...); err != nil {
			return nil, fmt.Errorf("operation %s: %w", name, err)
		}
	}
	return m, nil
}

// add adds what is not there yet: a supplement of what the model has by now is an error.
func add[V any](all, more map[string]V) error {
	for name, v := range more {
		if _, twice := all[name]; twice {
			return fmt.Errorf("%s is described twice", name)
		}
		all[name] = v
	}
	return nil
}

// check refuses references to shapes that the model does not have.
func (m *model) check(references ...*reference) error {
	for _, r := range references {
		if r != nil && m.Shapes[r.Shape] == nil {
			return fmt.Errorf("there is no shape %s", r.Shape)
		}
	}
	return nil
}

// references returns what the shape is made of. Some may be nil.
func (s *shape) references() []*reference {
	list := []*reference{s.Member, s.Key, s.Value}
	for i := range s.Members {
		list = append(list, &s.Members[i].reference)
	}
	return list
}

func pointers(references []reference) []*reference {
	list := make([]*reference, len(references))
	for i := range references {
		list[i] = &references[i]
	}
	return list
}

// check refuses what the generator does not generate.
func (s *shape) check() error {
	switch s.Type {
	case "structure", "string", "integer", "long", "boolean", "timestamp", "list", "map":
	default:
		return fmt.Errorf("unknown type %q", s.Type)
	}
	if s.TimestampFormat != "" && s.TimestampFormat != "iso8601" {
		return fmt.Errorf("unknown timestampFormat %q", s.TimestampFormat)
	}
	for _, m := range s.Members {
		if m.Location != "" && !s.Exception {
			return fmt.Errorf("member %s travels in the %s", m.Name, m.Location)
		}
	}
	return nil
}
