package renewal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// crowded is a world whose catalog has that many products and kinds of usage, with identifiers made by name.
func crowded(t *testing.T, name func(string) string, products, kinds int, waits *bool) *world {
	t.Helper()
	quote := func(s string) string {
		b, err := json.Marshal(name(s))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var p, k, all []string
	for i := range products {
		id := quote(fmt.Sprint("product", i))
		all = append(all, id)
		p = append(p, fmt.Sprintf(`{"id": %s, "name": "p", "upgradable": true, "versions": [{"id": %s, "name": "v", "rank": 1,
			"terms": [{"months": 1, "minutes": 1000, "list": {"USD": "1.00"}}]}]}`, id, quote("version")))
	}
	for i := range kinds {
		k = append(k, fmt.Sprintf(`{"id": %s, "name": "k", "weight": "1", "per_thousand": {"USD": "3.99"}}`, quote(fmt.Sprint("kind", i))))
	}
	cat, err := pricing.ParseCatalog(strings.NewReader(fmt.Sprintf(`{"revision": %s, "zone": "America/Argentina/ComodRivadavia",
		"service": {"grace_hours": 24, "retention_days": 60, "late_usage_hours": 24, "arrears_hours": 2000},
		"products": [%s], "usage": {"kinds": [%s]},
		"packs": [{"id": %s, "name": "p", "products": [%s], "validity": {"months": 12}, "minutes": 10, "price": {"USD": "0.01"}}]}`,
		quote("r"), strings.Join(p, ","), strings.Join(k, ","), quote("pack"), strings.Join(all, ","))))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, setup{catalog: cat, start: "2025-06-01T09:00:00Z", policy: renewal.Policy{Reminders: hours()},
		gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			return &gatewayFuncs{
				Gateway: behind,
				OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
					if *waits {
						return payment.Result{Key: c.Key, Status: payment.Pending}, nil
					}
					return behind.Charge(ctx, c)
				},
				OnLookup: func(ctx context.Context, key string) (payment.Result, error) {
					r, err := behind.Lookup(ctx, key)
					if err == nil && r.Status == payment.NotFound && *waits {
						r.Status = payment.Pending
					}
					return r, err
				},
			}
		}})
	return w
}

// stores fails the test unless a durable store can hold the document.
func (w *world) stores(what string) {
	w.t.Helper()
	a := w.stored()
	if _, err := document.Append(nil, &a); err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// untilFull calls do until it is refused as too large, and returns how often it succeeded.
func (w *world) untilFull(do func(i int) error) int {
	w.t.Helper()
	for i := range 5000 {
		err := do(i)
		if errors.Is(err, subscription.ErrTooLarge) {
			w.stores("when it is full")
			return i
		}
		if err != nil && !errors.Is(err, subscription.ErrPaymentPending) && !errors.Is(err, subscription.ErrInvalid) {
			w.t.Fatal(err)
		}
	}
	return 5000
}

// Purchases never prevent usage from being counted: when cycles, packs, waiting orders, reservations and a day's usage
// each fill their share of the document, a record of the next day, its bill, a settlement and a renewal still succeed,
// and every document along the way can be stored. This holds for ordinary identifiers and for the longest ones.
// Rule: document-stays-small.
func TestEveryShareFull(t *testing.T) {
	for what, name := range map[string]func(string) string{
		"ordinary identifiers": func(s string) string { return s },
		"the longest":          func(s string) string { return s + strings.Repeat("\x01", 64-len(s)) },
	} {
		t.Run(what, func(t *testing.T) {
			waits := false
			w := crowded(t, name, 6, 60, &waits)
			w.deposit("1000000.00 USD")
			w.must(subscription.EnablePayAsYouGo{Currency: "USD"})
			product := func(i int) pricing.ProductID { return pricing.ProductID(name(fmt.Sprint("product", i))) }
			kind := func(i int) pricing.UsageKindID { return pricing.UsageKindID(name(fmt.Sprint("kind", i))) }
			for i := range 6 {
				w.must(subscription.Purchase{Product: product(i), Version: pricing.VersionID(name("version")), Term: pricing.Months(1), Currency: "USD"})
			}
			ahead := w.untilFull(func(i int) error {
				if i >= 4*119 {
					return subscription.ErrTooLarge // the last two products renew automatically
				}
				_, err := w.do(renewal.Renew{Product: product(i % 4)})
				return err
			})
			packs := w.untilFull(func(int) error {
				_, err := w.do(topup.Buy{Pack: pricing.PackID(name("pack")), Quantity: 1, Currency: "USD"})
				return err
			})
			waits = true
			waiting := w.untilFull(func(int) error {
				_, err := w.do(topup.Buy{Pack: pricing.PackID(name("pack")), Quantity: 1, Currency: "USD"})
				return err
			})
			waits = false
			held := w.untilFull(func(i int) error {
				if i == subscription.MaxReservations {
					return subscription.ErrTooLarge
				}
				id := fmt.Sprintf("%03d%s", i, strings.Repeat(`"`, 61))
				_, err := w.do(subscription.Reserve{ID: id, Product: product(0), Usage: kind(0), Minutes: 1, Until: w.now.Add(100 * time.Hour)})
				return err
			})
			use := func(id string, i int) error {
				results, err := w.Consume(t.Context(), app, subscription.Usage{
					ID: id, Product: product(i % 6), Kind: kind(i / 6), At: w.now, Seconds: 60 * 100_000,
				})
				w.ok(err)
				return results[0].Err
			}
			used := w.untilFull(func(i int) error {
				if i == 360 {
					return subscription.ErrTooLarge
				}
				return use(fmt.Sprint("first ", i), i)
			})
			t.Logf("%d prepaid cycles, %d packs, %d waiting orders, %d reservations, %d kinds of usage", ahead, packs, waiting, held, used)
			check(t, "something of each", min(ahead, packs+1, waiting+1, held, used) > 0, true)

			w.now = w.now.AddDate(0, 0, 1)
			w.ok(use("the next day", 0))
			w.stores("with the next day's usage")
			w.now = w.now.AddDate(0, 0, 2)
			w.work()
			w.stores("with the bills")
			bills := 0
			for _, o := range w.orders() {
				if o.Kind == subscription.UsageOrder {
					bills++
					check(t, "a day's bill", o.Status, subscription.OrderPaid)
				}
			}
			check(t, "bills", bills, 2)
			for _, o := range w.stored().Orders {
				if o.Status == subscription.OrderOpen {
					_, err := w.Collect(t.Context(), app, o.ID)
					w.ok(err)
				}
			}
			w.stores("once all is settled")
			w.run("2025-07-02T00:00:00Z")
			w.stores("with the renewals")
			for _, i := range []int{4, 5} {
				check(t, "renewed", short(w.latest(product(i)).End()) > "2025-07-02", true)
			}
			check(t, "set aside", len(w.events(subscription.EventDecisionFailed)), 0)
			check(t, "unresolved", len(w.stored().Orders), 0)
		})
	}
}

// Bills that remain unpaid for weeks don't exceed the document's limit, and neither does usage meanwhile: it is refused
// before that.
func TestUnpaidBillsDontOutgrowTheDocument(t *testing.T) {
	waits := true
	name := func(s string) string { return s + strings.Repeat("\x01", 64-len(s)) }
	w := crowded(t, name, 6, 8, &waits)
	w.must(subscription.EnablePayAsYouGo{Currency: "USD"})
	refused := 0
	for day := range 60 {
		w.now = instant(t, "2025-06-01T12:00:00Z").AddDate(0, 0, day)
		for i := range 10 {
			results, err := w.Consume(t.Context(), app, subscription.Usage{
				ID: fmt.Sprint(day, "-", i), Product: pricing.ProductID(name(fmt.Sprint("product", i%6))),
				Kind: pricing.UsageKindID(name(fmt.Sprint("kind", i%8))), At: w.now, Seconds: 600_000_000,
			})
			w.ok(err)
			if results[0].Err != nil {
				refused++
			}
		}
		w.work()
		w.stores(fmt.Sprint("on day ", day))
	}
	t.Logf("%d of 600 records were refused, %d bills are waiting", refused, len(w.stored().Orders))
	check(t, "some were", refused > 0, true)
	check(t, "set aside", len(w.events(subscription.EventDecisionFailed)), 0)
	waits = false
	w.deposit("100000000.00 USD")
	for range 100 {
		w.now = w.now.Add(7 * time.Hour)
		w.work()
	}
	a := w.stored()
	check(t, "all is paid", len(a.Orders)+len(a.Unbilled(w.catalog)), 0)
}

// Bills that wait for a person don't prevent a package from being renewed.
func TestBillsUnderReviewKeepNoRenewalBack(t *testing.T) {
	waits := false
	w := crowded(t, func(s string) string { return s }, 2, 1, &waits)
	w.must(subscription.EnablePayAsYouGo{Currency: "USD"})
	w.must(subscription.Purchase{Product: "product0", Version: "version", Term: pricing.Months(1), Currency: "USD"})
	waits = true
	for day := range 28 {
		w.run(instant(t, "2025-06-01T12:00:00Z").AddDate(0, 0, day).Format(time.RFC3339))
		_, err := w.Consume(t.Context(), app, subscription.Usage{
			ID: strconv.Itoa(day), Product: "product1", Kind: "kind0", At: w.now, Seconds: 600_000,
		})
		w.ok(err)
		for _, o := range w.stored().Orders {
			if o.Kind == subscription.UsageOrder && o.Status == subscription.OrderOpen { // the provider collects a different amount
				w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: money(t, "0.01 USD")})
			}
		}
	}
	waits = false
	w.run("2025-07-05T00:00:00Z")
	check(t, "status", w.latest("product0").Status, subscription.Active)
}
