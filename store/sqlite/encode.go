package sqlite

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// written is a change in the form of arguments for the statements that write it, in that order.
type written struct {
	application string
	base        int64
	document    []any

	placed, replaced       [][]any // orders
	refunds, subscriptions [][]any
	entries, events        [][]any
	receipts, records      [][]any
	feed                   [][]any // one row
}

// rows returns the number of rows to write.
func (w *written) rows() int {
	return 1 + len(w.placed) + len(w.replaced) + len(w.refunds) + len(w.subscriptions) + len(w.entries) + len(w.events) +
		len(w.receipts) + len(w.records) + len(w.feed)
}

// encode returns the rows to write for a change. It fails with the reason if the change can't be stored.
func encode(c *subscription.Change) (written, error) {
	e := new(encoder)
	w := written{application: string(c.Application), base: c.Base}
	doc, err := document.Append(nil, &c.Next)
	if err != nil {
		return written{}, err
	}
	w.document = []any{
		c.Base + 1, text(e, c.Next.Account), instant(c.Next.CreatedAt), instant(c.Next.Due), string(doc), text(e, c.Application),
	}
	if c.Base > 0 {
		w.document = append(w.document, c.Base)
	}
	for i := range c.Orders {
		o := &c.Orders[i]
		switch {
		case slices.ContainsFunc(c.Orders[i+1:], func(later subscription.Order) bool { return later.ID == o.ID }):
			// A later version of the same order in this change replaces it.
		case c.Places(o.ID):
			w.placed = append(w.placed, e.order(o, c, i))
		default:
			w.replaced = append(w.replaced, e.order(o, c, i))
		}
	}
	for i := range c.Refunds {
		w.refunds = append(w.refunds, e.refund(&c.Refunds[i], c))
	}
	for i := range c.Subscriptions {
		w.subscriptions = append(w.subscriptions, e.subscription(&c.Subscriptions[i], c.Application))
	}
	for i := range c.Entries {
		w.entries = append(w.entries, e.entry(&c.Entries[i], c))
	}
	for i := range c.Events {
		w.events = append(w.events, e.event(&c.Events[i], c))
	}
	for i := range c.Receipts {
		r := &c.Receipts[i]
		w.receipts = append(w.receipts, []any{
			w.application, text(e, r.Key), text(e, r.Kind), r.Digest[:], r.Revision, instant(r.At), optional(e, r.OrderID),
		})
	}
	for i := range c.Records {
		r := &c.Records[i]
		w.records = append(w.records, []any{w.application, text(e, r.ID), int64(r.On), number(r.Digest)})
	}
	w.feed = [][]any{{w.application, c.Base + 1, time.Now().UnixMicro()}} //nolint:forbidigo // the store's clock, as in a database
	return w, e.err
}

// encoder keeps the error of the first text that can't be stored.
type encoder struct{ err error }

func (e *encoder) refund(r *subscription.Refund, c *subscription.Change) []any {
	return []any{
		string(c.Application), text(e, r.Order), int64(r.Number), text(e, r.Kind), text(e, r.Status), text(e, r.Account),
		r.Amount.Minor(), string(r.Amount.Currency()), e.taxes(r.Taxes), optional(e, r.Take), optional(e, r.ID), optional(e, r.Key),
		optional(e, r.Note), optional(e, r.By), instant(r.DueAt), instant(r.ClosedAt), optional(e, r.Reason), optional(e, r.Reference),
		instant(r.FailedAt), instant(r.MadeAt), number(int64(r.Cycles)),
	}
}

func (e *encoder) subscription(r *subscription.SubscriptionRow, app subscription.ApplicationID) []any {
	return []any{
		string(app), text(e, r.ID), text(e, r.Account), text(e, r.Product), optional(e, r.Version), text(e, r.Status),
		text(e, r.Currency), flag(r.Trial), flag(r.AutoRenew), instant(r.OpenedAt), instant(r.PaidUntil),
	}
}

func (e *encoder) lines(lines []pricing.Line) any {
	b, err := document.AppendLines(nil, lines)
	e.fail(err)
	return string(b)
}

func (e *encoder) deliveries(deliveries []subscription.Delivery) any {
	if len(deliveries) == 0 {
		return nil
	}
	b, err := document.AppendDeliveries(nil, deliveries)
	e.fail(err)
	return string(b)
}

func (e *encoder) taxes(taxes []pricing.Tax) any {
	if len(taxes) == 0 {
		return nil
	}
	b, err := document.AppendTaxes(nil, taxes)
	e.fail(err)
	return string(b)
}

func (e *encoder) action(a *payment.Action) any {
	if a == nil {
		return nil
	}
	b, err := document.AppendAction(nil, *a)
	e.fail(err)
	return string(b)
}

func (e *encoder) entry(n *subscription.Entry, c *subscription.Change) []any {
	return []any{
		string(c.Application), n.Revision, int64(n.Index), instant(n.At), text(e, n.Kind), int64(n.Lot), int64(n.Quantity),
		optional(e, n.Order), optional(e, n.Product), optional(e, n.Usage), number(n.Day), optional(e, n.Reservation),
		instant(n.RecordedAt),
	}
}

func (e *encoder) event(n *subscription.Event, c *subscription.Change) []any {
	return []any{
		string(c.Application), n.Revision, int64(n.Index), instant(n.At), text(e, n.Type), optional(e, n.Subscription),
		optional(e, n.Product), optional(e, n.Version), optional(e, n.From), optional(e, n.Status), instant(n.Period.Start),
		instant(n.Period.End), optional(e, n.Period.Zone), optional(e, n.Order), optional(e, n.Kind), minor(n.Amount),
		currency(n.Amount), number(n.Lot), number(n.Quantity), optional(e, n.Reason), optional(e, n.Note), optional(e, n.By),
		optional(e, n.Why),
	}
}

// fail keeps an error, unless there is one.
func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// text returns a text that every row has. If it can't be stored, the encoder fails.
func text[S ~string](e *encoder, s S) any {
	e.fail(document.Text(string(s)))
	return string(s)
}

// optional returns a text, or nil if it is empty.
func optional[S ~string](e *encoder, s S) any {
	if s == "" {
		return nil
	}
	return text(e, s)
}

// instant returns microseconds since 1970, or nil for the zero time.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// minor returns an amount in minor units, or nil for no amount.
func minor(m pricing.Money) any {
	if m.IsZero() {
		return nil
	}
	return m.Minor()
}

// currency returns an amount's currency, or nil for no amount.
func currency(m pricing.Money) any {
	if m.IsZero() {
		return nil
	}
	return string(m.Currency())
}

func flag(is bool) any {
	if is {
		return int64(1)
	}
	return int64(0)
}

// number returns a number, or nil for zero.
func number[N ~int64 | ~int32](n N) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}
