package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// figure is one measured figure beside its target.
type figure struct {
	name    string
	value   float64
	target  float64
	atLeast bool // the target is the least value; otherwise the most
	unit    string
	detail  string // what the figure was computed from
}

func (f figure) passes() bool {
	if f.atLeast {
		return f.value >= f.target
	}
	return f.value <= f.target
}

// report prints figures as they come.
type report struct {
	out    io.Writer
	missed int
}

// group prints a headline and the figures below it.
func (r *report) group(title string, figures []figure) {
	fmt.Fprintf(r.out, "\n%s\n", title)
	table := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	for _, f := range figures {
		verdict, relation := "pass", "≤"
		if !f.passes() {
			verdict = "MISS"
			r.missed++
		}
		if f.atLeast {
			relation = "≥"
		}
		fmt.Fprintf(table, "  %s\t%s\t%.2f%s\t%s %g%s\t%s\n", verdict, f.name, f.value, f.unit, relation, f.target, f.unit, f.detail)
	}
	table.Flush()
}

// median returns the middle of values, the lower one of two.
func median[T float64 | time.Duration](values []T) T { return percentile(values, 50) }

// percentile returns the smallest value that p per cent of values do not exceed. There must be a value.
func percentile[T float64 | time.Duration](values []T, p int) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// short rounds a duration to three digits or so.
func short(d time.Duration) time.Duration {
	for unit := time.Second; unit > 1; unit /= 10 {
		if d > unit {
			return d.Round(unit / 100)
		}
	}
	return d
}
