package subscription_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Seconds of a day add up and are rounded up to minutes as a sum; each record takes the difference.
// Rule: usage-rounds-per-day, kind-weights.
func TestSecondsOfADayAreRoundedAsASum(t *testing.T) {
	for name, c := range map[string]struct {
		kind pricing.UsageKindID
		want []string
	}{
		"audio, weight 1":              {"audio", []string{"1", "0", "1"}},
		"HD, weight 4":                 {"hd", []string{"4", "0", "4"}},
		"audience audio, weight 0.5":   {"audience-audio", []string{"0.5", "0", "0.5"}},
		"audience full HD, 4.5":        {"audience-full-hd", []string{"4.5", "0", "4.5"}},
		"4K, weight 36, one at a time": {"4k", []string{"36", "0", "36"}},
	} {
		t.Run(name, func(t *testing.T) {
			at := "2025-07-10T09:00:00Z"
			together, apart := newMeter(t), newMeter(t)
			for _, m := range []*meter{together, apart} {
				m.must(buy("call", "small"))
			}
			sameLines(t, "in one batch", together.use(
				together.rec(c.kind, at, 30), together.rec(c.kind, at, 20), together.rec(c.kind, at, 40)), c.want...)
			var got []string
			for _, seconds := range []int64{30, 20, 40} {
				got = append(got, apart.use(apart.rec(c.kind, at, seconds))...)
			}
			sameLines(t, "one by one", got, c.want...)
			check(t, "balance", together.application().Minutes("call", together.now), apart.application().Minutes("call", apart.now))
			together.balanced()
			apart.balanced()
		})
	}
}

// Each product, kind and day, in the catalog's zone, has its own sum.
// Rule: usage-rounds-per-day.
func TestSumsAreOfOneProductKindAndDay(t *testing.T) {
	m := newMeter(t, `"zone": "UTC"`, `"zone": "Asia/Shanghai"`)
	m.must(buy("call", "small"))
	m.must(buy("live", "lite"))
	m.at("2025-07-11T15:59:59Z")
	live := m.rec("audio", "2025-07-11T12:00:00Z", 30)
	live.Product = "live"
	sameLines(t, "results", m.use(
		m.rec("audio", "2025-07-10T15:59:59Z", 30), // 23:59:59 of the 10th
		m.rec("audio", "2025-07-10T16:00:00Z", 30), // 00:00:00 of the 11th
		m.rec("hd", "2025-07-10T16:00:00Z", 30),
		live,
		m.rec("audio", "2025-07-11T15:59:59Z", 30),
	), "1", "1", "4", "1", "0")
	sameLines(t, "entries", m.ledger(m.stored().Revision),
		"consumed 1 1 call audio 2025-07-10", "consumed 1 1 call audio 2025-07-11", "consumed 1 4 call hd 2025-07-11",
		"consumed 2 1 live audio 2025-07-11")
	// The 12th is a second ahead of the clock. Its lots may not have begun, so the record has to be sent again once
	// they have.
	tomorrow := m.rec("audio", "2025-07-11T16:00:00Z", 30)
	got := m.use(tomorrow)
	check(t, "tomorrow", len(got) == 1 && strings.Contains(got[0], "usage in the future: 2025-07-12 begins in 1s"), true)
	m.at("2025-07-11T16:00:00Z")
	sameLines(t, "today", m.use(tomorrow), "1")
}

// Free minutes first, then packages and their upgrades, then top-ups; of these the narrower, then the one
// that expires first. Free minutes count every covered kind 1:1.
// Rule: lot-order, free-minutes-count-one-to-one.
func TestLotsAreSpentInOrder(t *testing.T) {
	m := newMeter(t)
	m.must(topUp("any-50"))                                    // 1, to the end of July 2026
	m.must(topUp("call-50"))                                   // 2, to 2026-07-10
	m.must(topUp("short-50"))                                  // 3, to 2025-08-10
	m.must(buy("call", "small"))                               // 4
	m.must(subscription.Upgrade{Product: "call", To: "large"}) // 5
	m.must(subscription.ClaimFree{Free: "starter"})            // 6, for two products
	m.must(subscription.ClaimFree{Free: "welcome"})            // 7, for one
	sameLines(t, "25 free minutes and 113 × 4 for 300 + 150", m.use(m.used("hd", 138)), "2 short")
	m.paidGo()
	before := m.stored().Revision
	sameLines(t, "in pay-as-you-go mode", m.use(m.used("hd", 138)), "475 and 2 excess")
	sameLines(t, "entries", m.ledger(before+1),
		"consumed 7 5 call hd 2025-07-10", "consumed 6 20 call hd 2025-07-10",
		"consumed 4 100 call hd 2025-07-10", "consumed 5 200 call hd 2025-07-10",
		"consumed 3 50 call hd 2025-07-10", "consumed 2 50 call hd 2025-07-10", "consumed 1 50 call hd 2025-07-10")
	m.balanced()
}

// A record is split exactly where free minutes, which count 1:1, end and weighted ones begin.
// Rule: free-minutes-count-one-to-one.
func TestRecordAcrossFreeAndWeightedMinutes(t *testing.T) {
	m := newMeter(t)
	m.must(subscription.ClaimFree{Free: "welcome"})
	m.must(buy("call", "small"))
	sameLines(t, "7 HD minutes of which 5 are free", m.use(m.used("hd", 7)), "13")
	sameLines(t, "lots", m.lots(), "1 free 0/5", "2 package 92/100")
}

// The order of lots is total: antisymmetric, transitive, and no two lots are equal.
// Rule: lot-order.
func TestOrderOfLotsIsTotal(t *testing.T) {
	at := instant(t, "2025-07-10T00:00:00Z")
	var lots []subscription.Lot
	for _, source := range []subscription.Source{
		subscription.FromTopUp, subscription.FromFree, subscription.FromUpgrade, subscription.FromPackage,
	} {
		for _, products := range [][]pricing.ProductID{{"call"}, {"call", "live"}} {
			for end := range 2 {
				for granted := range 2 {
					lots = append(lots, subscription.Lot{
						ID: subscription.LotID(len(lots) + 1), Source: source, Products: products,
						Period:    pricing.Period{Start: at, End: at.AddDate(0, 1+end, 0), Zone: "UTC"},
						GrantedAt: at.Add(time.Duration(granted) * time.Hour),
					})
				}
			}
		}
	}
	for i := range lots {
		for j := range lots {
			before, after := lots[i].Before(&lots[j]), lots[j].Before(&lots[i])
			if i == j && before || i != j && before == after {
				t.Fatalf("%+v and %+v: before %t, after %t", lots[i], lots[j], before, after)
			}
			for k := range lots {
				if before && lots[j].Before(&lots[k]) && !lots[i].Before(&lots[k]) {
					t.Fatalf("%+v, %+v, %+v", lots[i], lots[j], lots[k])
				}
			}
		}
	}
	free, pack, up, top := lots[8], lots[24], lots[16], lots[0]
	for _, pair := range [][2]subscription.Lot{{free, pack}, {free, up}, {up, top}, {pack, top}} {
		check(t, string(pair[0].Source+" before "+pair[1].Source), pair[0].Before(&pair[1]), true)
	}
}

// A lot covers records by their own time. A record from before the package's first day never takes from it; one from
// its last second does, whenever it arrives; and one from after its end doesn't.
// Rule: lots-cover-their-own-time.
func TestLotsCoverRecordsByTheirOwnTime(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	sameLines(t, "around the first instant", m.use(
		m.rec("audio", "2025-07-09T23:59:59Z", 60), m.rec("audio", "2025-07-10T00:00:00Z", 60)), "1 short", "1")
	m.at("2025-08-10T23:59:59Z")
	sameLines(t, "around the last one", m.use(
		m.rec("audio", "2025-08-09T23:59:59Z", 60), m.rec("audio", "2025-08-10T00:00:00Z", 60)), "1", "1 short")
	sameLines(t, "lots", m.lots(), "1 package 98/100")
}

// A day accepts records until its late window, counted from its end, has passed. A lot that ends with the day does too,
// and its expiry entry is written then. Nothing rolls over.
// Rule: nothing-rolls-over.
func TestLateRecords(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(subscription.AutoRenew{Product: "call"})
	m.at("2025-08-10T23:59:59.999999Z")
	sameLines(t, "the last instant", m.use(m.rec("audio", "2025-08-09T12:00:00Z", 60)), "1")
	before := m.stored().Revision
	m.run("2025-08-11T00:00:00Z")
	sameLines(t, "expired when the window has passed", m.ledger(before+1), "expired 1 99")
	check(t, "entry's instant", m.entries()[len(m.entries())-1].At, instant(t, "2025-08-11T00:00:00Z"))
	results, err := m.Consume(t.Context(), app, m.rec("audio", "2025-08-09T12:00:00Z", 60))
	m.ok(err)
	if !errors.Is(results[0].Err, subscription.ErrTooLate) {
		t.Errorf("later: %v, want ErrTooLate", results[0].Err)
	}
	check(t, "nothing rolls over", m.application().Minutes("call", m.now), 0)
	m.balanced()
}

// Once paid, a package also covers the earlier usage of its day: refused records can be sent again.
// Rule: purchase-covers-its-day.
func TestRefusedRecordsOfThePurchaseDayAreSentAgain(t *testing.T) {
	m := newMeter(t)
	yesterday, today := m.rec("audio", "2025-07-09T23:00:00Z", 60), m.rec("audio", "2025-07-10T01:00:00Z", 90)
	before := m.stored()
	sameLines(t, "before the purchase", m.use(yesterday, today), "1 short", "2 short")
	if diff := cmp.Diff(before, m.stored(), exactly); diff != "" {
		t.Errorf("refused records left something (-before +after):\n%s", diff)
	}
	m.must(buy("call", "small"))
	sameLines(t, "after it", m.use(yesterday, today), "1 short", "2")
}

// A record counts once, however often it is sent: within a batch, across batches, or by another process.
// Rule: usage-counts-once.
func TestRecordsCountOnce(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	a, b := m.used("audio", 2), m.used("audio", 3)
	sameLines(t, "within a batch", m.use(a, b, a, a), "2", "3", "duplicate", "duplicate")
	sameLines(t, "across batches", m.use(b, a), "duplicate", "duplicate")
	other := sure.Of(subscription.NewService(m.store, m.gate, subscription.StaticCatalog(m.catalog),
		&subscription.Options{Now: func() time.Time { return m.now }}))
	results, err := other.Consume(t.Context(), app, a, m.used("audio", 1))
	m.ok(err)
	sameLines(t, "in another process", told(results), "duplicate", "1")
	sameLines(t, "lots", m.lots(), "1 package 94/100")
}

// A record that doesn't fit is refused as a whole, with the number of minutes missing, and leaves no trace. The other
// records of the batch are counted, and the refused one can be sent again.
// Rule: prepaid-refuses-whole.
func TestRefusedRecordsLeaveNothing(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	tooMuch := m.used("hd", 26)
	results, err := m.Consume(t.Context(), app, tooMuch, m.used("hd", 24), m.used("hd", 2), m.used("audio", 4), tooMuch)
	m.ok(err)
	sameLines(t, "results", told(results), "4 short", "96", "4 short", "4", "104 short")
	exhausted, ok := errors.AsType[*subscription.ExhaustedError](results[0].Err)
	if !ok || exhausted.Product != "call" || exhausted.Kind != "hd" || !strings.Contains(exhausted.Error(), "4 minutes short") {
		t.Errorf("error = %v", results[0].Err)
	}
	sameLines(t, "counters", counters(m.stored()), "call hd 2025-07-10 1440 s", "call audio 2025-07-10 240 s")
	m.must(topUp("call-50"))
	m.must(topUp("call-50"))
	sameLines(t, "again", m.use(tooMuch), "4 short")
	m.must(topUp("call-50"))
	sameLines(t, "when there is enough", m.use(tooMuch), "104")
}

func counters(a subscription.Application) []string {
	var out []string
	for _, c := range a.Counters {
		s := fmt.Sprintf("%s %s %s %d s", c.Product, c.Kind, c.Day, c.Seconds)
		if c.Excess > 0 {
			s += " excess " + c.Excess.String()
		}
		out = append(out, s)
	}
	return out
}

// Bad records are refused individually, with typed errors, and never panic.
// Rule: usage-is-bounded.
func TestBadRecords(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	good := m.used("audio", 1)
	for name, c := range map[string]struct {
		edit func(*subscription.Usage)
		want error
	}{
		"no ID":            {func(u *subscription.Usage) { u.ID = "" }, subscription.ErrInvalid},
		"long ID":          {func(u *subscription.Usage) { u.ID = strings.Repeat("x", 65) }, subscription.ErrInvalid},
		"NUL":              {func(u *subscription.Usage) { u.ID = "a\x00" }, subscription.ErrInvalid},
		"no seconds":       {func(u *subscription.Usage) { u.Seconds = 0 }, subscription.ErrInvalid},
		"negative seconds": {func(u *subscription.Usage) { u.Seconds = math.MinInt64 }, subscription.ErrInvalid},
		"too many seconds": {func(u *subscription.Usage) { u.Seconds = math.MaxInt64 }, subscription.ErrInvalid},
		"unknown kind":     {func(u *subscription.Usage) { u.Kind = "8k" }, pricing.ErrUnknownKind},
		"unknown product":  {func(u *subscription.Usage) { u.Product = "chat" }, pricing.ErrUnknownProduct},
		"of the future":    {func(u *subscription.Usage) { u.At = m.now.Add(5*time.Minute + 1) }, subscription.ErrTooEarly},
		"far future":       {func(u *subscription.Usage) { u.At = time.Unix(math.MaxInt64/2, 0) }, subscription.ErrTooEarly},
		"no time":          {func(u *subscription.Usage) { u.At = time.Time{} }, subscription.ErrTooLate},
		"before Christ":    {func(u *subscription.Usage) { u.At = time.Date(-40000, 1, 1, 0, 0, 0, 0, time.UTC) }, subscription.ErrTooLate},
		"two days ago":     {func(u *subscription.Usage) { u.At = m.now.AddDate(0, 0, -2) }, subscription.ErrTooLate},
	} {
		t.Run(name, func(t *testing.T) {
			u := m.used("audio", 1)
			c.edit(&u)
			commits := len(m.store.changes)
			results, err := m.Consume(t.Context(), app, u)
			m.ok(err)
			if !errors.Is(results[0].Err, c.want) {
				t.Errorf("Err = %v, want %v", results[0].Err, c.want)
			}
			check(t, "commits", len(m.store.changes), commits)
		})
	}
	sameLines(t, "a good one", m.use(good), "1")
}

// The call itself fails only for reasons that don't concern a single record.
// Rule: usage-is-bounded.
func TestConsumeRefuses(t *testing.T) {
	m := newMeter(t)
	for name, c := range map[string]struct {
		app     subscription.ApplicationID
		records []subscription.Usage
		want    error
	}{
		"no such application": {"nobody", []subscription.Usage{m.used("audio", 1)}, subscription.ErrNotFound},
		"bad application":     {"", []subscription.Usage{m.used("audio", 1)}, subscription.ErrInvalid},
		"too many records":    {app, make([]subscription.Usage, subscription.MaxUsageBatch+1), subscription.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := m.Consume(t.Context(), c.app, c.records...); !errors.Is(err, c.want) {
				t.Errorf("Consume = %v, want %v", err, c.want)
			}
		})
	}
	results, err := m.Consume(t.Context(), app)
	if err != nil || len(results) != 0 {
		t.Errorf("no records: %v, %v", results, err)
	}
}

// A day's sum can't overflow, whatever the weight.
// Rule: usage-is-bounded.
func TestDaySumIsBounded(t *testing.T) {
	m := newMeter(t, `"weight": "36"`, `"weight": "1000"`)
	m.paidGo()
	for range 1000 {
		m.use(m.rec("4k", "2025-07-10T10:00:00Z", subscription.MaxUsageSeconds))
	}
	results, err := m.Consume(t.Context(), app, m.used("4k", 1))
	m.ok(err)
	if !errors.Is(results[0].Err, subscription.ErrInvalid) {
		t.Errorf("over the bound: %+v", results[0])
	}
	check(t, "the sum", m.stored().Counters[0].Excess.Whole(), (1_000_000_000_000+59)/60*1000)
}

// The weight of a day is fixed by its first record: a new catalog changes it from the next day on.
// Rule: day-keeps-its-weight.
func TestWeightOfADayStays(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	sameLines(t, "before", m.use(m.used("hd", 24)), "96")
	m.catalog = catalog(t, "minutes.json", `"weight": "4"`, `"weight": "8"`)
	sameLines(t, "the same day", m.use(m.used("hd", 2)), "4 and 4 excess")
	m.catalog = catalog(t, "minutes.json", `"weight": "4", "per_thousand": {"USD": "3.99"}`, `"per_thousand": {"USD": "3.99"}`)
	sameLines(t, "the same day, not covered any more", m.use(m.used("hd", 1)), "0 and 4 excess")
	m.at("2025-07-11T10:00:00Z")
	sameLines(t, "the next day", m.use(m.used("hd", 1)), "0 and 1 excess")
}

// Consuming makes only the day's bill due, so that a busy application isn't claimed all the time.
func TestConsumeMakesOnlyTheBillDue(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.work()
	due := m.stored().Due
	m.use(m.used("audio", 1))
	check(t, "due after usage", m.stored().Due, due)
	m.use(m.used("audio", 100))
	check(t, "due after excess", m.stored().Due, instant(t, "2025-07-12T00:00:00Z"))
}

// Closed days that owe nothing are dropped from the document.
func TestCountersAreDropped(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	for _, day := range []string{"10", "11", "12", "13", "14", "15"} {
		m.at("2025-07-" + day + "T10:00:00Z")
		m.use(m.used("audio", 1))
	}
	sameLines(t, "counters", counters(m.stored()), "call audio 2025-07-14 60 s", "call audio 2025-07-15 60 s")
}
