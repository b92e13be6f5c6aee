package ops

import (
	"context"
	"strings"

	"github.com/espalier-cloud/espalier/internal/registry"
)

// NoteUse keeps that a caller was served: as the last use of his access key or
// of his role. It writes only when the last use that is known was long ago.
func (c *Core) NoteUse(ctx context.Context, by Caller) error {
	if !by.View.Account.UseIsNews(by.Caller, c.Clock()) {
		return nil
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
