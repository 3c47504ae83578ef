package faults

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// mutant is a defect injected into the children, or into the server, to show that the audit catches it.
type mutant struct {
	what    string
	wrap    func(st store.Store, gw payment.Gateway) (store.Store, payment.Gateway)
	record  func(u *subscription.Usage, again bool)
	server  []string // settings of a Postgres server
	alone   bool     // a server doesn't wait for its standby
	apart   bool     // the host's row is written in a separate transaction
	keyless bool     // a repeated deposit is made again
	hasty   bool     // recent rows are pruned
	late    bool     // a relay records that a change is handled before it is
}

// Mutants returns the names of the defects with their descriptions.
func Mutants() map[string]string {
	names := map[string]string{}
	for name, m := range mutants() {
		names[name] = m.what
	}
	return names
}

func mutants() map[string]mutant {
	return map[string]mutant{
		"stale-commit": {
			what: "a change is applied although the revision has moved",
			wrap: func(st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) { return &staleStore{st}, gw },
		},
		"lost-commit": {
			what: "a change is said to be stored before it is",
			wrap: func(st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
				return &lateStore{Store: st}, gw
			},
		},
		"not-flushed": {
			what:   "the server says that a change is stored before it has left the server's memory",
			server: []string{"synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB"},
		},
		"standby-behind": {
			what: "the server says that a change is stored before its standby has it", alone: true,
		},
		"receipts-lost": {
			what: "a request that is repeated is taken for a new one",
			wrap: func(st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
				return &editedStore{st, func(c *subscription.Change) { c.Receipts = nil }}, gw
			},
		},
		"fresh-key": {
			what: "a charge that is tried again has a new key",
			wrap: func(st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
				return st, &freshGateway{Gateway: gw}
			},
		},
		"host-apart": {
			what: "what a host writes beside a command isn't in its transaction", apart: true,
		},
		"deposit-again": {
			what: "a deposit that is repeated is taken for another one", keyless: true,
		},
		"pruned-early": {
			what: "what is recent is pruned", hasty: true,
		},
		"told-later": {
			what: "a relay records that a change is handled before it is", late: true,
		},
		"changed-record": {
			what: "a usage record that is sent again has a new ID",
			record: func(u *subscription.Usage, again bool) {
				if again {
					u.ID += "-again"
				}
			},
		},
	}
}

// editedStore modifies what is committed.
type editedStore struct {
	store.Store
	edit func(c *subscription.Change)
}

// Commit implements subscription.Store.
func (s *editedStore) Commit(ctx context.Context, changes ...subscription.Change) error {
	edited := make([]subscription.Change, len(changes))
	for i := range changes {
		edited[i] = changes[i].Clone()
		s.edit(&edited[i])
	}
	return s.Store.Commit(ctx, edited...)
}

// staleStore commits without the revision check.
type staleStore struct{ store.Store }

// Commit implements subscription.Store.
func (s *staleStore) Commit(ctx context.Context, changes ...subscription.Change) error {
	reads := make([]subscription.Read, len(changes))
	rebased := make([]subscription.Change, len(changes))
	for i := range changes {
		reads[i].Application = changes[i].Application
		rebased[i] = changes[i].Clone()
	}
	<-time.After(10 * time.Millisecond) // lets others commit in between
	snapshots, err := s.Load(ctx, reads...)
	if err != nil {
		return err
	}
	for i := range rebased {
		rebase(&rebased[i], snapshots[i].Application.Revision)
	}
	return s.Store.Commit(ctx, rebased...)
}

// rebase moves a change to another revision.
func rebase(c *subscription.Change, revision int64) {
	c.Base, c.Next.Revision = revision, revision+1
	for i := range c.Events {
		c.Events[i].Revision = revision + 1
	}
	for i := range c.Entries {
		c.Entries[i].Revision = revision + 1
	}
	for i := range c.Receipts {
		c.Receipts[i].Revision = revision + 1
	}
}

// lateStore reports that a change is stored but stores it a while later, unless the process is killed meanwhile. The
// process itself doesn't notice: its reads wait for its writes.
type lateStore struct {
	store.Store
	writing sync.RWMutex
}

// Commit implements subscription.Store.
func (s *lateStore) Commit(ctx context.Context, changes ...subscription.Change) error {
	late := make([]subscription.Change, len(changes))
	for i := range changes {
		late[i] = changes[i].Clone()
	}
	s.writing.RLock()
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer s.writing.RUnlock()
		<-time.After(10 * time.Millisecond)
		_ = s.Store.Commit(ctx, late...) // there is nobody to report to
	}()
	return nil
}

// Load implements subscription.Store.
func (s *lateStore) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.Store.Load(ctx, reads...)
}

// freshGateway charges every time with a new key, and knows the key with which an order was actually charged.
type freshGateway struct {
	payment.Gateway
	n atomic.Int64
}

// Charge implements payment.Gateway.
func (g *freshGateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	key := c.Key
	c.Key = fmt.Sprintf("%s#%d.%d", key, os.Getpid(), g.n.Add(1))
	r, err := g.Gateway.Charge(ctx, c)
	if err == nil {
		r.Key = key
	}
	return r, err
}

// MutantNames returns the names of the defects in order.
func MutantNames() []string {
	var names []string
	for name := range mutants() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
