package subscription

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// MaxUsageBatch is how many records one call of [Service.Consume] can have.
const MaxUsageBatch = 10_000

// decideUsage decides what usage takes from an application's minutes, see [Service.Consume]. Records that the snapshot says
// were counted before, and repetitions within the batch, are duplicates and take nothing. The change is zero if no record
// was counted.
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
	var deducted Quantity
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
		deducted += results[i].Deducted
		if results[i].Excess > 0 && (due.IsZero() || spend.today.closes.Before(due)) {
			due = spend.today.closes
		}
	}
	if len(d.records) == 0 {
		return Change{}, results, nil
	}
	d.AddEvent(Event{Type: EventUsed, Quantity: deducted})
	spend.done()
	c := d.Change()
	c.Next.Due = due // usage alone makes nothing due but the day's bill
	return c, results, nil
}

// closeDays drops the counters of days that take no more records and owe nothing.
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

// closeUntil closes the days that end up to an instant for good: what was dropped of their counters must not count
// from nothing.
func (d *Draft) closeUntil(end time.Time) {
	if end.After(d.Application.ClosedUntil) {
		d.Application.ClosedUntil = end
	}
}

// Consume counts usage: it takes it from an application's minutes, record by record, in their order. Each
// record has its own result: one that is refused changes nothing and doesn't keep the others from being
// counted. The results depend on the order of the records alone, not on how they are batched.
//
// Of each product, kind and day, in the catalog's zone, seconds add up, and their sum is rounded up to
// minutes; a record takes the difference to what the day has taken before. The kind's weight makes them
// package minutes. They come from the lots that cover the product and the record's own time, in the order
// of [Lot.Before].
//
// What no lot covers is refused with an [*ExhaustedError], or, in pay-as-you-go mode, added to the day's
// excess. A record is also refused with [ErrTooEarly], if it lies more than [MaxUsageAhead] ahead of the clock or in a day
// that hasn't begun, [ErrTooLate], [ErrIDReused], [ErrArrears], [ErrCreditLimit], [pricing.ErrUnknownKind],
// [pricing.ErrUnknownProduct], [ErrInvalid], or, where so many days and kinds are open that the document has no room for
// another, [ErrTooLarge].
//
// It is idempotent by the records' IDs: after an error, repeat it. What was counted before is a duplicate and takes nothing.
// Concurrent calls for one application are put together into one change, so that a busy application doesn't conflict with
// itself. Consume itself fails with [ErrNotFound], with [ErrInvalid] for more than [MaxUsageBatch] records, and with the
// store's errors.
func (s *Service) Consume(ctx context.Context, app ApplicationID, records ...Usage) ([]UsageResult, error) {
	if len(records) > MaxUsageBatch {
		return nil, fmt.Errorf("%w: %d records, at most %d", ErrInvalid, len(records), MaxUsageBatch)
	}
	if s.bound {
		return s.consume(ctx, app, records)
	}
	return s.queues.do(ctx, app, records, s.consume)
}

// consume counts records in one change.
func (s *Service) consume(ctx context.Context, app ApplicationID, records []Usage) ([]UsageResult, error) {
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
	if err != nil {
		return nil, err
	}
	return results, nil
}
