package outbox

import (
	"bytes"
	"context"
	"errors"
	"os"

	"github.com/espalier-cloud/espalier/internal/webhook"
)

// toWebhook sends each event as a message of its own.
type toWebhook struct{ endpoint *webhook.Endpoint }

// ToWebhook returns a target that sends events, one at a time in structured mode, to a webhook. The id of the message is
// that of the event.
func ToWebhook(e *webhook.Endpoint) Target { return toWebhook{e} }

// Deliver sends events until one is not taken.
func (t toWebhook) Deliver(ctx context.Context, events []Event) (taken int, err error) {
	for i, e := range events {
		if _, err := t.endpoint.Send(ctx, webhook.Message{ID: e.ID, ContentType: contentType, Body: e.Doc}); err != nil {
			return i, err
		}
	}
	return len(events), nil
}

// toFile appends events to a file.
type toFile struct{ path string }

// ToFile returns a target that appends events to a file, one in a line, and has them on the disk before they are done. It
// opens the file each time, so that the file can be moved away.
func ToFile(path string) Target { return toFile{path} }

// Deliver appends events: all of them, or, as far as can be told, none.
func (t toFile) Deliver(_ context.Context, events []Event) (taken int, err error) {
	var lines bytes.Buffer
	for _, e := range events {
		lines.Write(e.Doc)
		lines.WriteByte('\n')
	}
	file, err := os.OpenFile(t.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = file.Write(lines.Bytes())
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return 0, err
	}
	return len(events), nil
}
