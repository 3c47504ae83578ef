package subscription_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// graceful returns a meter in pay-as-you-go mode that has bought call/small for a month from 10 July, without a renewal by
// itself, and has used all of its 100 minutes. Days close an hour after their end.
func graceful(tb testing.TB, hours int, edits ...string) *meter {
	tb.Helper()
	m := newMeter(tb, append(edits, `"grace_hours": 24`, fmt.Sprintf(`"grace_hours": %d`, hours),
		`"late_usage_hours": 24`, `"late_usage_hours": 1`)...)
	m.paidGo()
	p := buy("call", "small")
	p.NoAutoRenew = true
	m.must(p)
	m.use(m.used("audio", 100))
	return m
}

// counted formats the counters: product, kind, day, excess, order.
func (m *meter) counted() []string {
	m.t.Helper()
	var out []string
	for _, c := range m.stored().Counters {
		if c.Excess == 0 {
			continue
		}
		line := string(c.Product) + " " + string(c.Kind) + " " + c.Day.String() + " " + c.Excess.String()
		if c.Order != "" {
			line += " " + string(c.Order)
		}
		out = append(out, line)
	}
	return out
}

// live is a usage record of the product live, in audio minutes.
func (m *meter) live(at string, minutes int64) subscription.Usage {
	u := m.rec("audio", at, 60*minutes)
	u.Product = "live"
	return u
}

// A renewal that is paid within the grace time covers the usage of its product since the period's start, which wasn't
// billed; other usage of those days was, each by its own bill.
// Trap: usage in the grace time is billed at overage price, and the package that is paid a day later stays unused.
// Rule: grace-usage.
func TestRenewalCoversTheUsageOfItsGraceTime(t *testing.T) {
	m := graceful(t, 72)
	m.run("2025-08-10T09:00:00Z")
	check(t, "status", m.latest("call").Status, subscription.Ended)
	m.use(m.rec("audio", "2025-08-09T23:00:00Z", 60*7)) // of the period before, late
	_ = m.use(m.rec("audio", "2025-08-10T09:00:00Z", 60*20), m.live("2025-08-10T09:00:00Z", 1000),
		m.rec("transcoding", "2025-08-10T09:00:00Z", 60*1000))
	m.run("2025-08-11T12:00:00Z")
	m.use(m.rec("audio", "2025-08-11T12:00:00Z", 60*30))
	sameLines(t, "of the 10th, only what a renewal can't cover is billed", m.counted(),
		"call audio 2025-08-10 20", "call audio 2025-08-11 30")
	sameLines(t, "bills", m.bills(), "2025-08-11 01:00 7.99 USD paid")
	r := m.must(renewal.Renew{Product: "call", Agreement: agreement})
	check(t, "period", span(r.Order.Delivered.Period), "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z")
	check(t, "left", m.application().Minutes("call", m.now).String(), "50")
	sameLines(t, "nothing is owed", m.counted())
	m.run("2025-08-20T00:00:00Z")
	sameLines(t, "bills", m.bills(), "2025-08-11 01:00 7.99 USD paid")
	m.balanced()
}

// bills formats the usage orders.
func (m *meter) bills() []string {
	m.t.Helper()
	var out []string
	for _, o := range m.orders() {
		if o.Kind == subscription.UsageOrder {
			out = append(out, o.PlacedAt.Format("2006-01-02 15:04")+" "+o.Amount.String()+" "+string(o.Status))
		}
	}
	return out
}

// What the renewal's minutes don't cover is billed, the earliest days being covered first; without a renewal, all of it is
// once the grace time has ended.
// Rule: grace-usage.
func TestGraceUsageBeyondTheRenewal(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pays  string // when the customer renews; "" is never
		bills []string
		left  string
	}{
		{"on the first day", "2025-08-10T22:00:00Z", []string{"2025-08-13 01:00 0.10 USD paid"}, "0"},
		{"on the last day", "2025-08-12T22:00:00Z", []string{"2025-08-13 01:00 0.10 USD paid"}, "0"},
		{"in its last microsecond", "2025-08-12T23:59:59.999999Z", []string{"2025-08-13 01:00 0.10 USD paid"}, "0"},
		{"not within it", "2025-08-13T00:00:00Z", []string{
			"2025-08-13 00:00 0.04 USD paid", "2025-08-13 00:00 0.04 USD paid", "2025-08-13 01:00 0.12 USD paid",
		}, "100"},
		{"never", "", []string{
			"2025-08-13 00:00 0.04 USD paid", "2025-08-13 00:00 0.04 USD paid", "2025-08-13 01:00 0.12 USD paid",
		}, "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := graceful(t, 72)
			for i, at := range []string{"2025-08-10T21:00:00Z", "2025-08-11T21:00:00Z", "2025-08-12T21:00:00Z"} {
				m.run(at)
				// The day's minutes: 40, 40 and 120.
				m.use(m.rec("audio", at, []int64{40, 40, 120}[i]*60))
				if i == 0 && tt.pays < "2025-08-11" && tt.pays != "" {
					m.run(tt.pays)
					m.must(renewal.Renew{Product: "call", Agreement: agreement})
				}
			}
			if tt.pays >= "2025-08-11" {
				m.run(tt.pays)
				m.must(renewal.Renew{Product: "call", Agreement: agreement})
			}
			if tt.pays != "" {
				check(t, "left", m.application().Minutes("call", m.now).String(), tt.left)
			}
			m.run("2025-08-20T00:00:00Z")
			sameLines(t, "bills", m.bills(), tt.bills...)
			sameLines(t, "owed", m.counted())
			m.balanced()
		})
	}
}

// Usage that waits for a renewal is no part of a bill that is waived or carried, and none of it is lost.
// Rule: grace-usage, small-usage-is-carried.
func TestGraceUsageIsNoPartOfAWaivedBill(t *testing.T) {
	m := graceful(t, 720, `"zone": "UTC",`, `"zone": "UTC", "charges": {"USD": {"least": "0.50"}},`)
	m.run("2025-08-31T12:00:00Z")
	m.use(m.rec("audio", "2025-08-31T12:00:00Z", 60*60), m.live("2025-08-31T12:00:00Z", 100)) // 0.0594 and 0.099
	m.run("2025-09-01T12:00:00Z")
	sameLines(t, "the month is closed, and what isn't worth charging waived", m.bills(), "2025-09-01 01:00 0.00 USD paid")
	sameLines(t, "but what waits", m.counted(), "call audio 2025-08-31 60")
	for _, r := range m.store.changes {
		if i := slices.IndexFunc(r.change.Events, func(e subscription.Event) bool { return e.Type == subscription.EventUsageWaived }); i >= 0 {
			c := r.change.Clone()
			c.Next.Counters = nil // the waived bill takes what waits, too
			fails(t, c.Check(r.base), subscription.ErrInvariant)
		}
	}
	m.use(m.rec("audio", "2025-09-01T12:00:00Z", 60*10))
	m.must(renewal.Renew{Product: "call", Agreement: agreement})
	sameLines(t, "covered", m.counted())
	check(t, "left", m.application().Minutes("call", m.now).String(), "30")
	m.balanced()
}

// A grace time may be longer than the period: a payment covers the period that it is for, and the rest waits on.
// Rule: grace-usage.
func TestGraceTimeLongerThanThePeriod(t *testing.T) {
	m := graceful(t, 1200) // 50 days
	m.run("2025-09-09T12:00:00Z")
	m.use(m.rec("audio", "2025-09-09T12:00:00Z", 60*15))
	m.run("2025-09-10T12:00:00Z")
	m.use(m.rec("audio", "2025-09-10T12:00:00Z", 60*25))
	m.must(renewal.Renew{Product: "call", Agreement: agreement})
	sameLines(t, "of the next period", m.counted(), "call audio 2025-09-10 25")
	m.must(renewal.Renew{Product: "call", Agreement: agreement})
	sameLines(t, "covered", m.counted())
	check(t, "left", m.application().Minutes("call", m.now).String(), "75")
	m.run("2025-09-20T00:00:00Z")
	sameLines(t, "bills", m.bills())
	m.balanced()
}

// Usage that waits for a renewal keeps arrears from ending only once it is billed: it isn't owed yet.
// Rule: grace-usage, arrears-interrupt.
func TestArrearsEndWhileGraceUsageWaits(t *testing.T) {
	m := graceful(t, 72)
	m.run("2025-08-10T12:00:00Z")
	m.use(m.rec("audio", "2025-08-10T12:00:00Z", 60*20), m.live("2025-08-10T12:00:00Z", 1000))
	m.drain()
	m.run("2025-08-11T02:00:00Z")
	check(t, "arrears", m.stored().Arrears.Since, instant(t, "2025-08-11T01:00:00Z"))
	m.deposit("100.00 USD")
	m.must(subscription.BillUsage{})
	check(t, "paid", m.stored().Arrears.Since.IsZero(), true)
	sameLines(t, "waits", m.counted(), "call audio 2025-08-10 20")
	if _, err := m.do(subscription.BillUsage{}); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("usage that waits is billed: %v", err)
	}
}

// If half of the room for counters is used, nothing waits for a renewal: usage must be counted.
// Rule: grace-usage, document-stays-small.
func TestCrowdedGraceUsageIsBilled(t *testing.T) {
	kinds := ""
	for i := range 100 {
		kinds += fmt.Sprintf(`{"id": "k%02d", "name": "K", "weight": "1", "per_thousand": {"USD": "1.00"}}, `, i)
	}
	m := graceful(t, 72, `{"id": "hd", "name": "HD"`, kinds+`{"id": "hd", "name": "HD"`)
	for _, day := range []string{"2025-08-10", "2025-08-11", "2025-08-12"} {
		m.run(day + "T12:00:00Z")
		check(t, "unbilled days on "+day, len(m.stored().Unbilled(m.catalog)), 0)
		for i := range 100 {
			u := m.rec("audio", day+"T12:00:00Z", 600)
			u.Kind = pricing.UsageKindID(fmt.Sprintf("k%02d", i))
			m.use(u)
		}
	}
	check(t, "unbilled days, once it is crowded", len(m.stored().Unbilled(m.catalog)), 3)
	m.run("2025-08-12T12:00:00Z")
	sameLines(t, "bills of the closed days", m.bills(), "2025-08-12 12:00 1.00 USD paid", "2025-08-12 12:00 1.00 USD paid")
	check(t, "unbilled days then", len(m.stored().Unbilled(m.catalog)), 0)
	m.must(renewal.Renew{Product: "call", Agreement: agreement})
	m.run("2025-08-20T00:00:00Z")
	check(t, "the third day is covered partly: 1000 - 100 of its minutes are billed", m.bills()[2], "2025-08-13 01:00 0.90 USD paid")
	m.balanced()
}
