package document

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// customer writes the members of an application about refunds, taxes, automatic orders and closing.
func (e *encoder) customer(a *subscription.Application) {
	if len(a.Refunds) > 0 {
		e.list("refunds")
		for i := range a.Refunds {
			e.refund(&a.Refunds[i])
		}
		e.close(']')
	}
	if a.Tax != nil {
		e.name("tax")
		e.taxFacts(a.Tax)
	}
	if len(a.AutoTopUps) > 0 {
		e.list("auto_top_ups")
		for i := range a.AutoTopUps {
			e.autoTopUp(&a.AutoTopUps[i])
		}
		e.close(']')
	}
	e.timeIf("closed_at", a.ClosedAt)
	e.timeIf("erased_at", a.ErasedAt)
}

func (e *encoder) refund(r *subscription.Refund) {
	e.element()
	e.open('{')
	e.text("application", string(r.Application))
	e.text("order", string(r.Order))
	e.int("number", int64(r.Number))
	e.text("kind", string(r.Kind))
	e.textIf("id", r.ID)
	e.textIf("key", r.Key)
	e.text("account", string(r.Account))
	e.money("amount", r.Amount)
	e.taxesIf(r.Taxes)
	e.textIf("take", string(r.Take))
	e.intIf("cycles", int64(r.Cycles))
	e.textIf("note", r.Note)
	e.textIf("by", r.By)
	e.text("status", string(r.Status))
	e.time("due_at", r.DueAt)
	e.timeIf("closed_at", r.ClosedAt)
	e.timeIf("failed_at", r.FailedAt)
	e.timeIf("made_at", r.MadeAt)
	e.textIf("reason", string(r.Reason))
	e.textIf("reference", r.Reference)
	e.close('}')
}

func (e *encoder) taxesIf(taxes []pricing.Tax) {
	if len(taxes) > 0 {
		e.name("taxes")
		e.taxes(taxes)
	}
}

func (e *encoder) taxes(taxes []pricing.Tax) {
	e.open('[')
	for i := range taxes {
		t := &taxes[i]
		e.element()
		e.open('{')
		e.text("name", t.Name)
		e.rate("percent", t.Percent)
		e.money("base", t.Base)
		e.money("amount", t.Amount)
		e.close('}')
	}
	e.close(']')
}

func (e *encoder) taxFacts(t *subscription.TaxFacts) {
	e.open('{')
	e.textIf("region", string(t.Region))
	e.textIf("exempt", t.Exempt)
	e.textIf("number", t.Number)
	if len(t.Rates) > 0 {
		e.list("rates")
		for i := range t.Rates {
			e.element()
			e.open('{')
			e.text("name", t.Rates[i].Name)
			e.rate("percent", t.Rates[i].Percent)
			e.dateIf("from", t.Rates[i].From)
			e.close('}')
		}
		e.close(']')
	}
	e.close('}')
}

func (e *encoder) autoTopUp(t *subscription.AutoTopUp) {
	e.element()
	e.open('{')
	e.text("product", string(t.Product))
	e.text("pack", string(t.Pack))
	e.text("currency", string(t.Currency))
	e.int("quantity", int64(t.Quantity))
	e.intIf("minutes", t.Minutes)
	e.int("below", int64(t.Below))
	e.int("per_period", int64(t.PerPeriod))
	e.flagIf("off", t.Off)
	e.textIf("agreement", t.Agreement)
	e.intIf("number", int64(t.Number))
	e.timeIf("since", t.Since)
	e.intIf("bought", int64(t.Bought))
	e.intIf("tries", int64(t.Attempts))
	e.timeIf("held_until", t.HeldUntil)
	e.textIf("stopped", string(t.Stopped))
	e.textIf("obstacle", t.Obstacle)
	e.close('}')
}
