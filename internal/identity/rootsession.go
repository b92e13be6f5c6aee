package identity

import (
	"strings"
	"time"
)

// rootTasks are the policies of AWS that sessions of member accounts' root users are limited to, by the feature of
// IAM for organizations that allows them: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html.
var rootTasks = map[string]Feature{
	"IAMAuditRootUserCredentials":  RootCredentialsManagement,
	"IAMCreateRootUserPassword":    RootCredentialsManagement,
	"IAMDeleteRootUserCredentials": RootCredentialsManagement,
	"S3UnlockBucketPolicy":         RootSessions,
	"SQSUnlockQueuePolicy":         RootSessions,
}

const maxRootSession = 15 * time.Minute

// RootTask returns the feature that allows sessions limited to a task policy. It refuses an ARN that is no such policy's
// as ValidationError.
func RootTask(p Partition, policyARN string) (Feature, error) {
	name, ok := strings.CutPrefix(policyARN, ManagedPolicyARN(p, "root-task/"))
	feature, known := rootTasks[name]
	if !ok || !known {
		return "", refuse(ValidationError, "The task policy %s is not supported.", policyARN)
	}
	return feature, nil
}

// RootSession returns a session of the account's root user for a task that somebody performs, whose source identity it
// inherits. It refuses a duration over fifteen minutes as ValidationError.
func (a *Account) RootSession(by Caller, taskPolicy string, now time.Time, d time.Duration) (*Session, error) {
	if d < 0 || d > maxRootSession {
		return nil, refuse(ValidationError, "DurationSeconds must be at most %d.", int(maxRootSession.Seconds()))
	}
	now = stamp(now)
	return &Session{
		Operation:      SessionAssumeRoot,
		Account:        a.ID(),
		Type:           Root,
		ARN:            RootARN(a.Partition(), a.ID()),
		UserID:         string(a.ID()),
		SourceIdentity: by.SourceIdentity,
		Policies:       &SessionPolicies{Managed: []string{taskPolicy}},
		Issued:         now,
		Expires:        now.Add(d),
	}, nil
}
