package storetest

import (
	"errors"
	"math"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// totalCases checks the totals of [store.Reports].
func totalCases() []check {
	return []check{
		{"totals by product, kind and currency", func(e *env) { e.totalsOfKinds() }},
		{"totals of a span stay as they are, whatever becomes of its money", func(e *env) { e.totalsStay() }},
		{"totals of a span stay as they are, though a refund that failed is made", func(e *env) { e.totalsOfMadeAfterAll() }},
		{"totals leave out what was never paid, and what is nothing", func(e *env) { e.totalsWithout() }},
		{"totals that are out of range", func(e *env) { e.totalsOverflow() }},
	}
}

// totals fails the case unless the totals of a span are those.
func (e *env) totals(r store.Reports, from, until time.Time, want ...store.Total) {
	e.Helper()
	got, err := r.TotalsBetween(e.ctx, from, until)
	if err != nil {
		e.Fatalf("TotalsBetween: %v", err)
	}
	if d := difference(got, want); d != "" {
		e.Fatalf("TotalsBetween %s and %s: %s\ngot  %+v\nwant %+v", from, until, d, got, want)
	}
}

// sum returns a sum in US cents.
func sum(n, amount, tax int64) store.Sum {
	return store.Sum{Count: n, Amount: cents(amount), Tax: cents(tax)}
}

// bought returns the total of purchases of the product "call" in US cents.
func bought(paid, refunded, undone store.Sum) store.Total {
	return totalOf("call", subscription.PurchaseOrder, paid, refunded, undone)
}

// vat is a tax of 19 %.
func vat(base, tax int64) []pricing.Tax {
	return []pricing.Tax{{Name: "VAT", Percent: rate("19"), Base: cents(base), Amount: cents(tax)}}
}

func month(n int) time.Time { return time.Date(2025, time.Month(n), 1, 0, 0, 0, 0, time.UTC) }

// totalOf returns the total of a product and kind in the currency of its sums.
func totalOf(product pricing.ProductID, kind subscription.OrderKind, paid, refunded, undone store.Sum) store.Total {
	return store.Total{
		Product: product, Kind: kind, Currency: paid.Amount.Currency(), Paid: paid, Refunded: refunded, Undone: undone,
	}
}

func (e *env) totalsOfKinds() {
	r := e.reports()
	at := month(7).AddDate(0, 0, 10)
	a, b := unborn("a"), unborn("b")
	pay := func(x *expected, edit func(o *subscription.Order)) subscription.OrderID {
		c := billed(x, cents(11900), vat(10000, 1900), at)
		edit(&c.Orders[0])
		e.apply(x, c)
		return c.Orders[0].ID
	}
	pay(a, func(*subscription.Order) {})
	pay(a, func(o *subscription.Order) {
		o.Taxes = append(vat(10000, 1900), pricing.Tax{Name: "city", Amount: cents(100)})
	})
	pay(b, func(o *subscription.Order) { o.Taxes = nil })
	first := pay(b, func(o *subscription.Order) { o.Kind = subscription.TopUpOrder })
	pay(b, func(o *subscription.Order) { o.Product = "" })
	pay(b, func(o *subscription.Order) { o.Product = "live" })
	pay(a, func(o *subscription.Order) {
		o.Amount, o.Collected = minor(500, "JPY"), minor(500, "JPY")
		o.Taxes = []pricing.Tax{{Name: "JCT", Amount: minor(45, "JPY")}}
	})
	// It was delivered for another amount, and another one in another currency: what was collected counts, with taxes
	// in proportion, 19.00 × 100.00/119.00 = 15.97 and 19.00 × 7/119.00 = 1.
	pay(a, func(o *subscription.Order) { o.Product, o.Collected = "live", cents(10000) })
	pay(b, func(o *subscription.Order) { o.Product, o.Collected = "live", cents(10000) })
	pay(a, func(o *subscription.Order) { o.Product, o.Collected = "live", minor(7, "JPY") })
	back := returned(b, first, 1, cents(5950), subscription.RefundDue, at.Add(time.Hour))
	back.Refunds[0].Taxes = vat(5000, 950)
	e.apply(b, back)
	foreign := returned(b, first, 2, minor(3, "JPY"), subscription.RefundMade, at.Add(time.Hour))
	foreign.Refunds[0].Kind, foreign.Refunds[0].Key, foreign.Refunds[0].ID = subscription.RefundProvider, "", "p-1"
	e.apply(b, foreign)
	yen := func(n, amount, tax int64) store.Sum {
		return store.Sum{Count: n, Amount: minor(amount, "JPY"), Tax: minor(tax, "JPY")}
	}
	none, noYen := sum(0, 0, 0), yen(0, 0, 0)
	e.totals(r, month(7), month(8),
		totalOf("", subscription.PurchaseOrder, sum(1, 11900, 1900), none, none),
		totalOf("call", subscription.PurchaseOrder, yen(1, 500, 45), noYen, noYen),
		totalOf("call", subscription.PurchaseOrder, sum(3, 35700, 3900), none, none),
		totalOf("call", subscription.TopUpOrder, noYen, yen(1, 3, 0), noYen),
		totalOf("call", subscription.TopUpOrder, sum(1, 11900, 1900), sum(1, 5950, 950), none),
		totalOf("live", subscription.PurchaseOrder, yen(1, 7, 1), noYen, noYen),
		totalOf("live", subscription.PurchaseOrder, sum(3, 31900, 5094), none, none))
	e.totals(r, month(8), month(9))
	e.totals(r, month(8), month(7))
	e.totals(r, at.Add(time.Nanosecond), at.Add(time.Hour))
}

func (e *env) totalsStay() {
	r := e.reports()
	none := sum(0, 0, 0)
	a := unborn("a")
	e.apply(a, billed(a, cents(11900), vat(10000, 1900), month(7)))
	order := a.orders[0].ID
	july := bought(sum(1, 11900, 1900), none, none)
	e.totals(r, month(7), month(8), july)

	// A refund that is due, made in the next month, and fails in the one after.
	c := returned(a, order, 1, cents(1190), subscription.RefundDue, month(8))
	c.Refunds[0].Taxes = vat(1000, 190)
	e.apply(a, c)
	august := bought(none, sum(1, 1190, 190), none)
	e.totals(r, month(8), month(9), august)
	e.apply(a, returned(a, order, 1, cents(0), subscription.RefundMade, month(9)))
	e.totals(r, month(9), month(10))
	e.apply(a, returned(a, order, 1, cents(0), subscription.RefundFailed, month(10)))
	october := bought(none, none, sum(1, 1190, 190))
	e.totals(r, month(10), month(11), october)

	// A reversal that is reinstated in the next month.
	c = returned(a, order, 2, cents(11900), subscription.RefundMade, month(11))
	c.Refunds[0].Kind, c.Refunds[0].Key, c.Refunds[0].ID = subscription.RefundReversal, "", "dp-1"
	e.apply(a, c)
	november := bought(none, sum(1, 11900, 0), none)
	e.totals(r, month(11), month(12), november)
	e.apply(a, returned(a, order, 2, cents(0), subscription.RefundReinstated, month(12)))
	december := bought(none, none, sum(1, 11900, 0))

	// A reversal of August that was known before the payment of September.
	b := unborn("b")
	e.apply(b, billed(b, cents(100), nil, time.Time{}))
	e.apply(b, returned(b, b.orders[0].ID, 1, cents(40), subscription.RefundMade, month(8)))
	e.totals(r, month(8), month(9), august)
	late := b.next("late")
	late.Orders, late.Events = []subscription.Order{b.orders[0].Clone()}, late.Events[1:]
	late.Events[0].Index, late.Orders[0].PaidAt = 0, month(9).Add(time.Hour)
	e.apply(b, late)
	september := bought(sum(1, 100, 0), sum(1, 40, 0), none)

	for n, want := range []store.Total{july, august, september, october, november, december} {
		e.totals(r, month(7+n), month(8+n), want)
	}
	e.totals(r, time.Time{}, time.Time{}, bought(sum(2, 12000, 1900), sum(3, 13130, 190), sum(2, 13090, 190)))
	e.totals(r, month(8), month(12), bought(sum(1, 100, 0), sum(3, 13130, 190), sum(1, 1190, 190)))
}

// totalsOfMadeAfterAll checks a refund of unknown outcome, which failed, was made after all, and came back.
func (e *env) totalsOfMadeAfterAll() {
	r := e.reports()
	none, all := sum(0, 0, 0), sum(1, 1190, 190)
	a := unborn("a")
	e.apply(a, billed(a, cents(11900), vat(10000, 1900), month(1)))
	step := func(number int, status subscription.RefundStatus, n int, edit func(f *subscription.Refund)) {
		c := returned(a, a.orders[0].ID, number, cents(1190), status, month(n).Add(time.Hour))
		c.Refunds[0].Taxes = vat(1000, 190)
		edit(&c.Refunds[0])
		e.apply(a, c)
	}
	plain := func(*subscription.Refund) {}
	wants := []store.Total{bought(sum(1, 11900, 1900), none, none)}
	check := func(refunded, undone store.Sum) {
		wants = append(wants, bought(none, refunded, undone))
		for n, want := range wants {
			e.totals(r, month(1+n), month(2+n), want)
		}
	}
	step(1, subscription.RefundDue, 2, plain)
	check(all, none)
	step(1, subscription.RefundFailed, 3, plain)
	check(none, all)
	step(1, subscription.RefundMade, 4, func(f *subscription.Refund) { f.FailedAt = month(3).Add(time.Hour) })
	check(all, none)
	step(1, subscription.RefundFailed, 5, func(f *subscription.Refund) { f.MadeAt = month(4).Add(time.Hour) })
	check(none, all)
	e.totals(r, time.Time{}, time.Time{}, bought(sum(1, 11900, 1900), sum(2, 2380, 380), sum(2, 2380, 380)))
	e.totals(r, month(2), month(4), bought(none, all, all))
	e.totals(r, month(3), month(5), bought(none, all, all))
	e.totals(r, month(4), month(12), bought(none, all, all))
	e.totals(r, month(4).Add(2*time.Hour), month(5))

	// Of an order that was paid later, what had become of the refund by then counts as of the payment.
	b := unborn("b")
	e.apply(b, billed(b, cents(100), nil, time.Time{}))
	for n, status := range []subscription.RefundStatus{subscription.RefundDue, subscription.RefundFailed, subscription.RefundMade} {
		c := returned(b, b.orders[0].ID, 1, cents(40), status, month(6+n))
		if status == subscription.RefundMade {
			c.Refunds[0].FailedAt = month(7)
		}
		e.apply(b, c)
	}
	e.totals(r, month(6), month(12))
	late := b.next("late")
	late.Orders, late.Events = []subscription.Order{b.orders[0].Clone()}, late.Events[1:]
	late.Events[0].Index, late.Orders[0].PaidAt = 0, month(9).Add(time.Hour)
	e.apply(b, late)
	e.totals(r, month(6), month(9))
	e.totals(r, month(9), month(10), bought(sum(1, 100, 0), sum(1, 40, 0), none))
}

func (e *env) totalsWithout() {
	r := e.reports()
	a := unborn("a")
	free := billed(a, cents(0), nil, noon())
	free.Orders[0].Collected = pricing.Money{}
	e.apply(a, free)
	// Refunds of nothing, of an order that was never paid, and what was reinstated before it was told.
	e.apply(a, returned(a, a.orders[0].ID, 1, cents(0), subscription.RefundMade, noon()))
	never := billed(a, cents(100), nil, time.Time{})
	never.Orders[0].Status, never.Orders[0].ClosedAt = subscription.OrderCanceled, noon()
	e.apply(a, never)
	order := a.orders[1].ID
	e.apply(a, returned(a, order, 1, cents(100), subscription.RefundMade, noon()))
	e.totals(r, time.Time{}, time.Time{})
	e.apply(a, billed(a, cents(100), nil, noon()))
	e.apply(a, returned(a, a.orders[2].ID, 1, cents(100), subscription.RefundReinstated, noon().Add(time.Hour)))
	e.totals(r, time.Time{}, time.Time{}, bought(sum(1, 100, 0), sum(0, 0, 0), sum(0, 0, 0)))
}

func (e *env) totalsOverflow() {
	r := e.reports()
	none := sum(0, 0, 0)
	a, b := unborn("a"), unborn("b")
	e.apply(a, billed(a, cents(math.MaxInt64-1), nil, month(7)))
	e.apply(b, billed(b, cents(1), nil, month(7)))
	e.totals(r, month(7), month(8), bought(sum(2, math.MaxInt64, 0), none, none))
	e.apply(b, billed(b, cents(math.MaxInt64-1), nil, month(8)))
	e.totals(r, month(8), month(9), bought(sum(1, math.MaxInt64-1, 0), none, none))
	e.apply(a, billed(a, cents(math.MaxInt64-1), nil, month(9)))
	e.apply(a, returned(a, a.orders[0].ID, 1, cents(math.MaxInt64-1), subscription.RefundMade, month(10)))
	e.apply(b, returned(b, b.orders[1].ID, 1, cents(2), subscription.RefundMade, month(10)))
	for _, tt := range []struct{ from, until time.Time }{{month(7), month(9)}, {month(8), month(10)}, {month(10), month(11)}, {}} {
		if got, err := r.TotalsBetween(e.ctx, tt.from, tt.until); !errors.Is(err, pricing.ErrOverflow) || got != nil {
			e.Errorf("TotalsBetween %s and %s: %v, %v, want pricing.ErrOverflow", tt.from, tt.until, got, err)
		}
	}
	e.totals(r, month(9), month(10), bought(sum(1, math.MaxInt64-1, 0), none, none))
}
