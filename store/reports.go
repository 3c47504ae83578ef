package store

import (
	"context"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Reports is a store that answers questions about all its applications: whose package ends next week, who is past due,
// what was paid and what went back in a month. All stores of this module can, with the same answers; the durable ones have
// an index for each question. The applications of an account are listed by [subscription.Store].
//
// A span of time is half-open, from the first instant up to, and without, the second; a zero instant leaves it open on
// that side, and a span that ends before it begins is empty. The iterators are those of [History]: in order, in bounded
// memory, and without a lock while the loop body runs. A row that changes during an iteration may be yielded as it was or
// as it is; if its place in the order changes, it may also come twice or not at all.
type Reports interface {
	// FindSubscriptions yields the rows of subscriptions that a filter finds: by PaidUntil, application and ID, or, if the
	// filter names an account, by application and ID.
	FindSubscriptions(ctx context.Context, f SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error]
	// PaymentsBetween yields the orders that were paid in a span, by PaidAt, application and ID. An order that cost nothing
	// isn't a payment: a trial, a gift, an import, an upgrade that was waived. An order stays a payment of its month
	// whatever becomes of its money later.
	PaymentsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error]
	// RefundsBetween yields the refunds that were placed in a span, by DueAt, application, order and number, whatever their
	// status is now. One of nothing, which only took back what was delivered, is left out.
	RefundsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Refund, error]
	// TotalsBetween sums what was paid and what went back in a span, by product, kind and currency, in that order; see
	// [Total]. It fails with [pricing.ErrOverflow] if a sum is out of range.
	TotalsBetween(ctx context.Context, from, until time.Time) ([]Total, error)
}

// SubscriptionFilter says which subscriptions to find: those that satisfy all of its fields. The zero value finds all.
//
//	ending in a week:  {Statuses: {Active}, From: now, Until: now.AddDate(0, 0, 7)}
//	past due:          {Statuses: {PastDue}}
//	not to be renewed: {Statuses: {Active}, AutoRenew: new(false)}
//
// Rows say what the last change of each application knew. What only time has done since, such as the end of a period, is
// in them after the next request or round of a worker.
type SubscriptionFilter struct {
	// Statuses are those that a subscription may have: any of them. None: every status.
	Statuses []subscription.Status
	// From and Until bound the end of what is paid for: From ≤ PaidUntil < Until. Zero: no bound.
	From, Until time.Time
	Product     pricing.ProductID // "": every product
	// Account is that of the application, "" for every account. The row of a subscription that was over before its
	// application changed accounts still names the one before.
	Account   subscription.AccountID
	AutoRenew *bool // nil: whether or not it renews itself
}

// Total is what was paid and what went back for one kind of order of one product in one currency.
//
// The product is the order's ([subscription.Order]). An automatic top-up has the product whose minutes ran low. It is ""
// for a pack that was bought by hand, whose minutes may be for several products, for a bill for usage, and for orders of
// your own that name none.
//
// Each amount has an instant that never changes: a payment is dated by the order's PaidAt, a refund by its DueAt, whatever
// its status. So the totals of a month that is over stay as they are when something of it is refunded later: that is a
// refund of the later month. If a refund fails after all, or a reversal is reinstated, the month of the refund stays, too;
// the amount is undone in the month in which that became known, the refund's ClosedAt. A refund that failed because its
// outcome was unknown, and was made after all, is undone in the month of its FailedAt, and is refunded again in the one in
// which it was made. So it counts twice among the refunds, and once or twice among what was undone.
//
// Money for an order that was never delivered is neither a payment nor a refund: it was collected too late, or the order
// is under review, and it goes back. If such an order is delivered after all, refunds from before count as of its PaidAt.
// An order of the first version whose time of payment is unknown counts nowhere. Changes that were decided before the end
// of a span may be committed a little after it: ask some minutes later.
type Total struct {
	Product  pricing.ProductID      `json:"product,omitempty"` // "": none, as for packs and usage
	Kind     subscription.OrderKind `json:"kind"`
	Currency pricing.Currency       `json:"currency"`
	Paid     Sum                    `json:"paid"`     // payments: what was collected
	Refunded Sum                    `json:"refunded"` // refunds, reversals included; again those that failed and were made after all
	Undone   Sum                    `json:"undone"`   // refunds that failed after all, and reversals that were reinstated
}

// Sum is a number of amounts, their sum, and how much of that is tax: of a payment the taxes in what was collected, see
// [subscription.Order.CollectedTaxes], of a refund its shares. The currency is that of its [Total].
type Sum struct {
	Count  int64         `json:"count"`
	Amount pricing.Money `json:"amount"`
	Tax    pricing.Money `json:"tax"`
}

// Net returns the sum without its tax.
func (s Sum) Net() pricing.Money {
	net, _ := s.Amount.Sub(s.Tax) // of one currency
	return net
}
