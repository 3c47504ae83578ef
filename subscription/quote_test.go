package subscription_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func (w *world) quote(cmd subscription.Command) subscription.Quote {
	w.t.Helper()
	q, err := w.Quote(w.t.Context(), app, cmd)
	w.ok(err)
	return q
}

// confirmation is what a customer sends back: the command, the quote as shown, and a key.
type confirmation struct {
	Command subscription.Upgrade `json:"command"`
	Quote   subscription.Quote   `json:"quote"`
	Key     string               `json:"key"`
}

// shop serves two requests, each with its own service, as two processes on one store would.
func shop(w *world) http.Handler {
	answer := func(rw http.ResponseWriter, v any, err error) {
		if err != nil {
			http.Error(rw, err.Error(), http.StatusConflict)
			return
		}
		if err := json.NewEncoder(rw).Encode(v); err != nil {
			w.t.Error(err)
		}
	}
	service := func() *subscription.Service {
		return sure.Of(subscription.NewService(w.store, w.accounts, subscription.StaticCatalog(w.catalog),
			&subscription.Options{Now: func() time.Time { return w.now }}))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /quote", func(rw http.ResponseWriter, r *http.Request) {
		var cmd subscription.Upgrade
		if err := json.NewDecoder(r.Body).Decode(&cmd); err != nil {
			answer(rw, nil, err)
			return
		}
		q, err := service().Quote(r.Context(), app, cmd)
		answer(rw, q, err)
	})
	mux.HandleFunc("POST /confirm", func(rw http.ResponseWriter, r *http.Request) {
		var c confirmation
		if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
			answer(rw, nil, err)
			return
		}
		receipt, err := service().Confirm(r.Context(), app, c.Command, c.Quote, c.Key)
		answer(rw, receipt, err)
	})
	return mux
}

// post sends JSON, decodes the answer, and returns the status.
func post(t *testing.T, url string, send, receive any) int {
	t.Helper()
	body, err := json.Marshal(send)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		if err := json.NewDecoder(response.Body).Decode(receive); err != nil {
			t.Fatal(err)
		}
	}
	return response.StatusCode
}

// Quotes survive transport: through JSON and two HTTP requests, to another service on the same store.
// Rule: quote-is-the-charge.
func TestQuotesTravel(t *testing.T) {
	w := newWorld(t, setup{start: "2025-07-01T09:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 1})
	w.at("2025-07-16T12:00:00.123456Z")
	server := httptest.NewServer(shop(w))
	defer server.Close()

	var q subscription.Quote
	check(t, "quote", post(t, server.URL+"/quote", upgrade("group-call"), &q), http.StatusOK)
	if diff := cmp.Diff(w.quote(upgrade("group-call")), q, exactly); diff != "" {
		t.Errorf("quote (-direct +traveled):\n%s", diff)
	}
	check(t, "amount", q.Amount, money(t, "603.42 USD"))
	check(t, "formula", q.Lines[0].Formula(), "(597.00 − 199.00) × 16/31")

	// Meanwhile something unrelated happens.
	w.must(buy("live", "lite"))
	w.must(subscription.AutoRenew{Product: "call"})
	w.now = w.now.Add(10 * time.Minute)

	var r, again subscription.Outcome
	c := confirmation{upgrade("group-call"), q, "k"}
	check(t, "confirm", post(t, server.URL+"/confirm", c, &r), http.StatusOK)
	check(t, "status", r.Order.Status, subscription.OrderPaid)
	check(t, "charged what was quoted", r.Order.Collected, q.Amount)
	check(t, "version", w.latest("call").Version(), "group-call")
	if diff := cmp.Diff(q.Lines, r.Order.Lines, exactly); diff != "" {
		t.Errorf("lines (-quoted +charged):\n%s", diff)
	}
	if diff := cmp.Diff(q.Deliveries, r.Order.Deliveries, exactly); diff != "" {
		t.Errorf("deliveries (-quoted +ordered):\n%s", diff)
	}

	// The same confirmation finds its receipt, even though its own success has made the quote stale.
	check(t, "again", post(t, server.URL+"/confirm", c, &again), http.StatusOK)
	if diff := cmp.Diff(r, again, exactly); diff != "" {
		t.Errorf("receipt (-first +again):\n%s", diff)
	}
	c.Key = "another key"
	check(t, "under another key", post(t, server.URL+"/confirm", c, &again), http.StatusConflict)
	_, _, net := w.charged()
	check(t, "charged in all", net, money(t, "1130.42 USD")) // 2 × 199.00 + 129.00 + 603.42
}

// A quote stores nothing, and can be confirmed for 15 minutes.
// Rule: quote-expires.
func TestQuoteStores(t *testing.T) {
	w := newWorld(t, setup{})
	commits := len(w.store.changes)
	q := w.quote(buy("call", "one-to-one"))
	check(t, "commits", len(w.store.changes), commits)
	check(t, "kind", q.Kind, "purchase")
	check(t, "application", q.Application, app)
	check(t, "catalog", q.Catalog, "test-1")
	check(t, "at", q.At, w.now)
	check(t, "expires", q.ExpiresAt, w.now.Add(15*time.Minute))

	_, err := w.Quote(t.Context(), app, subscription.Accept{Agreement: agreement})
	fails(t, err, subscription.ErrNoOrder)
	_, err = w.Quote(t.Context(), app, upgrade("group-call"))
	fails(t, err, subscription.ErrNotFound)
	free := w.quote(try())
	check(t, "what costs nothing is quoted too", free.Amount, money(t, "0.00 USD"))
	r, err := w.Confirm(t.Context(), app, try(), free, "k")
	w.ok(err)
	check(t, "and confirmed", r.Order.Status, subscription.OrderPaid)
}

// Confirm decides again and compares; it never charges an amount other than the one shown.
// Rule: quote-is-the-charge, quote-expires.
func TestStaleQuotes(t *testing.T) {
	// The world's clock is 2025-07-16T23:50:00Z; the quotes live for 30 minutes.
	bought := func(t *testing.T) *world {
		t.Helper()
		w := newWorld(t, setup{start: "2025-07-01T09:00:00Z", options: subscription.Options{QuoteLife: 30 * time.Minute}})
		w.must(buy("call", "one-to-one"))
		w.at("2025-07-16T23:00:00Z")
		return w
	}
	up := upgrade("group-call")
	for _, tt := range []struct {
		name string
		then func(w *world, q *subscription.Quote)
		want error
	}{
		{"nothing happens", func(*world, *subscription.Quote) {}, nil},
		{"another product is bought", func(w *world, _ *subscription.Quote) { w.must(buy("live", "lite")) }, nil},
		{"auto-renewal is switched off", func(w *world, _ *subscription.Quote) { w.must(subscription.AutoRenew{Product: "call"}) }, nil},
		{"a moment before it expires", func(w *world, _ *subscription.Quote) { w.at("2025-07-16T23:29:59Z") }, nil},
		{"it expires", func(w *world, _ *subscription.Quote) { w.at("2025-07-16T23:30:00Z") }, subscription.ErrQuoteStale},
		{"whatever it says itself", func(w *world, q *subscription.Quote) {
			w.at("2025-07-16T23:30:00Z")
			q.ExpiresAt = q.ExpiresAt.Add(time.Hour)
		}, subscription.ErrQuoteStale},
		{"another process's clock is five minutes behind", func(w *world, _ *subscription.Quote) {
			w.now = w.now.Add(-5 * time.Minute)
		}, nil},
		{"the clock goes back further", func(w *world, _ *subscription.Quote) {
			w.now = w.now.Add(-5*time.Minute - time.Microsecond)
		}, subscription.ErrQuoteStale},
		{"the product is upgraded", func(w *world, _ *subscription.Quote) { w.must(upgrade("group-call")) }, subscription.ErrNotHigher},
		{"a cycle is paid ahead", func(w *world, _ *subscription.Quote) { w.must(prepay{Product: "call", Cycles: 1}) }, subscription.ErrQuoteStale},
		{"the new price changes", func(w *world, _ *subscription.Quote) {
			w.catalog = catalog(w.t, "catalog.json", `"597.00"`, `"597.01"`)
		}, subscription.ErrQuoteStale},
		{"the minutes change", func(w *world, _ *subscription.Quote) {
			w.catalog = catalog(w.t, "catalog.json", `"minutes": 300000`, `"minutes": 300100`)
		}, subscription.ErrQuoteStale},
		{"the rounding of days changes", func(w *world, _ *subscription.Quote) {
			w.catalog = catalog(w.t, "catalog.json", `"zone": "UTC"`, `"zone": "UTC", "day_count": "elapsed"`)
		}, subscription.ErrQuoteStale},
		{"the version is withdrawn", func(w *world, _ *subscription.Quote) {
			w.catalog = catalog(w.t, "catalog.json", `"name": "Group Call", "rank": 2,`, `"name": "Group Call", "rank": 2, "withdrawn": true,`)
		}, subscription.ErrNotOnSale},
		{"another agreement comes into force", func(w *world, _ *subscription.Quote) {
			w.catalog = catalog(w.t, "catalog.json", `"version": "2025-06"`, `"version": "2025-12"`)
		}, subscription.ErrAgreementRequired},
		{"the catalog changes elsewhere", func(w *world, _ *subscription.Quote) {
			w.catalog = catalog(w.t, "catalog.json", `"revision": "test-1"`, `"revision": "test-2"`, `"129.00"`, `"139.00"`)
		}, nil},
		{"its amount was tampered with", func(w *world, q *subscription.Quote) { q.Amount = money(w.t, "1.00 USD") }, subscription.ErrQuoteStale},
		{"its line was tampered with", func(w *world, q *subscription.Quote) { q.Lines[0].Amount = money(w.t, "1.00 USD") }, subscription.ErrQuoteStale},
		{"its line's days were tampered with", func(_ *world, q *subscription.Quote) { q.Lines[0].Times.Num++ }, subscription.ErrQuoteStale},
		{"its lines are gone", func(_ *world, q *subscription.Quote) { q.Lines = nil }, subscription.ErrQuoteStale},
		{"its minutes were tampered with", func(_ *world, q *subscription.Quote) { q.Deliveries[0].Upgrade.Grant++ }, subscription.ErrQuoteStale},
		{"its deliveries are gone", func(_ *world, q *subscription.Quote) { q.Deliveries = nil }, subscription.ErrQuoteStale},
		{"its digest was tampered with", func(_ *world, q *subscription.Quote) { q.Digest[31] ^= 1 }, subscription.ErrQuoteStale},
		{"it was made tomorrow", func(_ *world, q *subscription.Quote) { q.At = q.At.Add(24 * time.Hour) }, subscription.ErrQuoteStale},
		{"it was made yesterday", func(_ *world, q *subscription.Quote) { q.At = q.At.Add(-24 * time.Hour) }, subscription.ErrQuoteStale},
		{"it is of no time", func(_ *world, q *subscription.Quote) { q.At = time.Time{} }, subscription.ErrQuoteStale},
		{"it is another application's", func(_ *world, q *subscription.Quote) { q.Application = "other" }, subscription.ErrQuoteStale},
		{"it is for another command", func(_ *world, q *subscription.Quote) { q.Kind = "purchase" }, subscription.ErrQuoteStale},
		{"it is nothing at all", func(_ *world, q *subscription.Quote) { *q = subscription.Quote{} }, subscription.ErrQuoteStale},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := bought(t)
			q := w.quote(up)
			tt.then(w, &q)
			before, _, _ := w.charged()
			r, err := w.Confirm(t.Context(), app, up, q, "confirm")
			after, _, _ := w.charged()
			fails(t, err, tt.want)
			if tt.want == nil {
				check(t, "charged", r.Order.Collected, q.Amount)
				check(t, "charges", after, before+1)
				return
			}
			check(t, "charges", after, before)
			check(t, "receipt", r.Receipt.Key, "")
		})
	}
	t.Run("the same command with other wishes", func(t *testing.T) {
		w := newWorld(t, setup{})
		q := w.quote(buy("call", "one-to-one"))
		for name, cmd := range map[string]subscription.Command{
			"another version": buy("call", "group-call"), "no auto-renewal": once("call", "one-to-one"),
			"another term": subscription.Purchase{Product: "call", Version: "one-to-one", Term: pricing.Months(12), Currency: "USD", Agreement: agreement},
		} {
			_, err := w.Confirm(t.Context(), app, cmd, q, "confirm")
			check(t, name, errors.Is(err, subscription.ErrQuoteStale), true)
		}
	})
	t.Run("a purchase after somebody else's", func(t *testing.T) {
		w := newWorld(t, setup{})
		q := w.quote(buy("call", "one-to-one"))
		w.must(buy("call", "one-to-one"))
		_, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "confirm")
		fails(t, err, subscription.ErrAlreadySubscribed)
	})
	t.Run("a command that has come to order nothing", func(t *testing.T) {
		w := newWorld(t, setup{})
		q := w.quote(buy("call", "one-to-one"))
		q.Kind = "accept"
		_, err := w.Confirm(t.Context(), app, subscription.Accept{Agreement: agreement}, q, "confirm")
		fails(t, err, subscription.ErrNoOrder)
	})
}

// One day's price isn't charged the next day: every quote ends at the catalog's midnight.
// Rule: quote-expires.
func TestQuoteEndsWithTheCalendarDay(t *testing.T) {
	for _, tt := range []struct {
		name, file, quoted, confirmed string
		want                          error
	}{
		{"UTC, the same day", "catalog.json", "2025-07-16T23:50:00Z", "2025-07-16T23:59:59Z", nil},
		{"UTC, the next day", "catalog.json", "2025-07-16T23:59:59Z", "2025-07-17T00:00:00Z", subscription.ErrQuoteStale},
		{"Shanghai, UTC's midnight is no midnight", "catalog_shanghai.json", "2025-07-16T23:59:59Z", "2025-07-17T00:00:01Z", nil},
		{"Shanghai, the next day", "catalog_shanghai.json", "2025-07-16T15:59:59Z", "2025-07-16T16:00:00Z", subscription.ErrQuoteStale},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: catalog(t, tt.file), start: tt.quoted})
			q := w.quote(buy("call", "one-to-one"))
			w.at(tt.confirmed)
			check(t, "the quote has expired", !w.now.Before(q.ExpiresAt), tt.want != nil)
			_, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "k")
			fails(t, err, tt.want)
		})
	}
}

// With periods counted in seconds, the price falls every second; the quoted price holds.
// Rule: elapsed-quote-holds.
func TestQuoteByElapsedSeconds(t *testing.T) {
	cat := catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "UTC", "day_count": "elapsed"`)
	w := newWorld(t, setup{catalog: cat, start: "2025-07-01T09:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.at("2025-07-16T12:00:00Z")
	q := w.quote(upgrade("group-call"))
	check(t, "amount", q.Amount, money(t, "199.00 USD"))
	w.at("2025-07-16T12:14:59Z")
	check(t, "by now", w.quote(upgrade("group-call")).Amount, money(t, "198.87 USD"))
	r, err := w.Confirm(t.Context(), app, upgrade("group-call"), q, "k")
	w.ok(err)
	check(t, "charged", r.Order.Collected, q.Amount)
}

// An agreement is recorded as accepted at the confirmation, not at the quote, which accepts nothing.
func TestConfirmedIsRecordedWhenItHappened(t *testing.T) {
	w := newWorld(t, setup{})
	q := w.quote(buy("call", "one-to-one"))
	w.now = w.now.Add(10 * time.Minute)
	r, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "k")
	w.ok(err)
	check(t, "accepted", w.application().Accepted.At, w.now)
	check(t, "placed", r.Order.PlacedAt, w.now)
	check(t, "receipt", r.Receipt.At, w.now)
	for _, e := range w.store.changes[1].change.Events {
		check(t, string(e.Type), e.At, w.now)
	}
}

// With periods counted in seconds, an order is priced at the quote's instant, but placed, delivered and dated at the
// confirmation's.
// Rule: elapsed-quote-holds.
func TestElapsedQuoteIsRecordedWhenItIsConfirmed(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "UTC", "day_count": "elapsed"`)})
	w.must(buy("call", "one-to-one"))
	w.now = w.now.Add(time.Hour)
	up := subscription.Upgrade{Product: "call", To: "group-call"}
	q, err := w.Quote(t.Context(), app, up)
	w.ok(err)
	quoted := w.now
	w.now = w.now.Add(10 * time.Minute)
	r, err := w.Confirm(t.Context(), app, up, q, "up")
	w.ok(err)
	check(t, "amount", r.Order.Amount, q.Amount)
	check(t, "quoted at", q.At, quoted)
	check(t, "placed at", r.Order.PlacedAt, w.now)
	check(t, "paid at", r.Order.PaidAt, w.now)
	check(t, "as of", w.stored().AsOf, w.now)
}

// A period from before days were recorded is counted as before, and its days are recorded with the next change.
// Rule: promised-boundary-stays.
func TestDaysOfAnEarlierPeriodAreRecordedWithTheNextChange(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	days := w.stored().Subscriptions[0].Cycles[0].Days
	w.damage(func(a *subscription.Application) { a.Subscriptions[0].Cycles[0].Days = pricing.DayRange{} })
	w.now = w.now.AddDate(0, 0, 15)
	up := subscription.Upgrade{Product: "call", To: "group-call"}
	q, err := w.Quote(t.Context(), app, up)
	w.ok(err)
	check(t, "formula", q.Lines[0].Formula(), "(597.00 − 199.00) × 16/31")
	w.must(subscription.AutoRenew{Product: "call"})
	check(t, "days", w.stored().Subscriptions[0].Cycles[0].Days, days)
}

// A quote from a clock that is ahead doesn't advance the application's time beyond the allowed limit.
func TestQuoteAheadOfTheClock(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "UTC", "day_count": "elapsed"`)})
	w.must(buy("call", "one-to-one"))
	start, up := w.now, subscription.Upgrade{Product: "call", To: "group-call"}
	w.now = start.Add(10 * time.Minute)
	q, err := w.Quote(t.Context(), app, up)
	w.ok(err)
	w.now = start.Add(5 * time.Minute)
	w.must(subscription.AutoRenew{Product: "call", On: true})
	w.now = start
	_, err = w.Confirm(t.Context(), app, up, q, "c")
	fails(t, err, subscription.ErrQuoteStale)
	check(t, "ahead", w.stored().AsOf.Sub(start) <= 5*time.Minute, true)
}
