package document

import (
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// customer reads the members of an application about refunds, taxes, automatic orders and closing.
func (d *decoder) customer(name string, a *subscription.Application) {
	switch name {
	case "refunds":
		for more := d.list(); more; more = d.next() {
			a.Refunds = append(a.Refunds, d.refund())
		}
	case "tax":
		a.Tax = new(d.taxFacts())
	case "auto_top_ups":
		for more := d.list(); more; more = d.next() {
			a.AutoTopUps = append(a.AutoTopUps, d.autoTopUp())
		}
	case "closed_at":
		a.ClosedAt = d.time()
	case "erased_at":
		a.ErasedAt = d.time()
	}
}

func (d *decoder) refund() (r subscription.Refund) {
	for o := d.object(ofRefund); d.member(&o); {
		switch o.name {
		case "application":
			r.Application = subscription.ApplicationID(d.string())
		case "order":
			r.Order = subscription.OrderID(d.string())
		case "number":
			r.Number = d.int()
		case "kind":
			r.Kind = subscription.RefundKind(d.string())
		case "id":
			r.ID = d.string()
		case "key":
			r.Key = d.string()
		case "account":
			r.Account = subscription.AccountID(d.string())
		case "amount":
			r.Amount = d.money()
		case "taxes":
			r.Taxes = d.taxes()
		case "take":
			r.Take = subscription.Take(d.string())
		case "note":
			r.Note = d.string()
		case "by":
			r.By = d.string()
		case "status":
			r.Status = subscription.RefundStatus(d.string())
		case "due_at":
			r.DueAt = d.time()
		case "closed_at":
			r.ClosedAt = d.time()
		case "cycles":
			r.Cycles = d.int()
		case "failed_at":
			r.FailedAt = d.time()
		case "made_at":
			r.MadeAt = d.time()
		case "reason":
			r.Reason = payment.Reason(d.string())
		case "reference":
			r.Reference = d.string()
		}
	}
	return r
}

func (d *decoder) taxes() (taxes []pricing.Tax) {
	for more := d.list(); more; more = d.next() {
		taxes = append(taxes, d.tax())
	}
	return taxes
}

func (d *decoder) tax() (t pricing.Tax) {
	for o := d.object(ofTax); d.member(&o); {
		switch o.name {
		case "name":
			t.Name = d.string()
		case "percent":
			t.Percent = d.rate()
		case "base":
			t.Base = d.money()
		case "amount":
			t.Amount = d.money()
		}
	}
	return t
}

func (d *decoder) taxFacts() (t subscription.TaxFacts) {
	for o := d.object(ofTaxFacts); d.member(&o); {
		switch o.name {
		case "region":
			t.Region = pricing.RegionID(d.string())
		case "exempt":
			t.Exempt = d.string()
		case "number":
			t.Number = d.string()
		case "rates":
			for more := d.list(); more; more = d.next() {
				t.Rates = append(t.Rates, d.taxRate())
			}
		}
	}
	return t
}

func (d *decoder) taxRate() (r pricing.TaxRate) {
	for o := d.object(ofTaxRate); d.member(&o); {
		switch o.name {
		case "name":
			r.Name = d.string()
		case "percent":
			r.Percent = d.rate()
		case "from":
			r.From = d.date()
		}
	}
	return r
}

func (d *decoder) autoTopUp() (t subscription.AutoTopUp) {
	for o := d.object(ofAutoTopUp); d.member(&o); {
		switch o.name {
		case "product":
			t.Product = pricing.ProductID(d.string())
		case "pack":
			t.Pack = pricing.PackID(d.string())
		case "currency":
			t.Currency = pricing.Currency(d.string())
		case "quantity":
			t.Quantity = d.int()
		case "minutes":
			t.Minutes = d.int64()
		case "below":
			t.Below = subscription.Quantity(d.int64())
		case "per_period":
			t.PerPeriod = d.int()
		case "off":
			t.Off = d.bool()
		case "agreement":
			t.Agreement = d.string()
		case "number":
			t.Number = d.int()
		case "since":
			t.Since = d.time()
		case "bought":
			t.Bought = d.int()
		case "tries":
			t.Attempts = d.int()
		case "held_until":
			t.HeldUntil = d.time()
		case "stopped":
			t.Stopped = payment.Reason(d.string())
		case "obstacle":
			t.Obstacle = d.string()
		}
	}
	return t
}
