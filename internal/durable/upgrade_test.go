package durable_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// eachRaw runs a test on a database of each kind.
func eachRaw(t *testing.T, do func(t *testing.T, r *raw)) {
	t.Helper()
	for name, open := range raws() {
		t.Run(name, func(t *testing.T) { do(t, open(t)) })
	}
}

// load returns one snapshot.
func load(tb testing.TB, st durable, read subscription.Read) subscription.Snapshot {
	tb.Helper()
	got, err := st.Load(tb.Context(), read)
	ok(tb, err)
	return got[0]
}

// upgraded fails the test unless everything that the first version wrote can be read, and new columns are filled in.
func upgraded(t *testing.T, st durable, documents map[string]string) {
	t.Helper()
	for id, text := range documents {
		app := subscription.ApplicationID(id)
		if id == "unreadable" {
			if _, err := st.Load(t.Context(), subscription.Read{Application: app}); err == nil {
				t.Errorf("%s: no error", id)
			}
			continue
		}
		want, err := document.Decode([]byte(text))
		ok(t, err)
		got := load(t, st, subscription.Read{Application: app, Keys: []string{"key"}, Records: []string{"counted"}})
		if id == "once" {
			want.Orders[0].PaidAt, want.Orders[1].PaidAt = longAgo(), longAgo().Add(time.Hour)
		}
		same(t, id, got.Application, want)
		var rows []subscription.SubscriptionRow
		for row, err := range st.Subscriptions(t.Context(), app) {
			ok(t, err)
			rows = append(rows, row)
		}
		byID := func(a, b subscription.SubscriptionRow) int { return strings.Compare(string(a.ID), string(b.ID)) }
		same(t, id+": rows of subscriptions", rows, slices.SortedFunc(slices.Values(want.Rows()), byID))
		if strings.HasPrefix(id, "plain-") {
			continue
		}
		same(t, id+": records", got.Records, []subscription.UsageRow{{ID: "counted", On: 20_255}})
		if len(got.Receipts) != 1 || got.Receipts[0].Kind != "create" {
			t.Errorf("%s: receipts %+v", id, got.Receipts)
		}
		for _, err := range st.Entries(t.Context(), app) {
			ok(t, err)
		}
		var refunds, whole []subscription.Refund
		for f, err := range st.Refunds(t.Context(), app) {
			ok(t, err)
			refunds = append(refunds, f)
		}
		if id == "once" { // its orders were refunded as a whole
			whole = []subscription.Refund{{
				Application: app, Order: "5-refunded", Number: 1, Kind: subscription.RefundRequested, Take: subscription.TakeAll,
				Key: "once/5-refunded/refund", Account: "acme", Amount: usd(t, "5.00"), Status: subscription.RefundMade,
				DueAt: longAgo().AddDate(0, 0, 4), ClosedAt: longAgo().AddDate(0, 0, 5),
			}}
		}
		same(t, id+": refunds", refunds, whole)
	}
	paid := map[subscription.OrderID]time.Time{}
	for o, err := range st.Orders(t.Context(), "once") {
		ok(t, err)
		paid[o.ID] = o.PaidAt
	}
	same(t, "when orders were paid", paid, map[subscription.OrderID]time.Time{
		"1-due": longAgo(), "2-stray": longAgo().Add(time.Hour), "3-never": {}, "4-paid": longAgo().AddDate(0, 0, 4),
		"5-refunded": longAgo().Add(2 * time.Hour), "6-pruned": {}, "7-found": longAgo().Add(3 * time.Hour), "8-declined": {}, "9-cancelled": {},
	})
	for o, err := range st.Orders(t.Context(), "plain-0007") {
		ok(t, err)
		same(t, "a plain order", o.PaidAt, longAgo().AddDate(0, 0, 1))
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := reflect.ValueOf(got), reflect.ValueOf(want); g.Kind() == reflect.Slice && g.Len() == 0 && w.Len() == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// A database of the first version is read as before, and has everything new.
func TestUpgrade(t *testing.T) {
	eachRaw(t, func(t *testing.T, r *raw) {
		t.Helper()
		documents := r.fillOld(450) // fills more than two batches of the migration
		st, before := r.open(), r.open()
		if _, err := st.Load(t.Context(), subscription.Read{Application: "once"}); !errors.Is(err, sqlite.ErrNotMigrated) && !errors.Is(err, postgres.ErrNotMigrated) {
			t.Errorf("before Migrate: %v, want ErrNotMigrated", err)
		}
		ok(t, st.Migrate(t.Context()))
		upgraded(t, st, documents)
		ok(t, st.Migrate(t.Context()))
		upgraded(t, before, documents) // opened before the upgrade
		if a, b := load(t, st, subscription.Read{}).Store, load(t, before, subscription.Read{}).Store; a != b || len(a) != 16 {
			t.Errorf("identities %q and %q", a, b)
		}
		usable(t, r, before)
	})
}

// usable fails the test unless the database accepts what it didn't accept before, and nothing else.
func usable(t *testing.T, r *raw, st durable) {
	t.Helper()
	const app = "once"
	base := load(t, st, subscription.Read{Application: app}).Application
	change := func(orders ...subscription.Order) subscription.Change {
		next := base.Clone()
		next.Revision++
		return subscription.Change{Application: app, Base: base.Revision, Next: next, Orders: orders}
	}
	commit := func(c subscription.Change) error {
		err := st.Commit(t.Context(), c)
		if err == nil {
			base = c.Next
		}
		return err
	}
	gift := subscription.Order{ID: "gift", Application: app, Account: "acme", Kind: "gift", Amount: usd(t, "0.00"), Status: subscription.OrderPaid}
	imported := gift
	imported.ID, imported.Kind = "imported", "import"
	repaid := change(gift, imported)
	repaid.Entries = []subscription.Entry{{Application: app, Revision: repaid.Next.Revision, Kind: "repaid", Lot: 1, Quantity: 1}}
	ok(t, commit(repaid))
	nothing := change(gift)
	nothing.Orders[0].Kind = ""
	testworld.Fails(t, commit(nothing), subscription.ErrInvariant)
	// The period of 4-paid is renewed once, until it is refunded.
	again := gift
	again.ID, again.Kind, again.Subscription, again.PaidAt = "again", subscription.RenewalOrder, "call-1", longAgo()
	again.Deliveries = []subscription.Delivery{{Extend: &subscription.ExtendDelivery{Subscription: "call-1", From: longAgo(), Count: 1, Price: usd(t, "5.00")}}}
	testworld.Fails(t, commit(change(again)), subscription.ErrInvariant)
	var first subscription.Order
	for o, err := range st.Orders(t.Context(), app) {
		ok(t, err)
		if o.ID == "4-paid" {
			first = o
		}
	}
	first.Deliveries, first.TakenBackAt = again.Deliveries, longAgo().AddDate(0, 1, 0)
	ok(t, commit(change(first)))
	ok(t, commit(change(again)))

	// A service works on the database.
	cat := catalog(t)
	accounts := balance.New(nil)
	ok(t, accounts.Open(t.Context(), "acme"))
	ok(t, accounts.Deposit(t.Context(), "acme", "d", usd(t, "1000.00")))
	now := time.Date(2025, time.July, 1, 12, 0, 0, 0, time.UTC)
	service, err := subscription.NewService(st, accounts, subscription.StaticCatalog(cat), &subscription.Options{Now: func() time.Time { return now }})
	ok(t, err)
	receipt, err := service.Do(t.Context(), "created", subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: "2025-06",
	}, "buy")
	if err != nil || receipt.Order.Status != subscription.OrderPaid {
		t.Errorf("a purchase: %s, %v", receipt.Order.Status, err)
	}
	if n := r.number(`SELECT count(*) FROM {prefix}subscription_rows WHERE application_id = 'created' AND id = 'call-1'`); n != 1 {
		t.Errorf("%d rows for the purchase", n)
	}
	pruned, err := st.Prune(t.Context(), now.AddDate(1, 0, 0))
	if r.postgres {
		ok(t, err)
	} else if corrupt := new(sqlite.CorruptError); !errors.As(err, &corrupt) || corrupt.Application != "unreadable" {
		t.Errorf("Prune: %v", err)
	}
	if pruned.Orders == 0 || pruned.Records == 0 {
		t.Errorf("%+v are pruned", pruned)
	}
	for _, kept := range []string{"4-paid", "5-refunded", "1-due", "gift"} {
		if n := r.number(`SELECT count(*) FROM {prefix}orders WHERE application_id = 'once' AND id = ?`, kept); n != 1 {
			t.Errorf("order %s is pruned", kept)
		}
	}
}

func usd(tb testing.TB, s string) pricing.Money {
	tb.Helper()
	m, err := pricing.ParseMoney(s, "USD")
	ok(tb, err)
	return m
}

// catalog returns the catalog of the golden documents.
func catalog(tb testing.TB) *pricing.Catalog {
	tb.Helper()
	f, err := os.Open("../../store/document/testdata/catalog.json")
	ok(tb, err)
	defer f.Close()
	cat, err := pricing.ParseCatalog(f)
	ok(tb, err)
	return cat
}

// Any number of processes can upgrade a database concurrently, even if some of them are stopped midway and restarted.
func TestUpgradeBySeveralAtOnce(t *testing.T) {
	eachRaw(t, func(t *testing.T, r *raw) {
		t.Helper()
		documents := r.fillOld(900)
		stores := make([]durable, 5)
		for i := range stores {
			stores[i] = r.open()
		}
		var wait sync.WaitGroup
		errs := make([]error, len(stores))
		for i, st := range stores {
			wait.Go(func() {
				for patience := time.Duration(i) * 4 * time.Millisecond; i > 0 && patience < time.Second; patience += 4 * time.Millisecond {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					err := st.Migrate(ctx)
					cancel()
					if err == nil {
						return
					}
					if !errors.Is(err, context.DeadlineExceeded) {
						errs[i] = err
						return
					}
				}
				errs[i] = st.Migrate(t.Context())
			})
		}
		wait.Wait()
		ok(t, errors.Join(errs...))
		identities := map[string]bool{}
		for _, st := range stores {
			upgraded(t, st, documents)
			identities[load(t, st, subscription.Read{}).Store] = true
		}
		if len(identities) != 1 {
			t.Errorf("%d identities", len(identities))
		}
		files, err := filepath.Glob("../../store/sqlite/migrations/*.sql") // as many as those of the other store
		ok(t, err)
		if n := r.number(`SELECT count(*) FROM {prefix}migrations`); int(n) != len(files)+1 { // and the one that fills in
			t.Errorf("%d migrations, want %d", n, len(files)+1)
		}
	})
}

// Rows written during the upgrade are not overwritten with older data.
func TestUpgradeLeavesWhatIsNewer(t *testing.T) {
	eachRaw(t, func(t *testing.T, r *raw) {
		t.Helper()
		documents := r.fillOld(10)
		r.migrated(3, 4, 5)
		r.insert("subscription_rows", "application_id", "plain-0003", "id", "call-1", "account", "acme", "product", "call", "version", "pro",
			"status", "past_due", "currency", "USD", "trial", r.flag(false), "auto_renew", r.flag(true))
		r.exec(`UPDATE {prefix}orders SET paid_at = ? WHERE application_id = 'plain-0003'`, r.value(longAgo().AddDate(1, 0, 0)))
		st := r.open()
		ok(t, st.Migrate(t.Context()))
		n := 0
		for row, err := range st.Subscriptions(t.Context(), "plain-0003") {
			ok(t, err)
			n++
			if row.Status != subscription.PastDue || row.Version != "pro" {
				t.Errorf("%+v is the older row", row)
			}
		}
		if n != 1 {
			t.Errorf("%d rows, want one", n)
		}
		for o, err := range st.Orders(t.Context(), "plain-0003") {
			ok(t, err)
			same(t, "when it was paid", o.PaidAt, longAgo().AddDate(1, 0, 0))
		}
		delete(documents, "plain-0003")
		upgraded(t, st, documents)
	})
}

// flag returns a boolean as the column stores it.
func (r *raw) flag(is bool) any {
	switch {
	case r.postgres:
		return is
	case is:
		return 1
	}
	return 0
}

// An empty database of the first version is upgraded too, and so is one without readable applications.
func TestUpgradeOfNothing(t *testing.T) {
	eachRaw(t, func(t *testing.T, r *raw) {
		t.Helper()
		r.migrated(1, 2)
		for i := range 3 {
			r.oldApplication(fmt.Sprint("unreadable ", i), "", 1)
		}
		st := r.open()
		ok(t, st.Migrate(t.Context()))
		if s := load(t, st, subscription.Read{Application: "nobody"}); len(s.Store) != 16 {
			t.Errorf("identity %q", s.Store)
		}
	})
}
