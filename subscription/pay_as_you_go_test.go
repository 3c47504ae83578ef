package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Pay-as-you-go can't be turned off. It requires the agreement, and a currency in which every kind has a price.
// Rule: agreement-is-recorded, pay-as-you-go-stays-on.
func TestEnablePayAsYouGo(t *testing.T) {
	m := newMeter(t)
	m.refuse(subscription.ErrAgreementRequired, subscription.EnablePayAsYouGo{Currency: "USD"})
	m.refuse(pricing.ErrNoPrice, subscription.EnablePayAsYouGo{Currency: "EUR", Agreement: agreement})
	m.refuse(pricing.ErrCurrency, subscription.EnablePayAsYouGo{Currency: "usd", Agreement: agreement})
	sameLines(t, "prepaid is the default", m.use(m.used("audio", 1)), "1 short")
	m.paidGo()
	check(t, "currency", m.stored().PayAsYouGo.Currency, "USD")
	m.refuse(subscription.ErrExists, subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement})
	sameLines(t, "usage from before and from after", m.use(
		m.rec("audio", "2025-07-10T09:59:59Z", 60), m.used("audio", 1)), "1 short", "0 and 1 excess")
	if _, err := m.Do(t.Context(), "nobody", subscription.EnablePayAsYouGo{Currency: "USD"}, "k"); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("without an application: %v", err)
	}
}

// The published example: 60 HD, 240 2K and 60 audio minutes on one day cost 4.1364, collected by one order of 4.14,
// rounded once. 300 HD and 60 audio minutes cost 1.2564, rounded to 1.26.
// Rule: one-bill-per-day.
func TestExcessOfADayIsOneOrderRoundedOnce(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("hd", 60), m.used("2k", 240), m.used("audio", 60))
	m.at("2025-07-11T10:00:00Z")
	m.use(m.used("hd", 300), m.used("audio", 60))
	unbilled := m.stored().Unbilled(m.catalog)
	check(t, "days", len(unbilled), 2)
	check(t, "first day", unbilled[0].Day.String(), "2025-07-10")
	check(t, "closed", unbilled[0].At, instant(t, "2025-07-12T00:00:00Z"))
	m.at("2025-07-11T23:59:59Z")
	m.work()
	check(t, "orders before the day is closed", len(m.orders()), 0)
	m.run("2025-07-13T00:00:00Z")
	var got []string
	for _, o := range m.orders() {
		got = append(got, string(o.Kind)+" "+o.PlacedAt.Format("01-02 15:04")+" "+o.Amount.String()+" "+string(o.Status))
	}
	sameLines(t, "orders", got, "usage 07-12 00:00 4.14 USD paid", "usage 07-13 00:00 1.26 USD paid")
	first := m.orders()[0]
	exact := ""
	for _, l := range first.Lines {
		exact += l.Item + " " + l.Formula() + " = " + pricing.FormatExact(l.Exact()) + "; "
	}
	check(t, "lines", exact, "hd 3.99 × 60/1000 = 0.2394; 2k 15.99 × 240/1000 = 3.8376; audio 0.99 × 60/1000 = 0.0594; ")
	check(t, "balance", m.balance(), "99994.60 USD")
	check(t, "counters", len(m.stored().Counters), 0)
	check(t, "due", m.stored().Due.IsZero(), true)
}

// A day whose price rounds to zero is settled without the gateway.
func TestDayThatRoundsToZero(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 5)) // 0.00495
	m.run("2025-07-13T00:00:00Z")
	o := m.orders()[0]
	check(t, "amount", o.Amount, money(t, "0.00 USD"))
	check(t, "status", o.Status, subscription.OrderPaid)
	check(t, "counters", len(m.stored().Counters), 0)
	check(t, "balance", m.balance(), "100000.00 USD")
}

// A purchase's lot takes over the excess of its day, but never that of the day before. What it takes over isn't billed;
// the rest is.
// Rule: purchase-covers-its-day.
func TestPurchaseTakesOverTheExcessOfItsDay(t *testing.T) {
	for name, c := range map[string]struct {
		cmd  subscription.Command
		left string // of the lot
		owed string // of today's excess
	}{
		"a package":             {buy("call", "small"), "60", "0"},
		"a top-up":              {topUp("call-50"), "10", "0"},
		"another product's":     {buy("live", "lite"), "100", "40"},
		"a package too small":   {try(), "0", "30"},
		"a top-up for anything": {topUp("any-50"), "10", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeter(t)
			m.paidGo()
			m.use(m.used("audio", 7))
			m.at("2025-07-11T10:00:00Z")
			m.use(m.used("hd", 10))
			before := m.stored().Revision
			r := m.must(c.cmd)
			a := m.application()
			check(t, "lot", a.Lots[0].Remaining.String(), c.left)
			check(t, "yesterday's excess", a.Counters[0].Excess.String(), "7")
			check(t, "today's excess", a.Counters[1].Excess.String(), c.owed)
			check(t, "the receipt's remaining minutes", r.Order.Delivered.Remaining.String(), c.left)
			if a.Counters[1].Excess < subscription.Minutes(40) {
				sameLines(t, "entry", m.ledger(before + 1)[1:], "consumed 1 "+(subscription.Minutes(40)-a.Counters[1].Excess).String()+" call hd 2025-07-11")
			}
			m.run("2025-07-14T00:00:00Z")
			m.balanced()
		})
	}
}

// The rest of a unit that a lot covered partly is billed exactly: of 40 package minutes of HD, 30 are covered, and 2.5
// HD minutes are billed at 3.99.
// Rule: one-bill-per-day.
func TestPartOfAMinuteIsBilledExactly(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("4k", 10)) // 360
	m.must(topUp("call-50"))
	m.run("2025-07-12T00:00:00Z")
	l := m.orders()[len(m.orders())-1].Lines[0]
	check(t, "exact", l.Formula()+" = "+pricing.FormatExact(l.Exact()), "35.99 × 155/18000 = 111569/360000")
}

// Excess is billed at the prices in force when it was used. If a later catalog drops a kind, both the bill and a
// renewal still go through.
// Rule: excess-keeps-its-price.
func TestExcessKeepsItsPrice(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("hd", 1000))
	m.catalog = catalog(t, "minutes.json", `{"id": "hd", "name": "HD", "weight": "4", "per_thousand": {"USD": "3.99"}},`, ``)
	m.run("2025-07-12T00:00:00Z")
	check(t, "amount", m.orders()[0].Amount, money(t, "3.99 USD"))
	check(t, "set aside", m.count(subscription.EventDecisionFailed), 0)
}

// A day that can't be billed doesn't stop another day's bill or a renewal. It is noted and tried again.
// Rule: unbillable-day-stops-nothing-else.
func TestDayThatCannotBeBilledStopsNothingElse(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.at("2025-07-11T10:00:00Z")
	m.use(m.used("transcoding", 2000))
	m.damage(func(a *subscription.Application) { // exceeds the largest amount
		rate, err := pricing.ParseRate("9223372036854775807")
		m.ok(err)
		a.Counters[0].Rate = rate
	})
	m.run("2025-08-10T00:00:00Z")
	var got []string
	for _, o := range m.orders() {
		got = append(got, string(o.Kind)+" "+o.Amount.String()+" "+string(o.Status))
	}
	sameLines(t, "orders", got, "purchase 10.00 USD paid", "usage 14.00 USD paid", "renewal 10.00 USD paid")
	check(t, "noted, again and again", m.count(subscription.EventDecisionFailed) > 2, true)
	check(t, "still owed", len(m.stored().Counters), 1)
}

// A kind without a price in the application's currency isn't counted on credit.
// Rule: excess-keeps-its-price.
func TestExcessWithoutAPriceIsRefused(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.catalog = catalog(t, "minutes.json", `"per_thousand": {"USD": "7.00"}`, `"per_thousand": {"JPY": "7"}`)
	results, err := m.Consume(t.Context(), app, m.used("transcoding", 1), m.used("audio", 1))
	m.ok(err)
	if !errors.Is(results[0].Err, pricing.ErrNoPrice) {
		t.Errorf("Err = %v, want ErrNoPrice", results[0].Err)
	}
	sameLines(t, "the other", told(results[1:]), "0 and 1 excess")
}

// Kinds that packages don't cover, such as transcoding, are billed by usage even if lots have minutes left.
// Rule: uncovered-kinds-are-billed.
func TestUncoveredKinds(t *testing.T) {
	m := newMeter(t)
	m.must(subscription.ClaimFree{Free: "starter"})
	m.must(buy("call", "small"))
	sameLines(t, "prepaid", m.use(m.used("transcoding", 2)), "2 short")
	m.paidGo()
	sameLines(t, "pay-as-you-go", m.use(m.rec("transcoding", "2025-07-10T10:00:00Z", 61)), "0 and 2 excess")
	m.must(topUp("call-50"))
	sameLines(t, "a purchase doesn't take it over", m.lots(), "1 free 20/20", "2 package 100/100", "3 top_up 50/50")
	m.run("2025-07-12T00:00:00Z")
	check(t, "amount", m.orders()[len(m.orders())-1].Amount, money(t, "0.01 USD"))
}

// A day is billed once it no longer accepts usage, and accepts none once it is billed.
// Rule: one-bill-per-day.
func TestDayIsClosedBeforeItIsBilled(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("hd", 1000))
	draft := subscription.Begin(m.load(), m.now)
	day := m.stored().Counters[0].Day
	fails(t, draft.BillUsage(m.catalog, day), subscription.ErrInvalid)
	fails(t, draft.BillUsage(m.catalog, day+1), subscription.ErrNotFound)
	m.gate.OnCharge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	m.run("2025-07-12T00:00:00Z")
	m.catalog = catalog(t, "minutes.json", `"late_usage_hours": 24`, `"late_usage_hours": 240`)
	results, err := m.Consume(t.Context(), app, m.rec("hd", "2025-07-10T12:00:00Z", 60))
	m.ok(err)
	if !errors.Is(results[0].Err, subscription.ErrTooLate) {
		t.Errorf("usage of a billed day: %+v, want ErrTooLate", results[0])
	}
	check(t, "settled", m.settle(paid(m.orders()[0])).Status, subscription.OrderPaid)
	check(t, "counters", len(m.stored().Counters), 0)

	results, err = m.Consume(t.Context(), app, m.rec("hd", "2025-07-10T12:00:00Z", 60), m.rec("hd", "2025-07-09T12:00:00Z", 60))
	m.ok(err)
	for _, r := range results {
		if !errors.Is(r.Err, subscription.ErrTooLate) {
			t.Errorf("usage of a paid day, or of one before it: %+v, want ErrTooLate", r)
		}
	}
}

// A day whose counters were dropped stays closed, whatever a later catalog says. Otherwise its seconds would start from
// zero, and its first minute would count again.
// Rule: closed-day-stays-closed.
func TestClosedDayStaysClosed(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.use(m.used("audio", 1))
	m.at("2025-07-12T10:00:00Z")
	m.use(m.used("audio", 1)) // drops the counters of the 10th
	m.catalog = catalog(t, "minutes.json", `"late_usage_hours": 24`, `"late_usage_hours": 240`)
	results, err := m.Consume(t.Context(), app,
		m.rec("audio", "2025-07-10T12:00:00Z", 1), m.rec("audio", "2025-07-11T12:00:00Z", 1))
	m.ok(err)
	if !errors.Is(results[0].Err, subscription.ErrTooLate) || results[1].Err != nil {
		t.Errorf("usage of a closed day and of an open one: %+v, want ErrTooLate and none", results)
	}
	check(t, "closed until", m.stored().ClosedUntil, instant(t, "2025-07-11T00:00:00Z"))
}

// Pay-as-you-go usage beyond the catalog's credit limit is refused as a whole. Everything owed counts, billed or not,
// until it is paid; usage covered by lots isn't affected. 250 HD minutes at 3.99 per thousand are 0.9975, rounded to
// 1.00; one more makes 1.00149, rounded to 1.00; the 252nd makes 1.00548, rounded to 1.01.
// Rule: credit-limit.
func TestCreditLimit(t *testing.T) {
	m := newMeter(t, `"low_balance_percent"`, `"credit_limit": {"USD": "1.00"}, "low_balance_percent"`)
	m.paidGo()
	m.use(m.used("hd", 250))
	over := m.used("hd", 2)
	for range 2 { // it changes nothing
		results, err := m.Consume(t.Context(), app, over)
		m.ok(err)
		check(t, "beyond the limit", errors.Is(results[0].Err, subscription.ErrCreditLimit) && !results[0].Counted, true)
	}
	sameLines(t, "up to it", m.use(m.used("hd", 1)), "0 and 4 excess")
	m.must(topUp("any-50"))
	sameLines(t, "once a lot has taken over some of it", m.use(m.used("hd", 1)), "0 and 4 excess")

	m.at("2025-07-11T10:00:00Z")
	m.drain()
	m.run("2025-07-12T00:00:00Z") // billed, not paid
	other := m.used("transcoding", 100)
	m.refuses(other, subscription.ErrCreditLimit)
	m.deposit("100.00 USD")
	m.must(subscription.BillUsage{})
	results, err := m.Consume(t.Context(), app, other)
	m.ok(err)
	check(t, "once it is paid", results[0].Counted, true)
}

// A day whose excess is in an order is closed, paid or not, even if a later catalog extends the late window: it is
// billed once.
// Rule: closed-day-stays-closed.
func TestBilledDayIsClosed(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.drain()
	m.run("2025-07-12T00:00:00Z") // declined: owed, and not closed by its payment
	m.catalog = catalog(t, "minutes.json", `"late_usage_hours": 24`, `"late_usage_hours": 240`)
	results, err := m.Consume(t.Context(), app, m.rec("audio", "2025-07-10T12:00:00Z", 60), m.rec("audio", "2025-07-11T12:00:00Z", 60))
	m.ok(err)
	if !errors.Is(results[0].Err, subscription.ErrTooLate) || results[1].Err != nil {
		t.Errorf("usage of a billed day and of an open one: %+v, want ErrTooLate and none", results)
	}
	check(t, "closed until", m.stored().ClosedUntil, instant(t, "2025-07-11T00:00:00Z"))
}

// Arrears: a decline is followed by 24 hours with retries. Then the service is interrupted even if minutes are left,
// and it resumes when what is owed is paid. Arrears never cancel a package.
// Rule: arrears-interrupt.
func TestArrears(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.drain()
	m.run("2025-07-12T00:00:00Z")
	check(t, "since", m.stored().Arrears.Since, instant(t, "2025-07-12T00:00:00Z"))
	m.run("2025-07-12T23:59:59Z")
	sameLines(t, "within 24 hours", m.use(m.used("audio", 1)), "1")
	m.at("2025-07-13T00:00:00Z")
	results, err := m.Consume(t.Context(), app, m.rec("audio", "2025-07-12T23:59:59Z", 60), m.used("audio", 1))
	m.ok(err)
	sameLines(t, "usage of before the interruption", told(results[:1]), "1")
	if !errors.Is(results[1].Err, subscription.ErrArrears) {
		t.Errorf("after 24 hours: %+v, want ErrArrears", results[1])
	}
	m.refuse(subscription.ErrArrears, subscription.Reserve{ID: "r", Product: "call", Usage: "audio", Minutes: 1, Until: m.now.Add(time.Hour)})
	m.run("2025-07-13T06:00:00Z")
	check(t, "a package is never canceled", m.latest("call").Status, subscription.Active)
	sameLines(t, "minutes are left", m.lots(), "1 package 98/100")
	check(t, "interrupted", m.count(subscription.EventArrearsStop), 1)
	check(t, "told once", m.count(subscription.EventArrears), 1)
	check(t, "tried at once and every 6 hours", m.count(subscription.EventOrderDeclined), 6)
	m.deposit("7.00 USD")
	m.run("2025-07-13T12:00:00Z")
	check(t, "arrears", m.stored().Arrears, subscription.Arrears{})
	check(t, "paid", m.count(subscription.EventArrearsPaid), 1)
	check(t, "balance", m.balance(), "0.00 USD")
	sameLines(t, "the service goes on", m.use(m.used("audio", 1)), "1")
	m.run("2025-07-20T00:00:00Z")
	check(t, "orders", m.count(subscription.EventOrderPlaced), 1+6+1)
}

// Arrears end when every day that couldn't be collected is paid; paying one of two days doesn't buy another 24 hours.
// Rule: arrears-interrupt.
func TestArrearsOfTwoDays(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000)) // 7.00
	m.at("2025-07-11T10:00:00Z")
	m.use(m.used("transcoding", 2000)) // 14.00
	m.drain()
	m.run("2025-07-12T10:00:00Z")
	m.use(m.used("transcoding", 3000)) // 21.00, for a day that isn't billed yet
	m.run("2025-07-13T00:00:00Z")
	check(t, "interrupted", m.application().Arrears.Interrupted, true)
	m.deposit("7.00 USD")
	m.run("2025-07-13T06:00:00Z")
	check(t, "balance, the first day paid", m.balance(), "0.00 USD")
	check(t, "still interrupted", m.application().Arrears.Interrupted, true)
	check(t, "since", m.application().Arrears.Since, instant(t, "2025-07-12T00:00:00Z"))
	m.deposit("14.00 USD")
	m.run("2025-07-13T12:00:00Z")
	check(t, "balance, both paid", m.balance(), "0.00 USD")
	check(t, "arrears", m.application().Arrears, subscription.Arrears{})
	sameLines(t, "in service", m.use(m.used("audio", 1)), "1")
}

// A usage payment that succeeds after its order was declined or canceled goes back: another order collects the day.
// Rule: late-payment-goes-back.
func TestLateSuccessOfAUsageOrder(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.drain()
	m.run("2025-07-12T00:00:00Z")
	first := m.orders()[0]
	check(t, "declined", first.Status, subscription.OrderDeclined)
	check(t, "late", m.settle(paid(first)).Status != subscription.OrderPaid, true)
	check(t, "counters", counters(m.stored())[0], "call transcoding 2025-07-10 60000 s excess 1000")
	m.deposit("100.00 USD")
	m.run("2025-07-12T06:00:00Z")
	check(t, "balance", m.balance(), "93.00 USD")
	check(t, "counters", len(m.stored().Counters), 0)
}

// An order with an unknown outcome is neither paid nor arrears: the day isn't billed again meanwhile, and the payment
// settles it when it arrives.
// Rule: bill-of-unknown-outcome-is-not-repeated.
func TestUnknownOutcomeOfAUsageOrder(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.gate.OnCharge = func(context.Context, payment.Charge) (payment.Result, error) {
		return payment.Result{}, errors.New("no answer")
	}
	m.run("2025-07-12T12:00:00Z")
	check(t, "orders", len(m.orders()), 1)
	check(t, "arrears", m.stored().Arrears, subscription.Arrears{})
	m.gate.OnCharge = nil
	m.run("2025-07-12T20:00:00Z")
	check(t, "orders", len(m.orders()), 1)
	check(t, "paid", m.orders()[0].Status, subscription.OrderPaid)
	check(t, "balance", m.balance(), "99993.00 USD")
}

// A customer who has topped up the account needn't wait for the next automatic attempt.
func TestBillUsage(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.refuse(subscription.ErrNotFound, subscription.BillUsage{})
	m.use(m.used("transcoding", 1000))
	m.refuse(subscription.ErrNotFound, subscription.BillUsage{}) // the day still accepts usage
	m.at("2025-07-11T10:00:00Z")
	m.use(m.used("transcoding", 2000))
	m.drain()
	m.run("2025-07-13T07:00:00Z")
	check(t, "interrupted", m.application().Arrears.Interrupted, true)
	declined, err := m.do(subscription.BillUsage{})
	if !errors.Is(err, subscription.ErrDeclined) {
		t.Fatalf("without money: %v, %v", declined, err)
	}
	m.deposit("21.00 USD")
	check(t, "the first day", m.must(subscription.BillUsage{}).Order.Amount, money(t, "7.00 USD"))
	check(t, "the second day", m.must(subscription.BillUsage{}).Order.Amount, money(t, "14.00 USD"))
	check(t, "arrears", m.application().Arrears, subscription.Arrears{})
	m.refuse(subscription.ErrNotFound, subscription.BillUsage{})
	if _, err := m.Do(t.Context(), "nobody", subscription.BillUsage{}, "k"); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("without an application: %v", err)
	}
	m.run("2025-07-20T00:00:00Z")
	check(t, "balance", m.balance(), "0.00 USD")
}

// stolen makes the gateway decline every charge, as of a stolen card, until what it returns is false.
func (m *meter) stolen() *bool {
	stolen := true
	m.gate.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		if stolen {
			return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.LostOrStolen}, nil
		}
		return m.accounts.Charge(ctx, c)
	}
	return &stolen
}

// A bill that is declined for good isn't tried again, nor is another day's, until there is another payment method, which is
// tried at once. The arrears take their course.
// Rule: hard-decline-stops-attempts, changed-payment-method-is-tried-at-once.
func TestHardDeclineStopsBills(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.at("2025-07-11T10:00:00Z")
	m.use(m.used("transcoding", 2000))
	stolen := m.stolen()
	m.run("2025-07-20T01:00:00Z")
	check(t, "attempts", m.count(subscription.EventOrderDeclined), 1)
	check(t, "stopped", m.stored().Arrears.Stopped, payment.LostOrStolen)
	check(t, "interrupted", m.stored().Arrears.Interrupted, true)

	*stolen = false
	m.must(subscription.PaymentMethodChanged{})
	m.run("2025-07-20T01:00:00Z")
	check(t, "arrears", m.stored().Arrears, subscription.Arrears{})
	check(t, "bills paid", m.kinds(subscription.UsageOrder), 3)
	check(t, "attempts", m.count(subscription.EventOrderDeclined), 1)
}

// A bill that is paid shows a payment method that works.
// Rule: hard-decline-stops-attempts.
func TestBillPaidByHandEndsAHardDecline(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.at("2025-07-11T10:00:00Z")
	m.use(m.used("transcoding", 2000))
	stolen := m.stolen()
	m.at("2025-07-13T06:00:00Z") // the first round after a downtime bills both days
	m.run("2025-07-13T06:00:00Z")
	check(t, "declined", m.count(subscription.EventOrderDeclined), 2)
	*stolen = false
	o := m.must(subscription.BillUsage{}).Order // the customer pays by hand, with a card that works
	check(t, "paid by hand", o.Status, subscription.OrderPaid)
	m.run("2025-08-20T01:00:00Z")
	a := m.stored()
	check(t, "stopped", a.Arrears.Stopped, "")
	check(t, "interrupted", a.Arrears.Interrupted, false)
	check(t, "unbilled", len(a.Unbilled(m.catalog)), 0)
}

// A bill paid by hand ends the hard decline of a renewal, too.
// Rule: hard-decline-stops-attempts.
func TestBillPaidByHandEndsAHardDeclineOfARenewal(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	stolen := m.stolen()
	m.run("2025-08-07T12:00:00Z")
	m.at("2025-08-07T12:00:00Z")
	m.use(m.used("transcoding", 1000))
	m.run("2025-08-09T10:00:00Z")
	check(t, "stopped", m.latest("call").Renewal.Stopped, payment.LostOrStolen)
	*stolen = false
	o := m.must(subscription.BillUsage{}).Order
	check(t, "paid by hand", o.Status, subscription.OrderPaid)
	check(t, "stopped", m.latest("call").Renewal.Stopped, "")
	m.run("2025-08-11T00:00:00Z")
	check(t, "renewed", m.latest("call").Status, subscription.Active)
}
