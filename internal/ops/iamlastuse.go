package ops

import (
	"context"
	"strings"

	"github.com/espalier-cloud/espalier/internal/registry"
)

// NoteUse keeps that a caller made a call: as the last use of his access key or
// of his role. It writes only when the last use that is known by now was long ago.
func (c *Core) NoteUse(ctx context.Context, by Caller) error {
	account, err := c.Registry.Account(ctx, by.Account)
	if err != nil || !account.UseIsNews(by.Caller, by.Call.Time) {
		return err
	}
	service, _, _ := strings.Cut(by.Call.Source, ".")
	return c.Registry.Write(ctx, registry.AccountKey(by.Account), "NoteUse", func(tx *registry.Tx) error {
		d, err := tx.Account(by.Account)
		if err == nil {
			d.RecordUse(by.Caller, service, by.Call.Region)
		}
		return err
	})
}
