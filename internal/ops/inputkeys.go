package ops

import (
	"reflect"

	"github.com/espalier-cloud/espalier/policy"
)

// InputKeys are the members of an operation's input that policies may ask about, by condition keys:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html.
type InputKeys struct {
	texts         []textKey
	tags, tagKeys int // indexes of the members, or none
}

// textKey is a member whose text is the value of a condition key.
type textKey struct {
	member int
	key    string
}

const noMember = -1

// inputKeys are the condition keys of members by their names.
var inputKeys = map[string]string{
	"ServicePrincipal":    "organizations:ServicePrincipal",
	"PolicyArn":           "iam:PolicyARN",
	"PermissionsBoundary": "iam:PermissionsBoundary",
	"AWSServiceName":      "iam:AWSServiceName",
	"ExternalId":          "sts:ExternalId",
	"RoleSessionName":     "sts:RoleSessionName",
	"SourceIdentity":      "sts:SourceIdentity",
}

// NewInputKeys returns the keys of the inputs of an operation, of which one is given.
func NewInputKeys(in any) InputKeys {
	k := InputKeys{tags: member(in, "Tags"), tagKeys: member(in, "TagKeys")}
	t := reflect.TypeOf(in).Elem()
	for i := range t.NumField() {
		if key, ok := inputKeys[t.Field(i).Name]; ok {
			k.texts = append(k.texts, textKey{i, key})
		}
	}
	return k
}

// Describe sets the condition keys that an input says.
func (k *InputKeys) Describe(in any, c *policy.Context) {
	v := reflect.ValueOf(in).Elem()
	for _, t := range k.texts {
		if text, given := textOf(v.Field(t.member)); given {
			c.Set(t.key, text)
		}
	}
	if k.tagKeys != noMember {
		if keys, ok := v.Field(k.tagKeys).Interface().([]string); ok {
			c.SetList("aws:TagKeys", keys)
		}
	}
	if k.tags == noMember {
		return
	}
	tags := v.Field(k.tags)
	keys := make([]string, tags.Len())
	for i := range tags.Len() {
		keys[i], _ = textOf(tags.Index(i).FieldByName("Key"))
		value, _ := textOf(tags.Index(i).FieldByName("Value"))
		c.Set("aws:RequestTag/"+keys[i], value)
	}
	c.SetList("aws:TagKeys", keys)
}

// member returns the index of a member of an input, or noMember.
func member(in any, name string) int {
	if f, ok := reflect.TypeOf(in).Elem().FieldByName(name); ok {
		return f.Index[0]
	}
	return noMember
}

// textOf returns the text of a member, and whether it is given.
func textOf(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", false
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.String {
		return "", false
	}
	return v.String(), v.String() != ""
}
