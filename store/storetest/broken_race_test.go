package storetest_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

var raceFlaws = []flaw{
	{"check, then act", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			var conflict subscription.ConflictError
			for _, c := range changes {
				if b.revision(c.Application) != c.Base {
					conflict.Applications = append(conflict.Applications, c.Application)
					continue
				}
				time.Sleep(time.Millisecond)
				c.Base = b.revision(c.Application)
				if err := b.Store.Commit(ctx, c); err != nil {
					return err
				}
			}
			if conflict.Applications != nil {
				return &conflict
			}
			return nil
		}
	}, "concurrency/one of many changes"},
	{"check, then act, as the service sees it", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				if b.revision(c.Application) != c.Base {
					return &subscription.ConflictError{Applications: appIDs(changes)}
				}
				time.Sleep(time.Millisecond)
				c.Base = b.revision(c.Application)
				if err := b.Store.Commit(ctx, c); err != nil {
					return err
				}
			}
			return nil
		}
	}, "service/many keys"},
	{"nobody wins a race", func(b *broken) {
		var busy atomic.Int64
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			defer busy.Add(-1)
			if busy.Add(1) > 1 {
				return &subscription.ConflictError{Applications: appIDs(changes)}
			}
			time.Sleep(time.Millisecond)
			return b.Store.Commit(ctx, changes...)
		}
	}, "concurrency/changes of different applications"},
	{"a lost race is an error of the database", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := slowly(b)(ctx, changes...)
			if errors.Is(err, subscription.ErrConflict) {
				return errors.New("could not serialize access due to concurrent update (40001)")
			}
			return err
		}
	}, "concurrency/no change is lost"},
	{"an application is created by whoever comes", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			if len(changes) == 1 && changes[0].Base == 0 && errors.Is(err, subscription.ErrConflict) {
				return nil
			}
			return err
		}
	}, "concurrency/one of many creations"},
	{"keys are looked up before they are written", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for i := range changes {
				c := changes[i].Clone()
				if b.revision(c.Application) > 0 {
					c.Receipts = nil
				}
				if err := b.Store.Commit(ctx, c); err != nil {
					return err
				}
			}
			return nil
		}
	}, "concurrency/one key from many"},
	{"batches lock in their own order", func(b *broken) {
		var locks sync.Map
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				lock, _ := locks.LoadOrStore(c.Application, &sync.Mutex{})
				lock.(*sync.Mutex).Lock()
				time.Sleep(100 * time.Microsecond)
			}
			err := b.Store.Commit(ctx, changes...)
			for _, c := range changes {
				lock, _ := locks.Load(c.Application)
				lock.(*sync.Mutex).Unlock()
			}
			return err
		}
	}, "concurrency/batches that overlap"},
	{"receipts are read before the document", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			before, err := b.Store.Load(ctx, reads...)
			if err != nil {
				return nil, err
			}
			time.Sleep(time.Millisecond)
			after, err := b.Store.Load(ctx, reads...)
			for i := range after {
				after[i].Receipts = before[i].Receipts
			}
			return after, err
		}
		b.commit = slowly(b)
	}, "concurrency/a snapshot's rows"},
	{"orders are read before the document", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			before, err := b.Store.Load(ctx, reads...)
			if err != nil {
				return nil, err
			}
			time.Sleep(time.Millisecond)
			after, err := b.Store.Load(ctx, reads...)
			for i := range after {
				after[i].Orders = before[i].Orders
			}
			return after, err
		}
		b.commit = slowly(b)
	}, "concurrency/a snapshot's rows"},
	{"the document comes from a cache", func(b *broken) {
		var cached subscription.Application
		var at time.Time
		b.shows(func(s *subscription.Snapshot) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if time.Since(at) > 5*time.Millisecond {
				cached, at = s.Application.Clone(), time.Now()
			}
			s.Application = cached.Clone()
		})
		b.commit = slowly(b)
	}, "concurrency/a snapshot's rows"},
}

// slowly commits at a pace that others can keep up with.
func slowly(b *broken) func(context.Context, ...subscription.Change) error {
	return func(ctx context.Context, changes ...subscription.Change) error {
		time.Sleep(200 * time.Microsecond)
		return b.Store.Commit(ctx, changes...)
	}
}
