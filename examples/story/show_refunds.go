package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// refund is a refund with values derived from its fields.
type refund struct {
	subscription.Refund
	Net pricing.Money `json:"net"` // without taxes
	At  time.Time     `json:"at"`  // when it was placed or told
}

func refundView(r subscription.Refund) *refund {
	return &refund{Refund: r, Net: r.Net(), At: r.DueAt}
}

type refundsQuestion struct {
	Order subscription.OrderID `json:"order"`
}

type refundsShown struct {
	Refunds []*refund `json:"refunds"`
	Count   int       `json:"count"`
	Total   totals    `json:"total,omitempty"` // of amounts
}

// showRefunds shows refunds in the order in which they were placed. The step's name then stands for the last one.
func showRefunds(ctx context.Context, w *world, s *step, q refundsQuestion) (any, error) {
	if _, err := w.look(ctx, s.App); err != nil {
		return nil, err
	}
	refunds, err := w.refunds(ctx, s.App)
	if err != nil {
		return nil, err
	}
	out := refundsShown{Total: totals{}}
	for _, r := range refunds {
		if !wants(q.Order, r.Order) {
			continue
		}
		out.Refunds = append(out.Refunds, refundView(r.Refund))
		if err := out.Total.add(r.Amount); err != nil {
			return nil, err
		}
		w.made.refund = r.Key
	}
	out.Count = len(out.Refunds)
	return out, nil
}

// placed is a refund with the place in the audit log of the event that placed it.
type placed struct {
	subscription.Refund
	revision int64
	index    int
}

// refunds returns all refunds of an application in the order in which they were placed.
func (w *world) refunds(ctx context.Context, app subscription.ApplicationID) ([]placed, error) {
	refunds, err := all(w.store.Refunds(ctx, app), nil)
	if err != nil {
		return nil, err
	}
	events, err := all(w.store.Events(ctx, app), nil)
	if err != nil {
		return nil, err
	}
	out := make([]placed, len(refunds))
	for i, r := range refunds { // of each order by number
		out[i].Refund = r
		if at := slices.IndexFunc(events, func(e subscription.Event) bool { return begins(&e, &r) }); at >= 0 {
			out[i].revision, out[i].index = events[at].Revision, events[at].Index
			events = slices.Delete(events, at, at+1)
		}
	}
	slices.SortStableFunc(out, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.revision, b.revision), cmp.Compare(a.index, b.index))
	})
	return out, nil
}

// begins reports whether an event may have placed a refund.
func begins(e *subscription.Event, r *subscription.Refund) bool {
	if e.Order != r.Order || !e.At.Equal(r.DueAt) || e.Amount != r.Amount {
		return false
	}
	switch e.Type { //nolint:exhaustive // no other event places a refund
	case subscription.EventRefundDue:
		return r.Key != ""
	case subscription.EventRefundMade, subscription.EventReversed, subscription.EventReinstated:
		return r.Key == ""
	}
	return false
}

// refunded returns the outcome of a command that placed no order, and remembers the refund that it placed, if any.
func (w *world) refunded(ctx context.Context, r subscription.Receipt) (outcome, error) {
	refunds, err := w.refunds(ctx, r.Application)
	out := outcome{At: r.At}
	for _, p := range refunds {
		if p.revision == r.Revision {
			out.Refund, w.made.refund = refundView(p.Refund), p.Key
		}
	}
	return out, err
}
