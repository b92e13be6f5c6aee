package effective

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseReportsEveryDefect(t *testing.T) {
	for _, test := range []struct {
		name string
		of   Type
		text string
		want string // defects, one a line
	}{
		{"no type", "SERVICE_CONTROL_POLICY", `{}`, `1:1: "SERVICE_CONTROL_POLICY" is not a type of management policy`},
		{"no JSON", "TAG_POLICY", "{\n  tags}", `2:4: invalid character 'a' in literal true (expecting 'r'); expected JSON`},
		{"cut off", "TAG_POLICY", `{"tags":{`, `1:10: tags: unexpected EOF; expected JSON`},
		{"cut off in a list", "TAG_POLICY", `{"tags":{"a":{"tag_value":{"@@assign":["a"`, `1:43: tags/a/tag_value/@@assign: unexpected EOF; expected JSON`},
		{"more after it", "TAG_POLICY", `{"tags":{}} {}`, `1:13: something follows the document; expected JSON`},
		{"no object", "TAG_POLICY", ` []`, `1:2: the document is not an object; expected an object`},
		{"nothing", "CHATBOT_POLICY", `{}`, `1:1: the document says nothing; expected chatbot, default, platforms`},
		{"object beside the root", "TAG_POLICY", `{"tags":{},"@@Remove":{}}`,
			`1:23: @@Remove: an operator beside the members of the document has an object; expected a scalar or a list`},
		{"operator in a container", "TAG_POLICY", `{"tags":{"@@assign":1,"@@keep":1}}`, strings.Join([]string{
			`1:10: tags/@@assign: a container takes no value operators; expected a name`,
			`1:23: tags/@@keep: there is no operator "@@keep"; expected @@assign, @@append, @@remove or @@operators_allowed_for_child_policies`,
		}, "\n")},
		{"twice in two cases", "TAG_POLICY", `{"tags":{"Env":{},"ENV":{}}}`, `1:19: tags: "ENV" comes twice`},
		{"operator twice", "S3_POLICY", `{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all","@@Assign":"none"}}}`,
			`1:73: s3_attributes/public_access_block_configuration: "@@Assign" comes twice`},
		{"several, with lines and characters", "TAG_POLICY", "{\"tags\": {\n\t\"ä\": {\"tag_key\": {\"@@assign\": \"b\"}, \"color\": {}},\n\t\"\": 1}}", strings.Join([]string{
			`2:32: tags/ä/tag_key/@@assign: "b" is not a value of this setting; expected "ä" in any case`,
			`2:38: tags/ä/color: "color" is not known here; expected enforced_for, report_required_tag_for, tag_key, tag_value`,
			`3:2: tags/: "" is not known here; expected a name`,
			`3:6: tags/: a value stands where operators or members must be; expected an object`,
		}, "\n")},
		{"setting with members", "TAG_POLICY", `{"tags":{"a":{"tag_value":{"enforced_for":{}}}}}`,
			`1:28: tags/a/tag_value/enforced_for: a setting takes operators only; expected @@assign, @@append, @@remove or @@operators_allowed_for_child_policies`},
		{"append to a scalar", "TAG_POLICY", `{"tags":{"a":{"tag_key":{"@@append":"a"}}}}`,
			`1:26: tags/a/tag_key/@@append: this setting is no list, and takes no @@append; expected @@assign`},
		{"scalar for a list", "TAG_POLICY", `{"tags":{"a":{"tag_value":{"@@assign":"a"}}}}`,
			`1:39: tags/a/tag_value/@@assign: this setting is a list; expected a list`},
		{"list for a scalar", "TAG_POLICY", `{"tags":{"a":{"tag_key":{"@@assign":["a"]}}}}`,
			`1:37: tags/a/tag_key/@@assign: this setting is no list; expected one value`},
		{"object for a scalar", "TAG_POLICY", `{"tags":{"a":{"tag_key":{"@@assign":{}}}}}`,
			`1:37: tags/a/tag_key/@@assign: this is not a single value; expected a string, number, boolean or null`},
		{"two wildcards", "TAG_POLICY", `{"tags":{"a":{"tag_value":{"@@assign":["a","*a*",[]]}}}}`, strings.Join([]string{
			`1:44: tags/a/tag_value/@@assign: "*a*" is not a value of this setting; expected a value with at most one *`,
			`1:50: tags/a/tag_value/@@assign: this is not a single value; expected a string, number, boolean or null`,
		}, "\n")},
		{"resource types", "TAG_POLICY", `{"tags":{"a":{"enforced_for":{"@@assign":["ecs:*","nosuch:thing","ec2:ALL_SUPPORTED","Ec2:instance","redshift:*"]}}}}`, strings.Join([]string{
			`1:43: tags/a/enforced_for/@@assign: "ecs:*" is not a value of this setting; expected a resource type such as ec2:instance, or service:ALL_SUPPORTED`,
			`1:51: tags/a/enforced_for/@@assign: "nosuch:thing" is not a value of this setting; expected a resource type such as ec2:instance, or service:ALL_SUPPORTED`,
			`1:86: tags/a/enforced_for/@@assign: "Ec2:instance" is not a value of this setting; expected a resource type such as ec2:instance, or service:ALL_SUPPORTED`,
		}, "\n")},
		{"enumeration", "S3_POLICY", `{"s3_attributes":{"public_access_block_configuration":{"@@assign":"All"}}}`,
			`1:67: s3_attributes/public_access_block_configuration/@@assign: "All" is not a value of this setting; expected all, none`},
		{"range", "DECLARATIVE_POLICY_EC2", `{"ec2_attributes":{"instance_metadata_defaults":{"http_put_response_hop_limit":{"@@assign":65}}}}`,
			`1:92: ec2_attributes/instance_metadata_defaults/http_put_response_hop_limit/@@assign: "65" is not a value of this setting; expected an integer from -1 to 64`},
		{"number", "BACKUP_POLICY", `{"plans":{"p":{"rules":{"r":{"complete_backup_window_minutes":{"@@assign":"1h"},"enable_continuous_backup":{"@@assign":"yes"}}}}}}`, strings.Join([]string{
			`1:75: plans/p/rules/r/complete_backup_window_minutes/@@assign: "1h" is not a value of this setting; expected an integer`,
			`1:120: plans/p/rules/r/enable_continuous_backup/@@assign: "yes" is not a value of this setting; expected true or false`,
		}, "\n")},
		{"least", "BACKUP_POLICY", `{"plans":{"p":{"rules":{"r":{"start_backup_window_minutes":{"@@assign":59}}}}}}`,
			`1:72: plans/p/rules/r/start_backup_window_minutes/@@assign: "59" is not a value of this setting; expected an integer from 60`},
		{"names", "DECLARATIVE_POLICY_EC2", `{"ec2_attributes":{"allowed_images_settings":{"image_criteria":{"criteria_11":{}}}}}`,
			`1:65: ec2_attributes/allowed_images_settings/image_criteria/criteria_11: "criteria_11" is not known here; expected criteria_1 to criteria_10`},
		{"controls", "TAG_POLICY", `{"tags":{"a":{"@@operators_allowed_for_child_policies":[],"tag_key":{"@@operators_allowed_for_child_policies":["@@none","@@none","@@all",1,"@@some"]}}}}`, strings.Join([]string{
			`1:56: tags/a/@@operators_allowed_for_child_policies: the allowed operators are not a list that says something; expected a list of @@all, @@none, @@assign, @@append and @@remove`,
			`1:112: tags/a/tag_key/@@operators_allowed_for_child_policies: @@none stands beside others; expected @@none alone, or not at all`,
			`1:121: tags/a/tag_key/@@operators_allowed_for_child_policies: "@@none" comes twice`,
			`1:138: tags/a/tag_key/@@operators_allowed_for_child_policies: there is no such operator to allow; expected a list of @@all, @@none, @@assign, @@append and @@remove`,
			`1:140: tags/a/tag_key/@@operators_allowed_for_child_policies: there is no such operator to allow; expected a list of @@all, @@none, @@assign, @@append and @@remove`,
		}, "\n")},
		{"inside of what is not documented", "DECLARATIVE_POLICY_EC2", `{"ec2_attributes":{"vpc_encryption_control":{"exclusions":{"a":{"@@assign":{}},"b":1}}}}`, strings.Join([]string{
			`1:76: ec2_attributes/vpc_encryption_control/exclusions/a/@@assign: this is not a single value; expected a string, number, boolean or null`,
			`1:84: ec2_attributes/vpc_encryption_control/exclusions/b: a value stands where operators or members must be; expected an object`,
		}, "\n")},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(test.of, []byte(test.text))
			var defects Defects
			if !errors.As(err, &defects) {
				t.Fatalf("error is %v", err)
			}
			var lines []string
			for _, defect := range defects {
				lines = append(lines, defect.Error())
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if first, _, _ := strings.Cut(err.Error(), " (and "); first != lines[0] {
				t.Errorf("error is %s", err)
			}
		})
	}
}

func TestParseTakesNoDeepNesting(t *testing.T) {
	for _, text := range []string{
		strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		`{"a":` + strings.Repeat(`[`, 100_000) + strings.Repeat("]", 100_000) + "}",
	} {
		if _, err := Parse("TAG_POLICY", []byte(text)); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestAPolicyWithDefectsCanBeShown(t *testing.T) {
	policy, err := Parse("BACKUP_POLICY", []byte(`{"plans": {"p": {"rules": {"r": {"lifecycle": {
		"to_delete_after_days": {"@@assign": "28"}, "kept": {"@@append": ["a"]}, "delete_after_days": {"deep": {"@@assign": 1}}}}}}}}`))
	if err == nil {
		t.Fatal("the keys are known")
	}
	document := Merge(policy.Type(), []Level{{"r-root", []Attached{{"p-1", policy}}}})
	if want := `{"plans":{"p":{"rules":{"r":{"lifecycle":{"kept":["a"],"to_delete_after_days":"28"}}}}}}`; document.Content != want {
		t.Errorf("effective policy is %s", document.Content)
	}
}

// TestParseTakesPublishedPolicies reads documents that people use. One of AWS's
// own examples is a known mistake of its page, and an older one of backup
// policies has a key that was renamed since.
func TestParseTakesPublishedPolicies(t *testing.T) {
	const published = "../../shared/policies"
	if _, err := os.Stat(published); os.IsNotExist(err) && os.Getenv("CI") != "true" {
		t.Skipf("%s is not there", published)
	}
	types := map[string]Type{"tags": "TAG_POLICY", "plans": "BACKUP_POLICY", "services": "AISERVICES_OPT_OUT_POLICY"}
	read := 0
	for _, directory := range []string{"tag_policy", "backup_policy", "aiservices_opt_out_policy", "chatbot_policy", "declarative_policy_ec2", "composed"} {
		names, _ := filepath.Glob(filepath.Join(published, directory, "*.json"))
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			policyType := Type(strings.ToUpper(directory))
			if directory == "composed" {
				policyType = typeOf(string(content), types)
			}
			policy, err := Parse(policyType, content)
			mistaken := strings.HasSuffix(name, "inheritance-mgmt__md-block8.json") || strings.Contains(string(content), "to_delete_after_days")
			if (err != nil) != mistaken {
				t.Errorf("%s: %v", name, err)
			}
			if policy == nil || Merge(policyType, []Level{{"r-root", []Attached{{"p-1", policy}}}}).Content == "{}" {
				t.Errorf("%s comes to nothing", name)
			}
			read++
		}
	}
	if read < 40 {
		t.Errorf("read %d policies", read)
	}
}

// typeOf returns the type whose schema has the first name of a document.
func typeOf(content string, types map[string]Type) Type {
	first := strings.Split(content, `"`)[1]
	for _, policyType := range Types() {
		if schemas()[policyType].Document.Keys[first] != nil {
			return policyType
		}
	}
	return types[first]
}
