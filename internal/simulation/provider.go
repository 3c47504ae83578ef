package simulation

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file simulates what a provider does besides the faults of [paymenttest.Hostile].

// slow makes a call to the gateway take some time now and then: minutes, like a batch of many charges, or until the day
// has ended. Everything due in that time happens within the call.
func (w *world) slow() {
	if w.depth != 1 || !w.chance("slow", w.slowness) {
		return
	}
	takes := min(w.slowest, time.Minute+time.Duration(w.draw("takes")%uint64(15*time.Minute)))
	if left := w.nextDay().Sub(w.now) + time.Minute; left < w.slowest && w.draw("midnight")%3 != 0 {
		takes = left
		w.figures.Midnights++
	}
	w.figures.Slow++
	w.tracef("  the gateway takes %s", takes.Round(time.Second))
	until := w.now.Add(takes)
	for len(w.rest) > 0 && !w.start.Add(w.rest[0].at).After(until) {
		a := w.rest[0]
		w.rest = w.rest[1:]
		w.figures.Interleaved++
		w.happens(a)
	}
	if until.After(w.now) {
		w.now = until
	}
}

// nextDay returns the start of the next day in the catalog's calendar.
func (w *world) nextDay() time.Time {
	zone := w.catalog().Zone()
	return zone.StartOf(zone.DateOf(w.now) + 1)
}

// lags reports whether the provider can't find a refund's charge yet: it takes hours for the two parts of its system to
// agree.
func (w *world) lags(key string) bool {
	if w.healthy || int(mix(w.seed, 0, "lag "+key)%1000) >= w.lagging {
		return false
	}
	until, asked := w.lag[key]
	if !asked {
		until = w.now.Add(time.Duration(mix(w.seed, 1, "lag "+key) % uint64(30*time.Hour)))
		w.lag[key] = until
		w.figures.Lags++
	}
	return w.now.Before(until)
}

// foreknown makes the gateway already know the key of an order that was just placed, as from an earlier life of the
// store: with the order's content, or with a different amount.
func (w *world) foreknown(ctx context.Context, o *subscription.Order) {
	if o.Attempt == "" || w.stranger == nil && !w.chance("known", w.known) {
		return
	}
	c := chargeOf(o)
	switch {
	case w.stranger != nil:
		c = w.stranger(c)
	case w.draw("other content")%2 == 0:
		c.Amount = another(c.Amount)
		w.figures.KnownOther++
	default:
		w.figures.KnownSame++
	}
	r, err := w.gateway.Charge(ctx, c)
	w.tracef("  the gateway knows %s already: %s, %s %v", c.Key, c.Amount, r.Status, err)
}

// chargeOf is the charge that the service makes for an order, computed independently.
func chargeOf(o *subscription.Order) payment.Charge {
	return payment.Charge{
		Key: string(o.Attempt), Account: string(o.Account), Amount: o.Amount,
		Order: string(o.ID), Application: string(o.Application), Description: o.Lines[0].Item, Present: o.Present,
	}
}

// another returns an amount different from m.
func another(m pricing.Money) pricing.Money {
	other, err := pricing.FromMinor(m.Minor()+1, m.Currency())
	if err != nil {
		return m
	}
	return other
}
