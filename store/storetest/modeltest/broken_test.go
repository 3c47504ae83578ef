package modeltest_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest/modeltest"
	"github.com/prepaidkit/prepaid/subscription"
)

// broken is an honest store with one call replaced by what somebody once got wrong.
type broken struct {
	store.Store
	mu     sync.Mutex
	load   func(context.Context, *broken, []subscription.Read) ([]subscription.Snapshot, error)
	commit func(context.Context, *broken, []subscription.Change) error
	kept   map[subscription.ApplicationID]subscription.Snapshot
}

func (b *broken) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if b.load != nil {
		return b.load(ctx, b, reads)
	}
	return b.Store.Load(ctx, reads...)
}

func (b *broken) Commit(ctx context.Context, changes ...subscription.Change) error {
	if b.commit != nil {
		return b.commit(ctx, b, changes)
	}
	return b.Store.Commit(ctx, changes...)
}

// commitOnAnyBase takes every change for one on the present revision, as an UPDATE without its WHERE does.
func commitOnAnyBase(ctx context.Context, b *broken, changes []subscription.Change) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range changes {
		s, err := b.Store.Load(ctx, subscription.Read{Application: c.Application})
		if err != nil {
			return err
		}
		c = c.Clone()
		c.Base = s[0].Application.Revision
		c.Next.Revision = c.Base + 1
		for i := range c.Entries {
			c.Entries[i].Revision = c.Base + 1
		}
		for i := range c.Events {
			c.Events[i].Revision = c.Base + 1
		}
		if err := b.Store.Commit(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// loseSome says of some changes that they are committed, and forgets them.
func loseSome(ctx context.Context, b *broken, changes []subscription.Change) error {
	if changes[0].Base > 5 && rand.N(10) == 0 {
		return nil
	}
	return b.Store.Commit(ctx, changes...)
}

// forgetRecords doesn't keep which records were counted.
func forgetRecords(ctx context.Context, b *broken, changes []subscription.Change) error {
	kept := make([]subscription.Change, len(changes))
	for i, c := range changes {
		kept[i] = c
		kept[i].Records = nil
	}
	return b.Store.Commit(ctx, kept...)
}

// forgetDigests keeps which records were counted, and not what they said.
func forgetDigests(ctx context.Context, b *broken, changes []subscription.Change) error {
	kept := make([]subscription.Change, len(changes))
	for i, c := range changes {
		kept[i] = c.Clone()
		for j := range kept[i].Records {
			kept[i].Records[j].Digest = 0
		}
	}
	return b.Store.Commit(ctx, kept...)
}

// dropEntries keeps only the first entry of a change.
func dropEntries(ctx context.Context, b *broken, changes []subscription.Change) error {
	kept := make([]subscription.Change, len(changes))
	for i, c := range changes {
		kept[i] = c
		kept[i].Entries = c.Entries[:min(1, len(c.Entries))]
	}
	return b.Store.Commit(ctx, kept...)
}

// loadFromReplica answers with what was there a while ago, when nothing but the document is asked for.
func loadFromReplica(ctx context.Context, b *broken, reads []subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := b.Store.Load(ctx, reads...)
	if err != nil || len(reads) != 1 || len(reads[0].Keys)+len(reads[0].Records)+len(reads[0].Orders)+len(reads[0].Refunds) > 0 {
		return snapshots, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if was, ok := b.kept[reads[0].Application]; ok && rand.N(2) == 0 {
		return []subscription.Snapshot{{Application: was.Application.Clone(), Store: was.Store}}, nil
	}
	if b.kept == nil {
		b.kept = map[subscription.ApplicationID]subscription.Snapshot{}
	}
	b.kept[reads[0].Application] = subscription.Snapshot{Application: snapshots[0].Application.Clone(), Store: snapshots[0].Store}
	return snapshots, nil
}

// Concurrency errors of a store make the history non-linearizable.
func TestBrokenStoresAreNotLinearizable(t *testing.T) {
	for name, b := range map[string]*broken{
		"commits on any base":       {commit: commitOnAnyBase},
		"loses changes":             {commit: loseSome},
		"forgets records":           {commit: forgetRecords},
		"forgets digests":           {commit: forgetDigests},
		"loads the state of before": {load: loadFromReplica},
	} {
		t.Run(name, func(t *testing.T) {
			b.Store = memory.New()
			err := modeltest.Linearizable(t.Context(), b)
			if err == nil {
				t.Fatal("passed")
			}
			t.Log(err)
		})
	}
}

// Sequential errors of a store make it differ from the model.
func TestBrokenStoresDifferFromTheModel(t *testing.T) {
	for name, b := range map[string]*broken{
		"loses changes":   {commit: loseSome},
		"forgets records": {commit: forgetRecords},
		"forgets digests": {commit: forgetDigests},
		"drops entries":   {commit: dropEntries},
	} {
		t.Run(name, func(t *testing.T) {
			b.Store = memory.New()
			if modeltest.Walks(t, b, memory.New()) {
				t.Fatal("passed")
			}
		})
	}
}
