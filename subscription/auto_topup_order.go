package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// topUpLimit is the obstacle of an automatic top-up that has bought all that it may in a period.
const topUpLimit = "limit"

// topUpInactive is the obstacle while the product's last subscription isn't active: the customer has left, or owes a
// renewal.
const topUpInactive = "inactive"

// toppingUp reports whether an automatic order that brings minutes of a product may still be collected.
func (a *Application) toppingUp(product pricing.ProductID) bool {
	return slices.ContainsFunc(a.Orders, func(o Order) bool {
		return o.Status.Blocking() && o.topsUp() && (o.Product == product || o.covers(product))
	})
}

// TopUpDue returns when a worker next has something to do for an automatic top-up, as of now and if nothing else happens
// before: now, or the instant at which another attempt is made, a period begins or minutes expire. It returns the zero time
// if there is nothing to do.
func (a Application) TopUpDue(cat *pricing.Catalog, now time.Time) time.Time {
	return a.topUpDue(cat, now)
}

func (a *Application) topUpDue(cat *pricing.Catalog, now time.Time) time.Time {
	var due time.Time
	if !a.ClosedAt.IsZero() {
		return due
	}
	for i := range a.AutoTopUps {
		if at := a.topUpNext(&a.AutoTopUps[i], cat, now); !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return due
}

// topUpNext returns when a worker next has something to do for an automatic top-up, or the zero time.
func (a *Application) topUpNext(t *AutoTopUp, cat *pricing.Catalog, now time.Time) time.Time {
	switch {
	case t.Off || t.Stopped != "" || a.toppingUp(t.Product):
		return time.Time{}
	case a.Minutes(t.Product, now) >= t.Below:
		return a.nextLotEnd(t.Product, now)
	case t.HeldUntil.After(now):
		return t.HeldUntil
	}
	code, _, until := a.topUpObstacle(t, cat, now)
	if code != "" && code == t.Obstacle { // which was told
		return until
	}
	return now
}

// nextLotEnd returns when the next lot of those ends that can be spent on a product at t, or the zero time.
func (a *Application) nextLotEnd(product pricing.ProductID, t time.Time) time.Time {
	var next time.Time
	for i := range a.Lots {
		l := &a.Lots[i]
		spendable := l.Remaining > 0 && l.Source != FromOverdraft && l.Period.Contains(t) && l.Covers(product)
		if spendable && (next.IsZero() || l.Period.End.Before(next)) {
			next = l.Period.End
		}
	}
	return next
}

// topUpObstacle returns why an automatic top-up can't buy a pack now, as a code and in words, and until when, if that is
// known. The code is "" if it can.
func (a *Application) topUpObstacle(t *AutoTopUp, cat *pricing.Catalog, now time.Time) (code, why string, until time.Time) {
	if s := a.latest(t.Product); s != nil && s.Status != Active {
		// Who has left buys nothing more, and what is there is for the renewal that is owed.
		return topUpInactive, fmt.Sprintf("%s is %s", s.ID, s.Status), time.Time{}
	}
	period, err := a.topUpPeriod(t.Product, cat.Zone(), now)
	if err == nil && t.Bought >= t.PerPeriod && !period.Start.After(t.Since) {
		return topUpLimit, fmt.Sprintf("%d of at most %d were bought in the period", t.Bought, t.PerPeriod), period.End
	}
	if err == nil {
		err = a.topUpRefused(t.Product, cat, now)
	}
	if err != nil {
		return string(CodeOf(err)), err.Error(), time.Time{}
	}
	return "", "", time.Time{}
}

// topUpRefused returns why the order of a product's automatic top-up can't be placed now, or nil.
func (a *Application) topUpRefused(product pricing.ProductID, cat *pricing.Catalog, now time.Time) error {
	d := Begin(Snapshot{Application: *a}, now)
	_, err := d.placeTopUp(d.Application.autoTopUp(product), cat)
	return err
}

// TopUp has the automatic top-up of a product do what is due: it places the order for a pack or, if something is in the
// way, records what, once. After the nth order in succession that isn't paid, the next one follows no earlier than the nth
// of the delays after it; after those, none follows in that period, unless [PaymentMethodChanged] is reported, or the
// customer pays an order, or turns the top-up on again.
//
// It does nothing if nothing is due, and fails with the errors of [Draft.Place].
func (d *Draft) TopUp(product pricing.ProductID, delays []time.Duration, cat *pricing.Catalog) error {
	a := &d.Application
	t := a.autoTopUp(product)
	if t == nil || !a.ClosedAt.IsZero() {
		return nil
	}
	if at := a.topUpNext(t, cat, d.Now); at.IsZero() || at.After(d.Now) {
		return nil
	}
	period, err := a.topUpPeriod(product, cat.Zone(), d.Now)
	if err != nil {
		return err
	}
	code, why, _ := a.topUpObstacle(t, cat, d.Now)
	t.Obstacle = code
	if code != "" {
		d.AddEvent(Event{Type: EventAutoTopUpStopped, Product: product, Period: period, Note: why})
		return nil
	}
	t.countIn(period)
	t.Attempts++
	t.HeldUntil = period.End
	if n := t.Attempts - 1; n < len(delays) {
		t.HeldUntil = d.Now.Add(delays[n]).Truncate(time.Microsecond) // which every store keeps
	}
	t.Agreement = cat.AgreementVersion()
	_, err = d.placeTopUp(t, cat)
	return err
}

// placeTopUp places the order of an automatic top-up.
func (d *Draft) placeTopUp(t *AutoTopUp, cat *pricing.Catalog) (OrderID, error) {
	return d.placePack(t.order(), "", cat, Order{ID: topUpID(t.Product, t.Number+1), Product: t.Product})
}
