package wire

import (
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
)

// trailTime is how CloudTrail records write times.
const trailTime = "Jan 2, 2006 3:04:05 PM"

// mask is what a CloudTrail record shows of a sensitive value.
const mask = `"****"`

// TrailParameters returns an input or output as the requestParameters or responseElements of a
// CloudTrail record: members begin with a small letter, times are for people, and sensitive values
// are masked. It is null when there is nothing to show. The argument is a pointer to a structure,
// or nil.
func TrailParameters(v any) jsontext.Value {
	s := reflect.ValueOf(v)
	if !s.IsValid() || s.IsNil() {
		return jsontext.Value("null")
	}
	e := jsonEncoder{trail: true}
	e.value(s.Elem(), planOf(s.Type().Elem()))
	if string(e.b) == "{}" {
		return jsontext.Value("null")
	}
	return e.b
}

// recorded writes a member of a structure as a record shows it.
func (e *jsonEncoder) recorded(of, v reflect.Value, f *field) {
	e.b = append(e.b, f.trailKey...)
	switch {
	case f.sensitive && !shown(of):
		e.b = append(e.b, mask...)
	case of.Type() == reflect.TypeFor[organizations.Handshake]() && v.Type() == reflect.TypeFor[*organizations.ActionType]():
		e.text(strings.ToLower(v.Elem().String()))
	default:
		e.value(v, f.plan)
	}
}

// shown tells whether the sensitive value of a structure is none: the model calls all ids of parties
// and all values of resources of handshakes sensitive, as some of them are addresses, names and notes.
// Records show the others:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html.
func shown(v reflect.Value) bool {
	switch s := v.Interface().(type) {
	case organizations.HandshakeParty:
		known := s.Type == organizations.HandshakePartyTypeAccount || s.Type == organizations.HandshakePartyTypeOrganization
		return known && !strings.Contains(s.Id, "@") // for a client may say what is not so
	case organizations.HandshakeResource:
		if s.Type == nil {
			return false
		}
		switch *s.Type {
		case organizations.HandshakeResourceTypeEmail, organizations.HandshakeResourceTypeMasterEmail, organizations.HandshakeResourceTypeMasterName,
			organizations.HandshakeResourceTypeManagementEmail, organizations.HandshakeResourceTypeManagementName, organizations.HandshakeResourceTypeNotes:
			return false
		case organizations.HandshakeResourceTypeAccount, organizations.HandshakeResourceTypeManagementAccount, organizations.HandshakeResourceTypeOrganization,
			organizations.HandshakeResourceTypeOrganizationFeatureSet, organizations.HandshakeResourceTypeParentHandshake,
			organizations.HandshakeResourceTypeResponsibilityTransfer, organizations.HandshakeResourceTypeTransferStartTimestamp, organizations.HandshakeResourceTypeTransferType:
			return true
		}
	}
	return false
}
