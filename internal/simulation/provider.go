package simulation

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// provider.go is what the provider does besides the faults of [paymenttest.Hostile].

// slow lets a call of the gateway take its time, now and then: minutes, as a batch of many charges does, or until a day
// has ended meanwhile. All that is to happen in that time happens within the call.
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

// nextDay returns when the next day of the catalog's calendar begins.
func (w *world) nextDay() time.Time {
	zone := w.catalog().Zone()
	return zone.StartOf(zone.DateOf(w.now) + 1)
}

// lags reports whether the provider doesn't find the charge of a refund yet: it takes hours until the two parts of its
// system agree.
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

// foreknown lets the gateway know the key of an order that was just placed, as from an earlier life of the store: with
// the order's content, or with another amount.
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

// chargeOf is what the service asks the gateway for an order, written down a second time.
func chargeOf(o *subscription.Order) payment.Charge {
	return payment.Charge{
		Key: string(o.Attempt), Account: string(o.Account), Amount: o.Amount,
		Order: string(o.ID), Application: string(o.Application), Description: o.Lines[0].Item,
	}
}

// another returns an amount that isn't m.
func another(m pricing.Money) pricing.Money {
	other, err := pricing.FromMinor(m.Minor()+1, m.Currency())
	if err != nil {
		return m
	}
	return other
}
