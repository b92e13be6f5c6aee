package server

import (
	"context"
	"errors"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/registry"
)

// maxUses is how many uses of keys and roles may wait to be written. What is beyond it is not noted: the next
// call by the same key makes up for it.
const maxUses = 1024

// noteUse sees to it that the call is known as the last use of its key or role. It does not wait for that, and
// where the last known use is recent enough there is nothing to do.
func (c *call) noteUse() {
	if c.caller.View == nil || !c.caller.View.Account.UseIsNews(c.caller.Caller, c.start) {
		return
	}
	select {
	case c.server.uses <- c.caller:
	default:
	}
}

// noteUses writes down uses until ctx is done, and then those that still wait.
func (s *Server) noteUses(ctx context.Context) {
	last := context.WithoutCancel(ctx)
	for {
		select {
		case by := <-s.uses:
			s.writeUse(last, by)
			continue
		case <-ctx.Done():
		}
		select {
		case by := <-s.uses:
			s.writeUse(last, by)
		default:
			return
		}
	}
}

func (s *Server) writeUse(ctx context.Context, by ops.Caller) {
	err := s.Development.During(func() error { return s.NoteUse(ctx, by) })
	if err != nil && !errors.Is(err, registry.ErrNotFound) { // a test suite has replaced the state meanwhile
		s.Log.Error("last use of a key or role", "account", by.Account, "key", by.AccessKeyID, "error", err)
	}
}
