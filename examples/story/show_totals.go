package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type totalsQuestion struct {
	From     time.Time        `json:"from"`
	Until    time.Time        `json:"until"`
	Currency pricing.Currency `json:"currency"`
}

// span reports whether t is in the time that is asked for. A missing end is open.
func (q *totalsQuestion) span(t time.Time) bool {
	return !t.IsZero() && !t.Before(q.From) && (q.Until.IsZero() || t.Before(q.Until))
}

// sums are what an invoice or a credit note sums.
type sums struct {
	Net   pricing.Money `json:"net"`
	Taxes []taxSum      `json:"taxes,omitempty"` // by name, in the order in which they first come
	Total pricing.Money `json:"total"`           // with the taxes
}

type taxSum struct {
	Name   string        `json:"name"`
	Amount pricing.Money `json:"amount"`
}

type totalsShown struct {
	sums
	Refunded sums `json:"refunded"`
	Count    int  `json:"count"` // of orders
}

// add adds an amount with its taxes.
func (s *sums) add(net, total pricing.Money, taxes []pricing.Tax) (err error) {
	if s.Net, err = s.Net.Add(net); err != nil {
		return err
	}
	if s.Total, err = s.Total.Add(total); err != nil {
		return err
	}
	for _, t := range taxes {
		i := slices.IndexFunc(s.Taxes, func(known taxSum) bool { return known.Name == t.Name })
		if i < 0 {
			s.Taxes = append(s.Taxes, taxSum{t.Name, t.Amount})
			continue
		}
		if s.Taxes[i].Amount, err = s.Taxes[i].Amount.Add(t.Amount); err != nil {
			return err
		}
	}
	return nil
}

// showTotals sums, from the books, the orders that were paid and the refunds that were made in a time. Gifts and imports
// aren't part of it, since nothing was sold. A refund of an order
// that was never delivered isn't part of it, since the order isn't either; nor is one that failed after all, or a reversal
// that was reinstated.
func showTotals(ctx context.Context, w *world, s *step, q totalsQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	nothing, err := pricing.FromMinor(0, cmp.Or(q.Currency, "USD"))
	if err != nil {
		return nil, err
	}
	out := totalsShown{sums: sums{Net: nothing, Total: nothing}, Refunded: sums{Net: nothing, Total: nothing}}
	orders, err := w.orders(ctx, &now)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(orders, func(a, b subscription.Order) int { return a.PaidAt.Compare(b.PaidAt) })
	paid := map[subscription.OrderID]bool{}
	for _, o := range orders {
		if o.PaidAt.IsZero() || o.Amount.Currency() != nothing.Currency() {
			continue
		}
		paid[o.ID] = true
		given := o.Kind == subscription.GiftOrder || o.Kind == subscription.ImportOrder
		if given || !q.span(o.PaidAt) {
			continue
		}
		out.Count++
		if err := out.add(o.Net(), o.Amount, o.Taxes); err != nil {
			return nil, err
		}
	}
	refunds, err := w.refunds(ctx, s.App)
	if err != nil {
		return nil, err
	}
	for _, r := range refunds {
		if !paid[r.Order] || r.Status != subscription.RefundMade || !q.span(r.ClosedAt) || r.Amount.Currency() != nothing.Currency() {
			continue
		}
		if err := out.Refunded.add(r.Net(), r.Amount, r.Taxes); err != nil {
			return nil, err
		}
	}
	return out, nil
}
