package identity

import (
	"crypto/rand"
	"testing"
)

func TestPair(t *testing.T) {
	account := func(id AccountID, p Partition) *Draft {
		d, err := NewAccount(id, p, "pair", "root@example.com", testTime, rand.Reader)
		must(t, err)
		return d
	}
	standard, govCloud := account("111111111111", PartitionAWS), account("222222222222", PartitionGovCloud)
	wantRefusal(t, Pair(govCloud, standard), ValidationError, "")
	wantRefusal(t, Pair(standard, account("333333333333", PartitionAWS)), ValidationError, "")
	wantRefusal(t, Pair(account("333333333333", PartitionChina), govCloud), ValidationError, "")
	closed := account("444444444444", PartitionAWS)
	must(t, closed.Close())
	wantRefusal(t, Pair(closed, govCloud), AccountClosed, "")
	must(t, Pair(standard, govCloud))
	if standard.Account().Paired() != "222222222222" || govCloud.Account().Paired() != "111111111111" {
		t.Errorf("%s and %s", standard.Paired(), govCloud.Paired())
	}
	wantRefusal(t, Pair(standard, account("333333333333", PartitionGovCloud)), EntityAlreadyExists, "")
	wantRefusal(t, Pair(account("333333333333", PartitionAWS), govCloud), EntityAlreadyExists, "")
}
