package renewal_test

import (
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Trap: an early renewal loses paid time, or a late one extends from the past. A manual renewal is possible at any
// time: it continues from the end of the paid time or, after an interruption, starts on the day of payment.
// Rule: early-renewal-loses-nothing, late-renewal-starts-today.
func TestRenewByHand(t *testing.T) {
	for _, tt := range []struct {
		name, at string
		cycles   int
		amount   string
		period   string // the first paid one
		end      string
		remains  subscription.Quantity // that can be spent at once
	}{
		{"on the first day", "2025-01-01T11:00:00Z", 1, "199.00 USD", "[2025-02-01 2025-03-01)", "2025-03-01", 100000},
		{"early", "2025-01-20T00:00:00Z", 1, "199.00 USD", "[2025-02-01 2025-03-01)", "2025-03-01", 100000},
		{"a year ahead", "2025-01-20T00:00:00Z", 12, "2388.00 USD", "[2025-02-01 2025-03-01)", "2026-02-01", 100000},
		{"in the last microsecond", "2025-01-31T23:59:59.999999Z", 1, "199.00 USD", "[2025-02-01 2025-03-01)", "2025-03-01", 100000},
		{"at the end", "2025-02-01T00:00:00Z", 1, "199.00 USD", "[2025-02-01 2025-03-01)", "2025-03-01", 100000},
		{"in the grace time", "2025-02-01T20:00:00Z", 2, "398.00 USD", "[2025-02-01 2025-03-01)", "2025-04-01", 100000},
		{"in its last microsecond", "2025-02-01T23:59:59.999999Z", 1, "199.00 USD", "[2025-02-01 2025-03-01)", "2025-03-01", 100000},
		{"at the interruption", "2025-02-02T00:00:00Z", 1, "199.00 USD", "[2025-02-02 2025-03-02)", "2025-03-02", 100000},
		{"after it", "2025-03-15T08:00:00Z", 1, "199.00 USD", "[2025-03-15 2025-04-15)", "2025-04-15", 100000},
		{"after it, several", "2025-03-31T08:00:00Z", 3, "597.00 USD", "[2025-03-31 2025-04-30)", "2025-06-30", 100000},
		{"in the last microsecond of the retention time", "2025-04-02T23:59:59.999999Z", 1, "199.00 USD", "[2025-04-02 2025-05-02)", "2025-05-02", 100000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.must(turn(false))
			w.at(tt.at)
			r := w.must(renew(tt.cycles))
			check(t, "amount", r.Order.Amount.String(), tt.amount)
			check(t, "status", w.status(), subscription.Active)
			check(t, "period", span(r.Order.Delivered.Period), tt.period)
			check(t, "end", w.end(), tt.end+" 00:00")
			check(t, "remaining", w.application().Minutes("call", w.now), subscription.Minutes(int64(tt.remains)))
		})
	}
}

// Prepaid cycles begin automatically, each with its minutes, and keep the price that was paid.
// Rule: cycles-ahead.
func TestCyclesPaidAheadBeginByThemselves(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(renewal.Renew{Product: "call", Cycles: 2, Agreement: agreement})
	w.catalog = catalog(t, `"USD": "199.00"`, `"USD": "249.00"`)
	w.run("2025-05-01T00:00:00Z")
	same(t, "granted", w.log(subscription.EventLotGranted), []string{
		"2025-01-01 10:00 lot_granted [2025-01-01 2025-02-01)",
		"2025-02-01 00:00 lot_granted [2025-02-01 2025-03-01)",
		"2025-03-01 00:00 lot_granted [2025-03-01 2025-04-01)",
		"2025-04-01 00:00 lot_granted [2025-04-01 2025-05-01)",
		"2025-05-01 00:00 lot_granted [2025-05-01 2025-06-01)",
	})
	same(t, "charges", w.charges(), []string{
		"2025-01-01 10:00 -199.00 USD", "2025-01-01 10:00 -398.00 USD", "2025-03-31 00:00 -249.00 USD", "2025-04-30 00:00 -249.00 USD",
	})
}

// A manual renewal replaces the automatic one: the period isn't renewed twice.
// Rule: one-renewal-per-period.
func TestRenewedByHandIsNotRenewedByItselfToo(t *testing.T) {
	for _, at := range []string{"2025-01-30T23:59:00Z", "2025-01-31T00:00:00Z", "2025-01-31T13:00:00Z", "2025-02-01T19:00:00Z"} {
		t.Run(at, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.drain() // so that the automatic attempts before fail
			w.run(at)
			if w.stored().Due.Equal(w.now) {
				t.Fatal("the worker has work left")
			}
			w.deposit("1000.00 USD")
			w.must(renew(1))
			w.run("2025-02-27T00:00:00Z")
			same(t, "periods", spans(w), []string{"[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)"})
			check(t, "balance", w.balance(), "801.00 USD")
		})
	}
}

// After an interruption, a payment starts a new period today, with a new anchor. Auto-renewal continues.
// Rule: late-renewal-starts-today.
func TestResumedSubscriptionGoesOnFromItsNewAnchor(t *testing.T) {
	w := newWorld(t, setup{start: "2025-01-31T10:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.run("2025-03-10T12:00:00Z")
	check(t, "status", w.status(), subscription.Interrupted)
	w.deposit("1000.00 USD")
	w.must(renew(1))
	w.run("2025-05-01T00:00:00Z")
	same(t, "periods", spans(w), []string{
		"[2025-01-31 2025-02-28)", "[2025-03-10 2025-04-10)", "[2025-04-10 2025-05-10)",
	})
	check(t, "ID", w.latest("call").ID, "call-1")
}

// A subscription that can't be renewed is refused with the reason, and nothing changes.
// Rule: agreement-is-recorded.
func TestRenewRefusals(t *testing.T) {
	w := newWorld(t, setup{})
	w.refuse(subscription.ErrNotFound, renew(1)) // never had the product
	w.refuse(subscription.ErrNotFound, renewal.Renew{Product: "nothing"})
	_, err := w.Do(t.Context(), "another-app", renew(1), "k")
	fails(t, err, subscription.ErrNotFound)

	trial := buy("call", "trial")
	trial.Term = pricing.Days(7)
	w.must(trial)
	w.refuse(renewal.ErrNotRenewable, renew(1))

	w.must(buy("call", "one-to-one"))
	for _, cycles := range []int{-1, renewal.MaxCycles + 1, 1 << 62} {
		w.refuse(subscription.ErrInvalid, renew(cycles))
	}
	w.refuse(subscription.ErrAgreementRequired, renewal.Renew{Product: "call", Agreement: "2024-01"})
	old := w.catalog
	w.catalog = catalog(t, `"version": "2025-06"`, `"version": "2025-07"`)
	w.refuse(subscription.ErrAgreementRequired, renew(1))
	w.must(renewal.Renew{Product: "call", Agreement: "2025-07"})
	check(t, "accepted", w.stored().Accepted.Agreement, "2025-07")

	w.catalog = old
	w.must(subscription.Accept{Agreement: agreement})
	w.catalog = catalog(t, `{"USD": "199.00"}`, `{"JPY": "30000"}`, `{"USD": "99.00"}`, `{"JPY": "15000"}`)
	w.refuse(pricing.ErrNoPrice, renew(1))
	w.catalog = catalog(t, `"id": "one-to-one"`, `"id": "two-to-two"`)
	w.refuse(pricing.ErrUnknownVersion, renew(1))
	w.catalog = catalog(t, `"id": "call"`, `"id": "calls"`)
	w.refuse(pricing.ErrUnknownProduct, renew(1))

	w.catalog = old
	w.must(turn(false))
	w.run("2026-12-31T00:00:00Z")
	check(t, "status", w.status(), subscription.Expired)
	w.refuse(renewal.ErrNotRenewable, renew(1))
}

// An automatic renewal needs no acceptance: it continues when a new version of the agreement applies.
// Rule: automatic-renewal-needs-no-agreement.
func TestAutomaticRenewalNeedsNoAgreement(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t, `"version": "2025-06"`, `"version": "2025-07"`)
	w.run("2025-02-01T00:00:00Z")
	check(t, "end", w.end(), "2025-03-01 00:00")
	check(t, "accepted", w.stored().Accepted.Agreement, agreement)
}

// Nothing is ordered for a subscription that has an unpaid order.
// Rule: one-open-order.
func TestRenewBesideAnOpenOrder(t *testing.T) {
	w := newWorld(t, setup{gateway: pendingFrom("2025-01-20")})
	w.must(buy("call", "one-to-one"))
	w.run("2025-01-31T00:00:00Z")
	w.refuse(subscription.ErrOrderOpen, renew(1))
	o, _ := w.stored().Blocking("call-1")
	w.settle(declined(o))
	if _, err := w.do(renew(1)); !errors.Is(err, subscription.ErrPaymentPending) {
		t.Errorf("after the decline: %v", err)
	}
}

// The total number of prepaid cycles is limited, so the document stays small and within the calendar's range.
// Rule: cycles-ahead.
func TestCyclesAheadAreBounded(t *testing.T) {
	w := newWorld(t, setup{poor: true})
	w.deposit("9000000.00 USD")
	w.must(buy("call", "one-to-one"))
	w.must(renew(100))
	w.refuse(subscription.ErrInvalid, renew(21))
	w.must(renew(20))
	w.refuse(subscription.ErrInvalid, renew(1))
	check(t, "end", w.end(), "2035-02-01 00:00")
	w.run("2025-02-01T00:00:00Z") // one of them has begun
	w.must(renew(1))
	w.refuse(subscription.ErrInvalid, renew(1))
}

// A quoted renewal is charged as quoted. An automatic renewal that comes first makes the quote stale.
func TestQuotedRenewal(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	q, err := w.Quote(t.Context(), app, renew(2))
	w.ok(err)
	check(t, "quoted", q.Amount.String(), "398.00 USD")
	check(t, "formula", q.Lines[0].Formula(), "199.00 × 2")
	r, err := w.Confirm(t.Context(), app, renew(2), q, "confirm")
	w.ok(err)
	check(t, "charged", r.Order.Collected, q.Amount)
	check(t, "end", w.end(), "2025-04-01 00:00")
}

// A declined manual renewal is final for its key; a new attempt needs a new key.
// Rule: decline-is-final.
func TestDeclinedRenewalByHand(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.drain()
	for range 2 {
		_, err := w.Do(t.Context(), app, renew(1), "by hand")
		if declined, ok := errors.AsType[*subscription.OrderError](err); !ok || declined.Reason != "insufficient_balance" {
			t.Fatalf("renewal without money: %v", err)
		}
		w.deposit("200.00 USD")
	}
	r, err := w.Do(t.Context(), app, renew(1), "by hand again")
	w.ok(err)
	check(t, "order", r.Order.Status, subscription.OrderPaid)
	var charged int
	for m, err := range w.accounts.Journal(w.t.Context()) {
		w.ok(err)
		if m.Kind == balance.Charged && m.Application == string(app) {
			charged++
		}
	}
	check(t, "charges", charged, 2)
}
