package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

const grantedCatalog = `{"revision": "r1", "zone": "UTC", "products": [{"id": "call", "name": "Call", "upgradable": true, "versions": [
	{"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "minutes": 1000, "list": {"USD": "199.00"}}]}]}],
	"usage": {"kinds": [{"id": "hd", "name": "HD", "weight": "1", "per_thousand": {"USD": "3.99"}}]}}`

// duties does with a store what a role is for, with an application of its own, and returns the first error.
type duties struct {
	ctx context.Context
	st  *postgres.Store
	sql func(query string) error // of the role
	app subscription.ApplicationID
	now time.Time
	err error
}

// step does something unless a step before it failed.
func (d *duties) step(what string, do func() error) {
	if d.err != nil {
		return
	}
	if err := do(); err != nil {
		d.err = fmt.Errorf("%s: %w", what, err)
	}
}

func (d *duties) service() *subscription.Service {
	catalog := sure.Of(pricing.ParseCatalog(strings.NewReader(grantedCatalog)))
	return sure.Of(subscription.NewService(d.st, d.st.Accounts(&balance.Options{Now: d.clock}), subscription.StaticCatalog(catalog),
		&subscription.Options{Now: d.clock}))
}

func (d *duties) clock() time.Time { return d.now }

func (d *duties) do(cmd subscription.Command) subscription.Order {
	var o subscription.Order
	d.step(cmd.Kind(), func() error {
		out, err := d.service().Do(d.ctx, d.app, cmd, cmd.Kind())
		o = out.Order
		return err
	})
	return o
}

// read reads all rows.
func read[T any](d *duties, what string, rows iter.Seq2[T, error]) {
	d.step(what, func() error {
		for _, err := range rows {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// serve is what a service, a worker and a relay do.
func (d *duties) serve() {
	accounts, account := d.st.Accounts(&balance.Options{Now: d.clock}), "account of "+string(d.app)
	d.step("migrate", func() error { return d.st.Migrate(d.ctx) })
	d.step("open", func() error { return accounts.Open(d.ctx, account) })
	d.step("deposit", func() error { return accounts.Deposit(d.ctx, account, account, cents(100_000)) })
	d.step("payment method", func() error { return accounts.SetPaymentMethod(d.ctx, account, true) })
	d.do(subscription.Create{Account: subscription.AccountID(account)})
	o := d.do(subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD"})
	d.step("consume", func() error {
		results, err := d.service().Consume(d.ctx, d.app, subscription.Usage{ID: "1", Product: "call", Kind: "hd", At: d.now, Seconds: 60})
		if err != nil {
			return err
		}
		return results[0].Err
	})
	d.do(subscription.RefundOrder{Order: o.ID, Amount: cents(100)})
	d.now = d.now.AddDate(0, 0, 31)
	d.step("work", func() error {
		worker := sure.Of(renewal.NewWorker(d.service(), d.st, nil))
		stats, err := worker.Once(d.ctx)
		if err == nil && (stats.Paid == 0 || stats.Failed > 0) {
			err = fmt.Errorf("%+v", stats)
		}
		return err
	})
	d.step("refunded", func() error {
		refunds, err := d.service().Refunds(d.ctx, d.app, o.ID)
		if err == nil && (len(refunds) != 1 || refunds[0].Status != subscription.RefundMade) {
			err = fmt.Errorf("%+v", refunds)
		}
		return err
	})
	d.books(o.ID)
	d.follow()
	d.bind()
	read(d, "journal", accounts.Journal(d.ctx))
	read(d, "statement", accounts.Statement(d.ctx, account))
	d.step("new feed", func() error { return d.st.NewFeed(d.ctx) })
}

// books reads what is stored of the application and its account.
func (d *duties) books(order subscription.OrderID) {
	read(d, "applications", d.st.Applications(d.ctx))
	read(d, "of an account", d.st.ApplicationsOf(d.ctx, "a"))
	read(d, "orders", d.st.Orders(d.ctx, d.app))
	read(d, "entries", d.st.Entries(d.ctx, d.app))
	read(d, "events", d.st.Events(d.ctx, d.app))
	read(d, "refunds", d.st.Refunds(d.ctx, d.app))
	read(d, "subscriptions", d.st.Subscriptions(d.ctx, d.app))
	d.step("load", func() error {
		_, err := d.st.Load(d.ctx, subscription.Read{
			Application: d.app, Keys: []string{"create"}, Orders: []subscription.OrderID{order}, Records: []string{"1"},
			Refunds: []subscription.OrderID{order},
		})
		return err
	})
}

// follow does what a relay does.
func (d *duties) follow() {
	name := "relay of " + string(d.app)
	set := func(version int64, parks []store.Parked, goesOn ...subscription.ApplicationID) {
		d.step("mark", func() error { return d.st.SetMark(d.ctx, name, store.Mark{Version: version}, parks, goesOn) })
	}
	d.step("sequence", func() error { _, err := d.st.Sequence(d.ctx, 1000); return err })
	d.step("feed", func() error { _, err := d.st.Feed(d.ctx, store.Cursor{}, 1); return err })
	d.step("feed of one", func() error { _, err := d.st.FeedOf(d.ctx, d.app, store.Cursor{}, 1); return err })
	set(1, nil)
	set(2, []store.Parked{{Application: d.app, Number: 1, Tries: 1, Next: d.now, Reason: "x"}})
	d.step("parked", func() error { _, err := d.st.Parked(d.ctx, name, d.now, 1); return err })
	set(3, nil, d.app)
	d.step("drop", func() error { return d.st.DropMark(d.ctx, name) })
}

// bind does what a gateway does that remembers its keys here.
func (d *duties) bind() {
	for range 2 {
		d.step("bind a provider's key", func() error { _, err := d.st.BindProviderKey(d.ctx, string(d.app), "pi_1"); return err })
	}
}

// prune is what Prune does.
func (d *duties) prune() {
	d.step("prune", func() error { _, err := d.st.Prune(d.ctx, d.now); return err })
}

// erase erases an application that was closed.
func (d *duties) erase() { d.do(subscription.Erase{}) }

// report is what reports and audits do.
func (d *duties) report() {
	d.books("none")
	d.step("feed", func() error { _, err := d.st.Feed(d.ctx, store.Cursor{}, 1); return err })
	d.step("mark", func() error { _, err := d.st.Mark(d.ctx, "relay"); return err })
	d.step("parked", func() error { _, err := d.st.Parked(d.ctx, "relay", d.now, 1); return err })
	accounts := d.st.Accounts(nil)
	read(d, "journal", accounts.Journal(d.ctx))
	d.step("balance", func() error {
		_, err := accounts.Balance(d.ctx, "none", "USD")
		if errors.Is(err, balance.ErrNoAccount) {
			return nil
		}
		return err
	})
	d.step("look up", func() error { _, err := accounts.Lookup(d.ctx, "none"); return err })
	for _, view := range []string{"subscriptions", "cycles", "lots", "lot_balances"} {
		d.step(view, func() error { return d.sql("SELECT count(*) FROM {schema}." + view) })
	}
}

// doing does in a schema, connected as a role, what it is for, with the nth application. The owner prepares that.
func doing(tb testing.TB, role string, owner *postgres.Store, p *pgxpool.Pool, schema string, n int) error {
	tb.Helper()
	st := opened(tb, p, schema, nil)
	d := &duties{
		ctx: tb.Context(), st: st, app: subscription.ApplicationID(fmt.Sprint(role, "-", n)),
		sql: func(query string) error { return exec(tb, p, in(schema, query)) },
		now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
	}
	switch role {
	case "app":
		d.serve()
	case "prune":
		d.st = owner
		d.do(subscription.Create{Account: "penniless"})
		d.step("open", func() error { return owner.Accounts(nil).Open(d.ctx, "penniless") })
		if d.err != nil {
			tb.Fatal(d.err)
		}
		_ = d.do(subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD"})
		if !errors.Is(d.err, subscription.ErrDeclined) {
			tb.Fatal(d.err)
		}
		d.st, d.err, d.now = st, nil, d.now.AddDate(1, 0, 0)
		d.prune()
	case "erase":
		d.st = owner
		d.do(subscription.Create{Account: "a"})
		d.do(subscription.Close{})
		if d.err != nil {
			tb.Fatal(d.err)
		}
		d.st = st
		d.erase()
	case "read":
		d.report()
	}
	return d.err
}
