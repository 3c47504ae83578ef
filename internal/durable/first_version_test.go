package durable_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// leftDue returns a change as the first version made it, which left an order to be refunded as a whole: the order says so
// itself, and nothing else does.
func leftDue(c subscription.Change, o subscription.Order, note string) subscription.Change {
	at := c.Next.AsOf
	o.Status, o.Collected, o.ClosedAt, o.TakenBackAt, o.Note = subscription.OrderRefundDue, o.Amount, at, time.Time{}, note
	o.Refunds, o.RefundedAmount = 0, pricing.Money{}
	c.Orders, c.Refunds = []subscription.Order{o}, nil
	c.Next.Orders, c.Next.Refunds, c.Next.Lots = []subscription.Order{o}, nil, nil
	c.Events = slices.DeleteFunc(c.Events, func(e subscription.Event) bool {
		return e.Type == subscription.EventRefundDue || e.Type == subscription.EventAutoRenewOff
	})
	c.Events = append(c.Events, subscription.Event{
		Application: c.Application, Revision: c.Next.Revision, At: at, Type: subscription.EventOrderRefundDue, Order: o.ID,
		Amount: o.Amount, Note: note,
	})
	for i := range c.Events {
		c.Events[i].Index = i
	}
	return c
}

// shop is a store with a service whose gateway refunds nothing until it is told to.
type shop struct {
	store   store.Store
	service *subscription.Service
	gateway *testworld.Gateway
	now     time.Time
}

func newShop(t *testing.T, st store.Store, now time.Time) *shop {
	t.Helper()
	accounts := balance.New(nil)
	ok(t, accounts.Open(t.Context(), "acme"))
	ok(t, accounts.Deposit(t.Context(), "acme", "d", usd(t, "100000.00")))
	s := &shop{store: st, gateway: &testworld.Gateway{Gateway: accounts}, now: now}
	s.gateway.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) {
		return payment.Result{}, errors.New("the gateway is down")
	}
	service, err := subscription.NewService(st, s.gateway, subscription.StaticCatalog(catalog(t)), &subscription.Options{
		Now: func() time.Time { return s.now },
	})
	ok(t, err)
	s.service = service
	return s
}

// work runs one round of a worker.
func (s *shop) work(t *testing.T) {
	t.Helper()
	w, err := renewal.NewWorker(s.service, s.store, nil)
	ok(t, err)
	_, err = w.Once(t.Context())
	ok(t, err)
}

// refunds says in short what a store reports of the refunds of a span.
func (s *shop) refunds(t *testing.T, from, until time.Time) []string {
	t.Helper()
	lines := []string{}
	for r, err := range s.store.(store.Reports).RefundsBetween(t.Context(), from, until) {
		ok(t, err)
		lines = append(lines, fmt.Sprintf("%s %d %s %s %s since %s", r.Application, r.Number, r.Kind, r.Amount, r.Status, r.DueAt.Format(time.DateOnly)))
	}
	return lines
}

// books returns the postings of an application before an instant, in short.
func (s *shop) books(t *testing.T, app subscription.ApplicationID, until time.Time) []string {
	t.Helper()
	var lines []string
	for p, err := range journal.Postings(t.Context(), s.store, time.Time{}, until) {
		ok(t, err)
		if p.Application == app {
			lines = append(lines, fmt.Sprintf("%s %s to %s %s", p.At.Format(time.DateOnly), p.Debit, p.Credit, p.Amount))
		}
	}
	return lines
}

// What the first version left due is in the reports once anything of its application has changed, in the journal before and
// after that with the same postings, and the audit finds nothing wrong with either.
// Rule: refund-is-a-row.
func TestFirstVersionsRefundsAreInTheBooks(t *testing.T) {
	for name, empty := range map[string]func() store.Store{
		"memory": func() store.Store { return memory.New() }, "sqlite": files(t).store, "postgres": schemas(t).store,
	} {
		t.Run(name, func(t *testing.T) {
			july := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
			august, september := july.AddDate(0, 1, 0), july.AddDate(0, 2, 0)
			s := newShop(t, empty(), july.AddDate(0, 0, 9))
			s.leaves(t)
			want := map[subscription.ApplicationID][]string{
				"late": {
					"2025-07-12 assets:cash to liabilities:suspense 199.00 USD",
					"2025-07-12 liabilities:suspense to liabilities:refunds payable 199.00 USD",
				},
				"returned": {
					"2025-07-10 assets:cash to liabilities:deferred revenue 199.00 USD",
					"2025-07-12 liabilities:deferred revenue to liabilities:refunds payable 199.00 USD",
				},
			}
			proved := func(when string, until time.Time) {
				t.Helper()
				for app, postings := range want {
					if diff := cmp.Diff(postings, s.books(t, app, until)); diff != "" {
						t.Errorf("%s: %s (-want +got):\n%s", when, app, diff)
					}
				}
				for _, f := range found(t, s.store, &audit.Options{}) {
					t.Errorf("%s: %s", when, f)
				}
			}
			reported := func(when string, status string) {
				t.Helper()
				if diff := cmp.Diff([]string{
					"late 1 late 199.00 USD " + status + " since 2025-07-12", "returned 1 refund 199.00 USD " + status + " since 2025-07-12",
				}, s.refunds(t, july, august)); diff != "" {
					t.Errorf("%s: refunds of July (-want +got):\n%s", when, diff)
				}
				totals, err := s.store.(store.Reports).TotalsBetween(t.Context(), july, august)
				ok(t, err)
				if len(totals) != 1 || totals[0].Paid.Amount != usd(t, "199.00") || totals[0].Refunded.Amount != usd(t, "199.00") || totals[0].Undone.Count != 0 {
					t.Errorf("%s: totals of July %+v", when, totals)
				}
			}
			proved("as it was left", september)
			s.now = september
			s.work(t)
			proved("due", september)
			reported("due", "due")
			s.gateway.OnRefund = nil
			s.now = september.AddDate(0, 0, 1)
			s.work(t)
			proved("made", september)
			reported("made", "made")
			for app := range want {
				want[app] = append(want[app], "2025-09-02 liabilities:refunds payable to assets:cash 199.00 USD")
			}
			proved("made", september.AddDate(0, 1, 0))
		})
	}
}

// leaves adds two applications whose refunds the first version left due: of a package that was returned, and of a purchase
// that was collected after it had been canceled.
func (s *shop) leaves(t *testing.T) {
	t.Helper()
	for app, note := range map[subscription.ApplicationID]string{"returned": "given back", "late": "paid after it was closed"} {
		_, err := s.service.Do(t.Context(), app, subscription.Create{Account: "acme"}, "create")
		ok(t, err)
		s.gateway.OnCharge = nil
		if app == "late" {
			s.gateway.OnCharge = func(context.Context, payment.Charge) (payment.Result, error) {
				return payment.Result{}, errors.New("the gateway is down")
			}
		}
		out, err := s.service.Do(t.Context(), app, testworld.Buy("call", "one-to-one"), "buy")
		if app == "returned" {
			ok(t, err)
		}
		then := s.now.AddDate(0, 0, 2)
		o := out.Order
		var cmd subscription.Command = subscription.ReturnPackage{Order: o.ID}
		if app == "late" {
			cmd = subscription.Cancel{Order: o.ID}
			_, err = s.gateway.Gateway.Charge(t.Context(), payment.Charge{Key: string(o.Attempt), Account: "acme", Amount: o.Amount})
			ok(t, err)
		}
		read := subscription.Read{Application: app, Orders: []subscription.OrderID{o.ID}, Refunds: []subscription.OrderID{o.ID}}
		got, err := s.store.Load(t.Context(), read)
		ok(t, err)
		c, err := cmd.Decide(got[0], catalog(t), then)
		ok(t, err)
		ok(t, s.store.Commit(t.Context(), leftDue(c, o, note)))
	}
}

// What the first version left due in a document of its format is reported, once that has changed: as what it was, since it
// was due, as far as that is known. Memory has no event of its payment.
// Rule: refund-is-a-row.
func TestRefundsOfTheFirstFormatAreReported(t *testing.T) {
	reported := func(t *testing.T, st store.Store, kind string) {
		t.Helper()
		s := newShop(t, st, longAgo().AddDate(0, 2, 0))
		from, until := longAgo(), longAgo().AddDate(0, 0, 4)
		_, err := s.service.Do(t.Context(), "once", subscription.PaymentMethodChanged{}, "changed")
		ok(t, err)
		if diff := cmp.Diff([]string{"once 1 " + kind + " 5.00 USD due since 2025-06-18"}, s.refunds(t, from, until)); diff != "" {
			t.Errorf("due (-want +got):\n%s", diff)
		}
		_, err = s.service.Settle(t.Context(), "once/1-due/refund", payment.Result{Key: "once/1-due/refund", Status: payment.Succeeded, Amount: usd(t, "5.00")})
		ok(t, err)
		if diff := cmp.Diff([]string{"once 1 " + kind + " 5.00 USD made since 2025-06-18"}, s.refunds(t, from, until)); diff != "" {
			t.Errorf("made (-want +got):\n%s", diff)
		}
	}
	t.Run("memory", func(t *testing.T) {
		app, err := document.Decode([]byte(once))
		ok(t, err)
		st := memory.New()
		for base := range app.Revision {
			next := app.Clone()
			next.Revision = base + 1
			ok(t, st.Commit(t.Context(), subscription.Change{Application: app.ID, Base: base, Next: next, Orders: next.Orders}))
		}
		reported(t, st, "late")
	})
	eachRaw(t, func(t *testing.T, r *raw) {
		t.Helper()
		r.fillOld(0)
		st := r.open()
		ok(t, st.Migrate(t.Context()))
		reported(t, st, "refund")
	})
}
