package simulation

import (
	"context"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// statementOf returns what a hostile gateway says that it collected and returned, as its provider would.
func statementOf(h *paymenttest.Hostile) []reconcile.Line {
	var all []reconcile.Line
	for _, c := range h.Collected() {
		all = append(all, reconcile.Line{Kind: reconcile.Charge, Key: c.Charge.Key, Amount: c.Amount, At: c.At})
	}
	for _, r := range h.Returned() {
		l := reconcile.Line{Kind: reconcile.Refund, Key: r.Refund.Key, Amount: r.Amount, At: r.At}
		if _, number := subscription.ParseKey(l.Key); number == 0 { // a person made it at the provider
			l.Key, l.ID = r.Refund.Charge, r.Refund.Key
		}
		all = append(all, l)
		if !r.WithdrawnAt.IsZero() {
			l.Kind, l.At = reconcile.Reinstated, r.WithdrawnAt
			all = append(all, l)
		}
	}
	for _, r := range h.Reversals() {
		l := reconcile.Line{Kind: reconcile.Reversal, Key: r.Charge, ID: r.ID, Amount: r.Amount, At: r.At, Reference: r.Reference}
		if r.Status == payment.GivenBack {
			l.Kind = reconcile.Refund
		}
		all = append(all, l)
		if !r.ReinstatedAt.IsZero() {
			l.Kind, l.At = reconcile.Reinstated, r.ReinstatedAt
			all = append(all, l)
		}
	}
	return all
}

// reconciled checks that the gateway's statement has no difference from the store at rest, and that a wrong amount in it is
// found. A store that was restored from a backup lacks what nobody repeated.
func (w *world) reconciled() {
	lines := statementOf(w.gateway)
	for _, d := range w.compare(lines) {
		if (d.Kind == reconcile.Unknown || d.Kind == reconcile.Unrecorded) && len(w.store.lost) > 0 {
			w.figures.LostAtRest++
			continue
		}
		w.violatef("statement", d.Application, "%s", d)
	}
	for i := range lines {
		attempt, _ := subscription.ParseKey(lines[i].Key)
		app, id, err := attempt.Parse()
		if err != nil || lines[i].Kind != reconcile.Charge {
			continue
		}
		snapshots, err := w.store.Load(context.Background(), subscription.Read{Application: app, Orders: []subscription.OrderID{id}})
		if err != nil || len(snapshots[0].Orders) == 0 || snapshots[0].Orders[0].Status != subscription.OrderPaid {
			continue
		}
		right := lines[i].Amount
		lines[i].Amount, _ = right.Add(right)
		found := slices.DeleteFunc(w.compare(lines), func(d reconcile.Difference) bool { return d.Kind != reconcile.Different })
		if len(found) != 1 || found[0].Kind != reconcile.Different || found[0].Line != lines[i] || found[0].Recorded != right {
			w.violatef("statement", app, "the statement has %s instead of %s: %v", lines[i].Amount, right, found)
		}
		return
	}
}

func (w *world) compare(lines []reconcile.Line) []reconcile.Difference {
	span := reconcile.Span{From: w.start.Add(-365 * day), To: w.now.Add(365 * day)}
	var all []reconcile.Difference
	statement := func(yield func(reconcile.Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
	for d, err := range reconcile.Compare(context.Background(), w.store, statement, span) {
		if err != nil {
			w.violatef("store", "", "%v", err)
			return nil
		}
		all = append(all, d)
	}
	return all
}
