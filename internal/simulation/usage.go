package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// record is a usage record and what its customer knows about it. Its content never changes.
type record struct {
	usage   subscription.Usage
	counted bool // an answer said so
	final   bool // it was answered
}

// newRecord draws a record: mostly recent; sometimes before the late window, or in the future; sometimes of an unknown
// kind or product; of seconds, hours, or a whole conference. One in six corrects another, often by too much.
func (c *customer) newRecord(w *world, id string, rng *rand.Rand) *record {
	u := subscription.Usage{ID: id, At: w.now.Add(-time.Duration(rng.Int64N(int64(3 * time.Hour))))}
	u.Product = []pricing.ProductID{"call", "call", "live", "live", "live", "beauty"}[rng.IntN(6)]
	u.Kind = []pricing.UsageKindID{"audio", "hd", "hd", "4k", "recording"}[rng.IntN(5)]
	u.Seconds = 1 + rng.Int64N([]int64{90, 90, 1000, 20_000, 400_000, 4_000_000}[rng.IntN(6)])
	switch rng.IntN(30) {
	case 0, 1, 2:
		u.At = w.now.Add(-time.Duration(rng.Int64N(int64(3 * day))))
	case 3:
		u.At = w.now.Add(time.Duration(rng.Int64N(int64(30 * time.Minute))))
	case 4:
		u.Kind = "unknown"
	case 5:
		u.Product = "unknown"
	case 6:
		u.Seconds = -rng.Int64N(2)
	case 7, 8, 9, 10, 11:
		if n := len(c.records); n > 0 {
			of := c.records[n-1-rng.IntN(min(n, 8))].usage
			u.Product, u.Kind, u.At, u.Seconds = of.Product, of.Kind, of.At, -of.Seconds
			if rng.IntN(2) == 0 {
				u.Seconds = -1 - rng.Int64N(max(1, 2*of.Seconds))
			}
		}
	}
	u.At = u.At.Truncate(time.Second)
	r := &record{usage: u}
	c.records = append(c.records, r)
	c.record[id] = r
	return r
}

// use reports usage: new records, those that got no answer, some that were sent before, and sometimes one of them
// twice.
func (c *customer) use(w *world, key string, rng *rand.Rand) {
	if w.store.states[c.id].Revision == 0 {
		return
	}
	var batch []*record
	for i := range 1 + rng.IntN(4) {
		batch = append(batch, c.newRecord(w, fmt.Sprintf("%s-%d", key, i), rng))
	}
	for _, r := range c.records[:len(c.records)-len(batch)] {
		if !r.final && rng.IntN(2) == 0 {
			batch = append(batch, r)
		}
	}
	for range rng.IntN(3) {
		batch = append(batch, c.records[rng.IntN(len(c.records))])
	}
	rng.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	c.consume(w, batch)
	if w.chance("use again", 150) {
		c.consume(w, batch)
	}
}

// unanswered resends the records that got no answer.
func (c *customer) unanswered(w *world) {
	var batch []*record
	for _, r := range c.records {
		if !r.final {
			batch = append(batch, r)
		}
	}
	if len(batch) > 0 {
		c.consume(w, batch)
	}
}

// consume sends records through a process and checks the answers.
func (c *customer) consume(w *world, batch []*record) {
	p := free(w.services, int(w.draw("service")%uint64(len(w.services))))
	if p == nil {
		return
	}
	records := make([]subscription.Usage, len(batch))
	known := make([]bool, len(batch)) // known to be counted before this call
	for i, r := range batch {
		records[i], known[i] = r.usage, r.counted
	}
	p.run(func() {
		results, err := p.service.Consume(context.Background(), c.id, records...)
		w.tracef("  consume of %d records: %v", len(batch), err)
		if err != nil {
			closed := c.leaves(w, err)
			if !closed && !w.tryAgain(err) && !errors.Is(err, subscription.ErrConflict) && !errors.Is(err, subscription.ErrNotFound) {
				w.violatef("error", c.id, "consume: %v", err)
			}
			for i, r := range batch {
				if known[i] && closed {
					w.violatef("usage", c.id, "record %s was counted, and now %v", r.usage.ID, err)
				}
				r.final = r.counted || closed // it may be counted now, even if another call was told otherwise meanwhile
			}
			return
		}
		for i, r := range batch {
			w.tracef("    %+v: %+v", r.usage, results[i])
			c.judgeUsage(w, r, known[i], results[i])
		}
	})
}

// judgeUsage compares the answer about a record with earlier ones. known says that the record was known to be counted
// before the call.
func (c *customer) judgeUsage(w *world, r *record, known bool, got subscription.UsageResult) {
	w.figures.Records++
	switch {
	case got.ID != r.usage.ID || got.Counted && got.Duplicate || (got.Err == nil) != (got.Counted || got.Duplicate):
		w.violatef("usage", c.id, "record %s has the result %+v", r.usage.ID, got)
	case got.Counted && r.counted:
		w.violatef("usage", c.id, "record %s is counted again", r.usage.ID)
	case got.Err != nil && known:
		w.violatef("usage", c.id, "record %s was counted, and now %v", r.usage.ID, got.Err)
	case got.Err != nil && !refusedUsage(got.Err) && !c.leaves(w, got.Err):
		w.violatef("error", c.id, "record %s: %v", r.usage.ID, got.Err)
	case got.Err != nil:
		w.figures.Refused++
	case got.Duplicate:
		w.figures.Duplicates++
	case r.usage.Seconds < 0 && max(got.Deducted, got.Excess, got.Forgiven) > 0,
		r.usage.Seconds > 0 && min(got.Deducted, got.Excess, got.Forgiven) < 0:
		w.violatef("usage", c.id, "record %s of %d seconds has the result %+v", r.usage.ID, r.usage.Seconds, got)
	}
	r.counted = r.counted || got.Counted || got.Duplicate
	// A record that is ahead of a clock can be sent again later.
	r.final = !errors.Is(got.Err, subscription.ErrTooEarly)
}
