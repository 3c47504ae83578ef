package subscription

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/internal/ident"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Options are the settings of a [Service] that have defaults. A nil *Options has them all.
type Options struct {
	// Now returns the present instant; the default is time.Now, which is compared with the store's clock where it has
	// one ([Clocked]). A service, and a worker on it, look at no other clock.
	Now func() time.Time
	// MaxSkew is how far the clock may be behind an application's last change, and how far the machine's clock may be
	// from the store's; the default is 5 minutes. Beyond it everything but reads fails with [ErrClock].
	MaxSkew time.Duration
	// QuoteLife is how long a quote can be confirmed; the default is 15 minutes. It ends in any case with
	// the catalog's calendar day.
	QuoteLife time.Duration
	// ChargeTimeout bounds what the gateway is asked about one order, a look-up and a charge together; the default is
	// 30 seconds.
	ChargeTimeout time.Duration
	// Conflicts is how often a decision is made again because somebody else changed the application; the
	// default is 30. The pauses grow to about 50 ms, so that it gives up after a second or two.
	Conflicts int
	// Eligible is asked before anything is ordered or given on a customer's request, at quote and at confirm: a purchase,
	// an upgrade, a renewal by hand, a top-up, free minutes, pay-as-you-go; never at an automatic renewal or a day's bill.
	// It is for an allow-list, or limits of the host's own; those of the catalog are checked before. An error refuses the
	// request, with [ErrNotEligible]. It is called while nothing is locked. The default admits everyone.
	Eligible func(ctx context.Context, e Eligibility) error
}

// Service runs commands: it loads an application, decides, checks, commits, collects what was ordered
// through the gateway, and settles. It holds no state of its own, but for the calls of [Service.Consume] that
// wait for each other: any number of services, in any number of processes, can work on one store. It is safe
// for concurrent use.
type Service struct {
	store   Store
	gateway payment.Gateway
	catalog func() *pricing.Catalog
	opts    Options
	bound   bool
	queues  *queues
	clocks  *clocks // nil: there is nothing to compare the clock with
}

// NewService returns a service on a store, a gateway and a catalog. catalog is called once for each
// request and returns the catalog in force, which may change in between; see [StaticCatalog]. It fails with [ErrInvalid] if
// one of them is nil. A request for which catalog returns nil fails with ErrInvalid, too.
func NewService(store Store, gateway payment.Gateway, catalog func() *pricing.Catalog, opts *Options) (*Service, error) {
	for _, given := range []struct {
		name string
		is   any
	}{{"store", store}, {"gateway", gateway}, {"catalog", catalog}} {
		if absent.Is(given.is) {
			return nil, fmt.Errorf("%w: no %s", ErrInvalid, given.name)
		}
	}
	s := &Service{store: store, gateway: gateway, catalog: catalog, queues: &queues{}}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.Now == nil {
		s.opts.Now = time.Now //nolint:forbidigo // the default of Options.Now
		if clocked, ok := store.(Clocked); ok {
			s.clocks = &clocks{store: clocked, turn: make(chan struct{}, 1)}
		}
	}
	if s.opts.MaxSkew <= 0 {
		s.opts.MaxSkew = 5 * time.Minute
	}
	if s.opts.QuoteLife <= 0 {
		s.opts.QuoteLife = 15 * time.Minute
	}
	if s.opts.ChargeTimeout <= 0 {
		s.opts.ChargeTimeout = 30 * time.Second
	}
	if s.opts.Conflicts <= 0 {
		s.opts.Conflicts = 30
	}
	return s, nil
}

// Catalog returns the catalog in force. It fails with [ErrInvalid] if there is none.
func (s *Service) Catalog() (*pricing.Catalog, error) {
	if cat := s.catalog(); cat != nil {
		return cat, nil
	}
	return nil, fmt.Errorf("%w: no catalog is in force", ErrInvalid)
}

// StaticCatalog returns a function that always returns cat, for [NewService].
func StaticCatalog(cat *pricing.Catalog) func() *pricing.Catalog {
	return func() *pricing.Catalog { return cat }
}

// Bind returns a service that works within the caller's own transaction, which st is bound to. It makes
// each decision once, since only the caller can begin the transaction again, and never calls the gateway:
// what it orders stays open, [ErrPaymentPending], until [Service.Collect] or a worker collects it after
// the caller's commit. Without a store, all that it is asked for fails with [ErrInvalid].
func (s *Service) Bind(st Store) *Service {
	bound := *s
	bound.store, bound.bound, bound.opts.Conflicts = st, true, 1
	if absent.Is(st) {
		bound.store = nil
	}
	return &bound
}

// decision is what a request does between load and commit.
type decision func(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error)

// change loads, brings the application up to date, decides, checks and commits, and does so again when
// somebody else was faster. It returns the snapshot that was decided on and the change; a zero change was
// not committed. What time did to the application is committed with the change and not without it.
func (s *Service) change(ctx context.Context, read Read, decide decision) (Snapshot, Change, error) {
	return s.commit(ctx, read, s.instant, s.decided(decide))
}

// clock returns the instant of a decision about an application, as [Service.instant] does.
type clock func(context.Context, Application) (time.Time, error)

// commit is the loop of change: what is decided on what was loaded is committed as it is.
func (s *Service) commit(ctx context.Context, read Read, at clock, decide decision) (Snapshot, Change, error) {
	cat, err := s.Catalog()
	if err != nil {
		return Snapshot{}, Change{}, err
	}
	pause := time.Millisecond
	for try := 1; ; try++ {
		snapshot, err := s.load(ctx, read)
		if err != nil {
			return Snapshot{}, Change{}, err
		}
		now, err := at(ctx, snapshot.Application)
		if err != nil {
			return Snapshot{}, Change{}, err
		}
		change, err := decide(snapshot, cat, now)
		if err != nil || change.IsZero() {
			return snapshot, Change{}, err
		}
		err = s.store.Commit(ctx, change)
		if err == nil {
			return snapshot, change, nil
		}
		if !errors.Is(err, ErrConflict) || try >= s.opts.Conflicts {
			return snapshot, Change{}, fmt.Errorf("subscription: commit %s: %w", named(read.Application), err)
		}
		// Jitter, so that those who met once don't meet again.
		select {
		case <-ctx.Done():
			return snapshot, Change{}, fmt.Errorf("subscription: commit %s: %w", named(read.Application), errors.Join(err, ctx.Err()))
		case <-time.After(rand.N(pause)):
		}
		pause = min(2*pause, 50*time.Millisecond)
	}
}

// decided returns the whole of a decision: bring up to date, decide, check. Its errors are [*undecidedError].
func (*Service) decided(decide decision) decision {
	return func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		base := snapshot.Application
		advanced, err := Advance(base, cat, now)
		if err != nil {
			return Change{}, &undecidedError{err}
		}
		snapshot.Application = advanced.After(base)
		change, err := decide(snapshot, cat, now)
		if err != nil {
			return Change{}, &undecidedError{err}
		}
		if change.IsZero() {
			return Change{}, nil
		}
		change = advanced.Then(change)
		if err := change.Check(base); err != nil {
			return Change{}, &undecidedError{err}
		}
		return change, nil
	}
}

// undecidedError is an error of a decision, rather than of what it is loaded from or committed to.
type undecidedError struct{ err error }

func (e *undecidedError) Error() string { return e.err.Error() }

func (e *undecidedError) Unwrap() error { return e.err }

// Undecided tells that nothing is wrong with the store: the same decision fails again.
func (*undecidedError) Undecided() bool { return true }

func (s *Service) load(ctx context.Context, read Read) (Snapshot, error) {
	if err := checkID("application", read.Application); err != nil {
		return Snapshot{}, err
	}
	if s.store == nil {
		return Snapshot{}, fmt.Errorf("%w: no store", ErrInvalid)
	}
	// A store need not have a form for what can't be an ID, and has nothing under it.
	read.Keys, read.Orders, read.Records = possible(read.Keys), possible(read.Orders), possible(read.Records)
	snapshots, err := s.store.Load(ctx, read)
	if err != nil {
		return Snapshot{}, fmt.Errorf("subscription: load %s: %w", named(read.Application), err)
	}
	return snapshots[0], nil
}

// possible returns those that can be IDs.
func possible[S ~string](ids []S) []S {
	bad := func(id S) bool { return ident.Check(id) != nil }
	if !slices.ContainsFunc(ids, bad) {
		return ids
	}
	return slices.DeleteFunc(slices.Clone(ids), bad)
}

// Application returns an application as it is now. It is the caller's own copy. It fails with
// [ErrNotFound], and with [ErrInvalid] for an ID that can't be one.
func (s *Service) Application(ctx context.Context, id ApplicationID) (Application, error) {
	snapshot, err := s.load(ctx, Read{Application: id})
	if err != nil {
		return Application{}, err
	}
	if err := snapshot.Exists(); err != nil {
		return Application{}, err
	}
	cat, err := s.Catalog()
	if err != nil {
		return Application{}, err
	}
	// A read is never refused for the clock.
	advanced, err := Advance(snapshot.Application, cat, s.opts.Now().UTC().Truncate(time.Microsecond))
	// What time has done isn't committed by reading it, so the revision is the stored one.
	return advanced.After(snapshot.Application), err
}

// Order returns an order, open or not, as it is now. It fails with [ErrNotFound], and with [ErrInvalid] for IDs that
// can't be any.
func (s *Service) Order(ctx context.Context, app ApplicationID, id OrderID) (Order, error) {
	if err := checkID("order", id); err != nil {
		return Order{}, err
	}
	snapshot, err := s.load(ctx, Read{Application: app, Orders: []OrderID{id}})
	if err != nil {
		return Order{}, err
	}
	return snapshot.order(id)
}
