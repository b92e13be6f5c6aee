package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/espalier-cloud/espalier/effective"
	"github.com/espalier-cloud/espalier/internal/org"
	"github.com/espalier-cloud/espalier/policy"
)

// managementType returns the type of management policy that --kind spells in lower case, or "" for other kinds.
func managementType(kind string) effective.Type {
	if t := effective.Type(strings.ToUpper(kind)); t.Known() {
		return t
	}
	return ""
}

// guessManagementType tells the type of a management policy by its first member, or returns "" for what looks like no
// such policy.
func guessManagementType(text []byte) effective.Type {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return ""
	}
	for name := range members {
		if t, ok := managementRoots[strings.ToLower(name)]; ok {
			return t
		}
	}
	return ""
}

// managementRoots are the members with which management policies begin.
var managementRoots = map[string]effective.Type{
	"tags": "TAG_POLICY", "plans": "BACKUP_POLICY", "services": "AISERVICES_OPT_OUT_POLICY", "platforms": "CHATBOT_POLICY",
	"chatbot": "CHATBOT_POLICY", "ec2_attributes": "DECLARATIVE_POLICY_EC2", "securityhub": "SECURITYHUB_POLICY",
	"inspector": "INSPECTOR_POLICY", "upgrade_rollout": "UPGRADE_ROLLOUT_POLICY", "bedrock": "BEDROCK_POLICY",
	"s3_attributes": "S3_POLICY", "network_security_director": "NETWORK_SECURITY_DIRECTOR_POLICY", "guardduty": "GUARDDUTY_POLICY",
}

// lintManagement finds everything for which AWS refuses a management policy.
func lintManagement(t effective.Type, text []byte, disabled func(rule string) bool) []policy.Finding {
	var found []policy.Finding
	add := func(rule string, at effective.Position, path, message, help string) {
		if disabled(rule) {
			return
		}
		place := policy.Position{Offset: at.Offset, Line: at.Line, Column: at.Column}
		found = append(found, policy.Finding{Rule: rule, Severity: policy.Error, Path: path, Start: place, End: place, Message: message, Help: help})
	}
	if limit, n := org.AWSRules().Policies[org.PolicyType(t)].Characters, utf8.RuneCount(text); n > limit {
		add("too-large", effective.Position{Line: 1, Column: 1}, "", fmt.Sprintf("the document has %d characters, AWS takes %d", n, limit), "Remove white space, or divide the document.")
	}
	_, err := effective.Parse(t, text)
	var defects effective.Defects
	if !errors.As(err, &defects) {
		return found
	}
	for _, d := range defects {
		message := d.Problem
		if d.Expected != "" {
			message += "; expected " + d.Expected
		}
		path := d.Path
		if path != "" {
			path = "/" + path
		}
		add("malformed", d.Position, path, message, "")
	}
	return found
}

// kindName returns how --kind spells what a file was taken for.
func (f linted) kindName() string {
	if f.management != "" {
		return strings.ToLower(string(f.management))
	}
	return kindName(f.kind)
}

// article returns what a file was taken for, in a sentence.
func (f linted) article() string {
	if f.management != "" {
		return "a policy of the type " + string(f.management)
	}
	return article(f.kind)
}
