package main

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// lotDays is what remained of a lot at the end of each day, from a first day to a last one.
type lotDays struct {
	Lot  subscription.Lot // of one that has left the document, what the ledger tells
	Left []subscription.Quantity
}

// lotHistory returns what remained of each lot of an application at the end of each day from first to last, in the order
// in which lots are used. The last day ends now. From the end of its period, a lot has nothing left to spend, even though
// late usage may still be taken from it.
func (c *console) lotHistory(
	app subscription.Application, entries []subscription.Entry, sources map[subscription.LotID]subscription.Source,
	first, last pricing.Date, now time.Time,
) []lotDays {
	zone, late := c.catalog.Zone(), c.catalog.ServiceTerms().LateUsage
	lots := map[subscription.LotID]*lotDays{}
	for _, e := range entries {
		if sources[e.Lot] == subscription.FromOverdraft {
			continue // it is beside the minutes, see owedHistory
		}
		days := lots[e.Lot]
		if days == nil {
			lot := subscription.Lot{ID: e.Lot, Source: sources[e.Lot], GrantedAt: e.At}
			days = &lotDays{lot, make([]subscription.Quantity, last-first+1)}
			lots[e.Lot] = days
		}
		moved, at := e.Quantity, e.At
		if e.Kind == subscription.EntryExpired {
			at = at.Add(-late)
		}
		if !adds(e.Kind) {
			moved = -moved
		}
		for d := max(zone.DateOf(at), first); d <= last; d++ {
			days.Left[d-first] += moved
		}
		days.Lot.Period.End = at // of a lot that is gone, when it went
	}
	for _, l := range app.Lots {
		days := lots[l.ID]
		if days == nil {
			continue
		}
		days.Lot = l
		for d := max(zone.DateOf(l.Period.End), first); d <= last; d++ {
			if d < last || !l.Period.End.After(now) {
				days.Left[d-first] = 0
			}
		}
	}
	all := make([]lotDays, 0, len(lots))
	for _, days := range lots {
		all = append(all, *days)
	}
	slices.SortFunc(all, func(a, b lotDays) int { return byUse(a.Lot, b.Lot) })
	return all
}

// byUse compares two lots by the order in which they are used.
func byUse(a, b subscription.Lot) int {
	switch {
	case a.Before(&b):
		return -1
	case b.Before(&a):
		return 1
	}
	return 0
}
