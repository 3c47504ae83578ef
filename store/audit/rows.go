package audit

import (
	"iter"

	"github.com/prepaidkit/prepaid/subscription"
)

// rows compares the rows of subscriptions with the document: it has all that aren't over, and may have others.
func (b *book) rows(seq iter.Seq2[subscription.SubscriptionRow, error]) error {
	rows, want := b.app.Rows(), map[subscription.SubscriptionID]subscription.SubscriptionRow{}
	for _, r := range rows {
		want[r.ID] = r
	}
	err := each(seq, func(r *subscription.SubscriptionRow) {
		f := Finding{Kind: Subscriptions, Subscription: r.ID}
		is, ok := want[r.ID]
		delete(want, r.ID)
		switch {
		case r.Application != b.id:
			b.addf(f, "its row belongs to %.80q", string(r.Application))
		case ok && flat(is) != flat(*r):
			b.addf(f, "its row says %s, %s until %s, and the document %s, %s until %s", r.Status, r.Version, stamp(r.PaidUntil),
				is.Status, is.Version, stamp(is.PaidUntil))
		case !ok && !r.Status.Over():
			b.addf(f, "it is %s, and isn't in the document", r.Status)
		}
		b.log.history(r.ID).row = r.Status
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if _, missing := want[r.ID]; missing {
			b.addf(Finding{Kind: Subscriptions, Subscription: r.ID}, "it is %s, and has no row", r.Status)
		}
	}
	return nil
}

// flat returns a row whose times are comparable.
func flat(r subscription.SubscriptionRow) subscription.SubscriptionRow {
	r.OpenedAt, r.PaidUntil = r.OpenedAt.UTC(), r.PaidUntil.UTC()
	return r
}
