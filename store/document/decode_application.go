package document

import (
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// document reads a whole document.
func (d *decoder) document() (a subscription.Application) {
	for o := d.object(ofApplication); d.member(&o); {
		switch o.name {
		case "format":
			d.int64() // known
		case "id":
			a.ID = subscription.ApplicationID(d.string())
		case "account":
			a.Account = subscription.AccountID(d.string())
		case "revision":
			a.Revision = d.int64()
		case "created_at":
			a.CreatedAt = d.time()
		case "as_of":
			a.AsOf = d.time()
		case "due":
			a.Due = d.time()
		case "accepted":
			a.Accepted = d.acceptance()
		case "subscriptions":
			for more := d.list(); more; more = d.next() {
				a.Subscriptions = append(a.Subscriptions, d.subscription())
			}
		case "lots":
			for more := d.list(); more; more = d.next() {
				a.Lots = append(a.Lots, d.lot())
			}
		case "orders":
			for more := d.list(); more; more = d.next() {
				a.Orders = append(a.Orders, d.order())
			}
		case "bought":
			for more := d.list(); more; more = d.next() {
				a.PurchaseCounts = append(a.PurchaseCounts, d.bought())
			}
		case "last_lot":
			a.LastLot = subscription.LotID(d.int64())
		default:
			d.usage(o.name, &a)
		}
	}
	return a
}

func (d *decoder) acceptance() (a subscription.Acceptance) {
	for o := d.object(ofAcceptance); d.member(&o); {
		switch o.name {
		case "agreement":
			a.Agreement = d.string()
		case "at":
			a.At = d.time()
		}
	}
	return a
}

func (d *decoder) subscription() (s subscription.Subscription) {
	for o := d.object(ofSubscription); d.member(&o); {
		switch o.name {
		case "id":
			s.ID = subscription.SubscriptionID(d.string())
		case "product":
			s.Product = pricing.ProductID(d.string())
		case "status":
			s.Status = subscription.Status(d.string())
		case "currency":
			s.Currency = pricing.Currency(d.string())
		case "trial":
			s.Trial = d.bool()
		case "auto_renew":
			s.AutoRenew = d.bool()
		case "out_of_service":
			s.OutOfService = d.bool()
		case "zone":
			s.Zone = d.string()
		case "anchor":
			s.Anchor = d.anchor()
		case "next":
			s.Next = d.int()
		case "opened_at":
			s.OpenedAt = d.time()
		case "cycles":
			for more := d.list(); more; more = d.next() {
				s.Cycles = append(s.Cycles, d.cycle())
			}
		case "suspended":
			for more := d.list(); more; more = d.next() {
				s.Suspended = append(s.Suspended, d.cycle())
			}
		case "renewal":
			s.Renewal = d.renewal()
		case "numbers":
			for more := d.list(); more; more = d.next() {
				s.Numbers = append(s.Numbers, d.number())
			}
		case "planned":
			s.Planned = d.planned()
		case "deal":
			s.Deal = d.deal()
		}
	}
	return s
}

func (d *decoder) number() (n subscription.Number) {
	for o := d.object(ofNumber); d.member(&o); {
		switch o.name {
		case "day":
			n.Day = d.date()
		case "orders":
			n.Orders = d.int()
		}
	}
	return n
}

func (d *decoder) planned() *subscription.Planned {
	p := &subscription.Planned{}
	for o := d.object(ofPlanned); d.member(&o); {
		switch o.name {
		case "version":
			p.Version = pricing.VersionID(d.string())
		case "term":
			p.Term = d.term()
		case "at":
			p.At = d.time()
		}
	}
	return p
}

func (d *decoder) deal() *subscription.Deal {
	v := &subscription.Deal{}
	for o := d.object(ofDeal); d.member(&o); {
		switch o.name {
		case "version":
			v.Version = pricing.VersionID(d.string())
		case "term":
			v.Term = d.term()
		case "price":
			v.Price = d.money()
		case "left":
			v.Left = d.int()
		case "reason":
			v.Reason = d.string()
		}
	}
	return v
}

func (d *decoder) renewal() (r subscription.Renewal) {
	for o := d.object(ofRenewal); d.member(&o); {
		switch o.name {
		case "tries":
			r.Attempts = d.int()
		case "tried_at":
			r.LastAttemptAt = d.time()
		case "reminded_at":
			r.RemindedAt = d.time()
		case "held_until":
			r.BackoffUntil = d.time()
		case "told":
			r.AnnouncedPrice = d.money()
		case "stopped":
			r.Stopped = payment.Reason(d.string())
		}
	}
	return r
}

func (d *decoder) cycle() (c subscription.Cycle) {
	for o := d.object(ofCycle); d.member(&o); {
		switch o.name {
		case "number":
			c.Number = d.int()
		case "period":
			c.Period = d.period()
		case "days":
			c.Days = d.days()
		case "promised":
			c.Promised = d.time()
		case "version":
			c.Version = pricing.VersionID(d.string())
		case "term":
			c.Term = d.term()
		case "price":
			c.Price = d.money()
		case "total":
			c.Total = d.money()
		case "minutes":
			c.Minutes = d.int64()
		case "order":
			c.Order = subscription.OrderID(d.string())
		case "resumed":
			c.Resumed = d.bool()
		case "begun":
			c.Begun = d.bool()
		case "granted":
			c.Granted = subscription.Quantity(d.int64())
		}
	}
	return c
}

// lot reads a lot. Minutes that had expired of it, which only format 1 has, are taken off what was granted, so that the
// rest adds up, can be spent, and expires. No command of this module leaves such a lot in the document, but one of a
// host's own could.
func (d *decoder) lot() (l subscription.Lot) {
	for o := d.object(ofLot); d.member(&o); {
		switch o.name {
		case "id":
			l.ID = subscription.LotID(d.int64())
		case "source":
			l.Source = subscription.Source(d.string())
		case "products":
			l.Products = d.products()
		case "subscription":
			l.Subscription = subscription.SubscriptionID(d.string())
		case "order":
			l.Order = subscription.OrderID(d.string())
		case "free":
			l.Free = pricing.FreeGrantID(d.string())
		case "period":
			l.Period = d.period()
		case "granted_at":
			l.GrantedAt = d.time()
		case "granted":
			l.Granted += subscription.Quantity(d.int64())
		case "remaining":
			l.Remaining = subscription.Quantity(d.int64())
		case "reserved":
			l.Reserved = subscription.Quantity(d.int64())
		case "consumed":
			l.Consumed = subscription.Quantity(d.int64())
		case "expired":
			l.Granted -= subscription.Quantity(d.int64())
		case "refunded":
			l.Refunded = subscription.Quantity(d.int64())
		case "taken_back":
			l.TakenBack = d.bool()
		case "warned":
			l.Warned = d.int()
		}
	}
	return l
}

func (d *decoder) bought() (b subscription.PurchaseCount) {
	for o := d.object(ofBought); d.member(&o); {
		switch o.name {
		case "product":
			b.Product = pricing.ProductID(d.string())
		case "version":
			b.Version = pricing.VersionID(d.string())
		case "offer":
			b.Offer = pricing.OfferID(d.string())
		case "trial":
			b.Trial = d.bool()
		case "count":
			b.Count = d.int()
		}
	}
	return b
}

func (d *decoder) period() (p pricing.Period) {
	for o := d.object(ofPeriod); d.member(&o); {
		switch o.name {
		case "start":
			p.Start = d.time()
		case "end":
			p.End = d.time()
		case "zone":
			p.Zone = d.string()
		}
	}
	return p
}

func (d *decoder) days() (r pricing.DayRange) {
	for o := d.object(ofDays); d.member(&o); {
		switch o.name {
		case "first":
			r.First = d.date()
		case "until":
			r.Until = d.date()
		}
	}
	return r
}

func (d *decoder) anchor() (a pricing.Anchor) {
	for o := d.object(ofAnchor); d.member(&o); {
		switch o.name {
		case "date":
			a.Date = d.date()
		case "term":
			a.Term = d.term()
		case "passed":
			a.Passed = d.int()
		}
	}
	return a
}

func (d *decoder) term() (t pricing.Term) {
	for o := d.object(ofTerm); d.member(&o); {
		switch o.name {
		case "months":
			t.Months = d.int()
		case "days":
			t.Days = d.int()
		}
	}
	return t
}

func (d *decoder) products() (products []pricing.ProductID) {
	for more := d.list(); more; more = d.next() {
		products = append(products, pricing.ProductID(d.string()))
	}
	return products
}
