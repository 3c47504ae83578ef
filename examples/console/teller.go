package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// teller says what happened in applications, and calls their lots what people call them: by what they came from and by
// their time, rather than by a number.
type teller struct {
	c    *console
	apps map[subscription.ApplicationID]ledger
}

// ledger is what is known of an application's lots, those that are gone included.
type ledger struct {
	granted map[subscription.LotID]subscription.Event
	sources map[subscription.LotID]subscription.Source
	entries []subscription.Entry
}

// teller returns a teller for applications.
func (c *console) teller(ctx context.Context, apps ...subscription.ApplicationID) (teller, error) {
	t := teller{c, map[subscription.ApplicationID]ledger{}}
	for _, app := range apps {
		l := ledger{granted: map[subscription.LotID]subscription.Event{}}
		var err error
		if l.sources, err = c.sources(ctx, app); err != nil {
			return teller{}, err
		}
		if l.entries, err = list(c.store.Entries(ctx, app), nil); err != nil {
			return teller{}, err
		}
		for e, err := range c.store.Events(ctx, app) {
			if err != nil {
				return teller{}, err
			}
			if e.Type == subscription.EventLotGranted || e.Type == subscription.EventLotReturned {
				l.granted[e.Lot] = e
			}
		}
		t.apps[app] = l
	}
	return t, nil
}

// lotName calls a lot that was granted by its source and its time.
func (c *console) lotName(from subscription.Source, granted subscription.Event) string {
	switch from {
	case subscription.FromTopUp:
		return "top-up minutes usable through " + granted.Period.End.Add(-1).In(c.zone()).Format("2 Jan 2006")
	case subscription.FromPackage:
		return "package minutes of " + c.span(granted.Period)
	case subscription.FromUpgrade:
		return "upgrade minutes of " + c.span(granted.Period)
	case subscription.FromFree:
		return "free minutes of " + c.span(granted.Period)
	case subscription.FromReturned:
		return "minutes given back, usable through " + granted.Period.End.Add(-1).In(c.zone()).Format("2 Jan 2006")
	case subscription.FromGift:
		return "minutes given, usable through " + granted.Period.End.Add(-1).In(c.zone()).Format("2 Jan 2006")
	case subscription.FromOverdraft: // it isn't granted, but lent
	}
	return fmt.Sprintf("minutes of lot %d", granted.Lot)
}

// Describe says what an event was, as a sentence for the customer.
func (t teller) Describe(e subscription.Event) string {
	l := t.apps[e.Application]
	granted, known := l.granted[e.Lot]
	if !known {
		return t.c.describe(e)
	}
	name := t.c.lotName(l.sources[e.Lot], granted)
	said := lotSayings[e.Type]
	switch {
	case e.Type == subscription.EventLotExpired && e.Quantity == 0:
		said = "The {lot} ended; all of them had been used."
	case e.Type == subscription.EventLowBalance && e.Quantity == 0:
		said = "The {lot} are used up." + l.others(e)
	case e.Type == subscription.EventLowBalance:
		said += l.others(e)
	case said == "": // it isn't about the lot
		return t.c.describe(e)
	}
	return strings.NewReplacer("{lot}", name, "{minutes}", minutesText(e.Quantity)).Replace(said)
}

// lotSayings are what happened to a lot, by the type of the event.
var lotSayings = map[subscription.EventType]string{
	subscription.EventLotGranted:    "{minutes} {lot} were granted.",
	subscription.EventLotReturned:   "{minutes} {lot}, because usage was corrected.",
	subscription.EventLotExpired:    "{minutes} unused {lot} expired.",
	subscription.EventLotRefunded:   "{minutes} {lot} were taken back.",
	subscription.EventLotReinstated: "{minutes} {lot} were given again.",
	subscription.EventLotSpent:      "The {lot}, used up before, left the list of lots.",
	subscription.EventLowBalance:    "{minutes} of the {lot} are left.",
}

// all yields the entries.
func (l ledger) all(yield func(subscription.Entry, error) bool) {
	for _, e := range l.entries {
		if !yield(e, nil) {
			return
		}
	}
}

// others says what could still be spent beside a lot that ran low.
func (l ledger) others(low subscription.Event) string {
	balances, err := subscription.BalanceAt(l.all, low.At)
	if err != nil {
		return ""
	}
	left := map[string]subscription.Quantity{}
	for _, b := range balances {
		if b.Lot != low.Lot && l.granted[b.Lot].Period.Contains(low.At) {
			left[kinds[l.sources[b.Lot]]] += b.Remaining
		}
	}
	var parts []string
	for _, kind := range []string{"package", "top-up", "free"} {
		if left[kind] > 0 {
			parts = append(parts, minutesText(left[kind])+" "+kind+" minutes")
		}
	}
	if len(parts) == 0 {
		return " No other minutes are left."
	}
	return " Beside them, " + strings.Join(parts, " and ") + " are left."
}

// kinds are the kinds of minutes, by their source.
var kinds = map[subscription.Source]string{
	subscription.FromPackage: "package", subscription.FromUpgrade: "package",
	subscription.FromTopUp: "top-up", subscription.FromFree: "free",
}
