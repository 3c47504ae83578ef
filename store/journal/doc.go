// Package journal makes double-entry postings of what a store keeps: the books of the subledger that prepaid packages are.
//
//	for p, err := range journal.Postings(ctx, st, january, february) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(p.At, p.Debit, p.Credit, p.Amount, p.Ref)
//	}
//
// Most callers ask for a closed month, add the postings to their general ledger, and never ask again. If they do ask again,
// they get the same ones: see below. [Balances] and [Monthly] sum them up. The command examples/books writes them as CSV and
// for hledger.
//
// # The ledgers
//
//	assets:cash                    what the gateway collected, less what it returned
//	liabilities:deferred revenue   paid for, and neither delivered nor lost
//	liabilities:tax:NAME           taxes of orders less those of refunds
//	liabilities:suspense           collected for orders that aren't delivered: under review, or canceled before
//	liabilities:refunds payable    refunds that were placed and not made yet, or failed and weren't repeated
//	revenue:usage                  minutes that were used
//	revenue:days                   days that have passed, of periods without minutes
//	revenue:bills                  pay-as-you-go usage
//	revenue:fees                   orders that deliver nothing
//	revenue:breakage               paid for, not used and not refunded
//	revenue:refunds                contra-revenue: refunds of what was used or is kept
//
// Each posting moves a positive amount from one to another. What a provider keeps for its services isn't known here, nor are
// deposits to accounts of payment/balance: an order that is paid from one of them is collected like any other.
//
// # Sales
//
// An order counts when it is paid: cash, or suspense if the money was there before, is divided into its taxes and the rest,
// which is deferred. If an order was delivered for another amount than its own, the taxes are those of
// [subscription.Order.CollectedTaxes], in proportion. Gifts and imports are worth nothing.
//
// The rest belongs to services. Each period that the order pays for is one, by its recorded price. An upgrade is one for the
// rest of the current period, and adds to those ahead by the order's lines. A pack is one. If an order delivers several
// things, which only commands of your own order, they are worth the same.
//
// # Revenue
//
// A service with minutes is a lot. Revenue is earned as they are used: after each entry it is the deferred amount × minutes
// used / minutes granted, rounded half up, so that it is exactly that amount when all are used. What repays an overdraft
// counts as used. What is left when the lot expires is breakage.
//
// A service without minutes is earned evenly by the day in the zone of its period. A day counts when it begins; those that
// began before the payment count with it.
//
// Minutes that nobody paid for earn nothing: free ones, gifts, an overdraft, and those that a correction of usage returned,
// whose revenue was earned when they were used first. A bill for usage is earned at once, because the usage is over.
//
// A period that was paid for ahead and doesn't begin, because its subscription was replaced, is breakage when it is over. An
// order doesn't say when its second and later periods end: they are counted from the first one's days. That matters for
// periods without minutes alone, and differs by at most three days, for terms that cross the end of February.
//
// # Money that goes back
//
// A refund is payable when it is placed and leaves cash when it is made; one that a bank or a provider made by itself leaves
// cash at once. Its share of each tax reduces that tax. The rest reduces deferred revenue by what the minutes and periods
// that were taken back with it were worth, and revenue (revenue:refunds) beyond that. If less is refunded than what was taken
// back was worth, the difference is breakage. Minutes taken back later, because they were reserved, first offset what the
// refund took from revenue.
//
// A refund that fails stays payable, so revenue and taxes don't change. The next refund of the order repeats it: it is paid
// from there first, and only the rest of its taxes is given back. If the failed one is made after all, and had been repeated,
// revenue bears the loss, unless one of them comes back. No more of a tax goes back than was paid.
//
// A reversal that is reinstated brings back cash, taxes and what it took from revenue. What it took from deferred revenue is
// deferred again if the minutes or periods return, otherwise it is breakage.
//
// Money that came too late, or is under review, waits in suspense until its order is delivered or its refund is placed.
//
// # Dates
//
// A posting has the instant at which what it tells was recorded: the commit's, not the one from which it took effect. If
// nobody looked at an application for a month, minutes that expired meanwhile are breakage of the day on which somebody did;
// a worker looks in time. So nothing is ever added to a span that has passed, and a closed month never changes, whatever is
// refunded, reversed or restored later. Days of a service without minutes need no commit.
//
// There are three exceptions. A change has the instant at which it was decided, by the clock of the process that made
// it, and is there once it is committed: ask for a span no sooner after its end than subscription.Options.MaxSkew and
// the time that your own transactions take, ten minutes, say. After subscription.ResetClock, the entries of the minutes
// ledger keep the instant that had been reached. And rows from before some instants were recorded
// (subscription.Order.CollectedAt, subscription.Refund.FailedAt and MadeAt, subscription.Entry.RecordedAt) are dated by
// those that they have, or leave out money that went and came back.
//
// IDs are the host's own text: whoever writes postings to a file quotes them as its format demands.
package journal
