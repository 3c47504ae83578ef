package document

import "github.com/prepaidkit/prepaid/subscription"

// usage writes the members of an application that usage changes, beside its lots.
func (e *encoder) usage(a *subscription.Application) {
	if len(a.Counters) > 0 {
		e.list("counters")
		for i := range a.Counters {
			e.counter(&a.Counters[i])
		}
		e.close(']')
	}
	e.dateIf("closed_through", a.ClosedThrough)
	e.timeIf("closed_until", a.ClosedUntil)
	if a.Arrears != (subscription.Arrears{}) {
		e.name("arrears")
		e.open('{')
		e.time("since", a.Arrears.Since)
		e.time("tried_at", a.Arrears.LastAttemptAt)
		e.date("through", a.Arrears.Through)
		e.flagIf("interrupted", a.Arrears.Interrupted)
		e.textIf("stopped", string(a.Arrears.Stopped))
		e.flagIf("reversed", a.Arrears.Reversed)
		e.close('}')
	}
	if a.Billing != (subscription.Billing{}) {
		e.name("billing")
		e.open('{')
		e.int("number", a.Billing.Number)
		e.timeIf("held_until", a.Billing.BackoffUntil)
		e.close('}')
	}
	if len(a.Reservations) > 0 {
		e.list("reservations")
		for i := range a.Reservations {
			e.reservation(&a.Reservations[i])
		}
		e.close(']')
	}
}

// free writes what an application may use beside what it bought.
func (e *encoder) free(a *subscription.Application) {
	if len(a.Free) > 0 {
		e.list("free")
		for i := range a.Free {
			e.freeClaim(&a.Free[i])
		}
		e.close(']')
	}
	if a.PayAsYouGo != (subscription.PayAsYouGo{}) {
		e.name("pay_as_you_go")
		e.open('{')
		e.time("since", a.PayAsYouGo.Since)
		e.text("currency", string(a.PayAsYouGo.Currency))
		e.close('}')
	}
}

func (e *encoder) counter(c *subscription.UsageCounter) {
	e.element()
	e.open('{')
	e.text("product", string(c.Product))
	e.text("kind", string(c.Kind))
	e.date("day", c.Day)
	e.int("seconds", c.Seconds)
	e.weight("weight", c.Weight)
	e.flagIf("covered", c.Covered)
	e.intIf("excess", int64(c.Excess))
	e.rateIf("rate", c.Rate)
	e.textIf("order", string(c.Order))
	e.intIf("forgiven", int64(c.Forgiven))
	e.intIf("paid", int64(c.Paid))
	e.intIf("free", int64(c.Free))
	e.timeIf("until", c.Until)
	e.close('}')
}

func (e *encoder) reservation(r *subscription.Reservation) {
	e.element()
	e.open('{')
	e.text("id", r.ID)
	e.text("product", string(r.Product))
	e.text("kind", string(r.Kind))
	e.int("minutes", r.Minutes)
	e.time("until", r.Until)
	e.list("parts")
	for _, p := range r.Parts {
		e.element()
		e.open('{')
		e.int("lot", int64(p.Lot))
		e.int("quantity", int64(p.Quantity))
		e.close('}')
	}
	e.close(']')
	e.close('}')
}

func (e *encoder) freeClaim(f *subscription.FreeClaim) {
	e.element()
	e.open('{')
	e.text("id", string(f.ID))
	e.int("begun", int64(f.Begun))
	e.timeIf("next", f.NextAt)
	e.products(f.Products)
	e.int("minutes", f.Minutes)
	e.anchor("anchor", f.Anchor)
	e.text("zone", f.Zone)
	e.int("cycles", int64(f.Cycles))
	e.close('}')
}
