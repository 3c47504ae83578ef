package storetest

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// reportCases checks that reports find what was committed, whatever application it is of. The cases are skipped if the store
// isn't a [store.Reports].
func reportCases() []check {
	return slices.Concat(totalCases(), []check{
		{"of an empty store", func(e *env) {
			r := e.reports()
			e.same("subscriptions", e.found(r, store.SubscriptionFilter{}), []subscription.SubscriptionRow(nil))
			e.same("payments", e.paid(r, time.Time{}, time.Time{}), []subscription.Order(nil))
			e.same("refunds", e.placed(r, time.Time{}, time.Time{}), []subscription.Refund(nil))
			e.totals(r, time.Time{}, time.Time{})
		}},
		{"subscriptions by every filter", func(e *env) { e.filters() }},
		{"subscriptions as they are now", func(e *env) {
			r := e.reports()
			a := unborn("a")
			c := a.next("1")
			e.apply(a, c)
			past := store.SubscriptionFilter{Statuses: []subscription.Status{subscription.PastDue}}
			e.same("past due", e.found(r, past), []subscription.SubscriptionRow(nil))
			c = a.next("2")
			c.Subscriptions[0].Status = subscription.PastDue
			e.apply(a, c)
			e.same("past due", e.found(r, past), a.rows)
			c = a.next("3")
			c.Subscriptions[0].PaidUntil = noon().AddDate(1, 0, 0)
			e.apply(a, c)
			e.same("past due", e.found(r, past), []subscription.SubscriptionRow(nil))
			e.same("ending in a year", e.found(r, store.SubscriptionFilter{From: noon().AddDate(1, 0, 0)}), a.rows)
			before := store.SubscriptionFilter{Until: noon().AddDate(1, 0, 0)}
			e.same("ending before", e.found(r, before), []subscription.SubscriptionRow(nil))
			moved := a.next("4")
			moved.Next.Account, moved.Subscriptions = "other", nil // it is over: its row keeps the account of then
			e.apply(a, moved)
			e.same("of the account before", e.found(r, store.SubscriptionFilter{Account: "acme"}), []subscription.SubscriptionRow(nil))
			e.same("of its account", e.found(r, store.SubscriptionFilter{Account: "other"}), a.rows)
		}},
		{"payments and refunds of every span", func(e *env) { e.spans() }},
		{"thousands of rows of one instant", func(e *env) { e.manyOfOneInstant() }},
		{"a row with everything", func(e *env) {
			r := e.reports()
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			var paid []subscription.Order
			for i := range a.orders {
				if !a.orders[i].PaidAt.IsZero() && a.orders[i].Collected.Sign() > 0 {
					paid = append(paid, a.orders[i])
				}
			}
			slices.SortFunc(paid, byPayment)
			e.same("payments", e.paid(r, time.Time{}, time.Time{}), paid)
			e.same("refunds", e.placed(r, time.Time{}, time.Time{}), slices.SortedFunc(slices.Values(a.refunds), byPlacing))
			e.same("subscriptions", e.found(r, store.SubscriptionFilter{}), slices.SortedFunc(slices.Values(a.rows), byEnd))
		}},
		{"the store can be called within the loop, which may end early", func(e *env) {
			r := e.reports()
			a := unborn("a")
			e.apply(a, billed(a, cents(100), nil, noon()))
			e.apply(a, returned(a, "1-t", 1, cents(50), subscription.RefundMade, noon()))
			within := func(yield func(string, error) bool) {
				for range 2 {
					if !each(r.FindSubscriptions(e.ctx, store.SubscriptionFilter{}), yield) ||
						!each(r.PaymentsBetween(e.ctx, time.Time{}, time.Time{}), yield) ||
						!each(r.RefundsBetween(e.ctx, time.Time{}, time.Time{}), yield) {
						return
					}
				}
			}
			e.within("a report in the loop of another", func() error {
				n := 0
				for _, err := range within {
					if err != nil {
						return err
					}
					b := unborn(subscription.ApplicationID("b " + strconv.Itoa(n)))
					if err := e.store.Commit(e.ctx, b.next("t")); err != nil {
						return err
					}
					n++
					if n == 5 {
						break
					}
				}
				if n != 5 {
					return fmt.Errorf("%d rows, want 5", n)
				}
				return nil
			})
		}},
		{"a context that has ended", func(e *env) {
			r := e.reports()
			e.stored("a")
			for _, w := range endings() {
				ctx, cancel := w.end(e.ctx)
				e.yieldsOnly("FindSubscriptions", w, func(yield func(any, error) bool) {
					each(r.FindSubscriptions(ctx, store.SubscriptionFilter{}), yield)
				})
				e.yieldsOnly("FindSubscriptions of no status", w, func(yield func(any, error) bool) {
					each(r.FindSubscriptions(ctx, store.SubscriptionFilter{Statuses: []subscription.Status{"none"}}), yield)
				})
				e.yieldsOnly("PaymentsBetween", w, func(yield func(any, error) bool) {
					each(r.PaymentsBetween(ctx, time.Time{}, time.Time{}), yield)
				})
				e.yieldsOnly("RefundsBetween", w, func(yield func(any, error) bool) {
					each(r.RefundsBetween(ctx, time.Time{}, time.Time{}), yield)
				})
				_, err := r.TotalsBetween(ctx, time.Time{}, time.Time{})
				e.ended("TotalsBetween", err, w)
				cancel()
			}
		}},
	})
}

// each passes what a list yields to a loop over something else, and reports whether that goes on.
func each[T, A any](list iter.Seq2[T, error], yield func(A, error) bool) bool {
	for row, err := range list {
		var as A
		if is, ok := any(row).(A); ok {
			as = is
		}
		if !yield(as, err) {
			return false
		}
	}
	return true
}

// yieldsOnly fails the case unless a list yields nothing but the error of a context.
func (e *env) yieldsOnly(call string, w ending, list iter.Seq2[any, error]) {
	e.Helper()
	n := 0
	for _, err := range list {
		e.ended(call, err, w)
		n++
	}
	if n != 1 {
		e.Errorf("%s: %d yields, want one, of the error", call, n)
	}
}

// reports returns the store of the case as a [store.Reports], and skips the case if it isn't one.
func (e *env) reports() store.Reports {
	e.Helper()
	return optional[store.Reports](e)
}

func (e *env) paid(r store.Reports, from, until time.Time) []subscription.Order {
	e.Helper()
	return rowsOf(e, "PaymentsBetween", r.PaymentsBetween(e.ctx, from, until))
}

func (e *env) placed(r store.Reports, from, until time.Time) []subscription.Refund {
	e.Helper()
	return rowsOf(e, "RefundsBetween", r.RefundsBetween(e.ctx, from, until))
}

func byPayment(a, b subscription.Order) int {
	return cmp.Or(a.PaidAt.Compare(b.PaidAt), cmp.Compare(a.Application, b.Application), cmp.Compare(a.ID, b.ID))
}

func byPlacing(a, b subscription.Refund) int {
	return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.Application, b.Application), byNumber(a, b))
}

// between reports whether an instant is in a span.
func between(t, from, until time.Time) bool {
	return !t.IsZero() && !t.Before(from) && (until.IsZero() || t.Before(until))
}

// spans checks payments and refunds of every span against a scan of all.
func (e *env) spans() {
	r := e.reports()
	var orders []subscription.Order
	var refunds []subscription.Refund
	for i, id := range (appIDs{"b", "a", "B", "é"}) {
		x := unborn(id)
		for n := range 4 {
			at := noon().Add(time.Duration((i+3*n)%5) * time.Microsecond)
			e.apply(x, billed(x, cents(int64(100+n)), nil, at))
			order := x.orders[len(x.orders)-1].ID
			e.apply(x, returned(x, order, 1, cents(1), subscription.RefundDue, at.Add(time.Microsecond)))
			e.apply(x, returned(x, order, 2, cents(0), subscription.RefundMade, at))
			free := billed(x, cents(0), nil, at)
			free.Orders[0].Collected = pricing.Money{}
			e.apply(x, free)
			unpaid := billed(x, cents(5), nil, time.Time{})
			unpaid.Orders[0].Status, unpaid.Orders[0].Collected = subscription.OrderCanceled, pricing.Money{}
			e.apply(x, unpaid)
		}
		for _, o := range x.orders {
			if o.Collected.Sign() > 0 {
				orders = append(orders, o)
			}
		}
		for _, f := range x.refunds {
			if f.Amount.Sign() > 0 {
				refunds = append(refunds, f)
			}
		}
	}
	slices.SortFunc(orders, byPayment)
	slices.SortFunc(refunds, byPlacing)
	bounds := []time.Time{
		{}, noon().Add(-time.Hour), noon(), noon().Add(time.Nanosecond), noon().Add(2 * time.Microsecond), noon().Add(time.Hour),
	}
	for _, from := range bounds {
		for _, until := range bounds {
			span := fmt.Sprintf("from %s until %s", from, until)
			e.same("payments "+span, e.paid(r, from, until),
				slices.DeleteFunc(slices.Clone(orders), func(o subscription.Order) bool { return !between(o.PaidAt, from, until) }))
			e.same("refunds "+span, e.placed(r, from, until),
				slices.DeleteFunc(slices.Clone(refunds), func(f subscription.Refund) bool { return !between(f.DueAt, from, until) }))
		}
	}
}

// manyOfOneInstant checks that reports of more rows than a page has, all of one instant, miss and repeat none.
func (e *env) manyOfOneInstant() {
	r := e.reports()
	n := 2300
	if e.brief {
		n = 1100
	}
	var rows []subscription.SubscriptionRow
	var orders []subscription.Order
	var refunds []subscription.Refund
	for _, id := range (appIDs{"a", "b", "c"}) {
		x := unborn(id)
		c := billed(x, cents(1), nil, noon())
		order, row := c.Orders[0], c.Subscriptions[0]
		c.Orders, c.Subscriptions, c.Entries, c.Events = nil, nil, nil, c.Events[:1]
		for i := range n / 3 {
			o := order.Clone()
			o.ID = subscription.OrderID(fmt.Sprint("order ", i))
			o.Attempt = attempt(id, o.ID)
			refund := refundOf(id, o.ID, 1)
			row.ID, row.PaidUntil = subscription.SubscriptionID(fmt.Sprint("s-", i)), noon()
			c.Orders, c.Refunds, c.Subscriptions = append(c.Orders, o), append(c.Refunds, refund), append(c.Subscriptions, row)
		}
		e.commit(c)
		rows, orders, refunds = append(rows, c.Subscriptions...), append(orders, c.Orders...), append(refunds, c.Refunds...)
	}
	slices.SortFunc(rows, byEnd)
	slices.SortFunc(orders, byPayment)
	slices.SortFunc(refunds, byPlacing)
	e.same("subscriptions", e.found(r, store.SubscriptionFilter{}), rows)
	e.same("subscriptions of an account", e.found(r, store.SubscriptionFilter{Account: "acme"}), rows)
	e.same("payments", e.paid(r, noon(), time.Time{}), orders)
	e.same("refunds", e.placed(r, noon(), time.Time{}), refunds)
}

// billed returns the next change of x, with one order that was paid at an instant.
func billed(x *expected, amount pricing.Money, taxes []pricing.Tax, at time.Time) subscription.Change {
	c := x.next("t")
	o := &c.Orders[0]
	o.Amount, o.Collected, o.Taxes, o.PaidAt, o.ClosedAt = amount, amount, taxes, at, at
	o.Lines[0].Amount = amount
	return c
}

// returned returns the next change of x, with one refund that was placed, or changed, at an instant.
func returned(
	x *expected, order subscription.OrderID, number int, amount pricing.Money, status subscription.RefundStatus, at time.Time,
) subscription.Change {
	c := x.next("r")
	c.Orders, c.Events = nil, c.Events[1:]
	c.Events[0].Index = 0
	f := refundOf(x.document.ID, order, number)
	f.Amount, f.Taxes, f.Status, f.DueAt = amount, nil, status, at
	for i := range x.refunds {
		if was := x.refunds[i]; was.Order == order && was.Number == number {
			f = was.Clone()
			f.Status = status
		}
	}
	if f.Status != subscription.RefundDue {
		f.ClosedAt = at
	}
	c.Refunds = []subscription.Refund{f}
	if i := slices.IndexFunc(x.orders, func(o subscription.Order) bool { return o.ID == order }); i >= 0 && x.orders[i].Refunds < number {
		o := x.orders[i].Clone()
		o.Refunds = number
		c.Orders = []subscription.Order{o}
	}
	return c
}
