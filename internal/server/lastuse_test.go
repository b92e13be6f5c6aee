package server

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/espalier-cloud/espalier/internal/identity"
	"github.com/espalier-cloud/espalier/internal/ops"
)

// noted writes down what waits, and returns the last use of the first account's key.
func (f *fixture) noted() *identity.Access {
	f.t.Helper()
	done, cancel := context.WithCancel(f.t.Context())
	cancel()
	f.noteUses(done)
	account, err := f.core.Registry.Account(f.t.Context(), identity.AccountID(f.account.AccountID))
	if err != nil {
		f.t.Fatal(err)
	}
	key, _ := account.AccessKey(identity.AccessKeyID(f.account.AccessKeyID))
	return key.LastUsed
}

// TestUsesAreNoted: a call is noted, whether it succeeds or not, but only when the last use is long ago.
func TestUsesAreNoted(t *testing.T) {
	f := newFixture(t, forTests)
	writes := 0
	note := f.NoteUse
	f.NoteUse = func(ctx context.Context, by ops.Caller) error { writes++; return note(ctx, by) }
	if use := f.noted(); use != nil {
		t.Fatalf("a key that was never used was used %+v", use)
	}
	f.want(f.call("DescribeOrganization", `{}`), 400, "AWSOrganizationsNotInUseException")
	if use := f.noted(); use == nil || use.Service != "organizations" || use.Region != "us-east-1" || !use.At.Equal(noon) {
		t.Errorf("the use is %+v", use)
	}
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	if f.noted(); writes != 1 {
		t.Errorf("the same use is written %d times", writes)
	}
	f.Development.Clock.Advance(20 * time.Minute)
	for range maxUses + 1 { // more than can wait
		f.call("DescribeOrganization", `{}`)
	}
	if f.noted(); writes != 1+maxUses {
		t.Errorf("%d uses were written down", writes-1)
	}
}

func TestUsesThatCannotBeNoted(t *testing.T) {
	f := newFixture(t, nil)
	f.NoteUse = func(context.Context, ops.Caller) error { return errors.New("disk full") }
	f.want(f.call("CreateOrganization", `{}`), 200, "")
	if f.noted(); !strings.Contains(f.log.String(), "disk full") {
		t.Errorf("the log does not tell:\n%s", f.log)
	}
}
