package renewal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// changeable is the catalog of the tests, whose product call allows changes at renewal, with more edits.
func changeable(tb testing.TB, edits ...string) *pricing.Catalog {
	tb.Helper()
	return catalog(tb, append([]string{`{"id": "call", "name": "Call",`, `{"id": "call", "changes": true, "name": "Call",`}, edits...)...)
}

func change(version pricing.VersionID, term pricing.Term) subscription.ChangeAtRenewal {
	return subscription.ChangeAtRenewal{Product: "call", Version: version, Term: term}
}

// bought formats the periods that were paid for: the days, the version, and the price.
func (w *world) bought() []string {
	w.t.Helper()
	var all []string
	for _, e := range w.events(subscription.EventPeriodPaid) {
		all = append(all, fmt.Sprint(span(e.Period), " ", e.Version, " ", e.Amount))
	}
	return all
}

// A change applies to the first period that isn't paid for, higher or lower, and to those that follow. The customer is told
// the price with the command, so that the first attempt charges it, and the worker does what the preview foretold.
// Rule: change-at-renewal, preview-foretells.
func TestChangeAtRenewalByItself(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to pricing.VersionID
		term     pricing.Term
		want     []string // after the first period
		told     string
	}{
		{"higher", "one-to-one", "group-call", pricing.Term{}, []string{
			"[2025-02-28 2025-03-31) group-call 597.00 USD", "[2025-03-31 2025-04-30) group-call 597.00 USD",
		}, "2025-01-31 10:00 change_planned 597.00 USD 1 month"},
		{"lower", "group-call", "one-to-one", pricing.Term{}, []string{
			"[2025-02-28 2025-03-31) one-to-one 199.00 USD", "[2025-03-31 2025-04-30) one-to-one 199.00 USD",
		}, "2025-01-31 10:00 change_planned 199.00 USD 1 month"},
		{"for a year", "one-to-one", "", pricing.Months(12), []string{
			"[2025-02-28 2026-02-28) one-to-one 1990.00 USD",
		}, "2025-01-31 10:00 change_planned 1990.00 USD 12 months"},
		{"for a week", "one-to-one", "", pricing.Days(7), []string{
			"[2025-02-28 2025-03-07) one-to-one 59.00 USD", "[2025-03-07 2025-03-14) one-to-one 59.00 USD",
			"[2025-03-14 2025-03-21) one-to-one 59.00 USD", "[2025-03-21 2025-03-28) one-to-one 59.00 USD",
			"[2025-03-28 2025-04-04) one-to-one 59.00 USD",
		}, "2025-01-31 10:00 change_planned 59.00 USD 7 days"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: changeable(t), start: "2025-01-31T10:00:00Z"})
			w.must(buy("call", tt.from))
			w.must(change(tt.to, tt.term))
			same(t, "told", w.log(subscription.EventChangePlanned), []string{tt.told})
			check(t, "until then", w.latest("call").Version(), tt.from)
			var foretold []string
			for u := range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, instant(t, "2025-04-01T00:00:00Z")) {
				if !u.Charge.IsZero() {
					foretold = append(foretold, fmt.Sprint(short(u.At), " ", u.Charge))
				}
			}
			w.run("2025-04-01T00:00:00Z")
			same(t, "periods", w.bought()[1:], tt.want)
			var charged []string
			for _, c := range w.charges()[1:] {
				charged = append(charged, strings.Replace(c, " -", " ", 1))
			}
			same(t, "foretold", foretold, charged)
			check(t, "the first charge comes with the first attempt", charged[0][:16], "2025-02-27 00:00")
			check(t, "price changes", len(w.events(subscription.EventPriceChange)), 0)
			check(t, "done", len(w.events(subscription.EventChanged)), 1)
			check(t, "nothing is planned", w.latest("call").Planned == nil, true)
		})
	}
}

// The day of the month stays that of the first purchase through every change of the term: the 31st comes back.
// Rule: change-at-renewal, month-end-clamps.
func TestChangedTermKeepsTheDayOfTheMonth(t *testing.T) {
	w := newWorld(t, setup{catalog: changeable(t, `{"months": 12, "minutes": 1200000, "list": {"USD": "1990.00"}}`,
		`{"months": 12, "minutes": 1200000, "list": {"USD": "1990.00"}}, {"months": 3, "minutes": 300000, "list": {"USD": "550.00"}}`),
		start: "2025-01-31T10:00:00Z"})
	w.deposit("100000.00 USD")
	w.must(buy("call", "one-to-one"))
	w.run("2025-02-20T00:00:00Z")
	w.must(change("", pricing.Months(3)))
	w.run("2025-06-01T00:00:00Z") // paid until 31 August
	w.must(change("", pricing.Months(12)))
	w.run("2026-08-01T00:00:00Z")
	w.must(change("", pricing.Months(1)))
	w.run("2026-11-01T00:00:00Z")
	same(t, "periods", w.bought(), []string{
		"[2025-01-31 2025-02-28) one-to-one 199.00 USD",
		"[2025-02-28 2025-05-31) one-to-one 550.00 USD",
		"[2025-05-31 2025-08-31) one-to-one 550.00 USD",
		"[2025-08-31 2026-08-31) one-to-one 1990.00 USD",
		"[2026-08-31 2026-09-30) one-to-one 199.00 USD",
		"[2026-09-30 2026-10-31) one-to-one 199.00 USD",
		"[2026-10-31 2026-11-30) one-to-one 199.00 USD",
	})
	check(t, "anchor", w.latest("call").Anchor.Date.String(), "2025-01-31")
	for _, e := range w.events(subscription.EventDecisionFailed) {
		t.Errorf("set aside: %s", e.Note)
	}
}

// A renewal by hand buys the changed version, before the end, ahead of time, in the grace time and after it.
// Rule: change-at-renewal, early-renewal-loses-nothing, cycles-ahead.
func TestChangeAtRenewalByHand(t *testing.T) {
	for _, tt := range []struct {
		name, at string
		leaves   bool
		cycles   int
		want     []string
	}{
		{"before the end", "2025-02-10T00:00:00Z", false, 1, []string{"[2025-02-28 2026-02-28) one-to-one 1990.00 USD"}},
		{"ahead", "2025-02-10T00:00:00Z", false, 3, []string{
			"[2025-02-28 2026-02-28) one-to-one 1990.00 USD", "[2026-02-28 2027-02-28) one-to-one 1990.00 USD",
			"[2027-02-28 2028-02-29) one-to-one 1990.00 USD",
		}},
		{"in the grace time", "2025-02-28T12:00:00Z", true, 1, []string{"[2025-02-28 2026-02-28) one-to-one 1990.00 USD"}},
		{"after it", "2025-03-05T12:00:00Z", true, 2, []string{
			"[2025-03-05 2026-03-05) one-to-one 1990.00 USD", "[2026-03-05 2027-03-05) one-to-one 1990.00 USD",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: changeable(t), start: "2025-01-31T10:00:00Z"})
			w.must(buy("call", "one-to-one"))
			if tt.leaves {
				w.must(turn(false))
			}
			w.must(change("", pricing.Months(12)))
			w.run(tt.at)
			quote, err := w.Quote(t.Context(), app, renewal.Renew{Product: "call", Cycles: tt.cycles})
			w.ok(err)
			check(t, "quoted", quote.Amount.String(), fmt.Sprintf("%d.00 USD", 1990*tt.cycles))
			check(t, "for", quote.Deliveries[0].Extend.Term, pricing.Months(12))
			_, err = w.Confirm(t.Context(), app, renewal.Renew{Product: "call", Cycles: tt.cycles}, quote, "renew")
			w.ok(err)
			same(t, "periods", w.bought()[1:], tt.want)
		})
	}
	t.Run("of another version, and then a renewal of that", func(t *testing.T) {
		w := newWorld(t, setup{catalog: changeable(t)})
		w.must(buy("call", "one-to-one"))
		w.must(renewal.Renew{Product: "call"})
		w.must(change("group-call", pricing.Term{}))
		w.must(renewal.Renew{Product: "call"})
		w.must(renewal.Renew{Product: "call"})
		same(t, "periods", w.bought(), []string{
			"[2025-01-01 2025-02-01) one-to-one 199.00 USD", "[2025-02-01 2025-03-01) one-to-one 199.00 USD",
			"[2025-03-01 2025-04-01) group-call 597.00 USD", "[2025-04-01 2025-05-01) group-call 597.00 USD",
		})
		w.run("2025-03-10T00:00:00Z")
		check(t, "minutes", w.application().Minutes("call", w.now).String(), "300000")
	})
}

// If the version, its price, or its sale is gone when the period falls due, the change is dropped, with an event, and the
// present version renews, at a price that is announced.
// Rule: change-at-renewal, price-change-is-announced.
func TestChangeAtRenewalThatIsGone(t *testing.T) {
	for _, tt := range []struct{ name, old, becomes, note string }{
		{
			"the version", `{"id": "group-call"`, `{"id": "party-call"`,
			`pricing: no such package version: "group-call" of call`,
		},
		{
			"the price", `{"months": 1, "minutes": 300000,`, `{"months": 2, "minutes": 300000,`,
			`pricing: not sold for that term and currency: call/group-call, 1 month, "USD"`,
		},
		{
			"the sale", `{"id": "group-call"`, `{"withdrawn": true, "id": "group-call"`,
			`the version is no longer on sale`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: changeable(t)})
			w.must(buy("call", "one-to-one"))
			w.must(change("group-call", pricing.Term{}))
			w.run("2025-01-29T12:00:00Z")
			gone := changeable(t, tt.old, tt.becomes)
			w.catalog = gone
			w.run("2025-02-02T00:00:00Z")
			same(t, "history", w.log(subscription.EventChangeDropped, subscription.EventPriceChange, subscription.EventOrderPlaced)[1:], []string{
				"2025-01-31 00:00 change_dropped " + tt.note,
				"2025-01-31 00:00 price_changed 199.00 USD",
				"2025-01-31 12:00 order_placed 199.00 USD",
			})
			same(t, "periods", w.bought(), []string{
				"[2025-01-01 2025-02-01) one-to-one 199.00 USD", "[2025-02-01 2025-03-01) one-to-one 199.00 USD",
			})

			t.Run("by hand", func(t *testing.T) {
				w := newWorld(t, setup{catalog: changeable(t)})
				w.must(buy("call", "one-to-one"))
				w.must(change("group-call", pricing.Term{}))
				w.catalog = gone
				w.must(renewal.Renew{Product: "call"})
				check(t, "dropped", len(w.events(subscription.EventChangeDropped)), 1)
				same(t, "periods", w.bought()[1:], []string{"[2025-02-01 2025-03-01) one-to-one 199.00 USD"})
			})
		})
	}
	t.Run("and the present one, too", func(t *testing.T) {
		w := newWorld(t, setup{catalog: changeable(t)})
		w.must(buy("call", "one-to-one"))
		w.must(change("group-call", pricing.Term{}))
		w.catalog = changeable(t, `{"id": "group-call"`, `{"id": "party-call"`, `{"id": "one-to-one"`, `{"id": "pair"`)
		w.run("2025-02-02T00:00:00Z")
		check(t, "dropped", len(w.events(subscription.EventChangeDropped)), 1)
		check(t, "each attempt says so", len(w.events(subscription.EventNotRenewable)), 7)
		check(t, "status", w.status(), subscription.Interrupted)
	})
	t.Run("but not before it falls due", func(t *testing.T) {
		w := newWorld(t, setup{catalog: changeable(t)})
		w.must(buy("call", "one-to-one"))
		w.must(change("group-call", pricing.Term{}))
		whole := w.catalog
		w.catalog = changeable(t, `{"id": "group-call"`, `{"id": "party-call"`)
		w.run("2025-01-26T00:00:00Z") // a reminder
		w.catalog = whole
		w.run("2025-02-02T00:00:00Z")
		same(t, "periods", w.bought()[1:], []string{"[2025-02-01 2025-03-01) group-call 597.00 USD"})
	})
}

// Reminders tell the changed version's price, period and version.
// Rule: change-at-renewal, renewal-reminders.
func TestReminderOfAChange(t *testing.T) {
	w := newWorld(t, setup{catalog: changeable(t)})
	w.must(buy("call", "one-to-one"))
	w.must(change("", pricing.Months(12)))
	w.run("2025-01-26T00:00:00Z")
	same(t, "reminder", w.log(subscription.EventReminder), []string{
		"2025-01-25 00:00 renewal_reminder 1990.00 USD renews itself [2025-02-01 2026-02-01)",
	})
	w.must(change("", pricing.Term{})) // undone
	w.run("2025-01-30T00:00:00Z")
	same(t, "after it was undone", w.log(subscription.EventReminder, subscription.EventChangeDropped)[1:], []string{
		"2025-01-26 00:00 change_dropped undone by the customer",
		"2025-01-29 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
	})
	check(t, "price changes", len(w.events(subscription.EventPriceChange)), 0)
}

// A change that the customer has undone leaves what they know as it was: a price that changed meanwhile is announced before it
// is charged.
// Rule: change-at-renewal, price-change-is-announced.
func TestPriceAfterAChangeWasUndone(t *testing.T) {
	for _, dearer := range []bool{false, true} {
		w := newWorld(t, setup{catalog: changeable(t)})
		w.must(buy("call", "one-to-one"))
		want := []string{"2025-01-31 00:00 order_placed 199.00 USD"}
		if dearer {
			w.catalog = changeable(t, `"list": {"USD": "199.00"}`, `"list": {"USD": "249.00"}`)
			want = []string{"2025-01-25 00:00 price_changed 249.00 USD", "2025-01-31 00:00 order_placed 249.00 USD"}
		}
		w.must(change("group-call", pricing.Term{}))
		w.must(change("", pricing.Term{}))
		w.run("2025-02-02T00:00:00Z")
		same(t, "history", w.log(subscription.EventPriceChange, subscription.EventOrderPlaced)[1:], want)
	}
}

// Declined attempts go on with the change, and one that was chosen between attempts applies to the next one.
// Rule: change-at-renewal.
func TestChangeBetweenAttempts(t *testing.T) {
	w := newWorld(t, setup{catalog: changeable(t)})
	w.must(buy("call", "group-call"))
	w.drain()
	w.run("2025-01-31T13:00:00Z")
	check(t, "past due", w.status(), subscription.PastDue)
	w.must(change("one-to-one", pricing.Term{}))
	w.deposit("199.00 USD")
	w.run("2025-02-01T00:00:00Z")
	same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -597.00 USD", "2025-01-31 21:00 -199.00 USD"})
	same(t, "periods", w.bought()[1:], []string{"[2025-02-01 2025-03-01) one-to-one 199.00 USD"})
}

// After a downtime the period that contains now is counted in the changed term.
// Rule: change-at-renewal, missed-periods-are-skipped.
func TestChangedTermAfterADowntime(t *testing.T) {
	for _, tt := range []struct {
		name    string
		catchUp renewal.CatchUp
		from    pricing.Term
		term    pricing.Term
		back    string
		want    []string
		skipped []string
	}{
		{
			"to a year, within it", renewal.Lapse, pricing.Months(1), pricing.Months(12), "2025-05-20T00:00:00Z",
			[]string{"[2025-02-28 2026-02-28)"}, nil,
		},
		{
			"to weeks", renewal.Lapse, pricing.Months(1), pricing.Days(7), "2025-03-10T00:00:00Z",
			[]string{"[2025-03-07 2025-03-14)"}, []string{"[2025-02-28 2025-03-07)"},
		},
		{
			"to weeks, each of them billed", renewal.BillEach, pricing.Months(1), pricing.Days(7), "2025-03-15T00:00:00Z",
			[]string{"[2025-02-28 2025-03-07)", "[2025-03-07 2025-03-14)", "[2025-03-14 2025-03-21)"}, nil,
		},
		{
			"from a week to months", renewal.Lapse, pricing.Days(7), pricing.Months(1), "2025-04-20T00:00:00Z",
			[]string{"[2025-04-07 2025-05-07)"}, []string{"[2025-02-07 2025-03-07)", "[2025-03-07 2025-04-07)"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{
				catalog: changeable(t), start: "2025-01-31T10:00:00Z",
				policy: renewal.Policy{CatchUp: tt.catchUp, Attempts: hours(0, 6)},
			})
			p := buy("call", "one-to-one")
			p.Term = tt.from
			w.must(p)
			w.must(change("", tt.term))
			w.at(tt.back)
			for range 5 {
				w.work()
			}
			same(t, "periods", spans(w)[1:], tt.want)
			var skipped []string
			for _, e := range w.events(subscription.EventSkipped) {
				skipped = append(skipped, span(e.Period))
			}
			same(t, "skipped", skipped, tt.skipped)
			check(t, "in service", w.latest("call").InService(), true)
		})
	}
}

// Any life with changes of version and term keeps the periods together: each begins where the one before ends, on the day of
// the month of the first purchase wherever a month has it.
// Rule: change-at-renewal, periods-are-consecutive.
func TestLivesOfChanges(t *testing.T) {
	terms := []pricing.Term{pricing.Months(1), pricing.Months(12), pricing.Months(2)}
	for seed := range 40 {
		w := newWorld(t, setup{catalog: changeable(t, `{"days": 7, "minutes": 20000,`, `{"months": 2, "minutes": 20000,`), start: "2025-01-31T10:00:00Z"})
		w.deposit("1000000.00 USD")
		w.must(buy("call", "one-to-one"))
		for step := range 8 {
			n := (seed*7 + step*5 + seed*step) % 11
			switch {
			case n < 6:
				if _, err := w.do(change("", terms[n%3])); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			case n < 8:
				w.must(renewal.Renew{Product: "call", Cycles: 1 + n%2})
			case n < 9:
				all := w.orders()
				o := all[len(all)-1-(seed+step)%min(2, len(all))] // one that another order follows can't be taken back
				if e := o.Deliveries[0].Extend; e != nil && !e.Open {
					_, err := w.do(subscription.RefundOrder{Order: o.ID, Cycles: 1, KeepAutoRenew: true})
					if err != nil && !errors.Is(err, subscription.ErrNotRefundable) {
						t.Fatalf("seed %d: %v", seed, err)
					}
				}
			default:
				w.run(w.now.Add(time.Duration(20+n*17) * 24 * time.Hour).Format(time.RFC3339))
			}
		}
		w.run(w.latest("call").End().AddDate(0, 0, 5).Format(time.RFC3339))
		cycles := w.latest("call").Cycles
		for i := range cycles {
			first := cycles[i].Days.First
			if got, last := first.String()[8:], first.MonthEnd(); got != "31" && first != last {
				t.Errorf("seed %d: a period begins on %s", seed, first)
			}
			if i > 0 && !cycles[i].Period.Start.Equal(cycles[i-1].Period.End) {
				t.Errorf("seed %d: %s after %s", seed, cycles[i].Period, cycles[i-1].Period)
			}
		}
		check(t, "set aside", len(w.events(subscription.EventDecisionFailed)), 0)
		check(t, "in service", w.latest("call").InService(), true)
	}
}
