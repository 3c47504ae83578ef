package subscription_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// lending returns a meter whose customers may overdraw: call/small and the trial by 50 minutes while paid and 30 in the
// grace time, call/large by 80 while paid. Days close an hour after their end.
func lending(tb testing.TB, edits ...string) *meter {
	tb.Helper()
	return newMeter(tb, append(edits, `"rank": 0,`, `"rank": 0, "overdraft_minutes": 50, "grace_minutes": 30,`,
		`"name": "Small", "rank": 1,`, `"name": "Small", "rank": 1, "overdraft_minutes": 50, "grace_minutes": 30,`,
		`"rank": 2,`, `"rank": 2, "overdraft_minutes": 80,`, `"late_usage_hours": 24`, `"late_usage_hours": 1`)...)
}

// overdrawn returns a lending meter that has bought call/small for a month from 10 July, and used its 100 minutes and so
// many more.
func overdrawn(tb testing.TB, minutes int64, edits ...string) *meter {
	tb.Helper()
	m := lending(tb, edits...)
	m.must(once("call", "small"))
	m.use(m.used("audio", 100+minutes))
	m.owes(fmt.Sprintf("0 minutes, %d owed, %d left of 50", minutes, 50-minutes))
	return m
}

// owes checks the minutes of call, and what is beside them.
func (m *meter) owes(want string) {
	m.t.Helper()
	a := m.application()
	o := a.Overdraft("call", m.catalog, m.now)
	check(m.t, "the overdraft", fmt.Sprintf("%s minutes, %s owed, %s left of %s", a.Minutes("call", m.now), o.Owed, o.Left, o.Limit), want)
	m.balanced()
}

// told returns the events about overdrafts: type, quantity.
func (m *meter) lent() []string {
	m.t.Helper()
	var out []string
	for _, e := range m.events() {
		switch e.Type {
		case subscription.EventOverdraftLent, subscription.EventOverdrawn, subscription.EventOverdraftRepaid, subscription.EventOverdraftLapsed:
			out = append(out, fmt.Sprintf("%s %s", e.Type, e.Quantity))
			if e.Lot == 0 || e.Subscription == "" || e.Product != "call" {
				m.t.Errorf("%s is about nothing: %+v", e.Type, e)
			}
		default:
		}
	}
	return out
}

// Three calls of an hour begin with 36 minutes left, and a version lends 50: the first takes what is there and 24 of the
// overdraft; the others don't fit into the 26 that are left, and take nothing.
// Trap: usage that doesn't fit is refused and so is free.
// Rule: overdraft-is-spent-last.
func TestOverdraftIsSpentLast(t *testing.T) {
	m := lending(t)
	m.must(buy("call", "small"))
	m.use(m.used("audio", 64))
	m.owes("36 minutes, 0 owed, 50 left of 50")
	before := m.stored().Revision
	results, err := m.Consume(t.Context(), app, m.used("audio", 60), m.used("audio", 60), m.used("audio", 60))
	m.ok(err)
	sameLines(t, "results", told(results), "60", "34 short", "34 short")
	check(t, "overdrawn by the first", results[0].Overdraft.String(), "24")
	sameLines(t, "ledger", m.ledger(before+1), "lent 2 50", "consumed 1 36 call audio 2025-07-10", "consumed 2 24 call audio 2025-07-10")
	sameLines(t, "lots", m.lots(), "1 package 0/100", "2 overdraft 26/50")
	m.owes("0 minutes, 24 owed, 26 left of 50")
	sameLines(t, "what is left", m.use(m.used("audio", 26), m.used("audio", 1)), "26", "1 short")
	m.owes("0 minutes, 50 owed, 0 left of 50")
	sameLines(t, "events", m.lent(), "overdraft_lent 50", "overdrawn 24", "overdrawn 26")
}

// Free minutes, packs and gifts are spent before the overdraft, whatever came first. Kinds weigh in it as in a package: 5
// minutes of HD are 20.
// Rule: overdraft-is-spent-last, kind-weights.
func TestOverdraftIsSpentAfterEverything(t *testing.T) {
	m := overdrawn(t, 10)
	m.must(subscription.ClaimFree{Free: "starter"})
	m.must(subscription.Gift{Products: []pricing.ProductID{"call"}, Minutes: 30, Validity: pricing.Validity{Months: 1}})
	m.owes("50 minutes, 10 owed, 40 left of 50")
	sameLines(t, "free, gift, overdraft", m.use(m.used("audio", 20), m.used("hd", 10), m.used("hd", 8)), "20", "40", "2 short")
	sameLines(t, "lots", m.lots(), "1 package 0/100", "2 overdraft 30/50", "3 free 0/20", "4 gift 0/30")
	sameLines(t, "HD", m.use(m.used("hd", 5)), "20")
	m.owes("0 minutes, 40 owed, 10 left of 50")
}

// A version whose catalog says nothing lends nothing, nor does one for kinds that packages don't cover, or without a
// subscription.
// Rule: overdraft-is-off.
func TestOverdraftIsOff(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	sameLines(t, "small", m.use(m.used("audio", 101)), "1 short")
	m.owes("100 minutes, 0 owed, 0 left of 0")
	m = lending(t)
	m.must(topUp("call-50"))
	sameLines(t, "a pack alone", m.use(m.used("audio", 51)), "1 short")
	m.must(buy("call", "small"))
	m.must(buy("live", "lite"))
	sameLines(t, "another product, another kind", m.use(m.live("2025-07-10T10:00:00Z", 101), m.used("transcoding", 1)), "1 short", "1 short")
	check(t, "live", m.application().Overdraft("live", m.catalog, m.now), subscription.Overdraft{})
}

// In pay-as-you-go mode nothing is lent, and what is beyond the lots is billed. What was owed before is repaid as ever.
// Rule: overdraft-is-spent-last.
func TestOverdraftIsForPrepaidMode(t *testing.T) {
	m := overdrawn(t, 10)
	m.paidGo()
	m.owes("0 minutes, 10 owed, 0 left of 0")
	sameLines(t, "billed", m.use(m.used("audio", 5)), "0 and 5 excess")
	m.must(topUp("call-50"))
	m.owes("35 minutes, 0 owed, 0 left of 0") // 50 - 10 that were owed - 5 of earlier today
}

// The minutes of packages, upgrades and packs repay the overdraft when they are granted, as far as they go; what is free or
// given doesn't. What was repaid can be used again.
// Rule: overdraft-is-repaid.
func TestOverdraftIsRepaid(t *testing.T) {
	gift := subscription.Gift{Products: []pricing.ProductID{"call"}, Minutes: 30, Validity: pricing.Validity{Months: 1}}
	for _, tt := range []struct {
		name   string
		cmd    subscription.Command
		want   string
		ledger []string
	}{
		{"a pack", topUp("call-50"), "10 minutes, 0 owed, 50 left of 50", []string{"granted 3 50", "consumed 3 40 call  1970-01-01", "repaid 2 40"}},
		{"a pack of more than one product", topUp("any-50"), "10 minutes, 0 owed, 50 left of 50",
			[]string{"granted 3 50", "consumed 3 40 call  1970-01-01", "repaid 2 40"}},
		// 300 - 100 minutes for 31 of 31 days; large lends 80.
		{"an upgrade", upgrade("large"), "160 minutes, 0 owed, 80 left of 80", []string{"granted 3 200", "consumed 3 40 call  1970-01-01", "repaid 2 40"}},
		{"a renewal, once it begins", renewal.Renew{Product: "call"}, "0 minutes, 40 owed, 10 left of 50", nil},
		{"free minutes", subscription.ClaimFree{Free: "starter"}, "20 minutes, 40 owed, 10 left of 50", []string{"granted 3 20"}},
		{"a gift", gift, "30 minutes, 40 owed, 10 left of 50", []string{"granted 3 30"}},
		{"a package of another product", buy("live", "lite"), "0 minutes, 40 owed, 10 left of 50", []string{"granted 3 100"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := overdrawn(t, 40)
			before := m.stored().Revision
			m.must(tt.cmd)
			m.owes(tt.want)
			sameLines(t, "ledger", m.ledger(before+1), tt.ledger...)
			if _, renews := tt.cmd.(renewal.Renew); renews {
				m.run("2025-08-10T00:00:00Z")
				m.owes("60 minutes, 0 owed, 50 left of 50")
			}
		})
	}
}

// A pack that is too small repays what it can; two repay all, and the rest is left of the second.
// Rule: overdraft-is-repaid.
func TestOverdraftIsRepaidInParts(t *testing.T) {
	m := overdrawn(t, 40)
	m.must(upgrade("large"))
	m.use(m.used("audio", 160+70))
	m.owes("0 minutes, 70 owed, 10 left of 80")
	o := m.must(topUp("call-50")).Order
	check(t, "left, as the order says", o.Delivered.Remaining.String(), "0")
	m.owes("0 minutes, 20 owed, 60 left of 80")
	check(t, "left of the next", m.must(topUp("call-50")).Order.Delivered.Remaining.String(), "30")
	m.owes("30 minutes, 0 owed, 80 left of 80")
	sameLines(t, "used again", m.use(m.used("audio", 110)), "110")
	m.owes("0 minutes, 80 owed, 0 left of 80")
	sameLines(t, "events", m.lent(), "overdraft_lent 50", "overdrawn 40", "overdraft_repaid 40", "overdraft_lent 30", "overdrawn 70",
		"overdraft_repaid 50", "overdraft_repaid 20", "overdrawn 80")
}

// Minutes that repaid an overdraft count as used: the rest of a pack is taken back, and no more, and a package that repaid one
// can't be returned.
// Rule: overdraft-is-repaid, refund-takes-what-it-says, unused-package-goes-back.
func TestRepaidMinutesCountAsUsed(t *testing.T) {
	m := overdrawn(t, 40)
	o := m.must(topUp("call-50")).Order
	before := m.stored().Revision
	m.must(subscription.RefundOrder{Order: o.ID, Take: subscription.TakeAll})
	m.owes("0 minutes, 0 owed, 50 left of 50")
	sameLines(t, "ledger", m.ledger(before+1), "refunded 3 10")

	m = overdrawn(t, 40)
	m.run("2025-08-10T09:00:00Z")
	o = m.must(buy("call", "small")).Order
	m.owes("60 minutes, 0 owed, 50 left of 50")
	m.refuse(subscription.ErrNotRefundable, subscription.ReturnPackage{Order: o.ID})
}

// A package without minutes whose overdraft was used isn't unused. Once that is repaid, it is again.
// Rule: unused-package-goes-back.
func TestOverdrawnPackageIsNotReturned(t *testing.T) {
	m := lending(t, `"minutes": 100, "list": {"USD": "10.00"}`, `"minutes": 0, "list": {"USD": "10.00"}`)
	o := m.must(buy("call", "small")).Order
	m.use(m.used("audio", 20))
	m.refuse(subscription.ErrNotRefundable, subscription.ReturnPackage{Order: o.ID})
	m.must(topUp("call-50"))
	m.must(subscription.ReturnPackage{Order: o.ID})
	m.owes("30 minutes, 0 owed, 0 left of 0")
}

// In the grace time a version's grace minutes can be used, in all, and what was owed before counts among them. The usage's own
// time decides, as with any lot, so that late records of the time before take from what was lent then.
// Rule: grace-minutes, boundary-belongs-to-the-later-period.
func TestGraceMinutes(t *testing.T) {
	// A month from 10 July, then 24 hours of grace.
	for _, tt := range []struct {
		name string
		owed int64
		at   string // of the usage, of 35 minutes
		want string
		sent string // when the record arrives; "" is at once
	}{
		{"before the end", 0, "2025-08-09T23:59:59Z", "35", ""},
		{"before the end, owing 20", 20, "2025-08-09T23:59:59Z", "5 short", ""},
		{"at the end", 0, "2025-08-10T00:00:00Z", "5 short", ""},
		{"at the end, owing 20", 20, "2025-08-10T00:00:00Z", "25 short", ""},
		{"at the end, owing more than the grace minutes", 40, "2025-08-10T00:00:00Z", "35 short", ""},
		{"in the last moment", 0, "2025-08-10T23:59:59Z", "5 short", ""},
		{"after it", 0, "2025-08-11T00:00:00Z", "35 short", ""},
		{"of before the end, late", 0, "2025-08-09T23:59:59Z", "35", "2025-08-10T00:30:00Z"},
		{"of the grace time, late", 0, "2025-08-10T23:59:59Z", "5 short", "2025-08-11T00:30:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := lending(t)
			m.must(once("call", "small"))
			m.use(m.used("audio", 100+tt.owed))
			m.run(max(tt.at, tt.sent))
			sameLines(t, "35 minutes", m.use(m.rec("audio", tt.at, 35*60)), tt.want)
		})
	}
}

// A record from before the package's first day takes nothing of its overdraft, as it takes none of its minutes.
// Rule: grace-minutes, lots-cover-their-own-time.
func TestOverdraftBeginsWithThePackage(t *testing.T) {
	m := newMeter(t, `"rank": 1,`, `"rank": 1, "overdraft_minutes": 50,`)
	m.must(buy("call", "small"))
	m.use(m.used("audio", 100))
	sameLines(t, "the day before, and the first day", m.use(m.rec("audio", "2025-07-09T23:59:59Z", 60), m.rec("audio", "2025-07-10T00:00:00Z", 60)),
		"1 short", "1")
}

// The grace time's minutes are used, and the renewal that is paid in it repays them from its own.
// Trap: grace without minutes is no grace.
// Rule: grace-minutes, overdraft-is-repaid.
func TestGraceMinutesAreRepaidByTheRenewal(t *testing.T) {
	m := overdrawn(t, 10)
	m.run("2025-08-10T06:00:00Z")
	m.owes("0 minutes, 10 owed, 20 left of 30")
	sameLines(t, "in the grace time", m.use(m.used("audio", 15), m.used("audio", 6), m.used("audio", 5)), "15", "1 short", "5")
	m.owes("0 minutes, 30 owed, 0 left of 30")
	m.must(renewal.Renew{Product: "call", Agreement: agreement})
	m.owes("70 minutes, 0 owed, 50 left of 50") // 100 - 30
	check(t, "continues from the end", span(m.latest("call").Cycles[1].Period), "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z")
}

// Nobody renews: what is owed stays so after the grace time, and lapses when the subscription expires, with an event. A
// renewal by hand before that repays it.
// Rule: overdraft-lapses, overdraft-is-repaid.
func TestOverdraftLapsesWithTheSubscription(t *testing.T) {
	m := overdrawn(t, 10)
	m.run("2025-08-10T06:00:00Z")
	m.use(m.used("audio", 15))
	m.run("2025-10-09T23:59:59Z") // a day of grace and 60 of retention after 10 August
	m.owes("0 minutes, 25 owed, 0 left of 0")
	m.run("2025-10-10T00:00:00Z")
	check(t, "status", m.latest("call").Status, subscription.Expired)
	m.owes("0 minutes, 0 owed, 0 left of 0")
	sameLines(t, "lots", m.lots())
	sameLines(t, "events", m.lent(), "overdraft_lent 50", "overdrawn 10", "overdrawn 15", "overdraft_lapsed 25")
	sameLines(t, "the last entry", m.ledger(m.stored().Revision), "expired 2 25")
	m.must(buy("call", "small"))
	m.owes("100 minutes, 0 owed, 50 left of 50")

	m = overdrawn(t, 10)
	m.run("2025-09-01T06:00:00Z")
	m.must(renewal.Renew{Product: "call", Agreement: agreement})
	m.owes("90 minutes, 0 owed, 50 left of 50")
}

// A purchase that replaces a subscription repays what that one owes first; what is beyond its minutes lapses.
// Rule: overdraft-is-repaid, overdraft-lapses.
func TestPurchaseRepaysWhatItReplaces(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first subscription.Purchase
		at    string // of the purchase
		want  subscription.Status
		edits []string
		owes  string
		told  []string
	}{
		{"ended, in the grace time", once("call", "small"), "2025-08-10T06:00:00Z", subscription.Ended, nil,
			"55 minutes, 0 owed, 50 left of 50", []string{"overdraft_lent 50", "overdrawn 45", "overdraft_repaid 45"}},
		{"ended, out of service", once("call", "small"), "2025-08-20T06:00:00Z", subscription.Ended, nil,
			"55 minutes, 0 owed, 50 left of 50", []string{"overdraft_lent 50", "overdrawn 45", "overdraft_repaid 45"}},
		{"interrupted", buy("call", "small"), "2025-08-20T06:00:00Z", subscription.Interrupted, nil,
			"55 minutes, 0 owed, 50 left of 50", []string{"overdraft_lent 50", "overdrawn 45", "overdraft_repaid 45"}},
		{"expired", once("call", "small"), "2025-11-20T06:00:00Z", subscription.Expired, nil,
			"100 minutes, 0 owed, 50 left of 50", []string{"overdraft_lent 50", "overdrawn 45", "overdraft_lapsed 45"}},
		{"a trial", try(), "2025-07-11T06:00:00Z", subscription.Active, nil,
			"55 minutes, 0 owed, 50 left of 50", []string{"overdraft_lent 50", "overdrawn 45", "overdraft_repaid 45"}},
		{"with fewer minutes", once("call", "small"), "2025-08-10T06:00:00Z", subscription.Ended,
			[]string{`"minutes": 100, "list": {"USD": "10.00"}`, `"minutes": 20, "list": {"USD": "10.00"}`},
			"0 minutes, 0 owed, 50 left of 50", []string{"overdraft_lent 50", "overdrawn 45", "overdraft_repaid 20", "overdraft_lapsed 25"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := lending(t, tt.edits...)
			m.must(tt.first)
			m.use(m.used("audio", 45+m.application().Minutes("call", m.now).Whole()))
			m.attempted()
			m.at(tt.at)
			check(t, "status", m.latest("call").Status, tt.want)
			m.must(buy("call", "small"))
			m.owes(tt.owes)
			sameLines(t, "events", m.lent(), tt.told...)
			check(t, "the one before", lastStatus(m.events(), "call-1"), subscription.Expired)
		})
	}
}

// A subscription that is refunded takes what it owes with it.
// Rule: overdraft-lapses.
func TestOverdraftLapsesWithTheRefund(t *testing.T) {
	m := lending(t)
	o := m.must(buy("call", "small")).Order
	m.use(m.used("audio", 120))
	m.must(subscription.RefundOrder{Order: o.ID, Take: subscription.TakeAll})
	check(t, "status", m.latest("call").Status, subscription.Refunded)
	m.owes("0 minutes, 0 owed, 0 left of 0")
	sameLines(t, "events", m.lent(), "overdraft_lent 50", "overdrawn 20", "overdraft_lapsed 20")
	sameLines(t, "after it", m.use(m.used("audio", 1)), "1 short")
}

// A period whose payment was reversed lends until then, and there is no grace time after it. What is owed stays so, and is
// repaid by the next period.
// Rule: grace-minutes, reversal-takes-back.
func TestReversedPeriodLendsNothing(t *testing.T) {
	m := lending(t)
	o := m.must(buy("call", "small")).Order
	m.use(m.used("audio", 120))
	m.at("2025-07-20T12:00:00Z")
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	m.owes("0 minutes, 20 owed, 0 left of 0")
	m.at("2025-07-20T12:00:01Z")
	sameLines(t, "after it, and of before it", m.use(m.used("audio", 1), m.rec("audio", "2025-07-20T11:59:59Z", 60)), "1 short", "1")
	m.must(renewal.Renew{Product: "call", Agreement: agreement})
	m.owes("79 minutes, 0 owed, 50 left of 50")
}

// An overdraft is no part of the minutes: no sum of them, no warning and no pack's limit knows it.
// Rule: overdraft-is-beside-the-minutes, low-balance-warnings.
func TestOverdraftIsBesideTheMinutes(t *testing.T) {
	m := overdrawn(t, 50)
	sameLines(t, "warnings, of the package alone", m.noted(subscription.EventLowBalance), "low_balance 0%")
	e, err := m.Entitlement(t.Context(), app, "call")
	m.ok(err)
	check(t, "entitlement", e.Overdraft, subscription.Overdraft{Limit: subscription.Minutes(50), Owed: subscription.Minutes(50)})
	balances, err := subscription.BalanceAt(m.store.Entries(t.Context(), app), m.now)
	m.ok(err)
	check(t, "lots", len(balances), 2)
	for i, b := range balances {
		check(t, fmt.Sprintf("lot %d is an overdraft", b.Lot), b.Overdraft, i == 1)
		check(t, "its balance", b, m.stored().Lots[i].Balance())
	}
}

// A reservation holds no overdraft, but what is used of it takes from the overdraft what nothing else covers.
// Rule: reservation-holds-minutes, overdraft-is-spent-last.
func TestReservationHoldsNoOverdraft(t *testing.T) {
	m := lending(t)
	m.must(buy("call", "small"))
	audio := func(minutes int64) subscription.Reserve {
		r := m.hold("a", minutes)
		r.Usage = "audio"
		return r
	}
	if short, ok := errors.AsType[*subscription.ExhaustedError](m.refused(audio(101))); !ok || short.Short != subscription.Minutes(1) {
		t.Errorf("101 minutes are held, or %v", short)
	}
	m.must(audio(90))
	u := m.used("audio", 130)
	m.must(subscription.Release{ID: "a", Used: &u})
	m.owes("0 minutes, 30 owed, 20 left of 50")
	sameLines(t, "events", m.lent(), "overdraft_lent 50", "overdrawn 30")
	u = m.used("audio", 21)
	m.must(subscription.Release{ID: "b", Used: &u}) // which counts in any case: 20 of the overdraft, and one is forgiven
	m.owes("0 minutes, 50 owed, 0 left of 50")
	check(t, "forgiven", m.stored().Counters[0].Forgiven, subscription.Minutes(1))
}

// What a correction gives back of an overdraft ends with the period or the grace time of the usage, though the overdraft's lot
// doesn't; what is owed stays until it is repaid.
// Rule: correction-undoes-in-order, overdraft-is-repaid.
func TestCorrectionOfAnOverdraft(t *testing.T) {
	m := overdrawn(t, 30) // 130 of 100 minutes
	u := m.used("audio", 40)
	u.Seconds = -u.Seconds
	sameLines(t, "correction", m.use(u), "-40")
	m.owes("40 minutes, 30 owed, 20 left of 50")
	returned := m.stored().Lots[len(m.stored().Lots)-1]
	check(t, "source", returned.Source, subscription.FromReturned)
	check(t, "end", returned.Period.End.Format(time.DateOnly), "2025-08-10")
	m.must(topUp("short-50")) // 30 of it repay what is owed
	m.owes("60 minutes, 0 owed, 50 left of 50")
}

// The catalog in force says how much is lent. One that lends more raises the lot when that is needed; under one that lends less,
// nothing more can be used until enough is repaid; a version that is gone lends nothing.
// Rule: overdraft-is-spent-last.
func TestOverdraftFollowsTheCatalog(t *testing.T) {
	m := overdrawn(t, 40)
	small := `"name": "Small", "rank": 1,`
	lends := func(minutes int) *pricing.Catalog {
		return catalog(t, "minutes.json", small, fmt.Sprintf(`%s "overdraft_minutes": %d,`, small, minutes))
	}
	m.catalog = lends(70)
	m.owes("0 minutes, 40 owed, 30 left of 70")
	sameLines(t, "more", m.use(m.used("audio", 25)), "25")
	sameLines(t, "lots", m.lots(), "1 package 0/100", "2 overdraft 5/70")
	m.catalog = lends(60)
	m.owes("0 minutes, 65 owed, 0 left of 60")
	sameLines(t, "less", m.use(m.used("audio", 1)), "1 short")
	m.must(topUp("short-50"))
	m.owes("0 minutes, 15 owed, 45 left of 60")
	sameLines(t, "less, and repaid", m.use(m.used("audio", 46), m.used("audio", 45)), "1 short", "45")
	m.catalog = catalog(t, "minutes.json", `"id": "small"`, `"id": "tiny"`)
	m.owes("0 minutes, 60 owed, 0 left of 0")
}

// What a call of two records needs is lent before any of it is taken, so that the ledger can be replayed.
// Rule: overdraft-is-spent-last, ledger-is-the-balance.
func TestOverdraftIsRaisedBeforeItIsTaken(t *testing.T) {
	m := overdrawn(t, 10)
	m.catalog = catalog(t, "minutes.json", `"name": "Small", "rank": 1,`, `"name": "Small", "rank": 1, "overdraft_minutes": 80,`)
	before := m.stored().Revision
	sameLines(t, "results", m.use(m.used("audio", 30), m.used("audio", 20), m.used("audio", 5)), "30", "20", "5")
	sameLines(t, "ledger", m.ledger(before+1), "lent 2 30", "consumed 2 55 call audio 2025-07-10")
	m.owes("0 minutes, 65 owed, 15 left of 80")
}

// However records are put together, they take the same.
// Rule: batches-change-nothing, overdraft-is-spent-last.
func TestOverdraftWhateverTheBatches(t *testing.T) {
	together, apart := overdrawn(t, 0), overdrawn(t, 0)
	minutes := []int64{20, 40, 25, 6, 5, 1}
	var all []subscription.Usage
	var got []string
	for _, n := range minutes {
		all = append(all, together.used("audio", n))
		got = append(got, apart.use(apart.used("audio", n))...)
	}
	want := []string{"20", "10 short", "25", "1 short", "5", "1 short"}
	sameLines(t, "together", together.use(all...), want...)
	sameLines(t, "one by one", got, want...)
	sameLines(t, "lots", apart.lots(), together.lots()...)
}

// Every change about an overdraft passes Check, and none that was tampered with.
// Rule: lots-add-up, overdraft-is-repaid, overdraft-lapses.
func TestCheckOfOverdrafts(t *testing.T) {
	m := lending(t)
	named := map[string]recorded{}
	name := func(s string) { named[s] = m.store.last() }
	m.must(once("call", "small"))
	m.use(m.used("audio", 60))
	name("used")
	m.use(m.used("audio", 80))
	name("overdrawn")
	m.must(topUp("short-50"))
	name("repaid")
	m.use(m.used("audio", 30))
	m.at("2025-08-10T06:00:00Z")
	m.must(buy("call", "small"))
	name("replaced")
	m.use(m.used("audio", 130))
	m.attempted()
	m.at("2026-01-10T00:00:00Z")
	m.must(subscription.Accept{Agreement: agreement})
	name("expired")
	untampered(t, named)
	overdraft := func(c *subscription.Change) *subscription.Lot {
		return &c.Next.Lots[slices.IndexFunc(c.Next.Lots, func(l subscription.Lot) bool { return l.Source == subscription.FromOverdraft })]
	}
	without := func(c *subscription.Change, kinds ...subscription.EntryKind) {
		c.Entries = slices.DeleteFunc(c.Entries, func(e subscription.Entry) bool {
			return slices.Contains(kinds, e.Kind) && e.Usage == ""
		})
		for i := range c.Entries {
			c.Entries[i].Index = i
		}
	}
	for _, tt := range []struct {
		name, change string
		doctor       func(c *subscription.Change)
	}{
		{"lent and not used", "overdrawn", func(c *subscription.Change) {
			c.Entries = slices.DeleteFunc(c.Entries, func(e subscription.Entry) bool { return e.Lot == 2 && e.Kind == subscription.EntryConsumed })
			c.Entries[1].Index = 1
			l := overdraft(c)
			l.Remaining, l.Consumed = l.Granted, 0
		}},
		{"used by nothing", "overdrawn", func(c *subscription.Change) { c.Records = nil }},
		{"lent to a package", "used", func(c *subscription.Change) {
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, Index: 1, At: m.now, Kind: subscription.EntryLent, Lot: 1, Quantity: 1,
			})
			c.Next.Lots[0].Granted++
			c.Next.Lots[0].Remaining++
		}},
		{"granted instead of lent", "overdrawn", func(c *subscription.Change) { c.Entries[0].Kind = subscription.EntryGranted }},
		{"of an order", "overdrawn", func(c *subscription.Change) { overdraft(c).Order = "1" }},
		{"of no subscription", "overdrawn", func(c *subscription.Change) { overdraft(c).Subscription = "call-9" }},
		{"of another product", "overdrawn", func(c *subscription.Change) { overdraft(c).Products = []pricing.ProductID{"live"} }},
		{"reserved", "overdrawn", func(c *subscription.Change) {
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, Index: 3, At: c.Next.AsOf, Kind: subscription.EntryReserved, Lot: 2, Quantity: 1, Reservation: "r",
			})
			overdraft(c).Remaining--
			overdraft(c).Reserved++
			c.Next.Reservations = []subscription.Reservation{{ID: "r", Parts: []subscription.ReservedPart{{Lot: 2, Quantity: 1}}}}
		}},
		{"not repaid", "repaid", func(c *subscription.Change) {
			without(c, subscription.EntryConsumed, subscription.EntryRepaid)
			c.Next.Lots[2].Remaining, c.Next.Lots[2].Consumed = c.Next.Lots[2].Granted, 0
			l := overdraft(c)
			l.Consumed, l.Remaining = subscription.Minutes(40), subscription.Minutes(10)
		}},
		{"repaid by nothing", "repaid", func(c *subscription.Change) {
			without(c, subscription.EntryConsumed)
			c.Next.Lots[2].Remaining, c.Next.Lots[2].Consumed = c.Next.Lots[2].Granted, 0
		}},
		{"paid, and not repaid", "repaid", func(c *subscription.Change) {
			without(c, subscription.EntryRepaid)
			l := overdraft(c)
			l.Consumed, l.Remaining = subscription.Minutes(40), subscription.Minutes(10)
		}},
		{"repaid in part", "repaid", func(c *subscription.Change) {
			c.Entries[1].Quantity--
			c.Entries[2].Quantity--
			c.Next.Lots[2].Remaining++
			c.Next.Lots[2].Consumed--
			overdraft(c).Remaining--
			overdraft(c).Consumed++
		}},
		{"a purchase that doesn't repay", "replaced", func(c *subscription.Change) {
			without(c, subscription.EntryConsumed, subscription.EntryRepaid)
			for i := range c.Entries {
				if c.Entries[i].Kind == subscription.EntryExpired && c.Entries[i].Lot == 2 {
					c.Entries[i].Quantity -= subscription.Minutes(30)
				}
			}
			l := &c.Next.Lots[len(c.Next.Lots)-1]
			l.Remaining, l.Consumed = l.Granted, 0
		}},
		{"lapsed without a word", "expired", func(c *subscription.Change) {
			i := slices.IndexFunc(c.Events, func(e subscription.Event) bool { return e.Type == subscription.EventOverdraftLapsed })
			c.Events = slices.Delete(c.Events, i, i+1)
			for i := range c.Events {
				c.Events[i].Index = i
			}
		}},
		{"lapsed with less", "expired", func(c *subscription.Change) {
			i := slices.IndexFunc(c.Events, func(e subscription.Event) bool { return e.Type == subscription.EventOverdraftLapsed })
			c.Events[i].Quantity--
		}},
		{"closed too early", "repaid", func(c *subscription.Change) {
			l := *overdraft(c)
			c.Next.Lots = slices.DeleteFunc(c.Next.Lots, func(x subscription.Lot) bool { return x.ID == l.ID })
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, Index: len(c.Entries), At: c.Next.AsOf, Kind: subscription.EntryExpired, Lot: l.ID,
				Quantity: l.Remaining,
			})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := named[tt.change]
			c := r.change.Clone()
			tt.doctor(&c)
			fails(t, c.Check(r.base), subscription.ErrInvariant)
		})
	}
}

// There is always room for the overdraft of a subscription: whatever was bought keeps no usage from being counted.
// Rule: document-stays-small.
func TestOverdraftAlwaysHasRoom(t *testing.T) {
	m := lending(t)
	m.must(buy("call", "small"))
	for {
		_, err := m.do(topUp("short-50"))
		if errors.Is(err, subscription.ErrTooLarge) {
			break
		}
		m.ok(err)
	}
	left := m.application().Minutes("call", m.now).Whole()
	sameLines(t, "all packs, and the overdraft", m.use(m.used("audio", left+50)), strconv.FormatInt(left+50, 10))
	check(t, "lots", len(m.stored().Lots) > 100, true)
}
