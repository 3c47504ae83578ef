package subscription

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/internal/ident"
	"github.com/prepaidkit/prepaid/pricing"
)

// Quote returns what a command would cost and deliver now. It stores nothing. It fails with the command's errors,
// with [ErrNotEligible], and with [ErrNoOrder] for a command that orders nothing.
func (s *Service) Quote(ctx context.Context, app ApplicationID, cmd Command) (Quote, error) {
	if err := checkCommand(cmd); err != nil {
		return Quote{}, err
	}
	began := s.observe.began()
	q, err := s.quote(ctx, app, cmd)
	s.observe.ended(ctx, began, Observation{Op: OpQuote, Name: cmd.Kind(), Err: err, Application: app})
	return q, err
}

func (s *Service) quote(ctx context.Context, app ApplicationID, cmd Command) (Quote, error) {
	snapshot, err := s.load(ctx, readFor(app, cmd))
	if err != nil {
		return Quote{}, err
	}
	cat, err := s.Catalog()
	if err != nil {
		return Quote{}, err
	}
	now, err := s.instant(ctx, snapshot.Application)
	if err != nil {
		return Quote{}, err
	}
	var quote Quote
	_, err = s.decided(func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		if err := admit(&snapshot.Application, cmd); err != nil {
			return Change{}, err
		}
		change, err := cmd.Decide(snapshot, cat, now)
		if err != nil {
			return Change{}, err
		}
		if quote, err = quoteOf(change, cmd.Kind(), cat, now, s.opts.QuoteLife); err != nil {
			return Change{}, err
		}
		err = s.eligible(ctx, cmd, &change, cat, &siblings{})
		return change, err
	})(snapshot, cat, now)
	if err != nil {
		return Quote{}, err
	}
	return quote, nil
}

// Do runs a command under an idempotency key and collects what it orders. A key belongs to one command. Repeating it
// with the same command returns the first result and, if the order is still open, tries to complete it. Using it with
// another command fails with [ErrKeyReused]. A refused command stores nothing, so its key stays free. The key also
// stays free if the command has nothing to do and decides on the zero Change; the outcome is then zero, and the error
// nil.
//
// The outcome is valid whenever its receipt has a key, even if there is also an error: an [*OrderError] says what
// happened to the order. The other errors are the command's own, [ErrInvalid], [ErrNotEligible], [ErrConflict],
// [ErrInvariant], and the store's. After a store error the outcome is unknown: repeat with the same key. If that is refused
// at once, a server may still be committing what got no answer: repeat it a moment later before you believe the refusal.
func (s *Service) Do(ctx context.Context, app ApplicationID, cmd Command, key string) (Outcome, error) {
	if err := checkCommand(cmd); err != nil {
		return Outcome{}, err
	}
	return s.request(ctx, app, cmd, key, cmd.Decide)
}

// Confirm runs a command as it was quoted. It decides again on the current state, as of now or, if that makes a
// difference, as of the quote. It refuses with [ErrQuoteStale] if the outcome differs from what the quote shows, if
// the quote has expired, or if the catalog's calendar day has changed. It never charges another amount. Changes that
// don't affect the quote, such as usage, don't invalidate it. Otherwise it works like [Service.Do]. The key stands
// for the command, not for the quote, so a repeated confirmation finds its receipt even though the first one has made
// the quote stale.
func (s *Service) Confirm(ctx context.Context, app ApplicationID, cmd Command, q Quote, key string) (Outcome, error) {
	if err := checkCommand(cmd); err != nil {
		return Outcome{}, err
	}
	return s.request(ctx, app, cmd, key, func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		if q.Application != app || q.Kind != cmd.Kind() {
			return Change{}, fmt.Errorf("%w: it is for command %.40q and application %.80q", ErrQuoteStale, q.Kind, string(q.Application))
		}
		if err := q.fresh(cat, now, s.opts.QuoteLife, s.opts.MaxSkew); err != nil {
			return Change{}, err
		}
		change, o, err := ordered(cmd, snapshot, cat, now)
		if err != nil {
			return Change{}, err
		}
		if orderDigest(o) != q.Digest && cat.DayCount() == pricing.Elapsed {
			// With elapsed-time proration, the price is as of the quote, and the change is recorded as of now.
			snapshot.Application.AsOf = now
			at := q.At
			if at.After(now) { // by a clock that is slightly ahead
				at = now
			}
			if change, o, err = ordered(cmd, snapshot, cat, at); err != nil {
				return Change{}, err
			}
			if why := snapshot.Application.undeliverable(o, now); why != "" {
				return Change{}, fmt.Errorf("%w: %s", ErrQuoteStale, why)
			}
		}
		if orderDigest(o) != q.Digest {
			return Change{}, fmt.Errorf("%w: the amount is now %s, not %s", ErrQuoteStale, o.Amount, q.Amount)
		}
		if !q.shows(o) {
			return Change{}, fmt.Errorf("%w: it doesn't show the content of the order", ErrQuoteStale)
		}
		return change, nil
	})
}

// ordered returns what a command decides and the one order that it places.
func ordered(cmd Command, s Snapshot, cat *pricing.Catalog, at time.Time) (Change, *Order, error) {
	change, err := cmd.Decide(s, cat, at)
	if err != nil {
		return Change{}, nil, err
	}
	o, err := placed(&change)
	return change, o, err
}

// request decides and commits under a key, then collects.
func (s *Service) request(ctx context.Context, app ApplicationID, cmd Command, key string, decide decision) (Outcome, error) {
	began := s.observe.began()
	out, err := s.run(ctx, app, cmd, key, decide)
	s.observe.ended(ctx, began, Observation{
		Op: OpCommand, Name: cmd.Kind(), Err: err, Reason: known(out.Order.Reason), Application: app, Order: out.Order.ID,
	})
	return out, err
}

func (s *Service) run(ctx context.Context, app ApplicationID, cmd Command, key string, decide decision) (Outcome, error) {
	if err := checkID("key", key); err != nil {
		return Outcome{}, err
	}
	digest, err := requestDigest(app, cmd)
	if err != nil {
		return Outcome{}, err
	}
	r := keyed{service: s, command: cmd, receipt: Receipt{Application: app, Key: key, Kind: cmd.Kind(), Digest: digest}}
	read := readFor(app, cmd)
	read.Keys = []string{key}
	at, whole := s.instant, s.decided
	if _, resets := cmd.(interface{ resetsClock() }); resets {
		at, whole = s.clockAlone, checked
	}
	snapshot, change, err := s.commit(ctx, read, at, whole(r.decision(ctx, decide)))
	back, refunds := cmd.(refunder)
	switch {
	case err != nil:
		return Outcome{}, reused(err)
	case refunds && r.stored.Key != "":
		return s.refundOutcome(ctx, r.stored, back.refunded())
	case r.seen:
		return s.resume(ctx, snapshot, r.stored)
	}
	s.cancelFirst(ctx, change.Orders)
	if r.stored.OrderID == "" {
		return Outcome{Receipt: r.stored}, nil
	}
	o, err := s.collect(ctx, find(change.Orders, r.stored.OrderID).Clone(), true)
	return Outcome{r.stored, o}, err
}

// keyed is a request under a key while it is decided, maybe several times.
type keyed struct {
	service  *Service
	command  Command
	receipt  Receipt  // what is known of it before the decision
	siblings siblings // of the application

	stored Receipt // as the last decision left it: that of an earlier request if seen; zero if nothing was to be done
	seen   bool    // the key was used before
}

// decision returns the decision of the whole request: the stored receipt of its key or else what decide decides, if the
// application and the account may have that, with a receipt.
func (r *keyed) decision(ctx context.Context, decide decision) decision {
	return func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		key := r.receipt.Key
		if r.stored, r.seen = findReceipt(snapshot, key); r.seen {
			return Change{}, sameRequest(r.stored, r.receipt.Digest)
		}
		if err := checkNewID("key", key); err != nil {
			return Change{}, err
		}
		if err := admit(&snapshot.Application, r.command); err != nil {
			return Change{}, err
		}
		snapshot.Request = key
		change, err := decide(snapshot, cat, now)
		if err != nil || change.IsZero() {
			return Change{}, err
		}
		o, err := placed(&change)
		if err != nil && !errors.Is(err, ErrNoOrder) {
			return Change{}, err
		}
		if err := r.service.eligible(ctx, r.command, &change, cat, &r.siblings); err != nil {
			return Change{}, err
		}
		r.stored = r.receipt
		r.stored.Revision, r.stored.At = change.Base+1, now
		if o != nil {
			r.stored.OrderID = o.ID
		}
		change.Receipts = []Receipt{r.stored}
		return change, nil
	}
}

// resume returns the outcome of an earlier request with its order as of now. It tries to complete an order that is
// still open.
func (s *Service) resume(ctx context.Context, snapshot Snapshot, r Receipt) (Outcome, error) {
	if r.OrderID == "" {
		return Outcome{Receipt: r}, nil
	}
	o := snapshot.Application.order(r.OrderID)
	if o == nil {
		stored, err := s.Order(ctx, r.Application, r.OrderID)
		if err != nil {
			return Outcome{}, err
		}
		o = &stored
	}
	collected, err := s.collect(ctx, *o, false)
	if collected.Status == OrderPaid {
		err = nil // what remains is a refund, which a worker goes on with
	}
	return Outcome{r, collected}, err
}

// readFor returns what to load to decide a command.
func readFor(app ApplicationID, cmd Command) Read {
	read := Read{Application: app}
	if n, ok := cmd.(Needer); ok {
		needs := n.Needs()
		read.Orders, read.Records, read.Refunds = needs.Orders, needs.Records, needs.Refunds
	}
	return read
}

func findReceipt(s Snapshot, key string) (Receipt, bool) {
	for _, r := range s.Receipts {
		if r.Key == key {
			return r, true
		}
	}
	return Receipt{}, false
}

func sameRequest(r Receipt, digest Digest) error {
	if r.Digest != digest {
		return fmt.Errorf("%w: %.80q was for %s at %s", ErrKeyReused, r.Key, r.Kind, r.At.Format(time.RFC3339))
	}
	return nil
}

// reused returns the error for a failed request. If the key's order exists but its receipt was pruned, the key was
// used before.
func reused(err error) error {
	if refused := new(RefusedError); errors.As(err, &refused) && errors.Is(err, ErrExists) {
		return fmt.Errorf("%w: %w", ErrKeyReused, err)
	}
	return err
}

// checkCommand fails with [ErrInvalid] if cmd is nil, or if its kind can't name it.
func checkCommand(cmd Command) error {
	if absent.Is(cmd) {
		return fmt.Errorf("%w: no command", ErrInvalid)
	}
	if err := ident.CheckNew(cmd.Kind()); err != nil {
		return fmt.Errorf("%w: the kind %.80q of command %T %w", ErrInvalid, cmd.Kind(), cmd, err)
	}
	return nil
}
