package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// topUp orders one-time minutes in addition to the package. The payment takes a day, so it is pending.
func (s *shop) topUp(ctx context.Context) error {
	s.out.title("A pack of minutes on top, paid by bank transfer: pending")
	s.out.say("The bank's answer is that the money is under way. Nothing is delivered yet, and nobody has to wait.")
	s.bank.byTransfer = true
	outcome, err := s.Do(ctx, application, topup.Buy{Pack: "rtc-engine-25k", Currency: "USD"}, "top-up-1")
	if !errors.Is(err, subscription.ErrPaymentPending) {
		return fmt.Errorf("want a pending payment, got %w", err)
	}
	s.out.lines(outcome.Order.Lines)
	s.pack = outcome.Order.ID
	s.out.linef("order %s is %s: %v", s.pack, outcome.Order.Status, err)
	return nil
}

// notified is what a webhook does when the transfer has arrived: it passes on the order's key, and nothing else.
func (s *shop) notified(ctx context.Context) error {
	s.now = at(time.July, 26, 9, 0)
	s.out.title("26 July: the bank calls the webhook")
	s.out.say("The webhook calls Notify with the payment's key. Notify believes nothing and asks the bank itself. Had the call been lost,",
		"a worker would have asked.")
	open, err := s.Order(ctx, application, s.pack)
	if err != nil {
		return err
	}
	if err := s.bank.arrive(ctx, string(open.Attempt)); err != nil {
		return err
	}
	paid, err := s.Notify(ctx, open.Attempt)
	if err != nil {
		return err
	}
	s.out.delivered(paid)
	if _, err := s.Notify(ctx, open.Attempt); err != nil {
		return err
	}
	s.out.linef("called once more, as banks do: nothing changes")
	return s.funds(ctx)
}

// use consumes minutes of the package, then of the pack, and more than there are.
func (s *shop) use(ctx context.Context) error {
	s.out.title("26 July: a day of usage")
	s.out.say("Seconds of the same kind add up for the day, and the sum is rounded up to minutes, not each call: 30 s are 1 minute,",
		"30 + 20 s still 1, 30 + 20 + 40 s are 2. A minute of HD takes 4 minutes of the package. What expires first is spent first,",
		"a record counts once, and what nothing covers is refused, unless the customer chose to pay as they go.")
	records := []subscription.Usage{
		s.record("call-1", "hd", 30), s.record("call-2", "hd", 20), s.record("call-3", "hd", 40),
		s.record("conference-1", "hd", 60*50_800),
		s.record("conference-2", "hd", 60*1_000),
		s.record("conference-2", "hd", 60*1_000),
		s.record("festival", "2k", 60*30_000),
	}
	results, err := s.Consume(ctx, application, records...)
	if err != nil {
		return err
	}
	for i, r := range results {
		s.out.usage(records[i], r)
	}
	return nil
}

func (s *shop) record(id string, kind pricing.UsageKindID, seconds int64) subscription.Usage {
	return subscription.Usage{ID: id, Product: "call", Kind: kind, At: s.now, Seconds: seconds}
}

// refund has staff give back most of the price of the pack, and take back the minutes that are left of it.
func (s *shop) refund(ctx context.Context) error {
	s.now = at(time.July, 28, 11, 0)
	s.out.title("28 July: staff takes the pack back, for a part of its price")
	s.out.say("A refund is a row beside the order: the order stays paid, and the books of the day of its payment stay as they are.")
	back, err := pricing.ParseMoney("20.00", "USD")
	if err != nil {
		return err
	}
	staff := s.As("ada", "bought by mistake")
	cmd := subscription.RefundOrder{Order: s.pack, Amount: back, Take: subscription.TakeUnused}
	if _, err := staff.Do(ctx, application, cmd, "refund-1"); err != nil {
		return err
	}
	refunds, err := s.Refunds(ctx, application, s.pack)
	if err != nil {
		return err
	}
	for _, r := range refunds {
		s.out.linef("refund %d of order %s: %s, %s, by %s: %s", r.Number, r.Order, r.Amount, r.Status, r.By, r.Note)
	}
	return s.funds(ctx)
}

// renew lets a worker run until the package is renewed and the next period has begun.
func (s *shop) renew(ctx context.Context) error {
	s.out.title("To 10 August: the worker reminds, and renews")
	s.out.say("The renewal is collected 24 hours before the end, at the list price. The next period begins where the last one ended,",
		"and its minutes are granted then.")
	for s.now = at(time.July, 29, 0, 0); !s.now.After(at(time.August, 10, 0, 0)); s.now = s.now.AddDate(0, 0, 1) {
		stats, err := s.worker.Once(ctx)
		if err != nil {
			return err
		}
		if stats.Paid > 0 {
			s.out.linef("%s  orders paid: %d", clock(s.now), stats.Paid)
			if err := s.funds(ctx); err != nil {
				return err
			}
		}
	}
	s.now = at(time.August, 10, 9, 0)
	app, err := s.Application(ctx, application)
	if err != nil {
		return err
	}
	sub, _ := app.Latest("call")
	s.out.linef("%s  %s until %s, minutes to spend: %s", clock(s.now), sub.Status, clock(sub.End()), app.Minutes("call", s.now))
	return nil
}

func (s *shop) funds(ctx context.Context) error {
	m, err := s.bank.Balance(ctx, account, "USD")
	if err != nil {
		return err
	}
	s.out.linef("balance of %s: %s", account, m)
	return nil
}

// report prints what is stored: the orders, the lots, the ledger and the events.
func (s *shop) report(ctx context.Context) error {
	s.out.title("What is stored: orders")
	for o, err := range s.store.Orders(ctx, application) {
		if err != nil {
			return err
		}
		s.out.order(o)
	}
	app, err := s.Application(ctx, application)
	if err != nil {
		return err
	}
	s.out.title("Subscriptions and minutes")
	s.out.application(app, s.now)
	s.out.title("The ledger: every minute, by change and line")
	for e, err := range s.store.Entries(ctx, application) {
		if err != nil {
			return err
		}
		s.out.entry(e)
	}
	s.out.title("The events, which a relay hands to your code")
	for e, err := range s.store.Events(ctx, application) {
		if err != nil {
			return err
		}
		s.out.event(e)
	}
	return nil
}
