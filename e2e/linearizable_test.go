package e2e_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"

	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

const (
	historyClients  = 8
	stepsPerClient  = 60
	checkingTimeout = time.Minute
)

func TestHistoryIsLinearizable(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, db database) {
		checkHistory(t, start(t, db))
	})
	t.Run("two servers on one PostgreSQL", func(t *testing.T) {
		t.Parallel()
		db := database{url: storetest.Postgres(t)}
		first := start(t, db)
		checkHistory(t, first, startIn(t, first.dataDir, db))
	})
}

// garden is the organization that the clients of a history work on.
type garden struct {
	root, policy string
	units        []string // that accounts move between and policies are attached to
	accounts     []string
}

// checkHistory lets clients work on one organization through one or more servers, and checks that their
// answers fit one order of all requests in which each takes effect between its call and its return.
func checkHistory(t *testing.T, servers ...*server) {
	owner := servers[0].root()
	plot := plant(t, servers[0].patientClient(owner))
	histories := make([][]porcupine.Operation, historyClients)
	problems := make([]error, historyClients)
	begin := time.Now()
	var clients sync.WaitGroup
	for n := range historyClients {
		clients.Go(func() {
			g := &gardener{
				garden: plot, id: n, t: t, begin: begin, dice: rand.New(rand.NewPCG(1, uint64(n))),
				client: servers[n%len(servers)].client(owner),
			}
			for range stepsPerClient {
				g.step()
			}
			histories[n], problems[n] = g.history, errors.Join(g.problems...)
		})
	}
	clients.Wait()
	if err := errors.Join(problems...); err != nil {
		t.Fatal(err)
	}
	history := slices.Concat(histories...)
	if applied := countApplied(history); applied < len(history)/4 {
		t.Errorf("only %d of %d requests succeeded: the history says too little", applied, len(history))
	}
	for _, part := range byObject(history) {
		if result := porcupine.CheckOperationsTimeout(gardenModel, part, checkingTimeout); result != porcupine.Ok {
			t.Errorf("the history of %d requests about %s is not linearizable: %s", len(part), part[0].Input.(request).object, result)
			tell(t, part)
		}
	}
}

// tell logs a history in the order of its calls, with the microseconds of each call and its return.
func tell(t *testing.T, history []porcupine.Operation) {
	t.Helper()
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	for _, operation := range history {
		t.Logf("%d–%d client %d: %s", operation.Call/1000, operation.Return/1000, operation.ClientId, gardenModel.DescribeOperation(operation.Input, operation.Output))
	}
}

// plant founds the organization of a history.
func plant(t *testing.T, client *sdk.Client) garden {
	t.Helper()
	call(t, client.CreateOrganization, &sdk.CreateOrganizationInput{})
	plot := garden{root: *call(t, client.ListRoots, &sdk.ListRootsInput{}).Roots[0].Id}
	for n := range 3 {
		name := fmt.Sprintf("Bed %d", n)
		unit := call(t, client.CreateOrganizationalUnit, &sdk.CreateOrganizationalUnitInput{ParentId: &plot.root, Name: &name})
		plot.units = append(plot.units, *unit.OrganizationalUnit.Id)
	}
	for n := range 2 {
		account := createAccount(t, client, fmt.Sprint("plant-", n))
		plot.accounts = append(plot.accounts, account)
		call(t, client.MoveAccount, &sdk.MoveAccountInput{AccountId: &account, SourceParentId: &plot.root, DestinationParentId: &plot.units[0]})
	}
	call(t, client.EnablePolicyType, &sdk.EnablePolicyTypeInput{RootId: &plot.root, PolicyType: types.PolicyTypeTagPolicy})
	eventually(t, "tag policies", func() bool {
		return call(t, client.ListRoots, &sdk.ListRootsInput{}).Roots[0].PolicyTypes[0].Status == types.PolicyTypeStatusEnabled
	})
	name, none, content := "Labels", "", tagPolicy
	plot.policy = *call(t, client.CreatePolicy, &sdk.CreatePolicyInput{
		Name: &name, Description: &none, Content: &content, Type: types.PolicyTypeTagPolicy,
	}).Policy.PolicySummary.Id
	return plot
}

// countApplied counts the requests that were answered with success.
func countApplied(history []porcupine.Operation) (n int) {
	for _, operation := range history {
		if operation.Output.(answer).code == "" {
			n++
		}
	}
	return n
}

// errorCode returns AWS's name for a refusal, and false for an error that is none: then it is not known
// whether the request took effect.
func errorCode(err error) (code string, known bool) {
	if err == nil {
		return "", true
	}
	var refusal smithy.APIError
	if errors.As(err, &refusal) && refusal.ErrorFault() != smithy.FaultServer {
		return refusal.ErrorCode(), true
	}
	return "", false
}

// isRefusal reports whether a server answered with an error of its own, and so is alive.
func isRefusal(err error) bool {
	code, known := errorCode(err)
	return known && code != ""
}
