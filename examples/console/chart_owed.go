package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// owedDays is what was owed of an overdraft at the end of each day, from a first day to a last one, which ends now.
type owedDays struct {
	Lot     subscription.LotID
	Product pricing.ProductID
	Owed    []subscription.Quantity
}

// owedBand is what was owed, in a drawing: below the minutes and on a scale of its own, since it is no part of them. More is
// farther down.
type owedBand struct {
	Top   float64
	Areas []lotArea
	Rules []rule
}

// owedHistory returns what was owed of each overdraft at the end of each day from first to last, without those of which
// nothing was. What lapses, at the instants of lapsed, isn't owed any more, although no entry of the ledger says so.
func (c *console) owedHistory(
	entries []subscription.Entry, lapsed map[subscription.LotID]time.Time, first, last pricing.Date,
) []owedDays {
	zone := c.catalog.Zone()
	var all []owedDays
	for _, e := range entries {
		i := slices.IndexFunc(all, func(o owedDays) bool { return o.Lot == e.Lot })
		moved := e.Quantity
		switch {
		case e.Kind == subscription.EntryLent && i < 0:
			all = append(all, owedDays{e.Lot, e.Product, make([]subscription.Quantity, last-first+1)})
			continue
		case i < 0: // of a lot that is no overdraft
			continue
		case e.Kind == subscription.EntryRepaid:
			moved = -moved
		case e.Kind != subscription.EntryConsumed:
			continue
		}
		for d := max(zone.DateOf(e.At), first); d <= last; d++ {
			all[i].Owed[d-first] += moved
		}
	}
	for _, o := range all {
		if at, over := lapsed[o.Lot]; over {
			clear(o.Owed[min(max(zone.DateOf(at), first), last+1)-first:])
		}
	}
	return slices.DeleteFunc(all, func(o owedDays) bool { return slices.Max(o.Owed) == 0 })
}

// lapses returns when the overdrafts of an application lapsed that were owed.
func (c *console) lapses(ctx context.Context, app subscription.ApplicationID) (map[subscription.LotID]time.Time, error) {
	all := map[subscription.LotID]time.Time{}
	for e, err := range c.store.Events(ctx, app) {
		if err != nil {
			return nil, err
		}
		if e.Type == subscription.EventOverdraftLapsed {
			all[e.Lot] = e.At
		}
	}
	return all, nil
}

// owedTotals returns the sum of overdrafts for each day.
func owedTotals(owed []owedDays) []subscription.Quantity {
	totals := make([]subscription.Quantity, len(owed[0].Owed))
	for _, o := range owed {
		for i, q := range o.Owed {
			totals[i] += q
		}
	}
	return totals
}

// owedMost is the end of the scale of a band.
func owedMost(owed []owedDays) subscription.Quantity {
	step, steps := axis(slices.Max(owedTotals(owed)))
	return step * subscription.Quantity(steps)
}

// owedSummary says what the band of a chart shows.
func owedSummary(totals []subscription.Quantity) string {
	return fmt.Sprintf(" Beside them, %s minutes that were used beyond what was there are owed now; at most %s were at the end of a day.",
		minutesText(totals[len(totals)-1]), minutesText(slices.Max(totals)))
}

// drawOwed draws overdrafts between two heights; x is where a day begins.
func (c *console) drawOwed(owed []owedDays, top, foot float64, x func(int) float64) *owedBand {
	most := owedMost(owed)
	y := func(q subscription.Quantity) float64 { return top + (foot-top)*float64(q)/float64(most) }
	b := owedBand{Top: top, Rules: []rule{{top, "0", "end"}, {foot, grouped(most.Whole()), "end"}}}
	above := make([]subscription.Quantity, len(owed[0].Owed))
	for _, o := range owed {
		b.Areas = append(b.Areas, lotArea{o.Lot, subscription.FromOverdraft, outline(o.Owed, above, x, y), fmt.Sprintf(
			"Overdraft of %s: %s minutes owed now", c.productName(o.Product), minutesText(o.Owed[len(o.Owed)-1]))})
		for i, q := range o.Owed {
			above[i] += q
		}
	}
	return &b
}
