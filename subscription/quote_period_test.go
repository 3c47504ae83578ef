package subscription_test

import (
	"fmt"
	"testing"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// A quote is for one period: confirmed under three keys, it is paid once.
// Rule: quote-is-the-charge.
func TestOneQuoteIsOneRenewal(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	cmd := renewal.Renew{Product: "call"}
	q := w.quote(cmd)
	for i := range 3 {
		r, err := w.Confirm(t.Context(), app, cmd, q, fmt.Sprint("confirm ", i))
		if i == 0 {
			w.ok(err)
			check(t, "period", span(r.Order.Delivered.Period), "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z")
			continue
		}
		fails(t, err, subscription.ErrQuoteStale)
		check(t, "receipt", r.Receipt.Key, "")
	}
	check(t, "cycles", len(w.latest("call").Cycles), 2)
	w.pays(2, 0, "398.00")
	again, err := w.Confirm(t.Context(), app, cmd, q, "confirm 0")
	w.ok(err)
	check(t, "the first key finds its order", again.Order.Status, subscription.OrderPaid)
	w.pays(2, 0, "398.00")
}

// Midnight in the subscription's zone, which is no longer the catalog's, falls between the quote and its confirmation:
// nothing is charged for a period that has ended.
func TestCatalogZoneChangesAroundAQuote(t *testing.T) {
	for _, count := range []string{"calendar", "elapsed"} {
		t.Run("an upgrade by "+count, func(t *testing.T) {
			shanghai := catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "Asia/Shanghai", "day_count": "`+count+`"`)
			w := newWorld(t, setup{catalog: shanghai})
			w.must(once("call", "one-to-one"))
			w.must(renewal.Renew{Product: "call"})
			w.catalog = catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "UTC", "day_count": "`+count+`"`)
			w.at("2025-08-09T15:55:00Z")
			q := w.quote(upgrade("group-call"))
			w.at("2025-08-09T16:05:00Z")
			r, err := w.Confirm(t.Context(), app, upgrade("group-call"), q, "k")
			fails(t, err, subscription.ErrQuoteStale)
			check(t, "receipt", r.Receipt.Key, "")
			w.pays(2, 0, "398.00")
			q = w.quote(upgrade("group-call"))
			r, err = w.Confirm(t.Context(), app, upgrade("group-call"), q, "k")
			w.ok(err)
			check(t, "a new quote", r.Order.Collected, q.Amount)
		})
	}
	t.Run("a day of the subscription ends, and one remains less", func(t *testing.T) {
		w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "Asia/Shanghai"`)})
		w.must(once("call", "one-to-one"))
		w.catalog = catalog(t, "catalog.json")
		w.at("2025-07-19T15:55:00Z")
		q := w.quote(upgrade("group-call"))
		w.at("2025-07-19T16:05:00Z")
		_, err := w.Confirm(t.Context(), app, upgrade("group-call"), q, "k")
		fails(t, err, subscription.ErrQuoteStale)
		w.pays(1, 0, "199.00")
	})
	t.Run("a purchase in another zone than was quoted", func(t *testing.T) {
		w := newWorld(t, setup{})
		q := w.quote(buy("call", "one-to-one"))
		w.catalog = catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "Asia/Shanghai"`)
		_, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "k")
		fails(t, err, subscription.ErrQuoteStale)
		w.pays(0, 0, "0.00")
	})
}
