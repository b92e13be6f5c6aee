package trail

import (
	"bytes"
	"encoding/json"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// resourceTypes tells the type of a resource by the form of its id or ARN:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html.
var resourceTypes = []struct {
	typ    string
	prefix string // spares most strings the expression
	id     *regexp.Regexp
}{
	{"AWS::Organizations::Account", "", regexp.MustCompile(`^\d{12}$`)},
	{"AWS::Organizations::OrganizationalUnit", "ou-", regexp.MustCompile(`^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`)},
	{"AWS::Organizations::Organization", "o-", regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)},
	{"AWS::Organizations::Policy", "p-", regexp.MustCompile(`^p-[0-9a-zA-Z_]{8,128}$`)},
	{"AWS::Organizations::ResourcePolicy", "rp-", regexp.MustCompile(`^rp-[0-9a-zA-Z_]{4,128}$`)},
	{"AWS::Organizations::Root", "r-", regexp.MustCompile(`^r-[0-9a-z]{4,32}$`)},
	{"AWS::IAM::Role", "arn:", regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/.+$`)},
	{"AWS::IAM::User", "arn:", regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:user/.+$`)},
	{"AWS::IAM::Group", "arn:", regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:group/.+$`)},
	{"AWS::IAM::Policy", "arn:", regexp.MustCompile(`^arn:[a-z-]+:iam::(\d{12}|aws):policy/.+$`)},
}

// namedTypes tells the type of a resource of IAM, whose name has no form of its own, by the member that holds it.
var namedTypes = map[string]string{
	"accessKeyId": "AWS::IAM::AccessKey",
	"groupName":   "AWS::IAM::Group",
	"roleName":    "AWS::IAM::Role",
	"userName":    "AWS::IAM::User",
	"newUserName": "AWS::IAM::User",
}

// maxResources is how many resources an event is found by: more than any call
// is about, and few enough for what a client makes up to cost nothing.
const maxResources = 100

// resources finds what an event of a source is about: the strings in its parameters
// and response elements that have the form of a resource's id, and those by which IAM
// names one.
func resources(source string, docs ...json.RawMessage) []Resource {
	var found []Resource
	add := func(r Resource) {
		if len(found) < maxResources && !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	for _, doc := range docs {
		for member, s := range texts(doc) {
			if source == iamSource {
				if t, named := namedTypes[string(member)]; named {
					add(Resource{t, s})
				}
			}
			for _, t := range resourceTypes {
				if strings.HasPrefix(s, t.prefix) && t.id.MatchString(s) {
					add(Resource{t.typ, s})
				}
			}
		}
	}
	return found
}

// iamSource is the source of the events of IAM.
const iamSource = "iam.amazonaws.com"

// texts returns the strings in a JSON value, each with the name of the last member
// before it. What this program encoded is valid and has no space in it: to decode it
// again would cost as much as the rest of an event.
func texts(doc json.RawMessage) iter.Seq2[[]byte, string] {
	return func(yield func([]byte, string) bool) {
		var member []byte
		for {
			begin := bytes.IndexByte(doc, '"')
			if begin < 0 {
				return
			}
			doc = doc[begin:]
			end := 1
			for ; end < len(doc) && doc[end] != '"'; end++ {
				if doc[end] == '\\' {
					end++
				}
			}
			if end >= len(doc) {
				return
			}
			quoted := doc[:end+1]
			doc = doc[end+1:]
			if bytes.HasPrefix(doc, []byte(":")) {
				member = quoted[1:end]
			} else if !yield(member, unquoted(quoted)) {
				return
			}
		}
	}
}

func unquoted(quoted json.RawMessage) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // it is valid
	return s
}
