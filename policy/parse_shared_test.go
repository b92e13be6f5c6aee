package policy_test

import (
	"encoding/csv"
	"encoding/json"
	"path"
	"strings"
	"testing"

	"github.com/espalier-cloud/espalier/policy"
)

// TestParseAdmission asks what AWS was seen to admit and what its user guides say that it admits.
func TestParseAdmission(t *testing.T) {
	var vectors []struct{ Name, Type, Content, Expected string }
	if err := json.Unmarshal(shared(t, "vectors/admission-native-and-docs.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]policy.Kind{
		"SERVICE_CONTROL_POLICY":  policy.ServiceControlPolicy,
		"RESOURCE_CONTROL_POLICY": policy.ResourceControlPolicy,
		"IAM_MANAGED_POLICY":      policy.IdentityPolicy,
	}
	asked := 0
	for _, v := range vectors {
		kind, ok := kinds[v.Type]
		if !ok {
			continue
		}
		asked++
		if _, err := policy.Parse(kind, []byte(v.Content)); (err == nil) != (v.Expected == "accept") {
			t.Errorf("%s: %v, want %s", v.Name, err, v.Expected)
		}
	}
	if asked == 0 {
		t.Error("no vector is about a policy of the IAM language")
	}
}

// placeholders are what published documents have for the reader to fill in, where AWS refuses them as
// they stand: IAM checks the operands of IpAddress and of numbers, and nothing else than an ARN, an
// action or an account fits the others.
var placeholders = map[string]string{
	`"<action>"`:                   "\"s3:GetObject\"",
	`"<third-party-resource>"`:     "\"arn:aws:s3:::example\"",
	`"<third-party-resource-arn>"`: "\"arn:aws:s3:::example\"",
	`:iam::MemberAccountId:root`:   ":iam::123456789012:root",
	`:iam::AccountId:root`:         ":iam::123456789012:root",
	`:iam::${ACCOUNT_ID}:root`:     ":iam::123456789012:root",
}

// TestParsePublished reads policies as people publish them. They parse, but for placeholders.
func TestParsePublished(t *testing.T) {
	index := csv.NewReader(strings.NewReader(string(shared(t, "policies/index.tsv"))))
	index.Comma, index.LazyQuotes = '\t', true
	rows, err := index.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	read := map[policy.Kind]int{}
	for _, row := range rows {
		kind, ok := publishedKind(row[0], row[1])
		if !ok {
			continue
		}
		read[kind]++
		text := string(shared(t, "policies/"+row[0]))
		filled := text
		for placeholder, value := range placeholders {
			filled = strings.ReplaceAll(filled, placeholder, value)
		}
		if _, err := policy.Parse(kind, []byte(filled)); err != nil {
			t.Errorf("%s is no %v:\n%v", row[0], kind, err)
		}
		if _, err := policy.Parse(kind, []byte(text)); (err == nil) != (filled == text) {
			t.Errorf("%s with placeholders: %v", row[0], err)
		}
	}
	for _, kind := range []policy.Kind{policy.ServiceControlPolicy, policy.ResourceControlPolicy, policy.IdentityPolicy, policy.ResourcePolicy, policy.EndpointPolicy, policy.DelegationPolicy} {
		if read[kind] == 0 {
			t.Errorf("there is no published %v", kind)
		}
	}
}

// publishedKind returns the kind of a published document, by its type in the index and its name.
func publishedKind(file, typ string) (policy.Kind, bool) {
	switch typ {
	case "SERVICE_CONTROL_POLICY":
		return policy.ServiceControlPolicy, true
	case "RESOURCE_CONTROL_POLICY":
		return policy.ResourceControlPolicy, true
	case "IAM_IDENTITY":
		return policy.IdentityPolicy, true
	case "resource-based":
	default:
		return 0, false
	}
	_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".json"), "__")
	switch {
	case strings.HasSuffix(name, "-endpoint-policy"), name == "default", name == "default~2", name == "ec2":
		return policy.EndpointPolicy, true
	case strings.HasPrefix(name, "orgs-delegate-policies"):
		return policy.DelegationPolicy, true
	}
	return policy.ResourcePolicy, true
}
