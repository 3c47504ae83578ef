package subscription_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// books is the total effect of a run of consumption.
type books struct {
	results  []string
	taken    map[string]subscription.Quantity // by lot, product, kind and day
	returned map[string]subscription.Quantity // by corrections, likewise
	lots     []subscription.Lot
	counters []subscription.UsageCounter
	records  []subscription.UsageRow
}

// count consumes records in batches of the sizes that next returns.
func count(t *testing.T, a subscription.Application, cat *pricing.Catalog, now time.Time, records []subscription.Usage, next func(left int) int) books {
	t.Helper()
	out := books{taken: map[string]subscription.Quantity{}, returned: map[string]subscription.Quantity{}}
	for len(records) > 0 {
		n := next(len(records))
		c, results, err := subscription.DecideUsage(subscription.Snapshot{Application: a, Records: out.records}, cat, now, records[:n]...)
		if err != nil {
			t.Fatal(err)
		}
		out.results = append(out.results, told(results)...)
		records = records[n:]
		if c.IsZero() {
			continue
		}
		if err := c.Check(a); err != nil {
			t.Fatal(err)
		}
		change := map[string]bool{}
		for _, e := range c.Entries {
			key := fmt.Sprint(e.Lot, e.Product, e.Usage, e.Day)
			if change[key+string(e.Kind)] {
				t.Errorf("two entries of one change for %s", key)
			}
			change[key+string(e.Kind)] = true
			if e.Kind == subscription.EntryGranted {
				out.returned[key] += e.Quantity
			} else {
				out.taken[key] += e.Quantity
			}
		}
		out.records = append(out.records, c.Records...)
		a = c.Next
	}
	out.lots, out.counters = a.Lots, a.Counters
	return out
}

// For records in a given order, batching makes no difference: not to the results, to what each lot gives for each kind
// and day, to the lots that corrections return, or to the counters. That holds whether records that don't fit are refused or
// take what is left. What the lots lost is what the counters say that lots gave, plus what corrections returned.
// Rule: batches-change-nothing, correction-returns-what-was-used.
func TestBatchesChangeNothing(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			m := newMeter(t, `"low_balance_percent"`, []string{`"low_balance_percent"`, `"overrun": "take", "low_balance_percent"`}[seed%2])
			for range 1 + r.IntN(5) {
				switch r.IntN(5) {
				case 0:
					_, _ = m.do(buy("call", "small"))
				case 1:
					_, _ = m.do(subscription.ClaimFree{Free: "starter"})
				case 2:
					m.must(topUp("any-50"))
				case 3:
					m.must(topUp("call-50"))
				case 4:
					_, _ = m.do(subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement})
				}
			}
			m.at("2025-07-11T23:00:00Z")
			records := make([]subscription.Usage, 200)
			all := append(m.catalog.UsageKinds(), pricing.UsageKind{ID: "unknown"})
			for i := range records {
				records[i] = subscription.Usage{
					ID: strconv.Itoa(r.IntN(180)), Product: []pricing.ProductID{"call", "live"}[r.IntN(2)], Kind: all[r.IntN(len(all))].ID,
					At: m.now.Add(-time.Duration(r.IntN(50*3600)) * time.Second), Seconds: r.Int64N(200),
				}
				if i > 0 && r.IntN(4) == 0 { // a correction, often of too much
					of := records[r.IntN(i)]
					records[i].Product, records[i].Kind, records[i].At = of.Product, of.Kind, of.At
					records[i].Seconds = -1 - r.Int64N(200)
				}
			}
			a := m.application()
			want := count(t, a, m.catalog, m.now, records, func(int) int { return 1 })
			for _, next := range []func(int) int{
				func(left int) int { return left },
				func(left int) int { return 1 + r.IntN(left) },
				func(left int) int { return min(left, 1+r.IntN(7)) },
			} {
				got := count(t, a, m.catalog, m.now, records, next)
				if diff := cmp.Diff(want, got, exactly, cmp.AllowUnexported(books{})); diff != "" {
					t.Errorf("one by one and in batches (-one +batches):\n%s", diff)
				}
			}
			var taken, returned, lost, gave subscription.Quantity
			for _, q := range want.taken {
				taken += q
			}
			for _, q := range want.returned {
				returned += q
			}
			for i, l := range want.lots {
				before := l.Granted // of a returned lot
				if i < len(a.Lots) {
					before = a.Lots[i].Remaining
				}
				lost += before - l.Remaining
				check(t, "consumed", l.Consumed, l.Granted-l.Remaining)
			}
			check(t, "taken from lots", taken, lost)
			for _, c := range want.counters {
				gave += c.Paid + c.Free
			}
			check(t, "given by lots", gave, taken-returned)
		})
	}
}

// Deciding again, for example after a lost answer, gives the same change. Deciding doesn't modify its arguments.
func TestConsumeIsPure(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	s := m.load()
	before := s.Application.Clone()
	u := m.used("hd", 3)
	first, _, err := subscription.DecideUsage(s, m.catalog, m.now, u)
	m.ok(err)
	second, _, err := subscription.DecideUsage(s, m.catalog, m.now, u)
	m.ok(err)
	if diff := cmp.Diff(first, second, exactly); diff != "" {
		t.Errorf("twice:\n%s", diff)
	}
	if diff := cmp.Diff(before, s.Application, exactly); diff != "" {
		t.Errorf("the snapshot (-before +after):\n%s", diff)
	}
}
