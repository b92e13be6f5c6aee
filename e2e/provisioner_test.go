package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// cloud is a private cloud that makes accounts on request.
type cloud struct {
	*hook
	mu    sync.Mutex
	asked []string          // the request ids
	made  map[string]string // account ids by request ids
	// before and after are called around the making of an account, with how often it was asked for; before returns
	// whether to make it. They may be nil.
	before func(attempt int) bool
	after  func(attempt int)
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{made: map[string]string{}}
	c.hook = newHook(t, c.make)
	c.listen()
	return c
}

// reacts sets what is called around the making of accounts from now on.
func (c *cloud) reacts(before func(attempt int) bool, after func(attempt int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before, c.after = before, after
}

func (c *cloud) configuration() string {
	return fmt.Sprintf(`{"provisioner": {"url": "http://%s/", "secretFile": %q}}`, c.address, c.secret)
}

// make makes what an account stands for, once.
func (c *cloud) make(id string, body []byte, w http.ResponseWriter) {
	var request struct{ RequestID, AccountID string }
	if err := json.Unmarshal(body, &request); err != nil || request.RequestID != id || request.AccountID == "" {
		c.t.Errorf("request %s is %s (%v)", id, body, err)
	}
	c.mu.Lock()
	c.asked = append(c.asked, id)
	attempt, before, after := len(c.asked), c.before, c.after
	c.mu.Unlock()
	if before != nil && !before(attempt) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	c.mu.Lock()
	if made, again := c.made[id]; again && made != request.AccountID {
		c.t.Errorf("request %s was for account %s and is for %s", id, made, request.AccountID)
	}
	c.made[id] = request.AccountID
	c.mu.Unlock()
	fmt.Fprint(w, `{"state":"SUCCEEDED"}`)
	if after != nil {
		_ = http.NewResponseController(w).Flush()
		after(attempt)
	}
}

// checkMade checks that what was asked for was made once, and is the account.
func (c *cloud) checkMade(t *testing.T, owner *party, request *string) {
	t.Helper()
	var status *types.CreateAccountStatus
	eventually(t, "the account", func() bool {
		status = call(t, owner.DescribeCreateAccountStatus, &sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: request}).CreateAccountStatus
		if (status.State == types.CreateAccountStateSucceeded) != (status.AccountId != nil) {
			t.Errorf("the request is %+v", status)
		}
		return status.State != types.CreateAccountStateInProgress
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if status.AccountId == nil || c.made[*request] != *status.AccountId || !owner.has(t, *status.AccountId) {
		t.Errorf("the request is %+v, made was account %s", status, c.made[*request])
	}
	if ids := slices.Compact(slices.Sorted(slices.Values(c.asked))); len(ids) != len(c.made) {
		t.Errorf("asked for %q, made were %v", ids, c.made)
	}
}

func (p *party) create(t *testing.T, name string) *string {
	t.Helper()
	return call(t, p.CreateAccount, &sdk.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")}).CreateAccountStatus.Id
}

// TestProvisionerStory: a provisioner fails twice, then succeeds; until then there is no account.
func TestProvisionerStory(t *testing.T) {
	needs(t, "aws")
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, db database) {
		c := newCloud(t)
		one := startConfigured(t, t.TempDir(), db, c.configuration())
		other := one
		if db.url != "" {
			other = startConfigured(t, one.dataDir, db, c.configuration())
		}
		owner := one.founder(t, "owner", types.OrganizationFeatureSetAll)
		c.reacts(func(attempt int) bool {
			if n := len(call(t, owner.ListAccounts, &sdk.ListAccountsInput{}).Accounts); n != 1 {
				t.Errorf("at attempt %d there are %d accounts", attempt, n)
			}
			return attempt > 2
		}, nil)
		request := newCLI(t, one, owner.keys).value("CreateAccountStatus.Id", organizations("create-account", "--email", "lake@example.com", "--account-name", "lake")...)
		c.checkMade(t, owner, &request)
		if len(c.asked) != 3 {
			t.Errorf("asked for %q", c.asked)
		}
		status := newCLI(t, other, owner.keys).values("CreateAccountStatus.[State, AccountId]", organizations("describe-create-account-status", "--create-account-request-id", request)...)
		if !slices.Equal(status, []string{"SUCCEEDED", c.made[request]}) {
			t.Errorf("the request is %q, made was %s", status, c.made[request])
		}
	})
}
