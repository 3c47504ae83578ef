package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/internal/ident"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Options are the optional settings of a [Service]. A nil *Options uses all the defaults.
type Options struct {
	// Now returns the current time. The default is time.Now, the machine's clock. Only that default is compared with the
	// clock of the store's server, if it has one ([Clocked]), as Postgres has: a function of your own is believed, and the
	// server's clock isn't asked. A service and the workers that use it look at no other clock.
	Now func() time.Time
	// MaxSkew is how far the clock may be behind an application's last change, and how far the machine's clock may
	// differ from the store's. The default is 5 minutes. Beyond that, everything except reads fails with [ErrClock].
	MaxSkew time.Duration
	// QuoteLife is how long a quote can be confirmed. The default is 15 minutes. A quote always expires at the end of
	// the catalog's calendar day.
	QuoteLife time.Duration
	// ChargeTimeout bounds the gateway calls for one order: a lookup and a charge together. The default is 30
	// seconds.
	ChargeTimeout time.Duration
	// Conflicts is how many times a decision is tried while other writers keep changing the application. The default
	// is 30. The backoff grows to about 50 ms, so the service gives up after a second or two.
	Conflicts int
	// Eligible is called before anything is ordered or given at a customer's request, both at quote and at confirm: a
	// purchase, an upgrade, a manual renewal, a change at renewal, a top-up, free minutes, pay-as-you-go. It is never
	// called for an automatic renewal or a daily bill, nor for what staff give or import ([Gift], [Import]). Use it for
	// an allowlist or for limits of your own; the catalog's limits are checked first. If it returns an error, the request
	// is refused with [ErrNotEligible]. Nothing is locked during the call. The default admits everyone.
	Eligible func(ctx context.Context, e Eligibility) error
	// Observe is told of every operation of the service, and of the workers that use it, once it has ended, for metrics
	// and traces. What it does changes no result. It is called by the goroutine that did the work, with the context of
	// that, and nothing is locked during the call; so it must be safe for concurrent use, and return quickly. It must not
	// call [Service.Consume], which may be waiting for it. In a bound service the caller's transaction is open meanwhile.
	// A panic is the host's own: it isn't recovered, and is to the application what a crash at that point is. The default
	// is none, and costs nothing.
	Observe func(ctx context.Context, o Observation)
	// Logger is told the same, see [LogTo]. The default is none; slog.Default is never used.
	Logger *slog.Logger
}

// Service runs commands: it loads an application, decides, checks, commits, collects the order through the gateway,
// and settles it. It keeps no state except the [Service.Consume] calls that are waiting for each other, so any number
// of services, in any number of processes, can work on one store. It is safe for concurrent use.
type Service struct {
	store   Store
	gateway payment.Gateway
	catalog func() *pricing.Catalog
	opts    Options
	bound   bool
	by, why string // who acts and why, see [Service.As]
	queues  *queues
	observe observe // nil if nobody listens
	clocks  *clocks // nil if there is no clock to compare with
}

// NewService returns a service for a store, a gateway and a catalog. It calls catalog once per request. The function
// returns the catalog in force, which may change between requests; see [StaticCatalog]. NewService fails with
// [ErrInvalid] if store, gateway or catalog is nil. A request also fails with ErrInvalid if catalog returns nil.
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
	s.observe = Observers(s.opts.Observe, LogTo(s.opts.Logger))
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

// Bind returns a service that works within the caller's own transaction; st is the store bound to that transaction. A
// bound service makes each decision only once, since only the caller can restart the transaction. It never calls the
// gateway: its orders stay open, with [ErrPaymentPending], until [Service.Collect] or a worker collects them after
// the caller commits. If st is nil, every request fails with [ErrInvalid].
func (s *Service) Bind(st Store) *Service {
	bound := *s
	bound.store, bound.bound, bound.opts.Conflicts = st, true, 1
	if absent.Is(st) {
		bound.store = nil
	}
	return &bound
}

// decision is the part of a request between load and commit.
type decision func(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error)

// change loads the application, brings it up to date, decides, checks and commits. It starts over if another writer
// commits first. It returns the change and the snapshot it was decided on; a zero change was not committed. The
// effects of elapsed time are committed only together with the change.
func (s *Service) change(ctx context.Context, read Read, decide decision) (Snapshot, Change, error) {
	return s.commit(ctx, read, s.instant, s.decided(decide))
}

// clock returns the time at which to decide about an application, as [Service.instant] does.
type clock func(context.Context, Application) (time.Time, error)

// commit is the retry loop of change. It decides on the state as loaded and commits the result as is.
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
		snapshot.By, snapshot.Why = s.by, s.why
		now, err := at(ctx, snapshot.Application)
		if err != nil {
			return Snapshot{}, Change{}, err
		}
		change, err := decide(snapshot, cat, now)
		if err != nil || change.IsZero() {
			return snapshot, Change{}, err
		}
		began := s.observe.began()
		err = s.write(ctx, change)
		s.observe.committed(ctx, began, try, err, change)
		if err == nil {
			return snapshot, change, nil
		}
		if !errors.Is(err, ErrConflict) || try >= s.opts.Conflicts {
			return snapshot, Change{}, fmt.Errorf("subscription: commit %s: %w", named(read.Application), err)
		}
		// Jitter keeps writers that collided once from colliding again.
		select {
		case <-ctx.Done():
			return snapshot, Change{}, fmt.Errorf("subscription: commit %s: %w", named(read.Application), errors.Join(err, ctx.Err()))
		case <-time.After(rand.N(pause)):
		}
		pause = min(2*pause, 50*time.Millisecond)
	}
}

// decided returns the complete decision: bring up to date, decide, check. Its errors are [*undecidedError].
func (*Service) decided(decide decision) decision {
	return func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		base := snapshot.Application
		advanced, err := Advance(base, cat, now)
		if err != nil {
			return Change{}, &undecidedError{err}
		}
		change, err := decide(snapshot.After(advanced), cat, now)
		if err != nil {
			return Change{}, &undecidedError{err}
		}
		if change.IsZero() {
			return Change{}, nil
		}
		err = change.CheckAt(base, now)
		if err == nil {
			err = change.checkClosed(&snapshot)
		}
		if err != nil {
			return Change{}, &undecidedError{err}
		}
		return change, nil
	}
}

// undecidedError is an error of the decision itself, not of loading or committing.
type undecidedError struct{ err error }

func (e *undecidedError) Error() string { return e.err.Error() }

func (e *undecidedError) Unwrap() error { return e.err }

// Undecided reports that the store is fine: the same decision would fail again.
func (*undecidedError) Undecided() bool { return true }

func (s *Service) load(ctx context.Context, read Read) (Snapshot, error) {
	if err := checkID("application ID", read.Application); err != nil {
		return Snapshot{}, err
	}
	if s.store == nil {
		return Snapshot{}, fmt.Errorf("%w: no store", ErrInvalid)
	}
	// A store may not be able to represent an invalid ID, and it has nothing stored under one.
	read.Keys, read.Orders, read.Records = possible(read.Keys), possible(read.Orders), possible(read.Records)
	read.Refunds = possible(read.Refunds)
	began := s.observe.began()
	snapshots, err := s.store.Load(ctx, read)
	s.observe.ended(ctx, began, Observation{Op: OpLoad, Err: err, Size: 1, Application: read.Application})
	if err != nil {
		return Snapshot{}, fmt.Errorf("subscription: load %s: %w", named(read.Application), err)
	}
	return snapshots[0], nil
}

// possible returns the IDs that are valid.
func possible[S ~string](ids []S) []S {
	bad := func(id S) bool { return ident.Check(id) != nil }
	if !slices.ContainsFunc(ids, bad) {
		return ids
	}
	return slices.DeleteFunc(slices.Clone(ids), bad)
}

// Application returns an application as of now. The result is the caller's own copy. It fails with [ErrNotFound], and
// with [ErrInvalid] if the ID isn't valid.
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
	// Reads are never refused because of the clock.
	advanced, err := Advance(snapshot.Application, cat, s.opts.Now().UTC().Truncate(time.Microsecond))
	// Reading doesn't commit the effects of elapsed time, so the revision is the stored one.
	return snapshot.After(advanced).Application, err
}

// Order returns an order as of now, whether open or closed. It fails with [ErrNotFound], and with [ErrInvalid] if an
// ID isn't valid.
func (s *Service) Order(ctx context.Context, app ApplicationID, id OrderID) (Order, error) {
	if err := checkID("order ID", id); err != nil {
		return Order{}, err
	}
	snapshot, err := s.load(ctx, Read{Application: app, Orders: []OrderID{id}})
	if err != nil {
		return Order{}, err
	}
	return snapshot.order(id)
}
