package document

import (
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func (d *decoder) order() (order subscription.Order) {
	for o := d.object(ofOrder); d.member(&o); {
		switch o.name {
		case "id":
			order.ID = subscription.OrderID(d.string())
		case "application":
			order.Application = subscription.ApplicationID(d.string())
		case "account":
			order.Account = subscription.AccountID(d.string())
		case "kind":
			order.Kind = subscription.OrderKind(d.string())
		case "subscription":
			order.Subscription = subscription.SubscriptionID(d.string())
		case "product":
			order.Product = pricing.ProductID(d.string())
		case "version":
			order.Version = pricing.VersionID(d.string())
		case "placed_at":
			order.PlacedAt = d.time()
		case "catalog":
			order.Catalog = d.string()
		case "agreement":
			order.Agreement = d.string()
		case "attempt":
			order.Attempt = subscription.AttemptID(d.string())
		case "amount":
			order.Amount = d.money()
		case "lines":
			order.Lines = d.lines()
		case "taxes":
			order.Taxes = d.taxes()
		case "tax_included":
			order.TaxIncluded = d.bool()
		case "present":
			order.Present = d.bool()
		case "deliveries":
			order.Deliveries = d.deliveries()
		default:
			d.outcome(o.name, &order)
		}
	}
	return order
}

// outcome reads the members of an order that change after it is placed.
func (d *decoder) outcome(name string, o *subscription.Order) {
	switch name {
	case "status":
		o.Status = subscription.OrderStatus(d.string())
	case "paid_at":
		o.PaidAt = d.time()
	case "closed_at":
		o.ClosedAt = d.time()
	case "collected_at":
		o.CollectedAt = d.time()
	case "reason":
		o.Reason = payment.Reason(d.string())
	case "note":
		o.Note = d.string()
	case "reference":
		o.Reference = d.string()
	case "collected":
		o.Collected = d.money()
	case "delivered":
		o.Delivered = d.delivered()
	case "action":
		o.Action = new(d.action())
	case "refunds":
		o.Refunds = d.int()
	case "given_back":
		o.RefundedAmount = d.money()
	case "taken_back_at":
		o.TakenBackAt = d.time()
	}
}

func (d *decoder) action() (a payment.Action) {
	for o := d.object(ofAction); d.member(&o); {
		switch o.name {
		case "kind":
			a.Kind = payment.ActionKind(d.string())
		case "value":
			a.Value = d.string()
		case "until":
			a.Until = d.time()
		}
	}
	return a
}

func (d *decoder) delivered() (v subscription.Delivered) {
	for o := d.object(ofDelivered); d.member(&o); {
		switch o.name {
		case "period":
			v.Period = d.period()
		case "increment":
			v.Increment = subscription.Quantity(d.int64())
		case "total":
			v.Total = subscription.Quantity(d.int64())
		case "remaining":
			v.Remaining = subscription.Quantity(d.int64())
		}
	}
	return v
}

func (d *decoder) lines() (lines []pricing.Line) {
	for more := d.list(); more; more = d.next() {
		lines = append(lines, d.line())
	}
	return lines
}

func (d *decoder) line() (l pricing.Line) {
	for o := d.object(ofLine); d.member(&o); {
		switch o.name {
		case "kind":
			l.Kind = pricing.LineKind(d.string())
		case "item":
			l.Item = d.string()
		case "unit":
			l.Unit = d.rate()
		case "credit":
			l.Credit = d.rate()
		case "times":
			l.Times = d.ratio()
		case "amount":
			l.Amount = d.money()
		}
	}
	return l
}

func (d *decoder) ratio() (r pricing.Ratio) {
	for o := d.object(ofRatio); d.member(&o); {
		switch o.name {
		case "num":
			r.Num = d.int64()
		case "den":
			r.Den = d.int64()
		}
	}
	return r
}
