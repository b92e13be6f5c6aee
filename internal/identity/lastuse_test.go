package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLastUse(t *testing.T) {
	d, keyring := newPopulation(t), newKeyring(t)
	key, _, err := d.CreateAccessKey("ann", keyring)
	must(t, err)
	r, _ := d.Role("Reader")
	for _, by := range []Caller{
		{AccessKeyID: key.ID},
		{AccessKeyID: "ASIA", Role: &SessionIssuer{Name: "reader", ID: r.ID}},
	} {
		use := func(now time.Time, service string) {
			d.now = now
			d.RecordUse(by, service, "eu-central-1")
		}
		use(testTime, "iam")
		use(testTime.Add(14*time.Minute), "sts") // no news
		want := &Access{testTime, "iam", "eu-central-1"}
		last := func() *Access {
			if by.Role != nil {
				r, _ := d.Role("Reader")
				return r.LastUsed
			}
			k, _ := d.AccessKey(key.ID)
			return k.LastUsed
		}
		if diff := cmp.Diff(want, last()); diff != "" {
			t.Error(diff)
		}
		use(testTime.Add(15*time.Minute), "sts")
		if last().Service != "sts" {
			t.Errorf("got %+v", last())
		}
	}
	for _, by := range []Caller{{AccessKeyID: "AKIA"}, {Role: &SessionIssuer{Name: "Reader", ID: "AROA"}}, {Role: &SessionIssuer{Name: "None"}}} {
		if d.UseIsNews(by, testTime.Add(time.Hour)) {
			t.Errorf("the use by %+v is news", by)
		}
	}
}
