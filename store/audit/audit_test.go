package audit_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// source is a store whose answers a test changes.
type source struct {
	*memory.Store

	load   func(id subscription.ApplicationID, s *subscription.Snapshot) error
	orders func(id subscription.ApplicationID, yield func(subscription.Order, error) bool)
}

func (s *source) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := s.Store.Load(ctx, reads...)
	for i := range snapshots {
		if s.load != nil && err == nil {
			err = s.load(reads[i].Application, &snapshots[i])
		}
	}
	return snapshots, err
}

func (s *source) Orders(ctx context.Context, id subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	if s.orders != nil && id != "" {
		return func(yield func(subscription.Order, error) bool) { s.orders(id, yield) }
	}
	return s.Store.Orders(ctx, id)
}

func filled(t *testing.T, n int) *source {
	t.Helper()
	st := memory.New()
	for i := range n {
		check(st.Commit(t.Context(), created(subscription.ApplicationID(fmt.Sprintf("app-%03d", i)))))
	}
	return &source{Store: st}
}

// Few applications are held at a time, however many there are, and progress tells of each, in order.
// Rule: audit-bounded.
func TestStoreHoldsFewApplications(t *testing.T) {
	const n, parallel = 300, 3
	s := filled(t, n)
	var mu sync.Mutex
	most, open := 0, map[subscription.ApplicationID]bool{}
	s.load = func(id subscription.ApplicationID, _ *subscription.Snapshot) error {
		mu.Lock()
		defer mu.Unlock()
		if open[id] = !open[id]; !open[id] { // it is loaded before and after its rows
			delete(open, id)
		}
		most = max(most, len(open))
		return nil
	}
	var told []audit.Progress
	if all := findings(t, s, &audit.Options{Parallel: parallel, Progress: func(p audit.Progress) { told = append(told, p) }}); len(all) > 0 {
		t.Errorf("found %v", all)
	}
	if most > parallel || len(open) != 0 {
		t.Errorf("%d applications are held at a time, want %d", most, parallel)
	}
	if len(told) != n || told[n-1] != (audit.Progress{Applications: n, Last: "app-299"}) || told[9].Last != "app-009" {
		t.Errorf("progress told %d times, last %+v", len(told), told[len(told)-1])
	}
}

// At most a hundred findings are kept of an application.
// Rule: audit-bounded.
func TestStoreKeepsAHundredFindings(t *testing.T) {
	s := filled(t, 1)
	s.orders = func(id subscription.ApplicationID, yield func(subscription.Order, error) bool) {
		for i := range 1000 {
			if !yield(subscription.Order{ID: subscription.OrderID(strconv.Itoa(i)), Application: id}, nil) {
				return
			}
		}
	}
	if all := findings(t, s, nil); len(all) != 100 {
		t.Errorf("%d findings, want 100", len(all))
	}
}

// An application that changes while it is read is read again.
// Rule: audit-reads-again.
func TestChangingApplicationIsReadAgain(t *testing.T) {
	for _, tt := range []struct {
		name    string
		changes int
		want    int
	}{{"a few times", 5, 0}, {"always", 1000, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			s := filled(t, 1)
			loads := 0
			s.orders = func(id subscription.ApplicationID, yield func(subscription.Order, error) bool) {
				if loads < tt.changes {
					yield(subscription.Order{ID: "of-a-change-that-the-document-has-not", Application: id}, nil)
				}
			}
			s.load = func(id subscription.ApplicationID, snapshot *subscription.Snapshot) error {
				if id == "" {
					return nil
				}
				loads++
				if loads < tt.changes {
					snapshot.Application.Revision = int64(loads)
				}
				return nil
			}
			all := findings(t, s, nil)
			if len(all) != tt.want || tt.want > 0 && all[0].Kind != audit.Changing {
				t.Errorf("found %v", all)
			}
		})
	}
}

// What can't be read of one application is a finding, and what can't be read of any is an error.
// Rule: audit-unreadable.
func TestUnreadableIsAFinding(t *testing.T) {
	torn := errors.New("torn")
	s := filled(t, 3)
	s.load = func(id subscription.ApplicationID, _ *subscription.Snapshot) error {
		if id == "app-001" {
			return torn
		}
		return nil
	}
	all := findings(t, s, nil)
	if len(all) != 1 || all[0].Kind != audit.Unreadable || all[0].Application != "app-001" {
		t.Errorf("found %v", all)
	}
	s.load = func(subscription.ApplicationID, *subscription.Snapshot) error { return torn }
	n := 0
	for f, err := range audit.Store(t.Context(), s, nil) {
		testworld.Fails(t, err, torn)
		n++
		if f != (audit.Finding{}) {
			t.Errorf("found %v", f)
		}
	}
	if n != 1 {
		t.Errorf("%d errors", n)
	}
	if _, err := audit.Application(t.Context(), s, "app-000", nil); !errors.Is(err, torn) {
		t.Errorf("Application: %v", err)
	}
}

// Without a store there is an error, and when the context ends, too. A loop may end early.
func TestStoreEnds(t *testing.T) {
	for _, err := range audit.Store(t.Context(), nil, nil) {
		testworld.Fails(t, err, subscription.ErrInvalid)
	}
	if _, err := audit.Application(t.Context(), nil, "app", nil); !errors.Is(err, subscription.ErrInvalid) {
		t.Errorf("Application: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s := filled(t, 50)
	s.load = func(_ subscription.ApplicationID, snapshot *subscription.Snapshot) error {
		snapshot.Application.LastLot = 9
		return nil
	}
	n := 0
	for _, err := range audit.Store(ctx, s, nil) {
		n++
		if n == 10 {
			stop()
		}
		if err != nil {
			testworld.Fails(t, err, context.Canceled)
			break
		}
	}
	if n < 10 || n > 49 {
		t.Errorf("%d findings before the end", n)
	}
	for _, err := range audit.Store(t.Context(), s, nil) {
		check(err)
		break
	}
	found, err := audit.Application(t.Context(), filled(t, 1), "nobody", nil)
	if len(found) != 0 || err != nil {
		t.Errorf("nobody: %v, %v", found, err)
	}
}
