package policies

import (
	"fmt"
	"strings"

	"github.com/espalier-cloud/espalier/policy"
)

// Exact is a chain that denies each of many actions in a statement of its own, and requests for actions, of which
// every other one is denied.
func Exact(statements int) (*policy.Policies, []*policy.Request, error) {
	var levels []policy.Level
	perDocument := (statements + hostileLevels*hostileDocuments - 1) / (hostileLevels * hostileDocuments)
	for written := 0; written < statements; {
		var attached []policy.Attached
		for d := 0; d < hostileDocuments; d++ {
			text := strings.Builder{}
			text.WriteString(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}`)
			for range min(perDocument, statements-written) {
				fmt.Fprintf(&text, `,{"Effect":"Deny","Action":"%s","Resource":"*"}`, exactAction(written))
				written++
			}
			text.WriteString("]}")
			compiled, err := compile(policy.ServiceControlPolicy, []byte(text.String()))
			if err != nil {
				return nil, nil, err
			}
			attached = append(attached, policy.Attached{ID: fmt.Sprint("p-", d), Policy: compiled})
		}
		levels = append(levels, policy.Level{Target: fmt.Sprint("level-", len(levels)), Policies: policy.NewSet(attached...)})
	}
	administrator, err := compile(policy.IdentityPolicy, []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	if err != nil {
		return nil, nil, err
	}
	chain := &policy.Policies{
		ServiceControl: policy.NewPath(levels...),
		Identity:       policy.NewSet(policy.Attached{ID: "AdministratorAccess", Policy: administrator}),
	}
	var requests []*policy.Request
	for i := range allRequests {
		action := exactAction(i * statements / allRequests)
		if i%2 == 1 {
			action = exactAction(statements + i)
		}
		r, err := policy.NewRequest("arn:aws:sts::"+account+":assumed-role/Developer/session-1", action, "*")
		if err != nil {
			return nil, nil, err
		}
		requests = append(requests, r)
	}
	return chain, requests, nil
}

// exactAction is the name of an action of one of four services.
func exactAction(i int) string {
	return fmt.Sprintf("%s:Do%d", [...]string{"ec2", "s3", "iam", "sqs"}[i%4], i)
}
