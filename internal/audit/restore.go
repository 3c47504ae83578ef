package audit

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// auditLost checks how a restored store dealt with what it had forgotten. If the cause of an order asks again, it
// must get the same order with the same key. Money collected for an order that is gone must have been returned, see
// [auditor.auditMoney].
func (a *auditor) auditLost(books map[subscription.ApplicationID]*book) {
	for _, c := range a.Customers {
		f, b := a.Lost[c.Application], books[c.Application]
		if f == nil || b == nil {
			continue
		}
		again := map[Cause]int{}
		for i := range b.orders {
			again[CauseOf(&b.orders[i])]++
		}
		for id, lost := range f.Orders {
			o, there := b.rows[id]
			cause := CauseOf(&lost.Order)
			if there && !a.collectedUnder(string(lost.Attempt)).IsZero() {
				a.findings.OrdersAgain++
			}
			switch {
			case there && o.Attempt != lost.Attempt && o.Attempt != "" && lost.Attempt != "":
				a.violatef("restore", b.id, "order %s had the attempt %s before the restore, and has %s", id, lost.Attempt, o.Attempt)
			case !there && cause != (Cause{}) && again[cause] >= lost.Rank:
				a.violatef("restore", b.id, "order %s is gone, the %dth of %+v, of which there are %d", id, lost.Rank, cause, again[cause])
			}
		}
	}
}

// Cause identifies what asked for an order. The zero value stands for a request, whose key the customer compares.
type Cause struct {
	subscription subscription.SubscriptionID
	day          pricing.Date
	usage        bool
	topUp        pricing.ProductID
}

// CauseOf returns the cause of an order.
func CauseOf(o *subscription.Order) Cause {
	if o.Kind == subscription.UsageOrder {
		return Cause{usage: true}
	}
	if product, automatic := o.AutoTopUp(); automatic {
		return Cause{topUp: product}
	}
	if e := Extension(*o); e != nil && e.Automatic {
		return Cause{subscription: e.Subscription, day: e.Day}
	}
	return Cause{}
}
