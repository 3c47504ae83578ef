package subscription_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// less is a correction of usage of call at this moment.
func (m *meter) less(kind pricing.UsageKindID, seconds int64) subscription.Usage {
	m.t.Helper()
	return m.rec(kind, m.now.Format(time.RFC3339), -seconds)
}

// parts formats what a counter says that its minutes were.
func parts(c subscription.UsageCounter) string {
	s := fmt.Sprintf("%d s: %s forgiven, %s excess, %s paid, %s free", c.Seconds, c.Forgiven, c.Excess, c.Paid, c.Free)
	if !c.Until.IsZero() {
		s += ", until " + c.Until.Format(time.DateOnly)
	}
	return s
}

// A call recorded as an hour was a minute. Its minutes came from two lots and an excess, and the correction undoes the excess
// first; what the lots gave is one new lot that is valid to the end of the later one. No lot gets more than it gave, and what
// was corrected isn't billed.
// Rule: correction-undoes-in-order, correction-returns-what-was-used.
func TestCorrectionAcrossLotsAndExcess(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.use(m.used("hd", 24)) // 96 of 100
	m.must(topUp("call-50"))
	m.paidGo()
	sameLines(t, "recorded", m.use(m.used("audio", 60)), "54 and 6 excess")
	check(t, "counter", parts(m.stored().Counters[1]), "3600 s: 0 forgiven, 6 excess, 54 paid, 0 free, until 2026-07-10")

	from := m.stored().Revision + 1
	sameLines(t, "corrected", m.use(m.less("audio", 3540)), "-53 and -6 excess")
	check(t, "counter", parts(m.stored().Counters[1]), "60 s: 0 forgiven, 0 excess, 1 paid, 0 free, until 2026-07-10")
	sameLines(t, "lots", m.lots(), "1 package 0/100", "2 top_up 0/50", "3 returned 53/53")
	sameLines(t, "ledger", m.ledger(from), "granted 3 53")
	l := m.stored().Lots[2]
	check(t, "its period", l.Period.String(), pricing.Period{
		Start: instant(t, "2025-07-10T00:00:00Z"), End: instant(t, "2026-07-10T00:00:00Z"), Zone: "UTC",
	}.String())
	check(t, "its products", fmt.Sprint(l.Products), "[call]")
	sameLines(t, "told", m.amounts(subscription.EventLotReturned, subscription.EventCorrected), "lot_returned 53", "usage_corrected 59")
	entries := m.entries()
	e := entries[len(entries)-1]
	check(t, "what was corrected", fmt.Sprint(e.Product, " ", e.Usage, " ", e.Day), "call audio 2025-07-10")
	check(t, "due when the lot expires, or before", m.stored().Due.After(l.Period.End.Add(24*time.Hour)), false)

	sameLines(t, "spent again", m.use(m.used("audio", 50)), "50")
	sameLines(t, "from the new lot", m.lots(), "1 package 0/100", "2 top_up 0/50", "3 returned 3/53")
	m.run("2025-07-13T00:00:00Z")
	check(t, "bills", m.kinds(subscription.UsageOrder), 0)
	m.balanced()
}

// What was forgiven is undone first, then what paid lots gave, then free minutes, which come back as they were taken, 1:1.
// Nothing is undone twice.
// Rule: correction-undoes-in-order, correction-returns-what-was-used.
func TestCorrectionUndoesForgivenFirstAndFreeLast(t *testing.T) {
	m := newMeter(t, taking...)
	m.must(subscription.ClaimFree{Free: "welcome"})                          // 5 minutes until 2025-08-10
	m.must(buy("call", "small"))                                             // 100
	sameLines(t, "recorded", m.use(m.used("hd", 40)), "105 and 40 forgiven") // 5 + 35 × 4 = 5 + 140
	counter := func() string { return parts(m.stored().Counters[0]) }
	check(t, "recorded", counter(), "2400 s: 40 forgiven, 0 excess, 100 paid, 5 free, until 2025-08-10")
	sameLines(t, "half a minute", m.use(m.less("hd", 30)), "0")
	sameLines(t, "the other half", m.use(m.less("hd", 30)), "0 and -4 forgiven")
	sameLines(t, "ten minutes", m.use(m.less("hd", 600)), "-4 and -36 forgiven")
	check(t, "then", counter(), "1740 s: 0 forgiven, 0 excess, 96 paid, 5 free, until 2025-08-10")
	sameLines(t, "26 of 29 minutes", m.use(m.less("hd", 1560)), "-98") // 24 × 4 + 2
	check(t, "then", counter(), "180 s: 0 forgiven, 0 excess, 0 paid, 3 free, until 2025-08-10")
	sameLines(t, "the rest", m.use(m.less("hd", 180)), "-3")
	check(t, "then", counter(), "0 s: 0 forgiven, 0 excess, 0 paid, 0 free")
	sameLines(t, "lots", m.lots(), "1 free 0/5", "2 package 0/100", "3 returned 4/4", "4 returned 98/98", "5 returned 3/3")
	m.refuses(m.less("hd", 1), subscription.ErrInvalid)
	sameLines(t, "used again, by weight", m.use(m.used("hd", 26)), "104")
	check(t, "counter", counter(), "1560 s: 0 forgiven, 0 excess, 104 paid, 0 free, until 2025-08-10")
	m.balanced()
}

// Corrections and records in one batch are decided one after the other.
// Rule: correction-undoes-in-order, batches-change-nothing.
func TestCorrectionWithinABatch(t *testing.T) {
	m := newMeter(t, taking...)
	m.must(buy("call", "small"))
	call := m.used("audio", 130)
	sameLines(t, "results", m.use(call, m.less("audio", 7200), m.used("audio", 60), call),
		"100 and 30 forgiven", "-90 and -30 forgiven", "60", "duplicate")
	sameLines(t, "lots", m.lots(), "1 package 0/100", "2 returned 30/90")
	sameLines(t, "told", m.amounts(subscription.EventUsed, subscription.EventCorrected, subscription.EventForgiven),
		"minutes_used 160", "usage_corrected 120", "usage_forgiven 30")
	m.balanced()
}

// A correction counts once, like any record. One of more than is counted, of another product, kind or day, or of a day that is
// closed or billed is refused whole, and changes nothing.
// Rule: correction-never-below-zero.
func TestRefusedCorrections(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	call := m.used("audio", 110)
	m.use(call)
	before := m.stored()
	again := call
	again.Seconds = -60
	live := m.less("audio", 60)
	live.Product = "live"
	yesterday := m.less("audio", 60)
	yesterday.At = m.now.Add(-24 * time.Hour)
	ahead := m.less("audio", 60)
	ahead.At = m.now.Add(time.Hour)
	for name, tt := range map[string]struct {
		u    subscription.Usage
		want error
	}{
		"more than is counted":   {m.less("audio", 6601), subscription.ErrInvalid},
		"far more":               {m.less("audio", subscription.MaxUsageSeconds), subscription.ErrInvalid},
		"more than there can be": {m.less("audio", subscription.MaxUsageSeconds+1), subscription.ErrInvalid},
		"another kind":           {m.less("hd", 60), subscription.ErrInvalid},
		"another product":        {live, subscription.ErrInvalid},
		"another day":            {yesterday, subscription.ErrInvalid},
		"a day ahead":            {ahead, subscription.ErrTooEarly},
		"an unknown kind":        {m.less("8k", 60), pricing.ErrUnknownKind},
		"the record's own ID":    {again, subscription.ErrIDReused},
	} {
		results, err := m.Consume(t.Context(), app, tt.u)
		m.ok(err)
		if !errors.Is(results[0].Err, tt.want) || results[0].Counted {
			t.Errorf("%s: %+v, want %v", name, results[0], tt.want)
		}
	}
	check(t, "revision", m.stored().Revision, before.Revision)
	once := m.less("audio", 600)
	sameLines(t, "counts once", m.use(once, once), "0 and -10 excess", "duplicate")

	m.run("2025-07-12T00:00:00Z")
	m.refuses(m.rec("audio", "2025-07-10T10:00:00Z", -60), subscription.ErrTooLate)
}

// A day that an open bill collects can't be corrected, even if a catalog with a longer window keeps it open.
// Rule: correction-never-below-zero.
func TestBilledUsageIsNotCorrected(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("transcoding", 100))
	m.drain()
	m.run("2025-07-12T00:00:00Z")
	check(t, "bills", m.kinds(subscription.UsageOrder), 1)
	m.catalog = catalog(t, "minutes.json", `"late_usage_hours": 24`, `"late_usage_hours": 96`)
	m.refuses(m.rec("transcoding", "2025-07-10T10:00:00Z", -60), subscription.ErrTooLate)
}

// While service is interrupted, usage is refused, and corrections of open days count: they take nothing.
// Rule: correction-undoes-in-order.
func TestCorrectionWhileInterrupted(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("transcoding", 100))
	m.drain()
	m.run("2025-07-12T23:00:00Z")
	m.use(m.used("transcoding", 10))
	m.run("2025-07-13T01:00:00Z")
	check(t, "interrupted", m.application().Arrears.Interrupted, true)
	before := m.rec("transcoding", "2025-07-12T23:59:59Z", -240)
	sameLines(t, "of before", m.use(before), "0 and -4 excess")
	check(t, "interrupted", m.application().Arrears.Interrupted, true)
	check(t, "counter", parts(m.stored().Counters[1]), "360 s: 0 forgiven, 6 excess, 0 paid, 0 free")
}

// A counter from before it was recorded where its minutes came from: its excess is known, and can be corrected. Of the rest
// nothing is known, so a correction of it is refused and creates no minutes. What is used from now on can be corrected.
// Rule: correction-returns-what-was-used.
func TestCorrectionOfUsageFromBeforePartsWereRecorded(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	sameLines(t, "before", m.use(m.used("hd", 30)), "100 and 20 excess")
	m.damage(func(a *subscription.Application) {
		c := &a.Counters[0]
		c.Paid, c.Until = 0, time.Time{}
	})
	m.refuses(m.less("hd", 6*60), subscription.ErrInvalid)
	sameLines(t, "its excess", m.use(m.less("hd", 5*60)), "0 and -20 excess")
	m.refuses(m.less("hd", 60), subscription.ErrInvalid)
	m.must(topUp("call-50"))
	sameLines(t, "from now on", m.use(m.used("hd", 2)), "8")
	m.refuses(m.less("hd", 3*60), subscription.ErrInvalid)
	sameLines(t, "what is recorded", m.use(m.less("hd", 2*60)), "-8")
	sameLines(t, "lots", m.lots(), "1 package 0/100", "2 top_up 42/50", "3 returned 8/8")
	m.balanced()
}

// What covered the day's earlier usage when it was bought is what lots gave, and comes back too.
// Rule: correction-returns-what-was-used.
func TestCorrectionOfUsageThatWasCoveredLater(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	sameLines(t, "before", m.use(m.used("hd", 20)), "0 and 80 excess")
	m.must(topUp("call-50"))
	check(t, "counter", parts(m.stored().Counters[0]), "1200 s: 0 forgiven, 30 excess, 50 paid, 0 free, until 2026-07-10")
	sameLines(t, "corrected", m.use(m.less("hd", 1200)), "-50 and -30 excess")
	sameLines(t, "lots", m.lots(), "1 top_up 0/50", "2 returned 50/50")
	m.balanced()
}

// Returned minutes are spent after the package, before packs that are valid for longer, and expire like any others: those of a
// lot that has ended cover what is sent again of its last day, and then they are gone.
// Rule: returned-minutes-are-spent-like-a-top-up.
func TestReturnedMinutesAreSpentLikeATopUp(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.at("2025-08-09T22:00:00Z") // the last day
	sameLines(t, "all", m.use(m.used("hd", 25)), "100")
	m.must(topUp("call-50"))
	m.at("2025-08-10T01:00:00Z")
	call := m.rec("hd", "2025-08-09T22:00:00Z", -600)
	sameLines(t, "corrected", m.use(call), "-40")
	check(t, "its end", m.stored().Lots[2].Period.End, instant(t, "2025-08-10T00:00:00Z"))
	sameLines(t, "another product", m.use(m.live("2025-08-09T22:00:00Z", 1)), "1 short")
	sameLines(t, "of that day, before the pack", m.use(m.rec("hd", "2025-08-09T22:00:00Z", 60)), "4")
	sameLines(t, "of today, from the pack", m.use(m.used("hd", 1)), "4")
	sameLines(t, "lots", m.lots(), "1 package 0/100", "2 top_up 46/50", "3 returned 36/40")
	m.run("2025-08-11T00:00:00Z")
	sameLines(t, "expired", m.lots(), "2 top_up 46/50", "4 package 100/100")
	m.balanced()
}

// The catalog's zone moves so far west that the same day begins after the lot's end: what comes back still has a period, and the
// same end.
// Rule: returned-minutes-are-spent-like-a-top-up.
func TestReturnedMinutesAfterTheZoneMoved(t *testing.T) {
	m := newMeter(t, `"zone": "UTC"`, `"zone": "Pacific/Kiritimati"`) // 14 hours ahead of UTC
	m.must(buy("call", "small"))
	m.at("2025-08-10T09:00:00Z")
	sameLines(t, "the last hour", m.use(m.used("hd", 2)), "8")
	m.catalog = catalog(t, "minutes.json", `"zone": "UTC"`, `"zone": "Pacific/Pago_Pago"`) // 11 hours behind
	m.at("2025-08-10T12:00:00Z")
	sameLines(t, "the same day", m.use(m.less("hd", 60)), "-4")
	l := m.stored().Lots[len(m.stored().Lots)-1]
	check(t, "source", l.Source, subscription.FromReturned)
	check(t, "its end", l.Period.End, instant(t, "2025-08-10T10:00:00Z"))
	check(t, "its start", l.Period.Start, instant(t, "2025-08-09T10:00:00Z"))
	m.balanced()
}

// Trap: every correction is another lot. They have room of their own, so they keep nothing from being bought or counted;
// spent ones make room for others.
// Rule: document-stays-small.
func TestReturnedLotsHaveTheirOwnRoom(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "large"))
	m.use(m.used("audio", 290))
	full := func() int {
		t.Helper()
		for n := 0; ; n++ {
			results, err := m.Consume(t.Context(), app, m.less("audio", 60))
			m.ok(err)
			if err := results[0].Err; err != nil {
				fails(t, err, subscription.ErrTooLarge)
				return n
			}
		}
	}
	if n := full(); n < 100 {
		t.Errorf("room for %d returned lots", n)
	} else {
		sameLines(t, "spent", m.use(m.used("audio", int64(n))), strconv.Itoa(n))
	}
	m.must(topUp("any-50"))
	if n := full(); n < 50 {
		t.Errorf("once the others are spent, room for %d", n)
	}
	stored := m.stored()
	if _, err := document.Append(nil, &stored); err != nil {
		t.Error(err)
	}
	m.balanced()
}

// A change that tampers with what a correction does is refused.
// Rule: correction-returns-what-was-used, what-is-owed-stays.
func TestCheckOfCorrections(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("audio", 120))
	m.use(m.less("audio", 1800))
	r := m.store.last()
	m.ok(r.change.Check(r.base))
	lot := func(c *subscription.Change) *subscription.Lot { return &c.Next.Lots[len(c.Next.Lots)-1] }
	for _, tt := range []struct {
		invariant, name string
		doctor          func(c *subscription.Change)
	}{
		{"1", "returns more than was used", func(c *subscription.Change) {
			lot(c).Granted++
			lot(c).Remaining++
			c.Entries[0].Quantity++
		}},
		{"1", "returns what the counter still has", func(c *subscription.Change) { c.Next.Counters[0].Paid += subscription.Minutes(10) }},
		{"1", "forgives more", func(c *subscription.Change) { c.Next.Counters[0].Forgiven++ }},
		{"1", "forgives what was paid, and returns it", func(c *subscription.Change) {
			lot(c).Granted += subscription.Minutes(5)
			lot(c).Remaining += subscription.Minutes(5)
			c.Entries[0].Quantity += subscription.Minutes(5)
			c.Next.Counters[0].Paid -= subscription.Minutes(5)
			c.Next.Counters[0].Forgiven += subscription.Minutes(5)
		}},
		{"1", "bills what was paid, and returns it", func(c *subscription.Change) {
			lot(c).Granted += subscription.Minutes(5)
			lot(c).Remaining += subscription.Minutes(5)
			c.Entries[0].Quantity += subscription.Minutes(5)
			c.Next.Counters[0].Paid -= subscription.Minutes(5)
			c.Next.Counters[0].Excess += subscription.Minutes(25)
			c.Next.Counters[0].Seconds += 20 * 60
		}},
		{"1", "forgives what is owed", func(c *subscription.Change) {
			c.Next.Counters[0].Forgiven += subscription.Minutes(20)
			c.Next.Counters[0].Seconds += 20 * 60
		}},
		{"1", "valid for longer, as the counter says", func(c *subscription.Change) {
			lot(c).Period.End = lot(c).Period.End.Add(time.Hour)
			c.Next.Counters[0].Until = lot(c).Period.End
		}},
		{"1", "a part below zero", func(c *subscription.Change) { c.Next.Counters[0].Free-- }},
		{"1", "no event", func(c *subscription.Change) {
			for i := range c.Events {
				if c.Events[i].Type == subscription.EventCorrected {
					c.Events[i].Type = "other"
				}
			}
		}},
		{"1", "of usage that isn't counted", func(c *subscription.Change) { c.Entries[0].Usage = "hd" }},
		{"7", "of no usage", func(c *subscription.Change) {
			c.Entries[0].Usage = ""
			c.Next.Counters[0].Paid += c.Entries[0].Quantity
			c.Next.Counters[0].Seconds += 600
		}},
		{"7", "of more products", func(c *subscription.Change) { lot(c).Products = []pricing.ProductID{"call", "live"} }},
		{"7", "valid for longer", func(c *subscription.Change) { lot(c).Period.End = lot(c).Period.End.Add(time.Hour) }},
		{"7", "of another source", func(c *subscription.Change) { lot(c).Source = subscription.FromTopUp }},
		{"8", "excess that vanishes", func(c *subscription.Change) {
			for i := range c.Events {
				if c.Events[i].Type == subscription.EventCorrected {
					c.Events[i].Quantity = subscription.Minutes(19)
				}
			}
		}},
	} {
		c := r.change.Clone()
		tt.doctor(&c)
		if err := c.Check(r.base); !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), "broken: "+tt.invariant+":") {
			t.Errorf("%s: Check = %v, want invariant %s", tt.name, err, tt.invariant)
		}
	}
}
