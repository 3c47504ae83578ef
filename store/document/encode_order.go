package document

import (
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func (e *encoder) order(o *subscription.Order) {
	e.element()
	e.open('{')
	e.text("id", string(o.ID))
	e.text("application", string(o.Application))
	e.text("account", string(o.Account))
	e.text("kind", string(o.Kind))
	e.textIf("subscription", string(o.Subscription))
	e.textIf("product", string(o.Product))
	e.textIf("version", string(o.Version))
	e.time("placed_at", o.PlacedAt)
	e.text("catalog", o.Catalog)
	e.textIf("agreement", o.Agreement)
	e.textIf("attempt", string(o.Attempt))
	e.money("amount", o.Amount)
	e.name("lines")
	e.lines(o.Lines)
	e.taxesIf(o.Taxes)
	e.flagIf("tax_included", o.TaxIncluded)
	e.flagIf("present", o.Present)
	if len(o.Deliveries) > 0 {
		e.name("deliveries")
		e.deliveries(o.Deliveries)
	}
	e.text("status", string(o.Status))
	e.timeIf("paid_at", o.PaidAt)
	e.timeIf("closed_at", o.ClosedAt)
	e.textIf("reason", string(o.Reason))
	e.textIf("note", o.Note)
	e.textIf("reference", o.Reference)
	e.moneyIf("collected", o.Collected)
	e.timeIf("collected_at", o.CollectedAt)
	e.delivered(&o.Delivered)
	if o.Action != nil {
		e.name("action")
		e.action(o.Action)
	}
	e.intIf("refunds", int64(o.Refunds))
	e.moneyIf("given_back", o.RefundedAmount)
	e.timeIf("taken_back_at", o.TakenBackAt)
	e.close('}')
}

func (e *encoder) action(a *payment.Action) {
	e.open('{')
	e.text("kind", string(a.Kind))
	e.text("value", a.Value)
	e.timeIf("until", a.Until)
	e.close('}')
}

func (e *encoder) delivered(d *subscription.Delivered) {
	if *d == (subscription.Delivered{}) {
		return
	}
	e.name("delivered")
	e.open('{')
	if d.Period != (pricing.Period{}) {
		e.period("period", &d.Period)
	}
	e.intIf("increment", int64(d.Increment))
	e.intIf("total", int64(d.Total))
	e.intIf("remaining", int64(d.Remaining))
	e.close('}')
}

func (e *encoder) lines(lines []pricing.Line) {
	e.open('[')
	for i := range lines {
		l := &lines[i]
		e.element()
		e.open('{')
		e.text("kind", string(l.Kind))
		e.text("item", l.Item)
		e.rate("unit", l.Unit)
		e.rateIf("credit", l.Credit)
		e.name("times")
		e.open('{')
		e.int("num", l.Times.Num)
		e.int("den", l.Times.Den)
		e.close('}')
		e.money("amount", l.Amount)
		e.close('}')
	}
	e.close(']')
}

func (e *encoder) deliveries(deliveries []subscription.Delivery) {
	e.open('[')
	for _, d := range deliveries {
		e.element()
		e.open('{')
		if d.Extend != nil {
			e.extend(d.Extend)
		}
		if d.Upgrade != nil {
			e.raise(d.Upgrade)
		}
		if d.Grant != nil {
			e.grant(d.Grant)
		}
		if d.Usage != nil {
			e.bill(d.Usage)
		}
		e.close('}')
	}
	e.close(']')
}

func (e *encoder) extend(x *subscription.ExtendDelivery) {
	e.name("extend")
	e.open('{')
	e.text("subscription", string(x.Subscription))
	e.text("product", string(x.Product))
	e.text("version", string(x.Version))
	e.term(x.Term)
	e.text("zone", x.Zone)
	e.flagIf("open", x.Open)
	e.flagIf("trial", x.Trial)
	e.flagIf("auto_renew", x.AutoRenew)
	e.timeIf("from", x.From)
	e.dateIf("day", x.Day)
	e.flagIf("automatic", x.Automatic)
	e.flagIf("catch_up", x.CatchUp)
	e.flagIf("missed", x.Missed)
	e.int("count", int64(x.Count))
	e.money("price", x.Price)
	e.moneyIf("total", x.Total)
	e.int("minutes", x.Minutes)
	e.dealIf(x.Deal)
	e.flagIf("dealt", x.Dealt)
	if b := x.Beyond; b != nil {
		e.name("beyond")
		e.open('{')
		e.int("count", int64(b.Count))
		e.money("price", b.Price)
		e.moneyIf("total", b.Total)
		e.close('}')
	}
	if i := x.Imported; i != nil {
		e.name("imported")
		e.open('{')
		e.date("anchor", i.Anchor)
		e.date("paid_until", i.PaidUntil)
		e.int("minutes", int64(i.Minutes))
		e.text("source", i.Source)
		e.close('}')
	}
	e.textIf("offer", string(x.Offer))
	e.close('}')
}

func (e *encoder) raise(r *subscription.UpgradeDelivery) {
	e.name("raise")
	e.open('{')
	e.text("subscription", string(r.Subscription))
	e.int("cycle", int64(r.Cycle))
	e.text("from", string(r.From))
	e.text("to", string(r.To))
	e.money("price", r.Price)
	e.moneyIf("total", r.Total)
	e.int("minutes", r.Minutes)
	e.int("grant", r.Grant)
	e.flagIf("waived", r.Waived)
	if len(r.Ahead) > 0 {
		e.ints("ahead", r.Ahead)
	}
	e.intIf("kept", int64(r.Kept))
	if len(r.Was) > 0 {
		e.list("was")
		for i := range r.Was {
			was := &r.Was[i]
			e.element()
			e.open('{')
			e.text("version", string(was.Version))
			e.money("price", was.Price)
			e.moneyIf("total", was.Total)
			e.int("minutes", was.Minutes)
			e.close('}')
		}
		e.close(']')
	}
	e.close('}')
}

func (e *encoder) bill(b *subscription.UsageDelivery) {
	e.name("bill")
	e.open('{')
	e.date("day", b.Day)
	e.dateIf("through", b.Through)
	e.timeIf("until", b.Until)
	e.close('}')
}

func (e *encoder) grant(g *subscription.GrantDelivery) {
	e.name("grant")
	e.open('{')
	e.text("source", string(g.Source))
	e.products(g.Products)
	e.int("minutes", g.Minutes)
	e.name("validity")
	e.open('{')
	e.int("months", int64(g.Validity.Months))
	e.flagIf("to_month_end", g.Validity.ToMonthEnd)
	e.close('}')
	e.text("zone", g.Zone)
	e.close('}')
}
