package audit

import (
	"context"
	"fmt"
	"iter"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// book is what is known of one application while it is audited. The orders and the lots are in memory, the entries and events of
// one change at a time.
type book struct {
	id    subscription.ApplicationID
	opts  *Options
	app   subscription.Application
	found []Finding

	orders orders
	ledger ledger
	log    log
}

// most is how many findings of an application are kept.
const most = 100

// addf adds a finding. The last one that is kept says that there are more.
func (b *book) addf(f Finding, format string, args ...any) {
	if len(b.found) == most {
		b.found[most-1] = Finding{Kind: f.Kind, Application: b.id, Text: "and more, of this kind and perhaps of others"}
		return
	}
	f.Application, f.Text = b.id, fmt.Sprintf(format, args...)
	b.found = append(b.found, f)
}

// read reads an application once and checks it.
func read(ctx context.Context, s Source, id subscription.ApplicationID, o *Options) (*book, error) {
	b := &book{id: id, opts: o, orders: newOrders(), ledger: newLedger(), log: newLog()}
	var err error
	if b.app, err = load(ctx, s, id); err != nil {
		return nil, err
	}
	b.document()
	if err := each(s.Orders(ctx, id), b.order); err != nil {
		return nil, err
	}
	b.compareOrders()
	if err := b.refunds(s.Refunds(ctx, id)); err != nil {
		return nil, err
	}
	if err := b.rows(s.Subscriptions(ctx, id)); err != nil {
		return nil, err
	}
	fed := none
	if f, ok := s.(store.Feeder); ok {
		fed = feed(ctx, f, id)
	}
	if err := b.changes(s.Events(ctx, id), s.Entries(ctx, id), fed); err != nil {
		return nil, err
	}
	b.compareLedger()
	b.compareUsage()
	b.compareStatuses()
	b.compareDeliveries()
	b.compareCollected()
	b.compareShares()
	b.compareTopUps()
	b.compareTaxes()
	return b, nil
}

// load loads the document of an application, which is at revision 0 if it doesn't exist.
func load(ctx context.Context, s Source, id subscription.ApplicationID) (subscription.Application, error) {
	snapshots, err := s.Load(ctx, subscription.Read{Application: id})
	if err != nil {
		return subscription.Application{}, err
	}
	if len(snapshots) != 1 {
		return subscription.Application{}, fmt.Errorf("%w: %d snapshots for one read", subscription.ErrInvariant, len(snapshots))
	}
	return snapshots[0].Application, nil
}

// each calls a function with every value of a sequence, up to its first error.
func each[T any](seq iter.Seq2[T, error], do func(*T)) error {
	for v, err := range seq {
		if err != nil {
			return err
		}
		do(&v)
	}
	return nil
}
