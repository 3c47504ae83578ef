package memory

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/subscription"
)

// Commit implements [subscription.Store].
func (s *Store) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := commitresult.OnePerApplication(changes); err != nil {
		return err
	}
	became := make([]error, len(changes))
	parallel(len(changes), func(i int) { became[i] = s.shard(changes[i].Application).commit(&changes[i]) })
	var out commitresult.Result
	for i, err := range became {
		switch {
		case errors.Is(err, subscription.ErrConflict):
			out.Conflict(changes[i].Application)
		case err != nil:
			out.Refuse(changes[i].Application, err)
		}
	}
	return out.Err()
}

// few is the size below which a batch isn't worth distributing over processors.
const few = 128

// parallel calls do for 0 to n-1, using all processors if n is large.
func parallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/few)
	if workers <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wait.Wait()
}

// commit applies a change. It returns [subscription.ErrConflict], or the reason why the change is refused.
func (sh *shard) commit(c *subscription.Change) error {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.apply(c)
}

// apply is commit under the lock.
func (sh *shard) apply(c *subscription.Change) error {
	r := sh.apps[c.Application]
	if r == nil {
		r = &record{}
	}
	if err := r.holds(c); err != nil {
		return err
	}
	if sh.apps[c.Application] == nil || r.document.Account != c.Next.Account {
		sh.assign(c.Application, r.document.Account, c.Next.Account)
	}
	sh.apps[c.Application] = r
	for i := range c.Orders {
		r.order(&c.Orders[i])
	}
	r.keep(&c.Next)
	r.wake = c.Next.Due
	sh.due.update(r)
	for i := range c.Receipts {
		row := &c.Receipts[i]
		r.receipts = made(r.receipts)
		r.receipts[row.Key] = receipt{row.Kind, row.Digest, row.Revision, row.At, row.OrderID}
	}
	for _, record := range c.Records {
		r.records = made(r.records)
		r.records[record.ID] = counted{record.On, record.Digest}
	}
	if len(c.Entries) > 0 {
		r.entries = append(r.entries, slices.Clone(c.Entries))
	}
	if len(c.Events) > 0 {
		r.events = append(r.events, slices.Clone(c.Events))
	}
	for _, refund := range c.Refunds {
		same := func(x subscription.Refund) bool { return x.Order == refund.Order && x.Number == refund.Number }
		put(&r.refunds, refund.Clone(), same)
	}
	for _, row := range c.Subscriptions {
		put(&r.rows, row, func(x subscription.SubscriptionRow) bool { return x.ID == row.ID })
	}
	r.numbers = append(r.numbers, sh.feed.number(c.Application, c.Next.Revision))
	return nil
}

// assign records that an application moved to another account.
func (sh *shard) assign(id subscription.ApplicationID, was, is subscription.AccountID) {
	same := func(other subscription.ApplicationID) bool { return other == id }
	if rest := slices.DeleteFunc(sh.of[was], same); len(rest) > 0 {
		sh.of[was] = rest
	} else {
		delete(sh.of, was)
	}
	sh.of[is] = append(sh.of[is], id)
}

// order writes an order's row.
func (r *record) order(o *subscription.Order) {
	row := r.orders[o.ID]
	if row == nil {
		row = new(subscription.Order)
		r.orders = made(r.orders)
		r.orders[o.ID] = row
		r.placed = append(r.placed, o.ID)
	}
	*row = kept(row, o)
}

// holds returns nil if a change can be applied, or the reason why it can't.
func (r *record) holds(c *subscription.Change) error {
	if r.document.Revision != c.Base {
		return subscription.ErrConflict
	}
	for i := range c.Receipts {
		if _, taken := r.receipts[c.Receipts[i].Key]; taken {
			return subscription.ErrConflict
		}
	}
	for _, record := range c.Records {
		if _, counted := r.records[record.ID]; counted {
			return subscription.ErrConflict
		}
	}
	for i := range c.Orders {
		if id := c.Orders[i].ID; c.Places(id) {
			if _, exists := r.orders[id]; exists {
				return fmt.Errorf("%w: order %s", subscription.ErrExists, id)
			}
		}
	}
	return nil
}

// made returns a map, which is made if there is none: most records have no rows of some kinds.
func made[K comparable, V any](rows map[K]V) map[K]V {
	if rows == nil {
		return map[K]V{}
	}
	return rows
}

// put replaces the row that is the same, or appends one.
func put[T any](rows *[]T, row T, same func(T) bool) {
	if i := slices.IndexFunc(*rows, same); i >= 0 {
		(*rows)[i] = row
		return
	}
	*rows = append(*rows, row)
}
