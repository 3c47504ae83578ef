package topup_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

const (
	app       = subscription.ApplicationID("video-chat")
	agreement = "2025-06"
)

// till is a service with an application that has money but nothing else.
type till struct {
	*subscription.Service
	t        testing.TB
	now      time.Time
	pending  bool // charges stay pending
	accounts *balance.Accounts
	keys     int
}

func newTill(tb testing.TB, edits ...string) *till {
	tb.Helper()
	text, err := os.ReadFile("testdata/catalog.json")
	if err != nil {
		tb.Fatal(err)
	}
	cat, err := pricing.ParseCatalog(strings.NewReader(strings.NewReplacer(edits...).Replace(string(text))))
	if err != nil {
		tb.Fatal(err)
	}
	b := &till{t: tb, now: time.Date(2025, time.May, 1, 10, 0, 0, 0, time.UTC), accounts: balance.New(nil)}
	b.Service = sure.Of(subscription.NewService(memory.New(), gateway{b.accounts, b}, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return b.now }}))
	funds, err := pricing.ParseMoney("1000000.00", "USD")
	b.ok(err)
	b.ok(b.accounts.Open(tb.Context(), "acme"))
	b.ok(b.accounts.Deposit(tb.Context(), "acme", "d", funds))
	_, err = b.do(subscription.Create{Account: "acme"})
	b.ok(err)
	return b
}

type gateway struct {
	*balance.Accounts
	till *till
}

func (g gateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if g.till.pending {
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	return g.Accounts.Charge(ctx, c)
}

func (b *till) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *till) do(cmd subscription.Command) (subscription.Outcome, error) {
	b.keys++
	return b.Do(b.t.Context(), app, cmd, fmt.Sprint("key ", b.keys))
}

func (b *till) lots() []subscription.Lot {
	b.t.Helper()
	a, err := b.Application(b.t.Context(), app)
	b.ok(err)
	return a.Lots
}

func span(p pricing.Period) string {
	return p.Start.Format(time.DateOnly) + " to " + p.End.Format(time.DateOnly)
}

// A quantity of a fixed pack is one order and one lot, with the catalog's validity, counted from the day of payment. It
// needs no subscription.
// Rule: fixed-packs.
func TestBuyFixed(t *testing.T) {
	for name, c := range map[string]struct {
		buy     topup.Buy
		price   string
		minutes int64
		valid   string
	}{
		"one, by default":          {topup.Buy{Pack: "rtc-25k"}, "24.00 USD", 25_000, "2025-05-01 to 2026-06-01"},
		"one":                      {topup.Buy{Pack: "rtc-25k", Quantity: 1}, "24.00 USD", 25_000, "2025-05-01 to 2026-06-01"},
		"three":                    {topup.Buy{Pack: "rtc-250k", Quantity: 3}, "681.00 USD", 750_000, "2025-05-01 to 2026-06-01"},
		"twelve months to the day": {topup.Buy{Pack: "rtc-1m", Quantity: 2}, "1712.00 USD", 2_000_000, "2025-05-01 to 2026-05-01"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTill(t)
			c.buy.Currency, c.buy.Agreement = "USD", agreement
			r, err := b.do(c.buy)
			b.ok(err)
			lots := b.lots()
			if len(lots) != 1 || lots[0].Source != subscription.FromTopUp || lots[0].Granted != subscription.Minutes(c.minutes) ||
				span(lots[0].Period) != c.valid || lots[0].Order != r.Receipt.OrderID || !lots[0].Covers("rtc") || lots[0].Covers("live") {
				t.Errorf("lots = %+v, want %d minutes of rtc from %s", lots, c.minutes, c.valid)
			}
			if got := r.Order.Amount.String(); got != c.price {
				t.Errorf("price = %s, want %s", got, c.price)
			}
			d := r.Order.Delivered
			if d.Increment != subscription.Minutes(c.minutes) || d.Total != d.Increment || d.Remaining != d.Increment || span(d.Period) != c.valid {
				t.Errorf("receipt = %+v", d)
			}
		})
	}
}

// A custom pack has any size that the catalog offers, and all of it has the price of the tier that the size falls into.
// Rule: custom-pack-tiers.
func TestBuyCustom(t *testing.T) {
	for minutes, price := range map[int64]string{
		1_000: "0.99 USD", 24_000: "23.76 USD", 25_000: "24.00 USD", 30_000: "28.80 USD", 249_000: "239.04 USD",
		250_000: "227.00 USD", 999_000: "907.09 USD", 1_000_000: "856.00 USD", 3_000_000: "2415.00 USD",
	} {
		t.Run(strconv.FormatInt(minutes, 10), func(t *testing.T) {
			b := newTill(t)
			r, err := b.do(topup.Buy{Pack: "custom", Minutes: minutes, Currency: "USD", Agreement: agreement})
			b.ok(err)
			if got := r.Order.Amount.String(); got != price || b.lots()[0].Granted != subscription.Minutes(minutes) {
				t.Errorf("%s for %s minutes, want %s", got, b.lots()[0].Granted, price)
			}
		})
	}
}

// A pack that isn't sold, or whose agreement isn't accepted, can't be bought.
// Rule: agreement-is-recorded.
func TestBuyRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		buy  topup.Buy
		want error
	}{
		"unknown pack":             {topup.Buy{Pack: "huge"}, pricing.ErrUnknownPack},
		"withdrawn":                {topup.Buy{Pack: "old"}, subscription.ErrNotOnSale},
		"another currency":         {topup.Buy{Pack: "rtc-25k", Currency: "JPY"}, pricing.ErrNoPrice},
		"no currency":              {topup.Buy{Pack: "rtc-25k", Currency: "none"}, pricing.ErrNoPrice},
		"another agreement":        {topup.Buy{Pack: "rtc-25k", Agreement: "2024-01"}, subscription.ErrAgreementRequired},
		"no agreement":             {topup.Buy{Pack: "rtc-25k", Agreement: "none"}, subscription.ErrAgreementRequired},
		"a negative quantity":      {topup.Buy{Pack: "rtc-25k", Quantity: -1}, pricing.ErrPackSize},
		"too many":                 {topup.Buy{Pack: "rtc-25k", Quantity: pricing.MaxPackQuantity + 1}, pricing.ErrPackSize},
		"an overflowing quantity":  {topup.Buy{Pack: "rtc-1m", Quantity: math.MaxInt64}, pricing.ErrPackSize},
		"minutes of a fixed pack":  {topup.Buy{Pack: "rtc-25k", Minutes: 25_000}, pricing.ErrPackSize},
		"a quantity of custom":     {topup.Buy{Pack: "custom", Minutes: 1000, Quantity: 1}, pricing.ErrPackSize},
		"custom without a size":    {topup.Buy{Pack: "custom"}, pricing.ErrPackSize},
		"custom, negative":         {topup.Buy{Pack: "custom", Minutes: -1000}, pricing.ErrPackSize},
		"custom, not whole steps":  {topup.Buy{Pack: "custom", Minutes: 1500}, pricing.ErrPackSize},
		"custom, too large":        {topup.Buy{Pack: "custom", Minutes: 10_001_000}, pricing.ErrPackSize},
		"custom, overflowing":      {topup.Buy{Pack: "custom", Minutes: math.MaxInt64}, pricing.ErrPackSize},
		"custom, another currency": {topup.Buy{Pack: "custom", Minutes: 1000, Currency: "JPY"}, pricing.ErrNoPrice},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTill(t)
			switch c.buy.Currency {
			case "":
				c.buy.Currency = "USD"
			case "none":
				c.buy.Currency = ""
			}
			switch c.buy.Agreement {
			case "":
				c.buy.Agreement = agreement
			case "none":
				c.buy.Agreement = ""
			}
			if r, err := b.do(c.buy); !errors.Is(err, c.want) || r.Receipt.Key != "" {
				t.Errorf("Do = %+v, %v, want %v", r, err, c.want)
			}
			if n := len(b.lots()); n != 0 {
				t.Errorf("%d lots", n)
			}
		})
	}
	b := newTill(t)
	if _, err := b.Do(t.Context(), "nobody", topup.Buy{Pack: "rtc-25k"}, "k"); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("without an application: %v, want ErrNotFound", err)
	}
}

// Minutes are granted when they are paid, once, from the day of payment. Other orders of the application do not block
// the purchase.
// Rule: minutes-follow-payment.
func TestMinutesAreGrantedWhenPaid(t *testing.T) {
	b := newTill(t)
	b.pending = true
	buy := topup.Buy{Pack: "rtc-1m", Currency: "USD", Agreement: agreement}
	first, err := b.do(buy)
	testworld.Fails(t, err, subscription.ErrPaymentPending)
	purchase, err := b.do(subscription.Purchase{Product: "rtc", Version: "lite", Term: pricing.Months(1), Currency: "USD"})
	if !errors.Is(err, subscription.ErrPaymentPending) && !errors.Is(err, subscription.ErrAgreementRequired) {
		t.Fatal(purchase, err)
	}
	second, err := b.do(buy)
	if !errors.Is(err, subscription.ErrPaymentPending) || second.Receipt.OrderID == first.Receipt.OrderID {
		t.Fatalf("beside an open order: %v", err)
	}
	if n := len(b.lots()); n != 0 {
		t.Errorf("%d lots before payment", n)
	}
	b.now = b.now.AddDate(0, 0, 3)
	for range 2 {
		_, err = b.Settle(t.Context(), first.Order.Attempt,
			payment.Result{Key: string(first.Order.Attempt), Status: payment.Succeeded, Amount: first.Order.Amount})
		b.ok(err)
	}
	if lots := b.lots(); len(lots) != 1 || span(lots[0].Period) != "2025-05-04 to 2026-05-04" {
		t.Errorf("lots = %+v", lots)
	}
}

// The customer is charged the quoted price or nothing.
func TestQuoteOfATopUp(t *testing.T) {
	b := newTill(t)
	buy := topup.Buy{Pack: "custom", Minutes: 30_000, Currency: "USD", Agreement: agreement}
	q, err := b.Quote(t.Context(), app, buy)
	b.ok(err)
	other := buy
	other.Minutes = 31_000
	if _, err := b.Confirm(t.Context(), app, other, q, "k"); !errors.Is(err, subscription.ErrQuoteStale) {
		t.Errorf("another size: %v, want ErrQuoteStale", err)
	}
	r, err := b.Confirm(t.Context(), app, buy, q, "k")
	b.ok(err)
	if q.Amount != r.Order.Amount || q.Deliveries[0].Grant.Minutes != 30_000 {
		t.Errorf("quoted %s, charged %s", q.Amount, r.Order.Amount)
	}
}
