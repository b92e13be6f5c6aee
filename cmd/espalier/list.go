package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/espalier-cloud/espalier/internal/ops"
)

// listFlags say where a list comes from and how it is printed.
type listFlags struct {
	databaseFlags
	Format string `enum:"text,json" default:"text" help:"How to print: ${enum}, one item in a line."`
}

// list is what the server shows page by page.
type list[Page, Item any] struct {
	path string // below /_espalier/
	// items returns the items of a page, and what the next one begins after, "" at the end.
	items func(Page) (items []Item, after string)
	// read returns a page from the database itself, for when no server runs.
	read func(ctx context.Context, core ops.Core, after string) (Page, error)
}

// print prints the items of all pages: as JSON, or the columns of each.
func (l list[Page, Item]) print(t terminal, f listFlags, columns func(Item) []string) error {
	if f.Format == "json" {
		encoder := json.NewEncoder(t.out)
		return l.each(f.databaseFlags, func(item Item) error { return encoder.Encode(item) })
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	err := l.each(f.databaseFlags, func(item Item) error {
		_, err := fmt.Fprintln(w, strings.Join(columns(item), "\t"))
		return err
	})
	return errors.Join(err, w.Flush())
}

// each shows the items of all pages.
func (l list[Page, Item]) each(f databaseFlags, show func(Item) error) error {
	ctx := context.Background()
	err := l.walk(func(after string) (page Page, err error) {
		err = call(ctx, f.directory(), http.MethodGet, l.path+"?after="+url.QueryEscape(after), nil, &page)
		return page, err
	}, show)
	if errors.Is(err, errNotRunning) {
		err = f.withCore(ctx, func(core ops.Core) error {
			return l.walk(func(after string) (Page, error) { return l.read(ctx, core, after) }, show)
		})
	}
	return err
}

// walk takes page after page.
func (l list[Page, Item]) walk(page func(after string) (Page, error), show func(Item) error) error {
	after := ""
	for {
		p, err := page(after)
		if err != nil {
			return err
		}
		var items []Item
		items, after = l.items(p)
		for _, item := range items {
			if err := show(item); err != nil {
				return err
			}
		}
		if after == "" {
			return nil
		}
	}
}
