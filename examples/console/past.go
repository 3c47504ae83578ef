package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// pastBegins is when the demonstration's past begins, and pastEnds when its visitor arrives: 10 o'clock on a Wednesday
// in the sample catalog's zone.
func pastBegins() time.Time { return shanghai(time.July, 1, 9) }
func pastEnds() time.Time   { return shanghai(time.September, 16, 10) }

// shanghai returns a full hour of 2026 in the sample catalog's zone, which is 8 hours ahead all year.
func shanghai(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour-8, 0, 0, 0, time.UTC)
}

// happening is one thing that a customer did.
type happening struct {
	at time.Time
	do func(ctx context.Context, c *console) error
}

// past returns all that happened to the customers of the sample catalog:
//
//   - Aurora Learning is well: it upgraded, tops up, and renews itself.
//   - Birch Clinic is past due: its money didn't suffice for the renewal of last night.
//   - Cobalt Games is about to end: auto-renewal is off, and its minutes run low.
//   - Dogwood Radio has left: its package ended last night, and nothing is owed.
func past() []happening {
	return slices.Concat(aurora(), birch(), cobalt(), dogwood())
}

// live makes the past really happen: each thing at its time, with the worker at work in between.
func (c *console) live(ctx context.Context, past history) error {
	slices.SortStableFunc(past.happenings, func(a, b happening) int { return a.at.Compare(b.at) })
	for _, h := range past.happenings {
		if _, err := c.move(ctx, h.at); err != nil {
			return err
		}
		if err := h.do(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", h.at.Format(time.RFC3339), err)
		}
		c.mailer.send(ctx)
	}
	_, err := c.move(ctx, past.ends)
	return err
}

func aurora() []happening {
	const account = "aurora"
	school, seminars := subscription.ApplicationID("aurora-classroom"), subscription.ApplicationID("aurora-webinars")
	return slices.Concat([]happening{
		{shanghai(time.July, 5, 9), arrives(customer{
			ID: account, Name: "Aurora Learning", About: "All is well: an upgrade, top-ups, and renewals by itself.", Allowed: true,
		}, payBalance)},
		{shanghai(time.July, 5, 10), deposits(account, "5000.00")},
		{shanghai(time.July, 5, 11), requests(school, subscription.Create{Account: account})},
		{shanghai(time.July, 5, 12), requests(school, buys("call", "one-to-one", "first-month"))},
		{shanghai(time.July, 5, 13), requests(school, subscription.ClaimFree{Free: "free-minutes"})},
		{shanghai(time.July, 14, 15), requests(school, subscription.Upgrade{Product: "call", To: "group-call"})},
		{shanghai(time.August, 10, 9), requests(seminars, subscription.Create{Account: account})},
		{shanghai(time.August, 10, 10), requests(seminars, buys("live", "standard", ""))},
		{shanghai(time.August, 28, 16), requests(school, topup.Buy{Pack: "rtc-engine-25k", Currency: sampleCurrency, Quantity: 2})},
	},
		uses(school, "call", "hd", time.July, 5, 2_300), uses(seminars, "live", "audience-hd", time.August, 10, 3_200),
	)
}

func birch() []happening {
	const account = "birch"
	visits := subscription.ApplicationID("birch-visits")
	return slices.Concat([]happening{
		{shanghai(time.July, 16, 9), arrives(customer{
			ID: account, Name: "Birch Clinic", About: "Past due: the money didn't suffice for last night's renewal.", Allowed: true,
		}, payBalance)},
		{shanghai(time.July, 16, 10), deposits(account, "450.00")},
		{shanghai(time.July, 16, 11), requests(visits, subscription.Create{Account: account})},
		{shanghai(time.July, 16, 12), requests(visits, buys("call", "one-to-one", ""))},
		{shanghai(time.September, 1, 9), spends(account)},
	},
		uses(visits, "call", "hd", time.July, 16, 650),
	)
}

func cobalt() []happening {
	const account = "cobalt"
	arena := subscription.ApplicationID("cobalt-arena")
	return slices.Concat([]happening{
		{shanghai(time.August, 18, 9), arrives(customer{
			ID: account, Name: "Cobalt Games", About: "About to end: auto-renewal is off, and minutes run low.", Allowed: true,
		}, payCard)},
		{shanghai(time.August, 18, 11), requests(arena, subscription.Create{Account: account})},
		{shanghai(time.August, 18, 12), requests(arena, buys("live", "lite", ""))},
		{shanghai(time.August, 25, 12), requests(arena, subscription.AutoRenew{Product: "live", On: false})},
	},
		uses(arena, "live", "audience-hd", time.August, 18, 960),
	)
}

func dogwood() []happening {
	const account = "dogwood"
	waves := subscription.ApplicationID("dogwood-waves")
	return slices.Concat([]happening{
		{shanghai(time.August, 16, 13), arrives(customer{
			ID: account, Name: "Dogwood Radio", About: "Has left: its package ended last night, and nothing is owed.", Allowed: true,
		}, payCard)},
		{shanghai(time.August, 16, 14), requests(waves, subscription.Create{Account: account})},
		{shanghai(time.August, 16, 15), requests(waves, buys("live", "standard", ""))},
		{shanghai(time.September, 2, 9), requests(waves, subscription.AutoRenew{Product: "live", On: false})},
	},
		uses(waves, "live", "audience-hd", time.August, 16, 1_400),
	)
}

func arrives(cu customer, how method) func(context.Context, *console) error {
	return func(ctx context.Context, c *console) error {
		return errors.Join(c.signUp(ctx, cu), c.provider.setMethod(ctx, cu.ID, how))
	}
}

func deposits(account, text string) func(context.Context, *console) error {
	return func(ctx context.Context, c *console) error {
		amount, err := pricing.ParseMoney(text, sampleCurrency)
		if err != nil {
			return err
		}
		return c.accounts.Deposit(ctx, account, "first", amount)
	}
}

func spends(account string) func(context.Context, *console) error {
	return func(ctx context.Context, c *console) error {
		return c.provider.play(ctx, act{Do: spendsAll, Account: account})
	}
}

func buys(product pricing.ProductID, version pricing.VersionID, offer pricing.OfferID) subscription.Purchase {
	return subscription.Purchase{Product: product, Version: version, Term: pricing.Months(1), Currency: sampleCurrency, Offer: offer}
}

// requests runs a command once, with the agreement of the day accepted.
func requests(app subscription.ApplicationID, cmd subscription.Command) func(context.Context, *console) error {
	return func(ctx context.Context, c *console) error {
		key := fmt.Sprintf("past-%d", c.clock.now().Unix())
		if _, creates := cmd.(subscription.Create); !creates {
			if _, err := c.service.Do(ctx, app, subscription.Accept{Agreement: c.catalog.AgreementVersion()}, key+"-accept"); err != nil {
				return err
			}
		}
		_, err := c.service.Do(ctx, app, cmd, key)
		return err
	}
}

// uses records usage every evening, more on weekdays than on weekends. Usage that no minutes cover is refused, which is
// as good a past as any.
func uses(
	app subscription.ApplicationID, product pricing.ProductID, kind pricing.UsageKindID, month time.Month, day int, minutes int64,
) []happening {
	var all []happening
	for at := shanghai(month, day, 20); at.Before(pastEnds()); at = at.AddDate(0, 0, 1) {
		seconds := minutes * 60
		switch at.Weekday() {
		case time.Saturday, time.Sunday:
			seconds /= 3
		case time.Tuesday, time.Thursday:
			seconds += seconds / 5
		case time.Monday, time.Wednesday, time.Friday:
		}
		record := subscription.Usage{ID: "day-" + at.Format(time.DateOnly), Product: product, Kind: kind, At: at, Seconds: seconds}
		all = append(all, happening{at, func(ctx context.Context, c *console) error {
			_, err := c.service.Consume(ctx, app, record)
			return err
		}})
	}
	return all
}
