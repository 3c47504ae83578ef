package document

import (
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// usage reads the members of an application about usage.
func (d *decoder) usage(name string, a *subscription.Application) {
	switch name {
	case "counters":
		for more := d.list(); more; more = d.next() {
			a.Counters = append(a.Counters, d.counter())
		}
	case "closed_through":
		a.ClosedThrough = d.date()
	case "closed_until":
		a.ClosedUntil = d.time()
	case "pay_as_you_go":
		a.PayAsYouGo = d.payAsYouGo()
	case "arrears":
		a.Arrears = d.arrears()
	case "billing":
		a.Billing = d.billing()
	case "reservations":
		for more := d.list(); more; more = d.next() {
			a.Reservations = append(a.Reservations, d.reservation())
		}
	case "free":
		for more := d.list(); more; more = d.next() {
			a.Free = append(a.Free, d.freeClaim())
		}
	default:
		d.customer(name, a)
	}
}

func (d *decoder) counter() (c subscription.UsageCounter) {
	for o := d.object(ofCounter); d.member(&o); {
		switch o.name {
		case "product":
			c.Product = pricing.ProductID(d.string())
		case "kind":
			c.Kind = pricing.UsageKindID(d.string())
		case "day":
			c.Day = d.date()
		case "seconds":
			c.Seconds = d.int64()
		case "weight":
			c.Weight = d.weight()
		case "covered":
			c.Covered = d.bool()
		case "excess":
			c.Excess = subscription.Quantity(d.int64())
		case "rate":
			c.Rate = d.rate()
		case "order":
			c.Order = subscription.OrderID(d.string())
		case "forgiven":
			c.Forgiven = subscription.Quantity(d.int64())
		case "paid":
			c.Paid = subscription.Quantity(d.int64())
		case "free":
			c.Free = subscription.Quantity(d.int64())
		case "until":
			c.Until = d.time()
		}
	}
	return c
}

func (d *decoder) payAsYouGo() (p subscription.PayAsYouGo) {
	for o := d.object(ofPayAsYouGo); d.member(&o); {
		switch o.name {
		case "since":
			p.Since = d.time()
		case "currency":
			p.Currency = pricing.Currency(d.string())
		}
	}
	return p
}

func (d *decoder) arrears() (a subscription.Arrears) {
	for o := d.object(ofArrears); d.member(&o); {
		switch o.name {
		case "since":
			a.Since = d.time()
		case "tried_at":
			a.LastAttemptAt = d.time()
		case "through":
			a.Through = d.date()
		case "interrupted":
			a.Interrupted = d.bool()
		case "stopped":
			a.Stopped = payment.Reason(d.string())
		case "reversed":
			a.Reversed = d.bool()
		}
	}
	return a
}

func (d *decoder) billing() (b subscription.Billing) {
	for o := d.object(ofBilling); d.member(&o); {
		switch o.name {
		case "number":
			b.Number = d.int64()
		case "held_until":
			b.BackoffUntil = d.time()
		}
	}
	return b
}

func (d *decoder) reservation() (r subscription.Reservation) {
	for o := d.object(ofReservation); d.member(&o); {
		switch o.name {
		case "id":
			r.ID = d.string()
		case "product":
			r.Product = pricing.ProductID(d.string())
		case "kind":
			r.Kind = pricing.UsageKindID(d.string())
		case "minutes":
			r.Minutes = d.int64()
		case "until":
			r.Until = d.time()
		case "parts":
			for more := d.list(); more; more = d.next() {
				r.Parts = append(r.Parts, d.part())
			}
		}
	}
	return r
}

func (d *decoder) part() (p subscription.ReservedPart) {
	for o := d.object(ofPart); d.member(&o); {
		switch o.name {
		case "lot":
			p.Lot = subscription.LotID(d.int64())
		case "quantity":
			p.Quantity = subscription.Quantity(d.int64())
		}
	}
	return p
}

func (d *decoder) freeClaim() (f subscription.FreeClaim) {
	for o := d.object(ofFreeClaim); d.member(&o); {
		switch o.name {
		case "id":
			f.ID = pricing.FreeGrantID(d.string())
		case "products":
			f.Products = d.products()
		case "minutes":
			f.Minutes = d.int64()
		case "anchor":
			f.Anchor = d.anchor()
		case "zone":
			f.Zone = d.string()
		case "cycles":
			f.Cycles = d.int()
		case "begun":
			f.Begun = d.int()
		case "next":
			f.NextAt = d.time()
		}
	}
	return f
}
