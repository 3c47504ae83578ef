package modeltest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// usage returns the steps that use or reserve minutes.
func (m *machine) usage() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"use": m.use, "use more": m.use, "use most": m.use,
		"reserve": m.reserve, "reserve more": m.reserve, "release": m.release,
	}
}

// use counts records: in one batch in one world, and in random batches in the other.
func (m *machine) use(t *rapid.T) {
	records := make([]subscription.Usage, rapid.IntRange(1, 8).Draw(t, "records"))
	want := make([]outcome, len(records))
	for i := range records {
		records[i] = m.record(t)
		want[i] = m.model.count(records[i], false)
	}
	m.counts(t, m.worlds[0], records, want)
	for len(records) > 0 {
		n := rapid.IntRange(1, len(records)).Draw(t, "batch")
		m.counts(t, m.worlds[1], records[:n], want[:n])
		records, want = records[n:], want[n:]
	}
}

func (m *machine) counts(t *rapid.T, w *world, records []subscription.Usage, want []outcome) {
	t.Helper()
	results, err := w.Consume(m.ctx, m.app, records...)
	if err != nil || len(results) != len(want) {
		t.Fatalf("%s: consume: %d results for %d records, %v", w.name, len(results), len(want), err)
	}
	for i, r := range results {
		got, err := outcomeOf(r)
		if err != nil {
			t.Fatalf("%s: %+v: %v", w.name, records[i], err)
		}
		if got != want[i] || r.ID != records[i].ID {
			t.Fatalf("%s: %+v: %q %+v (%v), the model has %+v", w.name, records[i], r.ID, got, r.Err, want[i])
		}
	}
}

// outcomeOf converts a result to the model's type.
func outcomeOf(r subscription.UsageResult) (outcome, error) {
	why, short, failure := refusal(r.Err)
	return outcome{
		Refused: why, Short: short, Counted: r.Counted, Known: r.Duplicate,
		Deducted: int64(r.Deducted), Excess: int64(r.Excess), Forgiven: int64(r.Forgiven), Overdraft: int64(r.Overdraft),
	}, failure
}

// record draws a record of any time: current, late, too late, or in the future. Sometimes it corrects what is counted, by
// too much too. Sometimes it repeats an earlier record, with the same or different content.
func (m *machine) record(t *rapid.T) subscription.Usage {
	back := pick(t, "minutes ago", 0, 1, 17, 60, 200, 600, 721, 1000, 2000, 3000, -4, -6)
	u := subscription.Usage{
		ID:      fmt.Sprintf("record %d", len(m.ids)),
		Product: pick[pricing.ProductID](t, "product", "call", "call", "live"),
		Kind:    m.kind(t),
		At:      m.model.now.Add(-time.Duration(back) * time.Minute),
		Seconds: pick[int64](t, "seconds", 20, 30, 40, 60, 119, 600, 1234, 0),
	}
	if n := len(m.model.counters); n > 0 && rapid.IntRange(0, 3).Draw(t, "use") == 0 {
		c := m.model.counters[n-1-rapid.IntRange(0, min(n, 4)-1).Draw(t, "counter")]
		u.Product, u.Kind, u.At = c.product, c.kind, c.closes.Add(-lateWindow-time.Hour)
		if u.At.After(m.model.now) {
			u.At = m.model.now
		}
		u.Seconds = -pick(t, "less", 20, 60, 90, 600, max(1, c.seconds), c.seconds+1)
	}
	if len(m.ids) > 0 && rapid.IntRange(0, 4).Draw(t, "fresh") == 0 {
		u.ID = rapid.SampledFrom(m.ids).Draw(t, "again")
	} else {
		m.ids = append(m.ids, u.ID)
	}
	return u
}

func (*machine) kind(t *rapid.T) pricing.UsageKindID {
	return pick[pricing.UsageKindID](t, "kind",
		"audio", "audio", "hd", "hd", "audience-audio", "audience-full-hd", "transcoding", "unknown")
}

// reserve opens a reservation or extends one.
func (m *machine) reserve(t *rapid.T) {
	c := subscription.Reserve{
		ID:      pick(t, "reservation", "a", "b", "c"),
		Product: pick[pricing.ProductID](t, "product", "call", "live"),
		Usage:   pick[pricing.UsageKindID](t, "kind", "audio", "hd", "audience-full-hd", "transcoding"),
		Minutes: rapid.Int64Range(0, 12).Draw(t, "minutes"),
		Until:   m.model.now.Add(time.Duration(pick(t, "hours", 1, 2, 20, 48, 7*24, 0, 7*24+1)) * time.Hour),
	}
	if i := m.model.holding(c.ID); i >= 0 && rapid.Bool().Draw(t, "extend") {
		c.Product, c.Usage = m.model.held[i].product, m.model.held[i].kind
	}
	m.run(t, c, m.model.reserve(c))
}

// release ends a reservation, usually with usage. It draws open, lapsed, and nonexistent reservations.
func (m *machine) release(t *rapid.T) {
	c := subscription.Release{ID: pick(t, "reservation", "a", "b", "c")}
	if rapid.IntRange(0, 3).Draw(t, "commit") > 0 {
		u := m.record(t)
		if i := m.model.holding(c.ID); i >= 0 {
			u.Product, u.Kind = m.model.held[i].product, m.model.held[i].kind
		}
		c.Used = &u
	}
	m.run(t, c, m.model.release(c))
}
