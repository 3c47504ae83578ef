package journal_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/subscription"
)

// rows is a source with the rows of one application, and an error at the end of one kind of them.
type rows struct {
	orders  []subscription.Order
	refunds []subscription.Refund
	entries []subscription.Entry
	fails   string
}

var errBroken = errors.New("broken")

func listed[T any](all []T, fails bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
		if fails {
			yield(*new(T), errBroken)
		}
	}
}

// Applications implements [journal.Source].
func (r *rows) Applications(context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return listed([]subscription.ApplicationID{app}, r.fails == "applications")
}

// Orders implements [journal.Source].
func (r *rows) Orders(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return listed(r.orders, r.fails == "orders")
}

// Refunds implements [journal.Source].
func (r *rows) Refunds(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	return listed(r.refunds, r.fails == "refunds")
}

// Entries implements [journal.Source].
func (r *rows) Entries(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	return listed(r.entries, r.fails == "entries")
}

// paid is an order of 10.00 that was paid on 31 January 2025.
func paid(tb testing.TB, deliveries ...subscription.Delivery) subscription.Order {
	tb.Helper()
	at, ten := testworld.Instant(tb, "2025-01-31 10:00"), testworld.Money(tb, "10.00 EUR")
	return subscription.Order{
		ID: "k-1", Application: app, Kind: "own", Attempt: "s/a/k-1", Amount: ten, Collected: ten, PlacedAt: at, PaidAt: at, ClosedAt: at,
		Status: subscription.OrderPaid, Deliveries: deliveries,
		Delivered: subscription.Delivered{Period: pricing.Period{
			Start: testworld.Instant(tb, "2025-01-31 00:00"), End: testworld.Instant(tb, "2025-02-28 00:00"), Zone: "UTC",
		}},
	}
}

// sums returns the balances of an application's postings before an instant, each as "ledger amount", and the last instant.
func sums(tb testing.TB, b journal.Source, to time.Time) (sums []string, last time.Time) {
	tb.Helper()
	all, err := ofApplication(tb.Context(), b, app, time.Time{}, to)
	if err != nil {
		tb.Fatal(err)
	}
	balances, err := journal.Balances(func(yield func(journal.Posting, error) bool) {
		for _, p := range all {
			if last = p.At; !yield(p, nil) {
				return
			}
		}
	})
	if err != nil {
		tb.Fatal(err)
	}
	for _, b := range balances {
		if b.Amount.Sign() != 0 {
			sums = append(sums, fmt.Sprintf("%s %s", short(b.Ledger), b.Amount.Amount()))
		}
	}
	return sums, last
}

// TestOrdersOfAllKinds checks what orders are divided into that the library's own commands don't place: fees, and several
// deliveries at once.
//
// Rule: journal-postings.
func TestOrdersOfAllKinds(t *testing.T) {
	t.Parallel()
	days := subscription.Delivery{Extend: &subscription.ExtendDelivery{
		Subscription: "beauty-1", Term: pricing.Months(1), Count: 2, Price: testworld.Money(t, "5.00 EUR"),
	}}
	fortnights := paid(t, subscription.Delivery{Extend: &subscription.ExtendDelivery{
		Subscription: "beauty-1", Term: pricing.Days(14), Count: 2, Price: testworld.Money(t, "5.00 EUR"),
	}})
	fortnights.Delivered.Period = pricing.Period{
		Start: testworld.Instant(t, "2025-01-25 00:00"), End: testworld.Instant(t, "2025-02-08 00:00"), Zone: "UTC",
	}
	usage := subscription.Delivery{Usage: &subscription.UsageDelivery{Day: 20_000}}
	pack := subscription.Delivery{Grant: &subscription.GrantDelivery{Minutes: 10}}
	for name, tt := range map[string]struct {
		order subscription.Order
		last  string
		want  []string
	}{
		"a fee":                     {paid(t), "2025-01-31 10:00", []string{"cash 10.00", "fees -10.00"}},
		"a bill and days":           {paid(t, usage, days), "2025-03-30 00:00", []string{"cash 10.00", "bills -5.00", "days -5.00"}},
		"two periods from the 31st": {paid(t, days), "2025-03-30 00:00", []string{"cash 10.00", "days -10.00"}},
		"two fortnights":            {fortnights, "2025-02-21 00:00", []string{"cash 10.00", "days -10.00"}},
		"minutes that never came":   {paid(t, pack), "2025-02-28 00:00", []string{"cash 10.00", "breakage -10.00"}},
	} {
		got, last := sums(t, &rows{orders: []subscription.Order{tt.order}}, end())
		if diff := cmp.Diff(tt.want, got); diff != "" || !last.Equal(testworld.Instant(t, tt.last)) {
			t.Errorf("%s: last posting at %s, balances (-want +got):\n%s", name, last, diff)
		}
	}
}

// TestFirstVersion checks orders that the first version refunded as a whole, without a row for it.
//
// Rule: journal-refunds.
func TestFirstVersion(t *testing.T) {
	t.Parallel()
	for status, want := range map[subscription.OrderStatus][]string{
		subscription.OrderRefunded:     nil,
		subscription.OrderRefundDue:    {"cash 10.00", "refunds payable -10.00"},
		subscription.OrderUnreconciled: {"cash 10.00", "refunds payable -10.00"},
		subscription.OrderReview:       {"cash 10.00", "suspense -10.00"},
	} {
		o := paid(t)
		o.Status, o.PaidAt = status, time.Time{}
		got, _ := sums(t, &rows{orders: []subscription.Order{o}}, end())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", status, diff)
		}
	}
}

// Errors end the journal: those of the source, a zone that can't be loaded, and amounts that don't fit.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"applications", "orders", "refunds", "entries"} {
		n := 0
		for _, err := range journal.Postings(t.Context(), &rows{orders: []subscription.Order{paid(t)}, fails: kind}, time.Time{}, end()) {
			n++
			if err != nil {
				testworld.Fails(t, err, errBroken)
				n = math.MinInt
			}
		}
		if n >= 0 {
			t.Errorf("%s: no error", kind)
		}
	}
	nowhere := paid(t, subscription.Delivery{Extend: &subscription.ExtendDelivery{Count: 1}})
	nowhere.Delivered.Period.Zone = "Nowhere/Land"
	_, err := ofApplication(t.Context(), &rows{orders: []subscription.Order{nowhere}}, app, time.Time{}, end())
	testworld.Fails(t, err, pricing.ErrZone)
	most, err := pricing.FromMinor(math.MaxInt64, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	p := journal.Posting{Debit: journal.Cash, Credit: journal.Fees, Amount: most}
	_, err = journal.Balances(listed([]journal.Posting{p, p}, false))
	testworld.Fails(t, err, pricing.ErrOverflow)
	_, err = journal.Balances(listed([]journal.Posting{p}, true))
	testworld.Fails(t, err, errBroken)
}

// A loop may end early, and a span without postings has none.
func TestPartOfAJournal(t *testing.T) {
	t.Parallel()
	days := paid(t, subscription.Delivery{Extend: &subscription.ExtendDelivery{Count: 1, Term: pricing.Months(1)}})
	r := &rows{orders: []subscription.Order{days}}
	n := 0
	for _, err := range journal.Postings(t.Context(), r, time.Time{}, end()) {
		n++
		if err != nil || n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d postings", n)
	}
	all, err := ofApplication(t.Context(), r, app, time.Time{}, days.PaidAt)
	if err != nil || len(all) > 0 {
		t.Errorf("before the first one: %v, %v", all, err)
	}
	all, err = ofApplication(t.Context(), r, app, end(), time.Time{})
	if err != nil || len(all) > 0 {
		t.Errorf("the wrong way round: %v, %v", all, err)
	}
}
