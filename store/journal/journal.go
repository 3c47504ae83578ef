package journal

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Ledger is the name of an account of the books: its kind, a colon and the rest. The package documentation says what each of
// them holds.
type Ledger string

// The ledgers. There is one more for each tax, see [Tax].
const (
	Cash     Ledger = "assets:cash"
	Deferred Ledger = "liabilities:deferred revenue"
	Payable  Ledger = "liabilities:refunds payable"
	Suspense Ledger = "liabilities:suspense"
	Usage    Ledger = "revenue:usage"    // minutes that were used
	Days     Ledger = "revenue:days"     // days that have passed, of what has no minutes
	Bills    Ledger = "revenue:bills"    // pay-as-you-go usage
	Fees     Ledger = "revenue:fees"     // orders that deliver nothing
	Breakage Ledger = "revenue:breakage" // paid for, and neither used nor refunded
	Refunds  Ledger = "revenue:refunds"  // contra-revenue: refunds of what was used or kept
)

const (
	taxes   = "liabilities:tax:"
	revenue = "revenue:"
)

// Tax returns the ledger of a tax that is owed to the state.
func Tax(name string) Ledger { return Ledger(taxes + name) }

// Revenue reports whether what the ledger holds is revenue or reduces it. Its balance is negative where revenue is positive.
func (l Ledger) Revenue() bool { return strings.HasPrefix(string(l), revenue) }

// Posting moves an amount from one ledger to another, so each posting balances by itself.
type Posting struct {
	At          time.Time                  // when what it tells was recorded, in UTC
	Application subscription.ApplicationID // whose customer it is about
	Ref         string                     // the order's ID or, for a refund, that ID followed by "/refund/" and its number
	Debit       Ledger
	Credit      Ledger
	Amount      pricing.Money // positive
}

// Source has the rows that a journal is made of. Every store has them, and never prunes them.
type Source interface {
	Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error]
	Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error]
	Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error]
	Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error]
}

// Postings yields the postings of all applications that are dated from an instant on and before another one: application by
// application, in byte order of their IDs, and for each in the order of time. A zero from means from the beginning.
//
// The same span always gives the same postings, whenever it is asked for, once it has passed: to isn't later than now. Spans
// that adjoin give together what the whole gives. Each application is read from its first row on, so a day costs as much as
// the years before it; the orders of one application are in memory at a time.
//
// An error ends the iteration: those of the source; [pricing.ErrZone], for a period in a zone that can't be loaded; and
// [pricing.ErrOverflow].
func Postings(ctx context.Context, b Source, from, to time.Time) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		zones := map[string]pricing.Zone{}
		for app, err := range b.Applications(ctx) {
			if err != nil {
				yield(Posting{}, err)
				return
			}
			for p, err := range postingsOf(ctx, b, app, from, to, zones) {
				if !yield(p, err) || err != nil {
					return
				}
			}
		}
	}
}

// PostingsOf yields the postings of one application, see [Postings].
func PostingsOf(
	ctx context.Context, b Source, app subscription.ApplicationID, from, to time.Time,
) iter.Seq2[Posting, error] {
	return postingsOf(ctx, b, app, from, to, nil)
}

// postingsOf is PostingsOf, with the zones that are loaded; nil: none yet.
func postingsOf(
	ctx context.Context, b Source, app subscription.ApplicationID, from, to time.Time, zones map[string]pricing.Zone,
) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		k := &keeper{app: app, from: from, to: to, yield: yield, zones: zones}
		if err := k.run(ctx, b); err != nil && !k.stopped {
			yield(Posting{}, fmt.Errorf("journal: application %.80q: %w", string(app), err))
		}
	}
}
