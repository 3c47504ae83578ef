package memory_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// Prune can be called concurrently with every other method. This is for the race detector.
func TestPruneBesideAllCalls(t *testing.T) {
	const apps, revisions = 8, 100
	s := memory.New()
	began := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	var group sync.WaitGroup
	for i := range apps {
		group.Go(func() {
			doc := document(subscription.ApplicationID(fmt.Sprint("app ", i)))
			doc.CreatedAt = began
			for n := range revisions {
				c := renew(doc, fmt.Sprint("key ", n))
				if err := s.Commit(t.Context(), c); err != nil {
					t.Error(err)
					return
				}
				doc = c.Next
			}
		})
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	again := func(do func() error) {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := do(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var sum store.Pruned
	again(func() error {
		pruned, err := s.Prune(t.Context(), began.Add(revisions/2*time.Second))
		sum.Receipts += pruned.Receipts
		sum.Events += pruned.Events
		return err
	})
	again(func() error {
		for id, err := range s.Applications(t.Context()) {
			if err != nil {
				return err
			}
			for e, err := range s.Events(t.Context(), id) {
				if err != nil || e.Application != id {
					return fmt.Errorf("an event of %s among those of %s: %w", e.Application, id, err)
				}
			}
			if _, err := s.Load(t.Context(), subscription.Read{Application: id, Keys: []string{"key 1", "key 99"}}); err != nil {
				return err
			}
		}
		return nil
	})
	again(func() error {
		_, err := s.Claim(t.Context(), began.AddDate(1, 0, 0), time.Minute, 3)
		return err
	})
	group.Wait()
	close(done)
	readers.Wait()
	last, err := s.Prune(t.Context(), began.Add(revisions/2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if n := sum.Receipts + last.Receipts; n != apps*revisions/2 {
		t.Errorf("%d receipts are pruned, want %d", n, apps*revisions/2)
	}
	if n := sum.Events + last.Events; n != apps*revisions {
		t.Errorf("%d events are pruned, want %d", n, apps*revisions)
	}
}
