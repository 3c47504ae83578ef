package durable_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// statement is what the provider says it collected and returned.
func (p *provider) statement(ctx context.Context) reconcile.Statement {
	return func(yield func(reconcile.Line, error) bool) {
		for m, err := range p.Journal(ctx) {
			l := reconcile.Line{Kind: reconcile.Charge, Key: m.Key, Amount: m.Amount, At: m.At, Reference: strconv.Itoa(m.Number)}
			switch {
			case err != nil:
			case m.Kind == balance.Deposited:
				continue
			case m.Kind == balance.Charged:
				l.Amount, err = pricing.FromMinor(-m.Amount.Minor(), m.Amount.Currency())
			default:
				l.Kind = reconcile.Refund
			}
			if !yield(l, err) {
				return
			}
		}
	}
}

// The runbook "Restore a backup" of docs/operations.md, step by step: what was sold and refunded since the backup is found by the
// statement; the refund is recorded, the request that nobody repeats is left to a person, a relay is told of its gap, and
// then renewals go on and collect nothing twice.
// Rule: restored-backup-collects-nothing-twice, statement-finds-differences.
func TestRunbookRestore(t *testing.T) {
	for name, keep := range map[string]func(*testing.T) *kept{"sqlite": keptFile, "postgres": keptSchema} {
		t.Run(name, func(t *testing.T) {
			b := &restored{t: t, kept: keep(t), now: time.Date(2025, time.January, 1, 9, 0, 0, 0, time.UTC)}
			b.catalog = sure.Of(pricing.ParseCatalog(strings.NewReader(restoredCatalog)))
			b.gateway = &provider{Accounts: balance.New(&balance.Options{Now: func() time.Time { return b.now }}), retention: 24 * time.Hour}
			b.open()
			customer := func(app subscription.ApplicationID) {
				ok(t, b.gateway.Open(t.Context(), string(app)))
				ok(t, b.gateway.Deposit(t.Context(), string(app), string(app), sure.Of(pricing.ParseMoney("1000.00", "USD"))))
				sure.Of(b.do(app, subscription.Create{Account: subscription.AccountID(app)}, "create"))
			}
			var mails []string
			follower := func() *relay.Relay {
				follows := b.kept.store().(interface {
					store.Feeder
					store.Marks
				})
				return sure.Of(relay.New(relay.Options{
					Name: "mails", Store: follows, Now: func() time.Time { return b.now },
					Handle: func(_ context.Context, c store.FeedChange) error {
						mails = append(mails, fmt.Sprint(c.Application, c.Revision))
						return nil
					},
				}))
			}
			customer("early")
			month := subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD"}
			early := sure.Of(b.do("early", month, "buy"))
			sure.Of(follower().Once(t.Context()))

			b.kept.backup()
			b.now = b.now.Add(time.Hour)
			customer("late")
			late := sure.Of(b.do("late", topup.Buy{Pack: "pack", Currency: "USD"}, "buy"))
			back := sure.Of(pricing.ParseMoney("9.00", "USD"))
			sure.Of(b.do("early", subscription.RefundOrder{Order: early.Order.ID, Amount: back}, "refund"))
			sure.Of(follower().Once(t.Context()))
			collected := b.gateway.collected(t)

			// 1. Stop everything. Restore.
			b.kept.restore()
			b.open()
			b.now = b.now.AddDate(0, 0, 3) // the gateway's lookups have forgotten
			// 2. Nobody may follow the old feed.
			st := b.kept.store()
			ok(t, st.(interface {
				NewFeed(ctx context.Context) error
			}).NewFeed(t.Context()))
			// 3. Compare the provider's statement since the backup, and apply what can be.
			span := reconcile.Span{From: b.now.AddDate(0, 0, -30), To: b.now.AddDate(0, 0, 1)}
			compare := func() (found []string) {
				for d, err := range reconcile.Compare(t.Context(), st, b.gateway.statement(t.Context()), span) {
					ok(t, err)
					_, err = reconcile.Apply(t.Context(), b.service, d)
					found = append(found, fmt.Sprintf("%s %s of %s: %s", d.Kind, d.Line.Kind, d.Line.Amount, subscription.CodeOf(err)))
				}
				slices.Sort(found)
				return found
			}
			if diff := cmp.Diff([]string{"unknown charge of 24.00 USD: not_found", "unknown refund of 9.00 USD: "}, compare()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// 4. A person asks the customer, or returns the money at the provider: nobody repeats that request.
			if diff := cmp.Diff([]string{"unknown charge of 24.00 USD: not_found"}, compare()); diff != "" {
				t.Errorf("applied (-want +got):\n%s", diff)
			}
			if late.Order.Amount.String() != "24.00 USD" {
				t.Errorf("the lost order is of %s", late.Order.Amount)
			}
			o := sure.Of(b.service.Order(t.Context(), "early", early.Order.ID))
			if o.RefundedAmount != back {
				t.Errorf("%s was returned, want %s", o.RefundedAmount, back)
			}
			// 5. Relays are started again where the host says.
			if _, err := follower().Once(t.Context()); !errors.Is(err, store.ErrCursor) {
				t.Errorf("%v, want store.ErrCursor", err)
			}
			first, _, err := st.(store.Feeder).FeedEnds(t.Context())
			ok(t, err)
			mails = nil
			ok(t, follower().Restart(t.Context(), first))
			sure.Of(follower().Once(t.Context()))
			if want := []string{"early1", "early2", "early3", "early4"}; !slices.Equal(mails, want) {
				t.Errorf("the relay was told of %q", mails)
			}
			// 6. Workers and services start.
			b.work("2025-02-03T00:00:00Z")
			if after := b.gateway.collected(t); len(after) != len(collected)+1 {
				t.Errorf("collected %q, and before the backup was restored %q: want one renewal more", after, collected)
			}
			// 7. Prune again, now that there are statistics.
			_, err = st.(store.Pruner).Prune(t.Context(), b.now)
			ok(t, err)
			worker := sure.Of(renewal.NewWorker(b.service, st, nil))
			_, err = worker.Once(t.Context())
			ok(t, err)
		})
	}
}
