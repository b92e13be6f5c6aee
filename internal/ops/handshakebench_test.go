package ops_test

import (
	"fmt"
	"testing"

	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/identity"
)

// BenchmarkInvitations: what is done with one invitation costs the same however
// many others are open.
func BenchmarkInvitations(b *testing.B) {
	for _, open := range []int{100, 10_000} {
		w := newWorld(b)
		by := w.organization(b, organizations.OrganizationFeatureSetAll)
		for i := range open {
			w.invite(b, by, "EMAIL", fmt.Sprintf("guest%d@example.com", i))
		}
		b.Run(fmt.Sprintf("invite and accept/%d open", open), func(b *testing.B) {
			for i := range b.N {
				b.StopTimer()
				guest := w.root(identity.AccountID(fmt.Sprintf("7%011d", i)))
				if err := w.accounts.Ensure(b.Context(), guest.Account, "Guest", fmt.Sprintf("g%d.%d@example.com", open, i)); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				w.do(b, guest, accepting(w.invite(b, by, "ACCOUNT", string(guest.Account))))
				w.do(b, guest, &organizations.LeaveOrganizationInput{})
			}
		})
		b.Run(fmt.Sprintf("list/%d open", open), func(b *testing.B) {
			for b.Loop() {
				w.do(b, by, &organizations.ListHandshakesForOrganizationInput{})
			}
		})
	}
}
