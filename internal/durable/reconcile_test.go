package durable_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// A statement is compared with each store, with the same result, and what is applied is recorded there.
// Rule: statement-finds-differences, difference-is-applied-once.
func TestReconcileOnEveryStore(t *testing.T) {
	for name, of := range map[string]func() store.Store{
		"memory":   func() store.Store { return memory.New() },
		"sqlite":   files(t).store,
		"postgres": schemas(t).store,
	} {
		t.Run(name, func(t *testing.T) {
			st := of()
			now := time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)
			clock := func() time.Time { return now }
			accounts := balance.New(&balance.Options{Now: clock})
			catalog := sure.Of(pricing.ParseCatalog(strings.NewReader(restoredCatalog)))
			gateway := &testworld.Gateway{Gateway: accounts}
			s := sure.Of(subscription.NewService(st, gateway, subscription.StaticCatalog(catalog), &subscription.Options{Now: clock}))
			buy := func(app subscription.ApplicationID) subscription.Order {
				ok(t, accounts.Open(t.Context(), string(app)))
				ok(t, accounts.Deposit(t.Context(), string(app), "d", sure.Of(pricing.ParseMoney("100.00", "USD"))))
				sure.Of(s.Do(t.Context(), app, subscription.Create{Account: subscription.AccountID(app)}, "create"))
				out, _ := s.Do(t.Context(), app, topup.Buy{Pack: "pack", Currency: "USD"}, "buy")
				return out.Order
			}
			usd := func(text string) pricing.Money { return sure.Of(pricing.ParseMoney(text, "USD")) }
			paid, reversed := buy("paid"), buy("reversed")
			gateway.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) { // the answer gets lost
				_, err := accounts.Charge(ctx, c)
				return payment.Result{}, errors.Join(context.DeadlineExceeded, err)
			}
			unheard := buy("unheard")
			sure.Of(s.Do(t.Context(), "paid", subscription.RefundOrder{Order: paid.ID, Amount: usd("4.00")}, "refund"))
			file := "kind,key,currency,amount,id\n"
			for _, l := range []struct {
				kind, key, amount, id string
			}{
				{"reversal", string(reversed.Attempt), "24.00", "dp_1"},
				{"charge", string(unheard.Attempt), "24.00", ""},
				{"charge", string(reversed.Attempt), "24.00", ""},
				{"refund", string(paid.Attempt) + "/refund", "4.00", ""},
				{"charge", string(paid.Attempt), "23.00", ""},
				{"charge", string(paid.Attempt) + "0", "24.00", ""},
			} {
				file += fmt.Sprintf("%s,%s,USD,%s,%s\n", l.kind, l.key, l.amount, l.id)
			}
			span := reconcile.Span{From: now.AddDate(0, 0, -1), To: now.AddDate(0, 0, 1)}
			compare := func(apply bool) (found []string) {
				for d, err := range reconcile.Compare(t.Context(), st, reconcile.ReadCSV(strings.NewReader(file)), span) {
					ok(t, err)
					found = append(found, fmt.Sprintf("%s %s of %s", d.Kind, d.Line.Kind, d.Application))
					if apply {
						_, err = reconcile.Apply(t.Context(), s, d)
						ok(t, err)
					}
				}
				slices.Sort(found)
				return found
			}
			person := []string{"different charge of paid", "unknown charge of paid"}
			all := append(slices.Clone(person), "unrecorded charge of unheard", "unrecorded reversal of reversed")
			if diff := cmp.Diff(all, compare(true)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(person, compare(true)); diff != "" {
				t.Errorf("applied (-want +got):\n%s", diff)
			}
			file = "kind,key,currency,amount\n"
			missing := []string{
				"missing charge of paid", "missing charge of reversed", "missing charge of unheard", "missing refund of paid",
				"missing reversal of reversed",
			}
			if diff := cmp.Diff(missing, compare(false)); diff != "" {
				t.Errorf("an empty statement (-want +got):\n%s", diff)
			}
			for app, want := range map[subscription.ApplicationID]int{"paid": 2, "unheard": 0, "reversed": 0} {
				n := 0
				for e, err := range st.Events(t.Context(), app) {
					ok(t, err)
					if e.Type == subscription.EventNeedsPerson {
						n++
					}
				}
				if n != want {
					t.Errorf("%s: %d events for a person, want %d", app, n, want)
				}
			}
			if o := sure.Of(s.Order(t.Context(), "unheard", unheard.ID)); o.Status != subscription.OrderPaid {
				t.Errorf("the order whose answer got lost is %s", o.Status)
			}
		})
	}
}
