package journal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// again lives a life in which nobody looks when minutes expire, money waits for a person, and refunds fail and don't. Every day
// it asks for all postings so far, and it returns the first difference to what they are at the end, or "".
func again(t *testing.T, view func(journal.Source) journal.Source) string {
	t.Helper()
	c := newCustomer(t, "DE", "1000.00 EUR")
	var all []asked
	next := func(day string) {
		c.at(day)
		rows, err := ofApplication(t.Context(), view(c.store), app, time.Time{}, c.now)
		c.must(err)
		all = append(all, asked{app, c.now, rows})
	}
	next("2025-01-10 10:00")
	c.buy("lite", "call", "lite", "EUR")
	next("2025-01-11 10:00")
	pack := c.do("pack", topup.Buy{Pack: "p500", Currency: "EUR"})
	next("2025-02-20 10:00") // the minutes of Lite are over
	next("2025-02-21 10:00")
	c.wait()
	c.silent()
	next("2025-03-01 10:00")
	c.do("", subscription.RefundOrder{Order: pack.ID, Amount: testworld.Money(t, "20.00 EUR")})
	next("2025-03-02 10:00")
	c.tell(pack, "/refund", "20.00 EUR")
	next("2025-03-03 10:00")
	c.tell(pack, "/refund", "")
	next("2025-03-04 10:00")
	c.do("", subscription.RefundOrder{Order: pack.ID, Amount: testworld.Money(t, "10.00 EUR")})
	next("2025-03-05 10:00")
	forgotten := payment.Result{Key: string(pack.Attempt) + "/refund/2", Status: payment.NotFound}
	application, err := c.Application(t.Context(), app)
	c.must(err)
	snapshot := subscription.Snapshot{Application: application, Orders: []subscription.Order{pack}}
	if snapshot.Orders[0], err = c.Order(t.Context(), app, pack.ID); err != nil {
		t.Fatal(err)
	}
	change, err := subscription.Settle(snapshot, pack.ID, forgotten, c.cat.ZoneOf, c.now)
	c.must(err)
	c.must(c.store.Commit(t.Context(), change))
	next("2025-03-06 10:00")
	c.do("", subscription.RefundOrder{Order: pack.ID, Amount: testworld.Money(t, "25.00 EUR"), Elsewhere: true})
	next("2025-03-07 10:00")
	c.tell(pack, "/refund/2", "10.00 EUR")
	next("2025-03-08 10:00")
	less := c.place("less", buying("call", "lite"))
	c.tell(less, "", "118.99 EUR")
	next("2025-03-09 10:00")
	c.do("", subscription.CloseReview{Order: less.ID, Deliver: true})
	next("2025-03-10 10:00")
	o, err := c.Order(t.Context(), app, less.ID)
	c.must(err)
	c.dispute(o, payment.Reversed)
	next("2025-03-11 10:00")
	c.dispute(o, payment.Reinstated)
	next("2025-06-11 10:00")
	c.wait()
	next("2025-06-12 10:00")
	for _, a := range all {
		rows, err := ofApplication(t.Context(), view(c.store), app, time.Time{}, a.to)
		c.must(err)
		if diff := cmp.Diff(a.rows, rows, equally()...); diff != "" {
			return a.to.String() + diff
		}
	}
	return ""
}

// TestAskedAgain checks that what was posted stays, whatever happens to its orders and refunds later, and that without the
// instants that rows have for this it wouldn't.
//
// Rule: journal-never-changes.
func TestAskedAgain(t *testing.T) {
	t.Parallel()
	if diff := again(t, as); diff != "" {
		t.Errorf("postings have changed (-then +now): %s", diff)
	}
	for name, b := range map[string]broken{
		"when entries were recorded": {entry: func(e *subscription.Entry) bool { e.RecordedAt = time.Time{}; return true }},
		"when refunds were made":     {refund: func(r *subscription.Refund) bool { r.MadeAt = time.Time{}; return true }},
		"when refunds had failed":    {refund: func(r *subscription.Refund) bool { r.FailedAt = time.Time{}; return true }},
		"when orders were collected": {order: func(o *subscription.Order) bool { o.CollectedAt = time.Time{}; return true }},
	} {
		view := func(rows journal.Source) journal.Source {
			v := b
			v.Source = rows
			return v
		}
		if again(t, view) == "" {
			t.Errorf("nobody misses %s", name)
		}
	}
}
