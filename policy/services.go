package policy

import (
	_ "embed"
	"strings"
)

// The services that support resource control policies, by the prefixes of their actions, one a
// line. AWS adds to them: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html.
//
//go:embed rcpservices.txt
var resourceControlServicesText string

func resourceControlServices() []string { return strings.Fields(resourceControlServicesText) }
