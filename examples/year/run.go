package main

import (
	"context"
	"fmt"
	"io"

	"github.com/prepaidkit/prepaid/pricing"
)

// run runs a year, prints it and proves it, and returns its chart.
func run(ctx context.Context, customers int, seed uint64, out io.Writer) (svg []byte, err error) {
	w, err := newWorld(customers, seed)
	if err != nil {
		return nil, err
	}
	if err := w.live(ctx); err != nil {
		return nil, err
	}
	all, err := months(ctx, w.store, w.catalog, w.none)
	if err != nil {
		return nil, err
	}
	if err := table(out, all, w.none); err != nil {
		return nil, err
	}
	if err := w.prove(ctx, out); err != nil {
		return nil, err
	}
	return chart(all), nil
}

// table prints the months, and their sum.
func table(out io.Writer, all []month, none pricing.Money) error {
	const line = "%-8s %5s %8s %5s %7s %9s %5s %7s %5s %12s\n"
	fmt.Fprintf(out, line, "month", "sold", "upgraded", "packs", "renewed", "recovered", "lost", "refunds", "live", "revenue")
	year := month{Revenue: none}
	for _, m := range all {
		row(out, m.First.Format("2006-01"), m)
		year.add(m)
		var err error
		if year.Revenue, err = year.Revenue.Add(m.Revenue); err != nil {
			return err
		}
	}
	row(out, "year", year)
	fmt.Fprintln(out)
	return nil
}

func row(out io.Writer, name string, m month) {
	fmt.Fprintf(out, "%-8s %5d %8d %5d %7d %9d %5d %7d %5d %12s\n",
		name, m.Sold, m.Upgraded, m.Packs, m.Renewed, m.Recovered, m.Lost, m.Refunds, m.Live, m.Revenue.Amount())
}
