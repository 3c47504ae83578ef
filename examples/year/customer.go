package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// customer is an account and an application of one name.
type customer struct {
	name   string
	comes  time.Time
	asked  time.Time // the end of the paid time for which it was decided when the next month is paid
	pays   time.Time // the day on which the customer pays for that; zero: already, or never
	looks  time.Time // the day from which the customer looks at the subscription, whatever else is to do
	bought subscription.Order
	gone   bool
}

func (c *customer) application() subscription.ApplicationID {
	return subscription.ApplicationID(c.name)
}

// day is what a customer does on a day, at noon.
func (w *world) day(ctx context.Context, c *customer) error {
	switch {
	case c.gone || w.now.Before(c.comes):
		return nil
	case c.asked.IsZero():
		return w.join(ctx, c)
	}
	draw := w.rand.IntN(1000)
	if draw >= acts && w.now.Before(c.looks) {
		return nil
	}
	app, err := w.Application(ctx, c.application())
	if err != nil {
		return err
	}
	sub, _ := app.Latest("call")
	if sub.Status.Over() {
		c.gone = true
		return nil
	}
	if err := w.renew(ctx, c, &sub); err != nil || !sub.InService() {
		return err
	}
	c.looks = sub.End().AddDate(0, 0, -2)
	return w.act(ctx, c, &sub, draw)
}

// join buys a first month, mostly of the smaller package.
func (w *world) join(ctx context.Context, c *customer) error {
	if err := w.accounts.Open(ctx, c.name); err != nil {
		return err
	}
	if _, err := w.do(ctx, c, subscription.Create{Account: subscription.AccountID(c.name)}); err != nil {
		return err
	}
	version := pricing.VersionID("one-to-one")
	if w.chance(200) {
		version = "group-call"
	}
	buy := subscription.Purchase{
		Product: "call", Version: version, Term: pricing.Months(1), Currency: "USD", Agreement: w.catalog.AgreementVersion(),
	}
	err := w.pay(ctx, c, buy)
	if err != nil {
		return err
	}
	c.bought, err = w.do(ctx, c, buy)
	c.asked = w.now
	return err
}

// renew decides, two days before the end, when the next month is paid: in time, or within a day after the end, so that the worker's
// next try succeeds, or a week later by hand, or not at all.
func (w *world) renew(ctx context.Context, c *customer, sub *subscription.Subscription) error {
	if end := sub.End(); sub.AutoRenew && c.asked.Before(end) && !w.now.Before(end.AddDate(0, 0, -2)) {
		c.asked = end
		switch draw := w.rand.IntN(1000); {
		case draw < 900:
			c.pays = w.now
		case draw < 950:
			c.pays = end
		case draw < 980:
			c.pays = end.AddDate(0, 0, 7)
		}
	}
	if c.pays.IsZero() || w.now.Before(c.pays) {
		return nil
	}
	c.pays = time.Time{}
	if err := w.pay(ctx, c, renewal.Renew{Product: "call"}); err != nil || sub.InService() {
		return err // the worker collects it
	}
	_, err := w.do(ctx, c, renewal.Renew{Product: "call"})
	return err
}

// acts is in how many of a thousand days a customer does something.
const acts = 120

// act uses minutes, and now and then does something else.
func (w *world) act(ctx context.Context, c *customer, sub *subscription.Subscription, draw int) error {
	switch {
	case draw < 5 && sub.Status == subscription.Active && sub.Version() == "one-to-one":
		return w.order(ctx, c, subscription.Upgrade{Product: "call", To: "group-call"})
	case draw < 8:
		return w.order(ctx, c, topup.Buy{Pack: "rtc-engine-25k", Currency: "USD"})
	case draw < 10 && sub.AutoRenew:
		_, err := w.do(ctx, c, subscription.AutoRenew{Product: "call"})
		return err
	case draw < 11:
		return w.goodwill(ctx, c)
	case draw < 25 && w.now.Sub(c.comes) < 5*24*time.Hour:
		_, err := w.do(ctx, c, subscription.ReturnPackage{Order: c.bought.ID})
		if errors.Is(err, subscription.ErrNotRefundable) {
			return nil // some of it was used
		}
		return err
	case draw < acts:
		return w.use(ctx, c)
	}
	return nil
}

// order pays for a command and runs it.
func (w *world) order(ctx context.Context, c *customer, cmd subscription.Command) error {
	if err := w.pay(ctx, c, cmd); err != nil {
		return err
	}
	_, err := w.do(ctx, c, cmd)
	return err
}

// use is some days of video, or of audio. What doesn't fit is refused.
func (w *world) use(ctx context.Context, c *customer) error {
	kind := pricing.UsageKindID("hd")
	if w.chance(400) {
		kind = "audio"
	}
	w.keys++
	_, err := w.Consume(ctx, c.application(), subscription.Usage{
		ID: fmt.Sprintf("call-%d", w.keys), Product: "call", Kind: kind, At: w.now, Seconds: 60 * int64(1000+w.rand.IntN(15000)),
	})
	return err
}

// goodwill gives a tenth of the first purchase back, and leaves the rest as it is.
func (w *world) goodwill(ctx context.Context, c *customer) error {
	tenth, err := c.bought.Amount.Share(1, 10, pricing.HalfUp)
	if err != nil {
		return err
	}
	w.keys++
	_, err = w.As("support", "a bad connection").Do(ctx, c.application(),
		subscription.RefundOrder{Order: c.bought.ID, Amount: tenth}, fmt.Sprintf("request-%d", w.keys))
	if errors.Is(err, subscription.ErrNotRefundable) {
		return nil // all of it has gone back
	}
	return err
}
