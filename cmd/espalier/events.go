package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/espalier-cloud/espalier/internal/ops"
	"github.com/espalier-cloud/espalier/internal/outbox"
	"github.com/espalier-cloud/espalier/internal/server"
)

// eventCommands are about events that receivers were not told of yet, whether or not the server is running.
type eventCommands struct {
	List  listEventsCommand  `cmd:"" help:"List the events that receivers were not told of yet, and those that were given up."`
	Retry retryEventsCommand `cmd:"" help:"Deliver again what was given up."`
}

type listEventsCommand struct{ listFlags }

// Run lists the deliveries.
func (c *listEventsCommand) Run(t terminal) error {
	return list[outbox.DeliveryPage, outbox.DeliverySummary]{
		path:  "events",
		items: func(p outbox.DeliveryPage) ([]outbox.DeliverySummary, string) { return p.Deliveries, p.After },
		read: func(ctx context.Context, core ops.Core, after string) (outbox.DeliveryPage, error) {
			return outbox.List(ctx, core.Registry.Store, after)
		},
	}.print(t, c.listFlags, deliveryColumns)
}

func deliveryColumns(d outbox.DeliverySummary) []string {
	return []string{d.Receiver, d.State, d.Name, "since " + d.Since.Format(time.RFC3339), fmt.Sprintf("attempts %d", d.Attempts), d.Event, d.Error}
}

type retryEventsCommand struct {
	databaseFlags
	Receiver string `placeholder:"NAME" help:"Only what this receiver did not take."`
}

// Run lets what was given up wait again.
func (c *retryEventsCommand) Run(t terminal) error {
	ctx := context.Background()
	var done server.Redelivery
	err := c.ask(ctx, http.MethodPost, "events/retry", server.Redeliver{Receiver: c.Receiver}, &done, func(core ops.Core) (err error) {
		done.Deliveries, err = core.Registry.Store.Redeliver(ctx, c.Receiver, core.Clock())
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%d to be delivered again\n", done.Deliveries)
	return err
}
