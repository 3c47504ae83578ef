package durable_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// kept is a database with its operator's tools: a backup is made, and later replaces the database.
type kept struct {
	store   func() store.Store // the open one
	backup  func()
	restore func()
}

// keptFile is a database in a file.
func keptFile(t *testing.T) *kept {
	t.Helper()
	path, copied := filepath.Join(t.TempDir(), "live.db"), filepath.Join(t.TempDir(), "backup.db")
	var st *sqlite.Store
	open := func() {
		st = sure.Of(sqlite.Open(t.Context(), path, nil))
		ok(t, st.Migrate(t.Context()))
	}
	open()
	t.Cleanup(func() { ok(t, st.Close()) })
	return &kept{
		store:  func() store.Store { return st },
		backup: func() { ok(t, st.Backup(t.Context(), copied)) },
		restore: func() {
			ok(t, st.Close())
			for _, suffix := range []string{"", "-wal", "-shm"} {
				_ = os.Remove(path + suffix) // the last two may not exist
			}
			ok(t, os.Rename(copied, path))
			open()
		},
	}
}

// keptSchema is a schema on a server, which is dumped.
func keptSchema(t *testing.T) *kept {
	t.Helper()
	dump, psql := pgtest.Program(t, "pg_dump"), pgtest.Program(t, "psql")
	url := pgtest.URL(t)
	schema := fmt.Sprintf("restored_%d_%x", os.Getpid(), time.Now().UnixNano())
	var pool *pgxpool.Pool
	var st *postgres.Store
	open := func() {
		pool = sure.Of(pgxpool.New(t.Context(), url))
		st = sure.Of(postgres.New(pool, &postgres.Options{Schema: schema}))
		ok(t, st.Migrate(t.Context()))
	}
	drop := func() { sure.Of(pool.Exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE")) }
	open()
	t.Cleanup(func() { drop(); pool.Close() })
	var backup bytes.Buffer
	run := func(program string, in *bytes.Buffer, args ...string) bytes.Buffer {
		t.Helper()
		var out, trouble bytes.Buffer
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Stdout, cmd.Stderr = &out, &trouble
		if in != nil {
			cmd.Stdin = in
		}
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v: %s", filepath.Base(program), err, trouble.String())
		}
		return out
	}
	return &kept{
		store:  func() store.Store { return st },
		backup: func() { backup = run(dump, nil, "--schema="+schema, url) },
		restore: func() {
			drop()
			pool.Close()
			run(psql, &backup, "--quiet", "--set=ON_ERROR_STOP=1", url)
			open()
		},
	}
}

// provider is a gateway that outlives the database: it remembers each key for some time and counts what it collected.
type provider struct {
	*balance.Accounts
	retention time.Duration
}

func (p *provider) Retention() time.Duration { return p.retention }

func (p *provider) collected(t *testing.T) []string {
	t.Helper()
	var lines []string
	for m, err := range p.Journal(t.Context()) {
		ok(t, err)
		if m.Kind != balance.Deposited {
			_, order, _ := strings.Cut(m.Key, "/")
			lines = append(lines, fmt.Sprintf("%s %s", order, m.Amount))
		}
	}
	return lines
}

// restored is a business whose database is restored from a backup.
type restored struct {
	t       *testing.T
	kept    *kept
	gateway *provider
	now     time.Time
	catalog *pricing.Catalog
	service *subscription.Service
}

func (b *restored) open() {
	b.t.Helper()
	b.service = sure.Of(subscription.NewService(b.kept.store(), b.gateway, subscription.StaticCatalog(b.catalog),
		&subscription.Options{Now: func() time.Time { return b.now }}))
}

func (b *restored) do(app subscription.ApplicationID, cmd subscription.Command, key string) (subscription.Outcome, error) {
	return b.service.Do(b.t.Context(), app, cmd, key)
}

// work runs a worker every six hours up to an instant.
func (b *restored) work(until string) {
	b.t.Helper()
	worker := sure.Of(renewal.NewWorker(b.service, b.kept.store(), &renewal.Options{Concurrency: 1}))
	for end := sure.Of(time.Parse(time.RFC3339, until)); b.now.Before(end); b.now = b.now.Add(6 * time.Hour) {
		_, err := worker.Once(b.t.Context())
		ok(b.t, err)
	}
}

// A store that was restored from a backup uses the same gateway keys as before. Renewals, bills and requests that were
// collected since the backup are found and not collected again, even if decisions are made in a different order. The
// periods that follow are paid for, none by an earlier payment.
// Rule: restored-backup-collects-nothing-twice.
func TestRestoredBackupCollectsNothingTwice(t *testing.T) {
	for name, keep := range map[string]func(*testing.T) *kept{"sqlite": keptFile, "postgres": keptSchema} {
		for _, retention := range []time.Duration{0, 90 * 24 * time.Hour} {
			t.Run(fmt.Sprint(name, ", keys remembered for ", retention), func(t *testing.T) {
				b := &restored{t: t, kept: keep(t), now: time.Date(2025, time.January, 1, 9, 0, 0, 0, time.UTC)}
				b.catalog = sure.Of(pricing.ParseCatalog(strings.NewReader(restoredCatalog)))
				clock := func() time.Time { return b.now }
				b.gateway = &provider{Accounts: balance.New(&balance.Options{Now: clock}), retention: retention}
				b.open()
				month := subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD"}
				for _, app := range []subscription.ApplicationID{"renews", "declined-first", "pays-as-it-goes"} {
					ok(t, b.gateway.Open(t.Context(), string(app)))
					ok(t, b.gateway.Deposit(t.Context(), string(app), "first "+string(app), sure.Of(pricing.ParseMoney("199.00", "USD"))))
					sure.Of(b.do(app, subscription.Create{Account: subscription.AccountID(app)}, "create"))
					sure.Of(b.do(app, month, "buy"))
				}
				sure.Of(b.do("pays-as-it-goes", subscription.EnablePayAsYouGo{Currency: "USD"}, "go"))
				deposit := func(app, key string) {
					ok(t, b.gateway.Deposit(t.Context(), app, key, sure.Of(pricing.ParseMoney("1000.00", "USD"))))
				}
				deposit("renews", "second renews")
				deposit("pays-as-it-goes", "second pays")
				usage := func(key string) {
					results := sure.Of(b.service.Consume(t.Context(), "pays-as-it-goes", subscription.Usage{
						ID: key, Product: "call", Kind: "hd", At: time.Date(2025, time.January, 20, 9, 0, 0, 0, time.UTC), Seconds: 60 * 150_000,
					}))
					ok(t, results[0].Err)
				}

				b.now = time.Date(2025, time.January, 20, 10, 0, 0, 0, time.UTC)
				b.kept.backup()
				usage("january")
				b.work("2025-01-31T12:00:00Z")
				deposit("declined-first", "second declined")
				b.work("2025-02-03T00:00:00Z")
				_, err := b.do("renews", topup.Buy{Pack: "pack", Currency: "USD"}, "pack-1")
				ok(t, err)
				before := b.gateway.collected(t)
				if len(before) != 8 { // three packages, three renewals, a bill, a pack
					t.Fatalf("collected %q", before)
				}

				b.kept.restore()
				b.open()
				b.now = time.Date(2025, time.January, 20, 11, 0, 0, 0, time.UTC)
				sure.Of(b.do("renews", subscription.AutoRenew{Product: "call", On: true}, "another revision"))
				_, err = b.do("renews", topup.Buy{Pack: "pack", Currency: "USD"}, "pack-1") // sent again
				ok(t, err)
				usage("january") // repeated as well
				b.work("2025-02-03T00:00:00Z")
				if after := b.gateway.collected(t); strings.Join(after, "\n") != strings.Join(before, "\n") {
					t.Errorf("collected after the backup was restored:\n%s\nbefore:\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
				}
				for _, app := range []subscription.ApplicationID{"renews", "declined-first", "pays-as-it-goes"} {
					b.audit(app, time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC))
				}

				// Nothing is free: the next month is paid for.
				b.work("2025-03-03T00:00:00Z")
				if after := b.gateway.collected(t); len(after) != len(before)+3 {
					t.Errorf("collected for the next month: %q", after[len(before):])
				}
				for _, app := range []subscription.ApplicationID{"renews", "declined-first", "pays-as-it-goes"} {
					b.audit(app, time.Date(2025, time.April, 1, 0, 0, 0, 0, time.UTC))
				}
			})
		}
	}
}

// audit checks that an application is paid up to an instant, that the gateway knows the charge of each period's order,
// and that nothing is unresolved.
func (b *restored) audit(app subscription.ApplicationID, paidUntil time.Time) {
	b.t.Helper()
	a, err := b.service.Application(b.t.Context(), app)
	ok(b.t, err)
	if end := a.Subscriptions[0].End(); !end.Equal(paidUntil) || len(a.Orders) != 0 {
		b.t.Errorf("%s is paid until %s, want %s; unresolved: %+v", app, end, paidUntil, a.Orders)
	}
	seen := map[subscription.AttemptID]bool{}
	for o, err := range b.kept.store().Orders(b.t.Context(), app) {
		ok(b.t, err)
		if o.Status != subscription.OrderPaid {
			continue
		}
		r, err := b.gateway.Lookup(b.t.Context(), string(o.Attempt))
		ok(b.t, err)
		if r.Status != payment.Succeeded || r.Amount != o.Amount || seen[o.Attempt] {
			b.t.Errorf("%s: order %s of %s is paid by %+v", app, o.ID, o.Amount, r)
		}
		seen[o.Attempt] = true
	}
}

// A copy of a database that runs beside its original, with a renewed identity, never uses the same keys: sales of both
// are collected separately.
// Rule: keys-begin-with-the-store.
func TestCopyWithItsOwnIdentityIsCollectedByItself(t *testing.T) {
	for name, keep := range map[string]func(*testing.T) *kept{"sqlite": keptFile, "postgres": keptSchema} {
		t.Run(name, func(t *testing.T) {
			b := &restored{t: t, kept: keep(t), now: time.Date(2025, time.January, 1, 9, 0, 0, 0, time.UTC)}
			b.catalog = sure.Of(pricing.ParseCatalog(strings.NewReader(restoredCatalog)))
			b.gateway = &provider{Accounts: balance.New(&balance.Options{Now: func() time.Time { return b.now }})}
			b.open()
			ok(t, b.gateway.Open(t.Context(), "acme"))
			ok(t, b.gateway.Deposit(t.Context(), "acme", "d", sure.Of(pricing.ParseMoney("1000.00", "USD"))))
			sure.Of(b.do("app", subscription.Create{Account: "acme"}, "create"))
			b.kept.backup()
			first := sure.Of(b.do("app", topup.Buy{Pack: "pack", Currency: "USD"}, "pack-1"))
			b.kept.restore()
			renewer, isRenewer := b.kept.store().(interface {
				NewIdentity(ctx context.Context) (string, error)
			})
			if !isRenewer {
				t.Fatal("the store's identity can't be renewed")
			}
			id := sure.Of(renewer.NewIdentity(t.Context()))
			b.open()
			second := sure.Of(b.do("app", topup.Buy{Pack: "pack", Currency: "USD"}, "pack-1"))
			if first.Order.Attempt == second.Order.Attempt || !strings.HasPrefix(string(second.Order.Attempt), id+"/") {
				t.Errorf("attempts %s and %s, identity %s", first.Order.Attempt, second.Order.Attempt, id)
			}
			if n := len(b.gateway.collected(t)); n != 2 {
				t.Errorf("collected %d times, want once for each", n)
			}
			if _, err := b.do("app", topup.Buy{Pack: "pack", Currency: "USD", Quantity: 2}, "pack-1"); !errors.Is(err, subscription.ErrKeyReused) {
				t.Errorf("another request with the key: %v", err)
			}
		})
	}
}

const restoredCatalog = `{
	"revision": "r1", "zone": "UTC", "service": {"grace_hours": 240, "retention_days": 60, "late_usage_hours": 24},
	"products": [{"id": "call", "name": "Call", "upgradable": true, "versions": [{"id": "lite", "name": "Lite", "rank": 1,
		"terms": [{"months": 1, "minutes": 100000, "list": {"USD": "199.00"}}]}]}],
	"usage": {"kinds": [{"id": "hd", "name": "HD", "weight": "1", "per_thousand": {"USD": "3.99"}}]},
	"packs": [{"id": "pack", "name": "Pack", "products": ["call"], "validity": {"months": 12}, "minutes": 25000, "price": {"USD": "24.00"}}]
}`
