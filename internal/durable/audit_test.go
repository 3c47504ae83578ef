package durable_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// lives returns a database with everything that a store can have: the applications of a simulated world, and one whose orders,
// refunds and reservations are under way.
func lives(t *testing.T, open func(tb testing.TB) *raw) (*raw, durable) {
	t.Helper()
	var r *raw
	var st durable
	_, failure := simulation.Worlds(func() store.Store {
		if r != nil {
			t.Fatal("a world that restores a backup")
		}
		r = open(t)
		st = r.open()
		ok(t, st.Migrate(t.Context()))
		return st
	}, &simulation.Options{Seed: 4, Worlds: 1, Applications: 4, Months: 4, NoCrashes: true})
	if failure != nil {
		t.Fatal(failure)
	}
	waits(t, st)
	for n := 1; n > 0; {
		var err error
		n, err = st.(store.Feeder).Sequence(t.Context(), 1000)
		ok(t, err)
	}
	return r, st
}

// waits adds the application "waiting": an order is open, a refund is due, minutes are reserved, and usage is counted.
func waits(t *testing.T, st store.Store) {
	t.Helper()
	cat := catalog(t)
	accounts := balance.New(nil)
	ok(t, accounts.Open(t.Context(), "acme"))
	ok(t, accounts.Deposit(t.Context(), "acme", "d", usd(t, "100000.00")))
	gateway := &testworld.Gateway{Gateway: accounts}
	now := time.Date(2025, time.July, 1, 12, 0, 0, 0, time.UTC)
	service, err := subscription.NewService(st, gateway, subscription.StaticCatalog(cat), &subscription.Options{Now: func() time.Time { return now }})
	ok(t, err)
	does := func(key string, cmd subscription.Command, want error) subscription.Outcome {
		t.Helper()
		now = now.Add(time.Minute)
		out, err := service.Do(t.Context(), "waiting", cmd, key)
		if !errors.Is(err, want) {
			t.Fatalf("%s: %v", key, err)
		}
		return out
	}
	pack := topup.Buy{Pack: packOf(t, cat), Quantity: 1, Currency: "USD", Agreement: cat.AgreementVersion()}
	does("create", subscription.Create{Account: "acme"}, nil)
	does("buy", testworld.Buy("call", "one-to-one"), nil)
	bought := does("pack", pack, nil)
	does("reserve", subscription.Reserve{ID: "r-1", Product: "call", Usage: "audio", Minutes: 30, Until: now.Add(24 * time.Hour)}, nil)
	results, err := service.Consume(t.Context(), "waiting", subscription.Usage{ID: "u-1", Product: "call", Kind: "audio", At: now, Seconds: 3600})
	ok(t, err)
	ok(t, results[0].Err)
	gateway.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) {
		return payment.Result{Status: payment.Pending}, nil
	}
	_, err = service.Do(t.Context(), "waiting", subscription.RefundOrder{Order: bought.Order.ID, Amount: usd(t, "1.00"), Note: "half"}, "refund")
	ok(t, err)
	gateway.OnCharge = func(context.Context, payment.Charge) (payment.Result, error) {
		return payment.Result{Status: payment.Pending}, nil
	}
	does("open", pack, subscription.ErrPaymentPending)
}

// packOf returns a pack of a fixed size.
func packOf(t *testing.T, cat *pricing.Catalog) pricing.PackID {
	t.Helper()
	for _, p := range cat.Packs() {
		if !p.Custom() && !p.Withdrawn {
			return p.ID
		}
	}
	t.Fatal("no pack")
	return ""
}

// found audits a store.
func found(tb testing.TB, st audit.Source, o *audit.Options) []audit.Finding {
	tb.Helper()
	var all []audit.Finding
	for f, err := range audit.Store(tb.Context(), st, o) {
		ok(tb, err)
		all = append(all, f)
	}
	return all
}

// corruption is a change that somebody makes by hand.
type corruption struct {
	name   string
	script string // statements; each must change something
	kind   audit.Kind
}

// One row of a table, and what it must be like.
const (
	paidOrder   = `(application_id, id) = (SELECT application_id, id FROM {prefix}orders WHERE status = 'paid' AND amount > 0 AND taken_back_at IS NULL ORDER BY 1, 2 LIMIT 1)`
	paidPack    = `(application_id, id) = (SELECT application_id, id FROM {prefix}orders WHERE status = 'paid' AND kind = 'top_up' ORDER BY 1, 2 LIMIT 1)`
	paidRenewal = `(application_id, id) = (SELECT application_id, id FROM {prefix}orders WHERE status = 'paid' AND renews_from IS NOT NULL AND amount > 0 AND taken_back_at IS NULL ORDER BY 1, 2 LIMIT 1)`
	declined    = `(application_id, id) = (SELECT application_id, id FROM {prefix}orders WHERE status = 'declined' AND amount > 0 ORDER BY 1, 2 LIMIT 1)`
	made        = `(application_id, order_id, number) = (SELECT application_id, order_id, number FROM {prefix}order_refunds WHERE status = 'made' AND amount > 0 ORDER BY 1, 2, 3 LIMIT 1)`
	due         = `(application_id, order_id, number) = (SELECT application_id, order_id, number FROM {prefix}order_refunds WHERE status = 'due' ORDER BY 1, 2, 3 LIMIT 1)`
)

func entry(where string) string {
	return `(application_id, revision, "index") = (SELECT application_id, revision, "index" FROM {prefix}entries WHERE ` + where + ` ORDER BY 1, 2, 3 LIMIT 1)`
}

func event(where string) string {
	return `(application_id, revision, "index") = (SELECT application_id, revision, "index" FROM {prefix}events WHERE ` + where + ` ORDER BY 1, 2, 3 LIMIT 1)`
}

// corruptions are those of rows, the same on every database.
func corruptions() []corruption {
	return []corruption{
		{"an order costs more", `UPDATE {prefix}orders SET amount = amount + 1 WHERE ` + paidOrder, audit.Total},
		{"more was collected", `UPDATE {prefix}orders SET collected = collected + 1 WHERE ` + paidOrder, audit.Payment},
		{"nothing was collected", `UPDATE {prefix}orders SET collected = NULL, collected_currency = NULL WHERE ` + paidOrder, audit.Payment},
		{"a payment has no time", `UPDATE {prefix}orders SET paid_at = NULL WHERE ` + paidOrder, audit.Payment},
		{"a paid order is declined", `UPDATE {prefix}orders SET status = 'declined' WHERE ` + paidOrder, audit.Status},
		{"a declined order is paid", `UPDATE {prefix}orders SET status = 'paid' WHERE ` + declined, audit.Payment},
		{"the money of a declined order is kept", `UPDATE {prefix}orders SET collected = amount, collected_currency = currency WHERE ` + declined, audit.Kept},
		{"an order has another's key", `UPDATE {prefix}orders SET attempt = 'x/y/' || id WHERE ` + paidOrder, audit.Orders},
		{"a paid order is deleted", `DELETE FROM {prefix}orders WHERE ` + paidOrder, audit.Orders},
		{"an unresolved order is deleted", `DELETE FROM {prefix}orders WHERE status = 'open'`, audit.Orders},
		{"an unresolved order is closed", `UPDATE {prefix}orders SET status = 'cancelled' WHERE status = 'open'`, audit.Orders},
		{"an order belongs to another account", `UPDATE {prefix}orders SET account = 'somebody' WHERE status = 'open'`, audit.Orders},
		{"a pack says that it was taken back", `UPDATE {prefix}orders SET taken_back_at = paid_at WHERE application_id = 'waiting' AND kind = 'top_up' AND status = 'paid'`, audit.Taken},
		{"a refund is deleted", `DELETE FROM {prefix}order_refunds WHERE ` + made, audit.Refunds},
		{"a refund that is due is deleted", `DELETE FROM {prefix}order_refunds WHERE ` + due, audit.Refunds},
		{"a refund is of more", `UPDATE {prefix}order_refunds SET amount = amount + 1 WHERE ` + made, audit.Refunds},
		{"a refund has another number", `UPDATE {prefix}order_refunds SET number = 9 WHERE ` + made, audit.Refunds},
		{"a refund has failed", `UPDATE {prefix}order_refunds SET status = 'failed' WHERE ` + made, audit.Refunds},
		{"a refund is due again", `UPDATE {prefix}order_refunds SET status = 'due' WHERE ` + made, audit.Refunds},
		{"a refund goes to another account", `UPDATE {prefix}order_refunds SET account = 'somebody' WHERE ` + made, audit.Refunds},
		{"an order gives back more than its refunds", `UPDATE {prefix}orders SET given_back = given_back + 1 WHERE (application_id, id) = (SELECT application_id, id FROM {prefix}orders WHERE given_back > 0 ORDER BY 1, 2 LIMIT 1)`, audit.Refunds},
		{"an order counts a refund more", `UPDATE {prefix}orders SET refunds = refunds + 1 WHERE ` + paidOrder, audit.Refunds},
		{"minutes are granted twice", `INSERT INTO {prefix}entries (application_id, revision, "index", at, kind, lot, quantity, order_id, product, usage, day, reservation) SELECT application_id, revision, "index" + 100, at, kind, lot, quantity, order_id, product, usage, day, reservation FROM {prefix}entries WHERE ` + entry(`kind = 'granted'`), audit.Minutes},
		{"more minutes are granted", `UPDATE {prefix}entries SET quantity = quantity + 1000 WHERE ` + entry(`kind = 'granted'`), audit.Minutes},
		{"a grant is deleted", `DELETE FROM {prefix}entries WHERE ` + entry(`kind = 'granted'`), audit.Minutes},
		{"usage is deleted", `DELETE FROM {prefix}entries WHERE ` + entry(`kind = 'consumed' AND application_id = 'waiting'`), audit.Minutes},
		{"less was used", `UPDATE {prefix}entries SET quantity = quantity - 1 WHERE ` + entry(`kind = 'consumed' AND usage IS NOT NULL`), audit.Minutes},
		{"usage is of another lot", `UPDATE {prefix}entries SET lot = lot + 1 WHERE ` + entry(`kind = 'consumed' AND usage IS NOT NULL AND application_id = 'waiting'`), audit.Minutes},
		{"usage is of another day", `UPDATE {prefix}entries SET day = {tomorrow} WHERE ` + entry(`kind = 'consumed' AND usage IS NOT NULL AND application_id = 'waiting'`), audit.Usage},
		{"a reservation is deleted", `DELETE FROM {prefix}entries WHERE ` + entry(`kind = 'reserved' AND application_id = 'waiting'`), audit.Minutes},
		{"minutes don't expire", `DELETE FROM {prefix}entries WHERE ` + entry(`kind = 'expired'`), audit.Minutes},
		{"minutes are of an order that isn't paid", `UPDATE {prefix}entries SET order_id = (SELECT id FROM {prefix}orders WHERE application_id = 'waiting' AND status = 'open') WHERE ` + entry(`kind = 'granted' AND application_id = 'waiting'`), audit.Delivery},
		{"a payment isn't told", `DELETE FROM {prefix}events WHERE ` + event(`type = 'order_paid'`), audit.Events},
		{"a subscription takes an impossible step", `UPDATE {prefix}events SET status = 'refunded', from_status = 'expired' WHERE ` + event(`type = 'status_changed'`), audit.Status},
		{"a period is paid for earlier", `UPDATE {prefix}events SET period_start = {earlier} WHERE ` + event(`type = 'period_paid' AND order_id IN (SELECT id FROM {prefix}orders WHERE kind = 'renewal')`), audit.Period},
		{"a period was never paid for", `DELETE FROM {prefix}events WHERE ` + event(`type = 'period_paid' AND order_id IN (SELECT id FROM {prefix}orders WHERE kind = 'renewal')`), audit.Delivery},
		{"an order costs something else in its event", `UPDATE {prefix}events SET amount = amount + 1 WHERE ` + event(`type = 'order_placed'`), audit.Orders},
		{"an event is earlier", `UPDATE {prefix}events SET at = {earlier} WHERE ` + event(`revision > 5`), audit.Time},
		{"the first event of a change is deleted", `DELETE FROM {prefix}events WHERE ` + event(`revision > 5 AND "index" = 0`), audit.Events},
		{"an application was created twice", `UPDATE {prefix}events SET type = 'application_created' WHERE ` + event(`revision = 2 AND "index" = 0`), audit.Events},
		{"a subscription's row is older", `UPDATE {prefix}subscription_rows SET status = 'interrupted' WHERE application_id = 'waiting'`, audit.Subscriptions},
		{"a subscription has no row", `DELETE FROM {prefix}subscription_rows WHERE application_id = 'waiting'`, audit.Subscriptions},
		{"a subscription isn't in the document", `INSERT INTO {prefix}subscription_rows (application_id, id, account, product, version, status, currency, trial, auto_renew, opened_at, paid_until) SELECT application_id, 'call-9', account, product, version, status, currency, trial, auto_renew, opened_at, paid_until FROM {prefix}subscription_rows WHERE application_id = 'waiting'`, audit.Subscriptions},
		{"a change is missing in the feed", `DELETE FROM {prefix}feed WHERE application_id = 'waiting' AND revision = 3`, audit.Feed},
	}
}

// documents are corruptions of the document, in SQLite, where it is text.
func documentCorruptions() []corruption {
	set := func(name, path, value string, kind audit.Kind) corruption {
		return corruption{name, `UPDATE {prefix}applications SET document = json_set(document, '` + path + `', ` + value + `) WHERE id = 'waiting'`, kind}
	}
	return []corruption{
		set("minutes come back", "$.lots[0].remaining", "json_extract(document, '$.lots[0].remaining') + 1000", audit.Minutes),
		set("a lot was granted more", "$.lots[0].granted", "json_extract(document, '$.lots[0].granted') + 1000", audit.Document),
		set("minutes are consumed", "$.lots[0].consumed", "5000", audit.Minutes),
		set("the last lot is another", "$.last_lot", "77", audit.Minutes),
		set("a counter took more of lots", "$.counters[0].paid", "json_extract(document, '$.counters[0].paid') + 1000", audit.Usage),
		set("a subscription is past due", "$.subscriptions[0].status", "'past_due'", audit.Status),
		set("a subscription doesn't renew", "$.subscriptions[0].auto_renew", "json('false')", audit.Status),
		set("a period is longer", "$.subscriptions[0].cycles[0].period.end", "'2031-01-01T00:00:00Z'", audit.Document),
		set("a period is of another order", "$.subscriptions[0].cycles[0].order", "'k-nobody'", audit.Delivery),
		set("a period is of another version", "$.subscriptions[0].cycles[0].version", "'many-to-many'", audit.Delivery),
		set("an order is of another amount", "$.orders[0].collected", "'1.00 USD'", audit.Orders),
		set("it was closed", "$.closed_at", "'2025-07-01T12:00:00Z'", audit.Left),
		{"a lot is gone", `UPDATE {prefix}applications SET document = json_remove(document, '$.lots[0]') WHERE id = 'waiting'`, audit.Minutes},
		{"a subscription is gone", `UPDATE {prefix}applications SET document = json_remove(document, '$.subscriptions[0]') WHERE id = 'waiting'`, audit.Subscriptions},
		{"an order is gone", `UPDATE {prefix}applications SET document = json_remove(document, '$.orders[0]') WHERE id = 'waiting'`, audit.Orders},
		{"a refund is gone", `UPDATE {prefix}applications SET document = json_remove(document, '$.refunds') WHERE id = 'waiting'`, audit.Refunds},
		{"a reservation is gone", `UPDATE {prefix}applications SET document = json_remove(document, '$.reservations') WHERE id = 'waiting'`, audit.Minutes},
		{"it sleeps forever", `UPDATE {prefix}applications SET document = json_remove(document, '$.due'), due = NULL WHERE id = 'waiting'`, audit.Due},
		{"it is no document", `UPDATE {prefix}applications SET document = substr(document, 1, 100) WHERE id = 'waiting'`, audit.Unreadable},
		{"it is older than its rows", `UPDATE {prefix}applications SET document = json_set(document, '$.revision', 2), revision = 2 WHERE id = 'waiting'`, audit.Events},
		//nolint:unqueryvet // whole rows are copied
		{"two orders pay for one period", "DROP INDEX prepaid_orders_renewal;\nCREATE TABLE copied AS SELECT * FROM {prefix}orders WHERE " + paidRenewal +
			";\nUPDATE copied SET id = 'k-copy', placed_index = placed_index + 50;\nINSERT INTO {prefix}orders SELECT * FROM copied", audit.Period},
		{"an order isn't at its catalog's price", `UPDATE {prefix}orders SET deliveries = json_set(deliveries, '$[0].extend.price', '1.00 USD') WHERE application_id = 'waiting' AND kind = 'purchase'`, audit.Price},
		{"a tax share is larger", `UPDATE {prefix}order_refunds SET taxes = replace(taxes, '"amount":"', '"amount":"1') WHERE (application_id, order_id, number) = (SELECT application_id, order_id, number FROM {prefix}order_refunds WHERE taxes IS NOT NULL AND status = 'made' ORDER BY 1, 2, 3 LIMIT 1)`, audit.Share},
	}
}

// catalogs are those of the applications.
func catalogs(t *testing.T) []*pricing.Catalog {
	t.Helper()
	all, err := simulation.Catalogs("UTC")
	ok(t, err)
	return append(all, catalog(t))
}

// corrupts runs the statements of a corruption, each of which must change something.
func (r *raw) corrupts(c corruption) {
	r.tb.Helper()
	for statement := range strings.SplitSeq(c.script, ";\n") {
		earlier, tomorrow := "0", "day + 1"
		if r.postgres {
			earlier = "'1970-01-02'"
		}
		statement = strings.NewReplacer("{earlier}", earlier, "{tomorrow}", tomorrow).Replace(statement)
		if n := r.exec(statement); n == 0 && !strings.HasPrefix(statement, "DROP") && !strings.HasPrefix(statement, "CREATE") {
			r.tb.Fatalf("%s: nothing changes", statement)
		}
	}
}

// caught fails the test unless a finding has the corruption's kind.
func caught(t *testing.T, c corruption, all []audit.Finding) {
	t.Helper()
	if !slices.ContainsFunc(all, func(f audit.Finding) bool { return f.Kind == c.kind }) {
		t.Errorf("want %s, got %d findings", c.kind, len(all))
		for _, f := range all {
			t.Logf("%s", f)
		}
	}
}

// Whatever somebody changes by hand in a copy of a database is found, as what it is, and nothing is found in the database itself.
// Rule: audit-proves, audit-finds-only-what-is-wrong.
func TestAuditFindsCorruptions(t *testing.T) {
	_, st := lives(t, rawFile)
	o := &audit.Options{Catalogs: catalogs(t)}
	for _, f := range found(t, st, o) {
		t.Fatalf("before anything was changed: %s", f)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	ok(t, st.(*sqlite.Store).Backup(t.Context(), backup))
	whole, err := os.ReadFile(backup)
	ok(t, err)
	for _, c := range append(corruptions(), documentCorruptions()...) {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			ok(t, os.WriteFile(path, whole, 0o600))
			copied := rawAt(t, path)
			copied.corrupts(c)
			caught(t, c, found(t, copied.open(), o))
		})
	}
}

// The same for rows in Postgres, which are put back after each corruption.
// Rule: audit-proves, audit-finds-only-what-is-wrong.
func TestAuditFindsCorruptionsInPostgres(t *testing.T) {
	r, st := lives(t, rawSchema)
	o := &audit.Options{Catalogs: catalogs(t)}
	for _, f := range found(t, st, o) {
		t.Fatalf("before anything was changed: %s", f)
	}
	tables := []string{"orders", "order_refunds", "entries", "events", "subscription_rows", "feed"}
	for _, table := range tables {
		r.exec("CREATE TABLE {prefix}saved_" + table + " AS SELECT * FROM {prefix}" + table) //nolint:unqueryvet // whole rows
	}
	for _, c := range corruptions() {
		t.Run(c.name, func(t *testing.T) {
			one := *r
			one.tb = t
			one.corrupts(c)
			caught(t, c, found(t, st, o))
			for _, table := range tables {
				if strings.Contains(c.script, "{prefix}"+table) {
					one.exec("DELETE FROM {prefix}" + table)
					one.exec("INSERT INTO {prefix}" + table + " SELECT * FROM {prefix}saved_" + table) //nolint:unqueryvet // likewise
				}
			}
		})
	}
	for _, f := range found(t, st, o) {
		t.Errorf("after everything was put back: %s", f)
	}
}
