package journal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// read puts orders and refunds on the agenda.
func (k *keeper) read(ctx context.Context, b Source) error {
	refunds := map[subscription.OrderID][]subscription.Refund{}
	for r, err := range b.Refunds(ctx, k.app) {
		if err != nil {
			return err
		}
		refunds[r.Order] = append(refunds[r.Order], r)
	}
	for o, err := range b.Orders(ctx, k.app) {
		if err != nil {
			return err
		}
		of := refunds[o.ID]
		if len(of) == 0 {
			of = whole(&o)
		}
		if o.PaidAt.IsZero() && o.Collected.Sign() <= 0 && len(of) == 0 {
			continue // no money moved
		}
		a := &account{ref: string(o.ID), order: &o}
		k.orders[o.ID] = a
		k.planOrder(a, of)
		for i := range of {
			k.planRefund(a, &of[i])
		}
	}
	return nil
}

// money returns what was collected.
func money(o *subscription.Order) pricing.Money {
	if o.Collected.IsZero() && !o.PaidAt.IsZero() {
		return o.Amount
	}
	return o.Collected
}

// planOrder puts an order's payment on the agenda. Rows of the first version don't tell when money was collected that wasn't
// for a paid order: it was by the first instant that they do tell.
func (k *keeper) planOrder(a *account, of []subscription.Refund) {
	o := a.order
	at := o.CollectedAt
	if at.IsZero() && o.PaidAt.IsZero() {
		at = o.ClosedAt
		for i := range of {
			if of[i].Kind == subscription.RefundLate && of[i].DueAt.Before(at) {
				at = of[i].DueAt
			}
		}
	}
	from := Cash
	if amount := money(o); !at.IsZero() && amount.Sign() > 0 {
		from = Suspense
		k.plan(at, collected, func() error {
			k.post(a.ref, Cash, Suspense, amount)
			return nil
		})
	}
	if !o.PaidAt.IsZero() {
		k.plan(o.PaidAt, paid, func() error { return k.pay(a, from) })
	}
}

// pay accounts for an order that is paid and delivered.
func (k *keeper) pay(a *account, from Ledger) error {
	o := a.order
	amount := money(o)
	net := amount
	for _, tax := range o.CollectedTaxes() {
		owed := taxed{Tax(tax.Name), tax.Amount}
		k.post(a.ref, from, owed.ledger, owed.amount)
		net, a.owed = k.sub(net, owed.amount), append(a.owed, owed)
	}
	a.paid, a.order = true, nil
	if len(o.Deliveries) == 0 {
		k.post(a.ref, from, Fees, net)
		return nil
	}
	deferred := none(net)
	for i, part := range k.split(net, make([]int64, len(o.Deliveries))) {
		if d := &o.Deliveries[i]; d.Usage != nil {
			k.post(a.ref, from, Bills, part)
		} else {
			deferred = k.add(deferred, part)
			if err := k.deliver(a, o, d, part); err != nil {
				return err
			}
		}
	}
	k.post(a.ref, from, Deferred, deferred)
	return nil
}

// deliver opens the services that a delivery consists of, and divides its money among them.
func (k *keeper) deliver(a *account, o *subscription.Order, d *subscription.Delivery, net pricing.Money) error {
	var err error
	var all []*service
	var weights []int64
	switch {
	case d.Extend != nil:
		all, weights, err = k.extend(a, o, d.Extend)
	case d.Upgrade != nil:
		all, weights, err = k.upgrade(a, o, d.Upgrade)
	case d.Grant != nil:
		s := &service{minutes: true}
		a.services = append(a.services, s)
		k.lose(s, later(o.Delivered.Period.End, k.now))
		all, weights = []*service{s}, []int64{1}
	}
	if err != nil || net.Sign() <= 0 {
		return err
	}
	for i, part := range k.split(net, weights) {
		c := &claim{account: a, service: all[i], base: part, earned: none(part)}
		a.claims, all[i].claims = append(a.claims, c), append(all[i].claims, c)
	}
	return nil
}

// extend opens a service for each period, weighted by its price.
func (k *keeper) extend(a *account, o *subscription.Order, e *subscription.ExtendDelivery) ([]*service, []int64, error) {
	periods := k.cycles[e.Subscription]
	number := 0
	for _, s := range periods {
		if !s.removed {
			number = s.number
		}
	}
	all, weights := make([]*service, e.Count), make([]int64, e.Count)
	first := o.Delivered.Period
	start := first.Start
	for i := range all {
		end, err := k.periodEnd(first, e.Term, i)
		if err != nil {
			return nil, nil, err
		}
		number++
		s := &service{minutes: e.Minutes > 0, number: number}
		if err := k.open(s, pricing.Period{Start: start, End: end, Zone: first.Zone}); err != nil {
			return nil, nil, err
		}
		price := e.Price
		if b := e.Beyond; b != nil && i >= e.Count-b.Count {
			price = b.Price
		}
		all[i], weights[i], start = s, price.Minor(), end
	}
	a.services = append(a.services, all...)
	k.cycles[e.Subscription] = append(periods, all...)
	return all, weights, nil
}

// periodEnd returns the end of the nth period of those that begin with the first one. An order records the first one alone;
// the day of the month is that of its start or its end, whichever isn't cut short by the end of a month.
func (k *keeper) periodEnd(first pricing.Period, term pricing.Term, n int) (time.Time, error) {
	if n == 0 {
		return first.End, nil
	}
	zone, err := k.zone(first.Zone)
	if err != nil {
		return time.Time{}, err
	}
	start, end := zone.DateOf(first.Start), zone.DateOf(first.End)
	anchor := pricing.Anchor{Date: start, Term: term}
	if end-end.MonthStart() >= start-start.MonthStart() {
		anchor.Date, n = end, n-1
	}
	p, err := anchor.Period(n, zone)
	return p.End, err
}

// zone returns the zone of a recorded name, which is loaded once.
func (k *keeper) zone(name string) (pricing.Zone, error) {
	z, known := k.zones[name]
	if known {
		return z, nil
	}
	z, err := new(pricing.Catalog).ZoneOf(name)
	if err != nil {
		return z, err
	}
	if k.zones == nil {
		k.zones = map[string]pricing.Zone{}
	}
	k.zones[name] = z
	return z, nil
}

// open plans what time does to a service.
func (k *keeper) open(s *service, p pricing.Period) error {
	k.lose(s, later(p.End, k.now))
	if s.minutes {
		return nil
	}
	zone, err := k.zone(p.Zone)
	if err != nil {
		return fmt.Errorf("period from %s: %w", p.Start.Format(time.RFC3339), err)
	}
	s.zone, s.first, s.until = zone, zone.DateOf(p.Start), zone.DateOf(p.End)
	s.until = max(s.until, s.first+1)
	s.total = int64(s.until) - int64(s.first)
	k.pass(s, k.now)
	return nil
}

// upgrade opens a service for the rest of the current period, and finds those of the periods ahead that are upgraded, weighted
// by the order's lines.
func (k *keeper) upgrade(a *account, o *subscription.Order, u *subscription.UpgradeDelivery) ([]*service, []int64, error) {
	s := &service{minutes: u.Grant > 0}
	rest := o.Delivered.Period
	rest.Start = later(rest.Start, k.now)
	if err := k.open(s, rest); err != nil {
		return nil, nil, err
	}
	a.services = append(a.services, s)
	all, weights := []*service{s}, []int64{0}
	ahead := 0
	for i := range o.Lines {
		weight := max(0, o.Lines[i].Amount.Minor())
		switch o.Lines[i].Kind { //nolint:exhaustive // the others pay for no period
		case pricing.UpgradeLine:
			weights[0] += weight
		case pricing.CycleLine:
			n := ahead
			ahead++
			if n >= len(u.Ahead) {
				continue
			}
			c := k.cycle(u.Subscription, u.Cycle+1+n)
			if c == nil {
				weights[0] += weight
				continue
			}
			c.minutes = c.minutes || u.Ahead[n] > 0
			all, weights = append(all, c), append(weights, weight)
		}
	}
	return all, weights, nil
}

// cycle returns a subscription's period of a number that hasn't begun, or nil.
func (k *keeper) cycle(of subscription.SubscriptionID, number int) *service {
	for _, s := range slices.Backward(k.cycles[of]) {
		if s.number == number && !s.removed && !s.granted && s.done == 0 {
			return s
		}
	}
	return nil
}
