package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/wire"
)

// hostile are texts that are no name, no id and no ARN, or look like one of them.
var hostile = []string{
	"x", "*", "${aws:username}", "\x00", "é\ufffe", strings.Repeat("a", 3000), `{"Version":"2012-10-17","Statement":[]}`,
	"arn:::::", "arn:aws:iam::123456789012:", "arn:aws:iam::aws:policy/", "p-FullAWSAccess", "o-aaaaaaaaaa",
}

// TestNoTextIsTheServersFault: whatever text stands in all members of an input that hold one, the answer says what is
// wrong with it. IAM answered that it failed where the ARN of a policy or of a provider was none.
func TestNoTextIsTheServersFault(t *testing.T) {
	m := newMatrix(t)
	management := m.callers[0]
	for _, service := range wire.Services() {
		for name, operation := range service.Operations {
			for _, text := range hostile {
				input, some := filled(service, operation, text)
				if !some {
					break
				}
				if w := m.do(m.request(service, matrixRow{operation: name, input: input}, management)); w.Code >= http.StatusInternalServerError {
					t.Errorf("%s with %.40q: %d %s", name, text, w.Code, w.Body)
				}
			}
		}
	}
}

// filled writes an input with the same text in each member that holds one, and reports whether there are any.
func filled(service *api.Service, operation *api.Description, text string) (input string, some bool) {
	form := url.Values{"Action": {operation.Name}, "Version": {service.APIVersion}}
	members := map[string]string{}
	for field := range reflect.TypeOf(operation.New()).Elem().Fields() {
		kind := field.Type.Kind()
		if kind == reflect.Pointer {
			kind = field.Type.Elem().Kind()
		}
		if kind == reflect.String {
			form.Set(field.Name, text)
			members[field.Name] = text
		}
	}
	if service.Protocol == api.Query {
		return form.Encode(), len(members) > 0
	}
	body, err := json.Marshal(members)
	return string(body), err == nil && len(members) > 0
}

// TestListsBeyondReason: policies are not asked about lists that no service takes. A body of tag keys without number,
// compared with all that a chain of policies may hold, took minutes.
func TestListsBeyondReason(t *testing.T) {
	m := newMatrix(t)
	nobody := m.callers[3] // a user without permissions
	tried := 0
	for _, service := range wire.Services() {
		for name, operation := range service.Operations {
			input, some := crowded(service, operation)
			if !some || operation.Anonymous {
				continue
			}
			tried++
			w := m.do(m.request(service, matrixRow{operation: name, input: input}, nobody))
			if w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "AccessDenied") {
				t.Errorf("%s: %d %.300s", name, w.Code, w.Body)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d operations have such lists", tried)
	}
}

// crowded writes an input with too many tags or keys of tags, and reports whether it can have any.
func crowded(service *api.Service, operation *api.Description) (input string, some bool) {
	form := url.Values{"Action": {operation.Name}, "Version": {service.APIVersion}}
	members := map[string]any{}
	for field := range reflect.TypeOf(operation.New()).Elem().Fields() {
		var keys []string
		var tags []map[string]string
		entries := map[string]string{}
		for i := range 1001 {
			key := fmt.Sprint("key", i)
			keys, tags, entries[key] = append(keys, key), append(tags, map[string]string{"Key": key, "Value": ""}), ""
		}
		switch {
		case field.Name == "TagKeys" || field.Name == "TransitiveTagKeys":
			members[field.Name] = keys
			for i, key := range keys {
				form.Set(fmt.Sprintf("%s.member.%d", field.Name, i+1), key)
			}
		case field.Name == "Tags" && field.Type.Kind() == reflect.Map:
			members[field.Name] = entries
		case field.Name == "Tags":
			members[field.Name] = tags
			for i, key := range keys {
				form.Set(fmt.Sprintf("Tags.member.%d.Key", i+1), key)
				form.Set(fmt.Sprintf("Tags.member.%d.Value", i+1), "")
			}
		}
	}
	if service.Protocol == api.Query {
		return form.Encode(), len(members) > 0
	}
	body, err := json.Marshal(members)
	return string(body), err == nil && len(members) > 0
}
