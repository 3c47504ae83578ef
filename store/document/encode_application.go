package document

import (
	"strconv"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// document writes a whole document. The members that change most often come first, here and in the parts: a database
// that logs an update from the first byte that changes to the last one, as Postgres does, logs little of a document of
// which only the beginning changes.
func (e *encoder) document(a *subscription.Application) {
	e.open('{')
	e.int("format", Format)
	e.int("revision", a.Revision)
	e.timeIf("as_of", a.AsOf)
	e.timeIf("due", a.Due)
	e.intIf("last_lot", int64(a.LastLot))
	e.usage(a)
	if len(a.Lots) > 0 {
		e.list("lots")
		for i := range a.Lots {
			e.lot(&a.Lots[i])
		}
		e.close(']')
	}
	if len(a.Orders) > 0 {
		e.list("orders")
		for i := range a.Orders {
			e.order(&a.Orders[i])
		}
		e.close(']')
	}
	if len(a.Subscriptions) > 0 {
		e.list("subscriptions")
		for i := range a.Subscriptions {
			e.subscription(&a.Subscriptions[i])
		}
		e.close(']')
	}
	if len(a.PurchaseCounts) > 0 {
		e.list("bought")
		for i := range a.PurchaseCounts {
			e.bought(&a.PurchaseCounts[i])
		}
		e.close(']')
	}
	e.free(a)
	e.customer(a)
	e.text("id", string(a.ID))
	e.text("account", string(a.Account))
	e.time("created_at", a.CreatedAt)
	if a.Accepted != (subscription.Acceptance{}) {
		e.name("accepted")
		e.open('{')
		e.text("agreement", a.Accepted.Agreement)
		e.time("at", a.Accepted.At)
		e.close('}')
	}
	e.close('}')
}

func (e *encoder) subscription(s *subscription.Subscription) {
	e.element()
	e.open('{')
	e.text("id", string(s.ID))
	e.text("status", string(s.Status))
	e.renewal(s)
	e.int("next", int64(s.Next))
	e.cycles("cycles", s.Cycles)
	if len(s.Suspended) > 0 {
		e.cycles("suspended", s.Suspended)
	}
	e.text("product", string(s.Product))
	e.text("currency", string(s.Currency))
	e.flagIf("trial", s.Trial)
	e.flagIf("auto_renew", s.AutoRenew)
	e.flagIf("out_of_service", s.OutOfService)
	e.text("zone", s.Zone)
	e.anchor("anchor", s.Anchor)
	e.time("opened_at", s.OpenedAt)
	e.close('}')
}

// renewal writes the members of a subscription about renewals.
func (e *encoder) renewal(s *subscription.Subscription) {
	if r := &s.Renewal; *r != (subscription.Renewal{}) {
		e.name("renewal")
		e.open('{')
		e.intIf("tries", int64(r.Attempts))
		e.timeIf("tried_at", r.LastAttemptAt)
		e.timeIf("reminded_at", r.RemindedAt)
		e.timeIf("held_until", r.BackoffUntil)
		e.moneyIf("told", r.AnnouncedPrice)
		e.textIf("stopped", string(r.Stopped))
		e.close('}')
	}
	if len(s.Numbers) > 0 {
		e.list("numbers")
		for _, n := range s.Numbers {
			e.element()
			e.open('{')
			e.date("day", n.Day)
			e.int("orders", int64(n.Orders))
			e.close('}')
		}
		e.close(']')
	}
	if s.Planned != nil {
		e.name("planned")
		e.open('{')
		e.text("version", string(s.Planned.Version))
		e.term(s.Planned.Term)
		e.time("at", s.Planned.At)
		e.close('}')
	}
	e.dealIf(s.Deal)
}

func (e *encoder) dealIf(d *subscription.Deal) {
	if d == nil {
		return
	}
	e.name("deal")
	e.open('{')
	e.text("version", string(d.Version))
	e.term(d.Term)
	e.money("price", d.Price)
	e.int("left", int64(d.Left))
	e.textIf("reason", d.Reason)
	e.close('}')
}

func (e *encoder) cycles(name string, cycles []subscription.Cycle) {
	e.list(name)
	for i := range cycles {
		e.cycle(&cycles[i])
	}
	e.close(']')
}

func (e *encoder) cycle(c *subscription.Cycle) {
	e.element()
	e.open('{')
	e.int("number", int64(c.Number))
	e.flagIf("begun", c.Begun)
	e.intIf("granted", int64(c.Granted))
	e.period("period", &c.Period)
	if !c.Days.IsZero() {
		e.name("days")
		e.open('{')
		e.date("first", c.Days.First)
		e.date("until", c.Days.Until)
		e.close('}')
	}
	e.timeIf("promised", c.Promised)
	e.text("version", string(c.Version))
	if c.Term != (pricing.Term{}) {
		e.term(c.Term)
	}
	e.money("price", c.Price)
	e.moneyIf("total", c.Total)
	e.int("minutes", c.Minutes)
	e.text("order", string(c.Order))
	e.flagIf("resumed", c.Resumed)
	e.close('}')
}

func (e *encoder) lot(l *subscription.Lot) {
	e.element()
	e.open('{')
	e.int("id", int64(l.ID))
	e.int("remaining", int64(l.Remaining))
	e.intIf("reserved", int64(l.Reserved))
	e.intIf("consumed", int64(l.Consumed))
	e.intIf("refunded", int64(l.Refunded))
	e.intIf("warned", int64(l.Warned))
	e.int("granted", int64(l.Granted))
	e.flagIf("taken_back", l.TakenBack)
	e.text("source", string(l.Source))
	e.products(l.Products)
	e.textIf("subscription", string(l.Subscription))
	e.textIf("order", string(l.Order))
	e.textIf("free", string(l.Free))
	e.period("period", &l.Period)
	e.time("granted_at", l.GrantedAt)
	e.close('}')
}

func (e *encoder) bought(b *subscription.PurchaseCount) {
	e.element()
	e.open('{')
	e.text("product", string(b.Product))
	e.text("version", string(b.Version))
	e.textIf("offer", string(b.Offer))
	e.flagIf("trial", b.Trial)
	e.int("count", int64(b.Count))
	e.close('}')
}

func (e *encoder) period(name string, p *pricing.Period) {
	e.name(name)
	e.open('{')
	e.time("start", p.Start)
	e.time("end", p.End)
	e.text("zone", p.Zone)
	e.close('}')
}

func (e *encoder) anchor(name string, a pricing.Anchor) {
	e.name(name)
	e.open('{')
	e.date("date", a.Date)
	e.term(a.Term)
	e.intIf("passed", int64(a.Passed))
	e.close('}')
}

func (e *encoder) term(t pricing.Term) {
	e.name("term")
	e.open('{')
	e.intIf("months", int64(t.Months))
	e.intIf("days", int64(t.Days))
	e.close('}')
}

func (e *encoder) products(products []pricing.ProductID) {
	e.list("products")
	for _, p := range products {
		e.element()
		e.quote(string(p))
	}
	e.close(']')
}

func (e *encoder) ints(name string, list []int64) {
	e.list(name)
	for _, n := range list {
		e.element()
		e.b = strconv.AppendInt(e.b, n, 10)
	}
	e.close(']')
}
