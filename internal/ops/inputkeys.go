package ops

import (
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/policy"
)

// inputKeys are the members of an operation's input that policies may ask about, by condition keys:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html.
type inputKeys struct {
	texts, lists []memberKey
	tags         int // index of the member, or none
}

// memberKey is a member that is the value of a condition key.
type memberKey struct {
	member int
	key    string
}

const noMember = -1

const (
	keyPolicyType            = "organizations:PolicyType"
	keyAlternateContactTypes = "account:AlternateContactTypes"
	keyEmailTargetDomain     = "account:EmailTargetDomain"
)

// keysByName are the condition keys of members by their names.
var keysByName = map[string]string{
	"ServicePrincipal":    "organizations:ServicePrincipal",
	"PolicyArn":           "iam:PolicyARN",
	"PermissionsBoundary": "iam:PermissionsBoundary",
	"AWSServiceName":      "iam:AWSServiceName",
	"ExternalId":          "sts:ExternalId",
	"RoleSessionName":     "sts:RoleSessionName",
	"SourceIdentity":      "sts:SourceIdentity",

	"RegionName":           "account:TargetRegion",
	"AlternateContactType": keyAlternateContactTypes,
	"PrimaryEmail":         keyEmailTargetDomain,
}

// listKeysByName are those of members that are lists of texts.
var listKeysByName = map[string]string{"TagKeys": "aws:TagKeys", "TransitiveTagKeys": "sts:TransitiveTagKeys"}

// keysByType are those of members whose names differ.
var keysByType = map[reflect.Type]string{
	reflect.TypeFor[organizations.PolicyType]():          keyPolicyType,
	reflect.TypeFor[organizations.EffectivePolicyType](): keyPolicyType,
}

// newInputKeys returns the keys of the inputs of an operation, of which one is given.
func newInputKeys(in any) inputKeys {
	k := inputKeys{tags: member(in, "Tags")}
	t := reflect.TypeOf(in).Elem()
	for i := range t.NumField() {
		key, ok := keysByName[t.Field(i).Name]
		if !ok {
			key, ok = keysByType[t.Field(i).Type]
		}
		if ok {
			k.texts = append(k.texts, memberKey{i, key})
		}
		if key, ok := listKeysByName[t.Field(i).Name]; ok {
			k.lists = append(k.lists, memberKey{i, key})
		}
	}
	return k
}

// names returns the condition keys that inputs may say, as the service authorization reference writes
// them.
func (k *inputKeys) names() []string {
	var all []string
	for _, m := range slices.Concat(k.texts, k.lists) {
		all = append(all, m.key)
	}
	if k.tags != noMember {
		all = append(all, "aws:RequestTag/${TagKey}", "aws:TagKeys")
	}
	return all
}

// describe sets the condition keys that an input says.
func (k *inputKeys) describe(in any, c *policy.Context) {
	v := reflect.ValueOf(in).Elem()
	for _, t := range k.texts {
		text, given := textOf(v.Field(t.member))
		switch {
		case !given:
		case t.key == keyAlternateContactTypes:
			c.SetList(t.key, []string{text})
		case t.key == keyEmailTargetDomain:
			c.Set(t.key, text[strings.LastIndexByte(text, '@')+1:])
		default:
			c.Set(t.key, text)
		}
	}
	for _, l := range k.lists {
		if values, ok := v.Field(l.member).Interface().([]string); ok {
			c.SetList(l.key, values)
		}
	}
	if k.tags == noMember {
		return
	}
	keys := []string{}
	for key, value := range tagsIn(v.Field(k.tags)) {
		keys = append(keys, key)
		c.Set("aws:RequestTag/"+key, value)
	}
	c.SetList("aws:TagKeys", keys)
}

// maxKeyValues is how many values one condition key may have: more than any service takes, and few enough to be compared
// with all that policies may hold.
const maxKeyValues = 1000

// excess reports the lists of an input that are longer than a condition key may be.
func (k *inputKeys) excess(in any) (violations []api.Violation) {
	v := reflect.ValueOf(in).Elem()
	refuse := func(member int) {
		if v.Field(member).Len() > maxKeyValues {
			violations = append(violations, api.Violation{Kind: api.MaxItems, Path: []string{v.Type().Field(member).Name}, Limit: maxKeyValues})
		}
	}
	for _, l := range k.lists {
		refuse(l.member)
	}
	if k.tags != noMember {
		refuse(k.tags)
	}
	return violations
}

// tagsIn lists the tags of an input: a list of structures, or a map.
func tagsIn(tags reflect.Value) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if entries, ok := tags.Interface().(map[string]string); ok {
			api.Sorted(entries)(yield)
			return
		}
		for i := range tags.Len() {
			key, _ := textOf(tags.Index(i).FieldByName("Key"))
			value, _ := textOf(tags.Index(i).FieldByName("Value"))
			if !yield(key, value) {
				return
			}
		}
	}
}

// tagged tells whether an input gives tags.
func (k *inputKeys) tagged(in any) bool {
	return k.tags != noMember && reflect.ValueOf(in).Elem().Field(k.tags).Len() > 0
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
