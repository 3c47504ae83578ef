package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// repeated returns the applications that a batch has twice.
func repeated(changes []subscription.Change) ids {
	var all ids
	for i, id := range appIDs(changes) {
		if slices.Contains(appIDs(changes[:i]), id) {
			all = append(all, id)
		}
	}
	return all
}

// singly commits one change after the other.
func singly(ctx context.Context, b *broken, changes []subscription.Change) error {
	var conflict subscription.ConflictError
	for _, c := range changes {
		switch err := b.Store.Commit(ctx, c); {
		case errors.Is(err, subscription.ErrConflict):
			conflict.Applications = append(conflict.Applications, c.Application)
		case err != nil:
			return err
		}
	}
	if len(conflict.Applications) > 0 {
		return &conflict
	}
	return ctx.Err()
}

// onTwice makes a store do something with batches that have two changes for an application.
func onTwice(do func(ctx context.Context, b *broken, changes []subscription.Change) error) func(b *broken) {
	return func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if ctx.Err() != nil || len(repeated(changes)) == 0 {
				return b.Store.Commit(ctx, changes...)
			}
			return do(ctx, b, changes)
		}
	}
}

var twiceFlaws = []flaw{
	{"two changes for an application, applied in turn", onTwice(singly), "commit/two changes for an application, one after the other"},
	{"the second change for an application is a conflict", onTwice(singly), "commit/two changes for an application on one base"},
	{"two changes for an application are a conflict of it", onTwice(
		func(_ context.Context, _ *broken, changes []subscription.Change) error {
			return &subscription.ConflictError{Applications: repeated(changes)}
		}), "commit/two changes for an application on one base"},
	{"the last of two changes for an application counts", onTwice(
		func(ctx context.Context, b *broken, changes []subscription.Change) error {
			if err := b.Store.Commit(ctx, changes[len(changes)-1]); err != nil {
				return err
			}
			return subscription.ErrInvalid
		}), "commit/one change twice"},
	{"two changes for an application are any error", onTwice(
		func(context.Context, *broken, []subscription.Change) error {
			return errors.New("ON CONFLICT DO UPDATE command cannot affect row a second time")
		}), "commit/two changes for an application on one base"},
	{"the others of such a batch are applied", onTwice(func(ctx context.Context, b *broken, changes []subscription.Change) error {
		others := slices.DeleteFunc(slices.Clone(changes), func(c subscription.Change) bool {
			return slices.Contains(repeated(changes), c.Application)
		})
		if err := b.Store.Commit(ctx, others...); err != nil {
			return err
		}
		return fmt.Errorf("%w: two changes for an application", subscription.ErrInvalid)
	}), "commit/two changes for an application among others"},
	{"only neighbors are looked at", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for i := range changes[:max(0, len(changes)-1)] {
				if changes[i].Application == changes[i+1].Application {
					return b.Store.Commit(ctx, changes...)
				}
			}
			return singly(ctx, b, changes)
		}
	}, "commit/two changes for an application among"},
	{"only small batches are looked at", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if len(changes) < 500 {
				return b.Store.Commit(ctx, changes...)
			}
			return singly(ctx, b, changes)
		}
	}, "commit/two changes for an application among a thousand"},
	{"a conflict is found first", onTwice(func(ctx context.Context, b *broken, changes []subscription.Change) error {
		for _, c := range changes {
			if b.revision(c.Application) != c.Base {
				return &subscription.ConflictError{Applications: ids{c.Application}}
			}
		}
		return b.Store.Commit(ctx, changes...)
	}), "commit/two changes for an application beside a conflict"},
	{"such a batch refuses its changes one by one", onTwice(func(_ context.Context, _ *broken, changes []subscription.Change) error {
		return &subscription.RefusedError{Changes: []subscription.Refusal{{Application: changes[0].Application, Err: subscription.ErrInvalid}}}
	}), "commit/one change twice"},
	{"such a batch ends leases", leases(func(l *leaser) {
		l.ended = func(changes []subscription.Change, err error) {
			if errors.Is(err, subscription.ErrInvalid) {
				err = nil
			}
			l.applied(changes, err)
		}
	}), "commit/two changes for an application end no lease"},
	{"applications are told apart by less than their IDs", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for i := range changes {
				for j := range changes[:i] {
					if string(changes[i].Application[:1]) == string(changes[j].Application[:1]) && len(changes) < 10 {
						return subscription.ErrInvalid
					}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "commit/applications whose IDs are alike"},
}
