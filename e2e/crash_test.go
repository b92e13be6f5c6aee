package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// ledger is what the clients of a server were told before it died.
type ledger struct {
	t      *testing.T
	client *sdk.Client
	root   *string

	mu       sync.Mutex
	created  map[string]string // names by id, of units whose creation was answered and whose deletion was not asked for
	deleted  []string          // ids of units whose deletion was answered
	promised []string          // ids of requests for accounts that were answered
}

func TestNothingAnsweredIsLostInACrash(t *testing.T) {
	const rounds, clients = 5, 4
	onBothDatabases(t, func(t *testing.T, db database) {
		s := start(t, db)
		client := s.client(s.root())
		call(t, client.CreateOrganization, &sdk.CreateOrganizationInput{})
		root := call(t, client.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id
		told := &ledger{t: t, client: client, root: root, created: map[string]string{}}

		for round := range rounds {
			killer := s.process.Process
			fatal := 20 + rand.Int32N(60) // the answer after which the server dies
			var answers atomic.Int32
			var work sync.WaitGroup
			for n := range clients {
				work.Go(func() {
					for step := 0; told.write(fmt.Sprintf("%d-%d-%d", round, n, step), step); step++ {
						if answers.Add(1) == fatal {
							_ = killer.Kill()
						}
					}
				})
			}
			work.Wait()
			s.restart()
			told.check()
		}
	})
}

// write changes the organization and notes the answers; it returns false when the server does not answer.
func (l *ledger) write(name string, step int) (alive bool) {
	unit, err := l.client.CreateOrganizationalUnit(l.t.Context(), &sdk.CreateOrganizationalUnitInput{ParentId: l.root, Name: &name})
	if err != nil {
		return isRefusal(err)
	}
	id := unit.OrganizationalUnit.Id
	if step%3 == 2 {
		_, err := l.client.DeleteOrganizationalUnit(l.t.Context(), &sdk.DeleteOrganizationalUnitInput{OrganizationalUnitId: id})
		if err != nil {
			return isRefusal(err)
		}
		l.note(func() { l.deleted = append(l.deleted, *id) })
		return true
	}
	l.note(func() { l.created[*id] = name })
	if step%10 == 9 {
		request, err := l.client.CreateAccount(l.t.Context(), &sdk.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")})
		if err != nil {
			return isRefusal(err)
		}
		l.note(func() { l.promised = append(l.promised, *request.CreateAccountStatus.Id) })
	}
	return true
}

func (l *ledger) note(entry func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry()
}

// check compares what the restarted server holds with what was answered.
func (l *ledger) check() {
	l.t.Helper()
	found := map[string]string{}
	pages := sdk.NewListOrganizationalUnitsForParentPaginator(l.client, &sdk.ListOrganizationalUnitsForParentInput{ParentId: l.root})
	for pages.HasMorePages() {
		page, err := pages.NextPage(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		for _, unit := range page.OrganizationalUnits {
			found[*unit.Id] = *unit.Name
		}
	}
	for id, name := range l.created {
		if found[id] != name {
			l.t.Errorf("unit %s was answered as %q and is now %q", id, name, found[id])
		}
	}
	for id := range found {
		if slices.Contains(l.deleted, id) {
			l.t.Errorf("the answered deletion of unit %s is lost", id)
		}
	}
	for _, id := range l.promised {
		eventually(l.t, "the account of request "+id, func() bool {
			status := call(l.t, l.client.DescribeCreateAccountStatus, &sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: &id}).CreateAccountStatus
			return status.State == types.CreateAccountStateSucceeded
		})
	}
}
