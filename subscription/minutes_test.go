package subscription_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// meter is a world whose catalog has small packages, kinds of usage, packs and free minutes.
type meter struct {
	*world
	gate    *gatewayFuncs // the test can redirect it; it wraps the accounts
	records int
}

// newMeter starts at 2025-07-10, 10:00 UTC. The edits apply to testdata/minutes.json.
func newMeter(tb testing.TB, edits ...string) *meter {
	tb.Helper()
	return newMeterOf(tb, subscription.Options{}, edits...)
}

// newMeterOf is newMeter with options for the service.
func newMeterOf(tb testing.TB, options subscription.Options, edits ...string) *meter {
	tb.Helper()
	m := &meter{}
	m.world = newWorld(tb, setup{
		catalog: catalog(tb, "minutes.json", edits...), start: "2025-07-10T10:00:00Z", options: options,
		gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			m.gate = &gatewayFuncs{Gateway: behind}
			return m.gate
		},
	})
	return m
}

// drain empties the account.
func (m *meter) drain() {
	m.t.Helper()
	left, err := m.accounts.Balance(m.t.Context(), string(acme), "USD")
	m.ok(err)
	m.keys++
	_, err = m.accounts.Charge(m.t.Context(), payment.Charge{
		Key: fmt.Sprintf("drain %d", m.keys), Account: string(acme), Amount: left, Order: "elsewhere",
	})
	m.ok(err)
}

// topUp buys one pack and accepts the agreement.
func topUp(pack pricing.PackID) topup.Buy {
	return topup.Buy{Pack: pack, Currency: "USD", Agreement: agreement}
}

// rec is a usage record for call at an instant.
func (m *meter) rec(kind pricing.UsageKindID, at string, seconds int64) subscription.Usage {
	m.t.Helper()
	m.records++
	return subscription.Usage{
		ID: fmt.Sprintf("u%d", m.records), Product: "call", Kind: kind, At: instant(m.t, at), Seconds: seconds,
	}
}

// used is a usage record for call at this moment, in minutes.
func (m *meter) used(kind pricing.UsageKindID, minutes int64) subscription.Usage {
	return m.rec(kind, m.now.Format(time.RFC3339), 60*minutes)
}

// use counts records and describes the result of each.
func (m *meter) use(records ...subscription.Usage) []string {
	m.t.Helper()
	results, err := m.Consume(m.t.Context(), app, records...)
	m.ok(err)
	return told(results)
}

// refuses counts a record that must be refused for a reason.
func (m *meter) refuses(u subscription.Usage, want error) {
	m.t.Helper()
	results, err := m.Consume(m.t.Context(), app, u)
	m.ok(err)
	fails(m.t, results[0].Err, want)
}

// told formats results: "4", "4 and 1 excess", "4 and 1 forgiven", "duplicate", "1.5 short", or the error.
func told(results []subscription.UsageResult) []string {
	out := make([]string, len(results))
	for i, r := range results {
		exhausted, short := errors.AsType[*subscription.ExhaustedError](r.Err)
		switch {
		case r.Duplicate:
			out[i] = "duplicate"
		case short:
			out[i] = exhausted.Short.String() + " short"
		case r.Err != nil:
			out[i] = r.Err.Error()
		default:
			out[i] = r.Deducted.String()
			if r.Excess != 0 {
				out[i] += " and " + r.Excess.String() + " excess"
			}
			if r.Forgiven != 0 {
				out[i] += " and " + r.Forgiven.String() + " forgiven"
			}
		}
		if r.Counted == (r.Err != nil || r.Duplicate) || !r.Counted && (r.Deducted != 0 || r.Excess != 0 || r.Forgiven != 0) {
			out[i] += fmt.Sprintf(", contradicting itself: %+v", r)
		}
	}
	return out
}

// lots formats each lot of the document: number, source, remaining of granted.
func (m *meter) lots() []string {
	m.t.Helper()
	var out []string
	for _, l := range m.application().Lots {
		s := fmt.Sprintf("%d %s %s/%s", l.ID, l.Source, l.Remaining, l.Granted)
		if l.Reserved != 0 {
			s += " reserved " + l.Reserved.String()
		}
		out = append(out, s)
	}
	return out
}

// ledger formats the entries from a revision on: kind, lot, quantity and what was used.
func (m *meter) ledger(from int64) []string {
	m.t.Helper()
	var out []string
	for _, e := range m.entries() {
		if e.Revision < from {
			continue
		}
		s := fmt.Sprintf("%s %d %s", e.Kind, e.Lot, e.Quantity)
		if e.Kind == subscription.EntryConsumed {
			s += fmt.Sprintf(" %s %s %s", e.Product, e.Usage, e.Day)
		}
		out = append(out, s)
	}
	return out
}

// noted returns the notes of all events of a type.
func (m *meter) noted(types ...subscription.EventType) []string {
	m.t.Helper()
	var out []string
	for _, e := range m.events() {
		if slices.Contains(types, e.Type) {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s", e.Type, e.Note)))
		}
	}
	return out
}

// amounts returns the quantities of all events of some types.
func (m *meter) amounts(types ...subscription.EventType) []string {
	m.t.Helper()
	var out []string
	for _, e := range m.events() {
		if slices.Contains(types, e.Type) {
			out = append(out, fmt.Sprintf("%s %s", e.Type, e.Quantity))
		}
	}
	return out
}

// work runs a worker for one round, now.
func (m *meter) work() {
	m.t.Helper()
	w, err := renewal.NewWorker(sure.Of(subscription.NewService(m.store.Store, m.gate, func() *pricing.Catalog { return m.catalog },
		&subscription.Options{Now: func() time.Time { return m.now }})), m.store.Store, nil)
	m.ok(err)
	_, err = w.Once(m.t.Context())
	m.ok(err)
}

// run lets a worker run whenever something is due, up to and including an instant.
func (m *meter) run(until string) {
	m.t.Helper()
	end := instant(m.t, until)
	for range 1000 {
		due := m.stored().Due
		if due.IsZero() || due.After(end) {
			m.now = end
			return
		}
		if due.After(m.now) {
			m.now = due
		}
		m.work()
	}
	m.t.Fatalf("still due after every round at %s", m.now)
}

// paidGo turns on pay-as-you-go.
func (m *meter) paidGo() {
	m.t.Helper()
	m.must(subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement})
}

// balanced checks that the replayed ledger equals the document.
func (m *meter) balanced() {
	m.t.Helper()
	a := m.stored()
	sums := map[subscription.LotID]subscription.Quantity{}
	for _, e := range m.entries() {
		switch e.Kind {
		case subscription.EntryGranted, subscription.EntryReleased, subscription.EntryReinstated, subscription.EntryLent,
			subscription.EntryRepaid:
			sums[e.Lot] += e.Quantity
		default:
			sums[e.Lot] -= e.Quantity
		}
	}
	for _, l := range a.Lots {
		check(m.t, fmt.Sprintf("lot %d by its entries", l.ID), sums[l.ID], l.Remaining)
		delete(sums, l.ID)
	}
	for id, left := range sums {
		check(m.t, fmt.Sprintf("lot %d, which is over", id), left, 0)
	}
}

func sameLines(tb testing.TB, what string, got []string, want ...string) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
