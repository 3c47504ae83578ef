package subscription

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// MaxUsageBatch is the maximum number of records in one call of [Service.Consume].
const MaxUsageBatch = 10_000

// decideUsage decides how many of an application's minutes the usage takes, see [Service.Consume]. Records already
// counted according to the snapshot, and repetitions within the batch, are duplicates and take nothing. If no record was
// counted, the change is zero or only makes the application due, for an automatic top-up.
func decideUsage(s Snapshot, cat *pricing.Catalog, now time.Time, records ...Usage) (Change, []UsageResult, error) {
	if err := s.Exists(); err != nil {
		return Change{}, nil, err
	}
	if len(records) > MaxUsageBatch {
		return Change{}, nil, fmt.Errorf("%w: %d records, at most %d", ErrInvalid, len(records), MaxUsageBatch)
	}
	d := Begin(s, now)
	due := d.Application.Due
	seen := make(map[string]int64, len(s.Records)+len(records))
	for _, r := range s.Records {
		seen[r.ID] = r.Digest
	}
	results := make([]UsageResult, len(records))
	d.closeDays(cat)
	spend := newSpender(d, cat)
	var deducted Quantity // by records that aren't corrections
	for i := range records {
		u := &records[i]
		if digest, counted := seen[u.ID]; counted {
			results[i] = u.again(digest)
			continue
		}
		results[i] = spend.use(u)
		if !results[i].Counted {
			continue
		}
		counted := u.recorded(spend.today.date)
		seen[u.ID] = counted.Digest
		d.records = append(d.records, counted)
		deducted += max(0, results[i].Deducted)
		if results[i].Excess > 0 && (due.IsZero() || spend.today.closes.Before(due)) {
			due = spend.today.closes
		}
	}
	if len(d.records) == 0 {
		return wake(s, cat, d.Now), results, nil
	}
	if spend.used {
		d.AddEvent(Event{Type: EventUsed, Quantity: deducted})
	}
	spend.done()
	c := d.Change()
	c.Next.Due = spend.due(due)
	return c, results, nil
}

// due returns when the application is due after usage, if it was due at an instant before, or never (zero): usage alone makes
// only bills and automatic top-ups due, and returned lots expire.
func (s *spender) due(due time.Time) time.Time {
	d, cat := s.draft, s.catalog
	if at := s.expires; !at.IsZero() && (due.IsZero() || at.Before(due)) {
		due = at
	}
	if bills := d.Application.crowding(cat); len(bills) > 0 && bills[0].At.Before(due) {
		due = bills[0].At
	}
	if len(d.Application.AutoTopUps) > 0 && (due.IsZero() || due.After(d.Now)) {
		if at := d.Application.topUpDue(cat, d.Now); !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return due
}

// wake returns a change that makes an application due now, if an automatic top-up has something to do that nothing else has
// made due: usage is refused because nothing is left, and what kept a pack from being bought has passed.
func wake(s Snapshot, cat *pricing.Catalog, now time.Time) Change {
	a := &s.Application
	if s.continued != nil || len(a.AutoTopUps) == 0 || !a.Due.IsZero() && !a.Due.After(now) { // due already
		return Change{}
	}
	if at := a.topUpDue(cat, now); at.IsZero() || at.After(now) {
		return Change{}
	}
	return Reschedule(*a, now)
}

// closeDays drops the counters of days that accept no more records and owe nothing.
func (d *Draft) closeDays(cat *pricing.Catalog) {
	a := &d.Application
	a.Counters = slices.DeleteFunc(a.Counters, func(c UsageCounter) bool {
		if c.Excess > 0 || c.Order != "" || d.Now.Before(closes(cat.Zone(), c.Day, cat.ServiceTerms())) {
			return false
		}
		d.closeUntil(cat.Zone().StartOf(c.Day + 1))
		return true
	})
}

// closeUntil permanently closes the days that end by the given instant, so that counters that were dropped never
// restart from zero.
func (d *Draft) closeUntil(end time.Time) {
	if end.After(d.Application.ClosedUntil) {
		d.Application.ClosedUntil = end
	}
}

// Consume counts usage: it deducts each record, in the given order, from an application's minutes. Each record has
// its own result; a refused record changes nothing and doesn't prevent the others from being counted. The results
// depend only on the order of the records, not on how they are batched.
//
// Seconds add up per product, kind and day in the catalog's zone, and the sum is rounded up to minutes. A record
// takes the difference between that sum and what the day has already taken. The kind's weight converts the difference
// to package minutes. They come from the lots that cover the product and the record's own time, in the order of
// [Lot.Before].
//
// Usage that no lot covers is taken from the [Overdraft] of the product's subscription, if the catalog gives it one, or, in
// pay-as-you-go mode, added to the day's excess; otherwise it is refused with an [*ExhaustedError]. If the catalog's
// [pricing.Overrun] is take, such a record isn't refused: it takes what is left, and the rest is forgiven for good.
//
// A record with negative seconds is a correction: it takes back as many seconds of its product, kind and day. What their
// minutes were is undone: first what was forgiven, then excess, then what lots gave, free lots last. What lots gave comes
// back as one new lot of the product ([FromReturned]), which is spent like a top-up and valid to the latest end of those
// lots. A correction that takes back more than is counted is refused whole with [ErrInvalid], likewise one of usage that
// was counted before it was recorded where its minutes came from; one of a day that is closed or billed, with
// [ErrTooLate].
//
// A counter doesn't know the lots: minutes come back also if the money for them has gone back since. So correct usage
// before you refund what it was taken from.
//
// A record is also refused with [ErrTooEarly] if it is more than [MaxUsageAhead] ahead of the clock or in a day that
// hasn't begun, with [ErrTooLate], [ErrIDReused], [ErrArrears], [ErrCreditLimit], [pricing.ErrUnknownKind],
// [pricing.ErrUnknownProduct] or [ErrInvalid], with [ErrClosed] if the application was closed, or with [ErrTooLarge] if so
// many days and kinds are open that the document has no room for another. If all records of a call are refused with
// [ErrClosed], the call fails with it.
//
// Consume is idempotent by record ID: after an error, repeat the call with the same records. Records counted before are
// duplicates and take nothing; a known ID with another time, kind or number of seconds is [ErrIDReused]. A refusal right
// after a store error isn't final, as with [Service.Do]. Concurrent calls for the same application are combined into one
// change, so a busy application doesn't conflict with itself. Consume itself fails with [ErrNotFound], with [ErrInvalid]
// for more than [MaxUsageBatch] records, and with the store's errors.
func (s *Service) Consume(ctx context.Context, app ApplicationID, records ...Usage) ([]UsageResult, error) {
	if len(records) > MaxUsageBatch {
		return nil, fmt.Errorf("%w: %d records, at most %d", ErrInvalid, len(records), MaxUsageBatch)
	}
	var results []UsageResult
	var err error
	if s.bound {
		results, err = s.consume(ctx, app, records, 1)
	} else {
		results, err = s.queues.do(ctx, app, records, s.consume)
	}
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(results, func(r UsageResult) bool { return !errors.Is(r.Err, ErrClosed) }) || len(results) == 0 {
		return results, nil
	}
	return nil, results[0].Err
}

// consume counts the records of a number of calls in one change.
func (s *Service) consume(ctx context.Context, app ApplicationID, records []Usage, calls int) ([]UsageResult, error) {
	began := s.observe.began()
	read := Read{Application: app, Records: make([]string, len(records))}
	for i := range records {
		read.Records[i] = records[i].ID
	}
	var results []UsageResult
	_, _, err := s.change(ctx, read, func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		change, outcome, err := decideUsage(snapshot, cat, now, records...)
		results = outcome
		return change, err
	})
	s.observe.ended(ctx, began, Observation{Op: OpUsage, Err: err, Size: len(records), Calls: calls, Application: app})
	if err != nil {
		return nil, err
	}
	return results, nil
}
