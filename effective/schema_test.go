package effective

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestEveryTypeOfTheModelHasASchema(t *testing.T) {
	loaded, err := loadSchemas(schemaFiles)
	if err != nil {
		t.Fatal(err)
	}
	want := []Type{
		"AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "BEDROCK_POLICY", "CHATBOT_POLICY", "DECLARATIVE_POLICY_EC2",
		"GUARDDUTY_POLICY", "INSPECTOR_POLICY", "NETWORK_SECURITY_DIRECTOR_POLICY", "S3_POLICY",
		"SECURITYHUB_POLICY", "TAG_POLICY", "UPGRADE_ROLLOUT_POLICY",
	}
	if got := Types(); !slices.Equal(got, want) {
		t.Errorf("types are %v", got)
	}
	for policyType, schema := range loaded {
		if !strings.HasPrefix(schema.Source, "https://docs.aws.amazon.com/") {
			t.Errorf("%s does not say where it is documented", policyType)
		}
	}
	if Type("SERVICE_CONTROL_POLICY").Known() || !Type("S3_POLICY").Known() {
		t.Error("a type is known that is about authorization, or S3_POLICY is not")
	}
}

func TestANewTypeIsANewFile(t *testing.T) {
	loaded, err := loadSchemas(fstest.MapFS{"schema/new.json": {Data: []byte(
		`{"type": "NEW_POLICY", "document": {"keys": {"new": {"keys": {"list": {"value": "list", "maxItems": 1}}}}}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	document := loaded["NEW_POLICY"].Document
	if _, f := document.member("NEW"); f == nil || !f.checked {
		t.Error("the new type has no restriction")
	}
}

func TestBrokenSchemasAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                          "EOF",
		`{"type": "T", "wrong": 1}`:  "wrong",
		`{"type": "T"}`:              "needs a type, and a document that is a container",
		`{"document": {"keys": {}}}`: "needs a type",
		document(`"value": "list"`):  "needs a type, and a document that is a container",
		document(`"names": "x", "expected": "x"`):                            "neither a setting nor a container",
		document(`"each": {"ref": "no"}`):                                    `document/*: there is no definition "no"`,
		key(`"ref": "no"`):                                                   `document/k: there is no definition "no"`,
		key(`"value": "set"`):                                                `document/k: there is no value "set"`,
		key(`"value": "list", "keys": {}`):                                   "is a setting and a container",
		key(`"value": "string", "sameAs": "parent"`):                         `cannot be the same as "parent"`,
		key(`"value": "string", "pattern": "(", "expected": "x"`):            "missing closing )",
		document(`"each": {"value": "list"}, "names": "(", "expected": "x"`): "missing closing )",
		document(`"each": {"value": "list"}, "names": "x"`):                  "has an expression, and no words for it",
		document(`"keys": {}, "required": ["k"]`):                            `requires "k", which it does not have`,
		conflicting(`{"field": "k"}`):                                        "exactly one",
		conflicting(`{"field": "k", "is": "a", "above": 1}`):                 "exactly one",
		conflicting(`{"field": "no", "is": "a"}`):                            `there is no setting "no"`,
		conflicting(`{"field": "k/no", "is": "a"}`):                          `there is no setting "k/no"`,
		conflicting(`{"field": "k", "below": 1, "over": "no"}`):              `there is no setting "no"`,
	} {
		_, err := loadSchemas(fstest.MapFS{"schema/broken.json": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "schema/broken.json: ") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := loadSchemas(fstest.MapFS{"schema/broken.json/file": {}}); err == nil {
		t.Error("a directory was read")
	}
}

func document(field string) string { return `{"type": "T", "document": {` + field + `}}` }
func key(field string) string      { return document(`"keys": {"k": {` + field + `}}`) }

func conflicting(condition string) string {
	return document(`"keys": {"k": {"value": "string"}}, "conflicts": [[` + condition + `]]`)
}

func TestConflictsReachSettingsUnderAnyName(t *testing.T) {
	for text, want := range map[string]bool{
		`"each": {"value": "string"}, "conflicts": [[{"field": "*", "is": "a"}]]`:                               true,
		`"keys": {"k": {"value": "string"}}, "conflicts": [[{"field": "*", "is": "a"}]]`:                        true,
		`"keys": {"k": {"value": "string"}}, "conflicts": [[{"field": "*/deeper", "is": "a"}]]`:                 false,
		`"each": {"keys": {"k": {"value": "string"}}}, "conflicts": [[{"field": "*/k", "oftener": "monthly"}]]`: true,
	} {
		if _, err := parseSchema([]byte(document(text))); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
