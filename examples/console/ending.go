package main

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// ending is what it means for a package that it isn't renewed. It is told before auto-renewal is turned off, while it is
// off, and once the package has ended.
type ending struct {
	Title string
	Says  []string
}

// ending returns what the end of a card's package means, or nil if it has nothing to do with auto-renewal: for a trial, or
// for a package that is interrupted or over.
func (c *console) ending(k *card) *ending {
	switch {
	case k.Sub.Trial:
	case k.Sub.Status == subscription.Ended && k.Sub.InService():
		return &ending{"It has ended, and is in service until " + c.whenText(k.GraceEnds), c.ended(k)}
	case k.Sub.Status == subscription.Ended:
		return &ending{"It has ended, and is out of service", c.stoppedService(k)}
	case k.Sub.Status == subscription.Active && !k.Sub.AutoRenew:
		return &ending{"It ends with " + c.lastDayText(k.Ends) + ", since auto-renewal is off", c.willEnd(k)}
	case k.Sub.Status == subscription.Active, k.Sub.Status == subscription.PastDue && c.clock.now().Before(k.Ends):
		return &ending{"What happens if you turn auto-renewal off?", c.willEnd(k)}
	case k.Sub.Status == subscription.PastDue:
		return &ending{"What happens if you turn auto-renewal off?", c.wouldHaveEnded(k)}
	}
	return nil
}

// willEnd says what becomes of a package whose paid time is still running.
func (c *console) willEnd(k *card) []string {
	says := []string{fmt.Sprintf("Nothing more is charged. What is paid stays yours: the paid time runs through %s.",
		c.lastDayText(k.Ends))}
	if k.Graces {
		says[0] += fmt.Sprintf(" After that, the package stays in service until %s, and nothing is owed for it.", c.whenText(k.GraceEnds))
	}
	if k.Timed {
		says = append(says, fmt.Sprintf("Its minutes expire with %s. Top-up and free minutes stay until their own end, "+
			"and usage still takes them; %s", c.lastDayText(k.Ends), c.willTake(k)))
	}
	return append(says, c.renewable(k), "Once it has ended, you can also buy another version at once.")
}

// ended says what holds for a package that has ended and is in service.
func (c *console) ended(k *card) []string {
	says := []string{fmt.Sprintf("Nothing is owed: auto-renewal was off when the paid time ended, with %s.", c.lastDayText(k.Ends))}
	if k.Timed {
		says = append(says, "The minutes of the last period are gone. "+k.Takes)
	}
	return append(says, c.renewable(k), "If you turn auto-renewal on again before, the next period is due, and is charged by itself.",
		"You can also buy another version now. It begins today, and takes the place of this one.")
}

// stoppedService says what holds for a package that has ended and is out of service.
func (c *console) stoppedService(k *card) []string {
	says := []string{fmt.Sprintf("Nothing is owed: auto-renewal was off when the paid time ended, with %s. Service stopped on %s.",
		c.lastDayText(k.Ends), c.whenText(k.GraceEnds))}
	if k.Timed {
		says = append(says, "The minutes of the last period are gone. "+k.Takes)
	}
	return append(says, fmt.Sprintf("Renewed by hand through %s, it is in service again at once, with a period that begins on the "+
		"day of payment. Auto-renewal alone charges nothing before that.", c.lastDayText(k.Resumable)),
		"Or buy another version; nothing of this one stands in its way.")
}

// wouldHaveEnded says what turning auto-renewal off means for a package whose paid time is over and whose renewal is owed.
func (c *console) wouldHaveEnded(k *card) []string {
	return []string{
		fmt.Sprintf("The package has ended then, and nothing is owed any more: no payment is tried again. It stays in service until %s.",
			c.whenText(k.GraceEnds)),
		c.renewable(k), "You can also buy another version at once.",
	}
}

// renewable says until when a renewal continues from the end, and what it does later.
func (c *console) renewable(k *card) string {
	later := fmt.Sprintf("through %s, a renewal begins on the day of payment.", c.lastDayText(k.Resumable))
	if !k.Graces {
		return "After that, " + later
	}
	return fmt.Sprintf("Renewed by hand until %s, the new period continues from %s. Later, %s",
		c.whenText(k.GraceEnds), c.dayText(k.Ends), later)
}

// insteadOf tells of the package that has ended, or is interrupted, and that a purchase takes the place of, or returns nil.
func (c *console) insteadOf(b binding, product pricing.ProductID) *notice {
	app := b.Chosen()
	if app == nil {
		return nil
	}
	s, ok := app.Latest(product)
	was := map[subscription.Status]string{subscription.Ended: "has ended", subscription.Interrupted: "is interrupted"}[s.Status]
	if !ok || was == "" {
		return nil
	}
	pack := c.productName(product) + " " + c.versionName(product, s.Version())
	n := &notice{
		Kind: "plain", Title: "This purchase takes the place of " + pack + ", which " + was,
		Text: "It begins today, at its own price.", Link: managePath(app.ID, product), Says: "Renew " + pack + " instead",
	}
	if s.InService() {
		n.Text += fmt.Sprintf(" A renewal of %s until %s would continue from %s.", pack,
			c.whenText(s.End().Add(c.catalog.ServiceTerms().Grace)), c.dayText(s.End()))
	}
	return n
}

// takes says what usage takes now if a card's package has ended.
func (c *console) takes(k *card) string {
	if o := k.Overdraft; o != nil && o.Grace && o.Left > 0 {
		return fmt.Sprintf("Usage takes top-up and free minutes, then the %s grace minutes that are left until %s. What goes beyond "+
			"them is %s.", minutesText(o.Left), o.Until, c.beyond(k.App))
	}
	return "Usage takes top-up and free minutes, and what they don't cover is " + c.beyond(k.App) + "."
}

// willTake says what usage takes in the grace time of a package that isn't renewed, once no minutes are left.
func (c *console) willTake(k *card) string {
	grace := c.graceMinutes(k)
	if grace == 0 {
		return "what they don't cover is " + c.beyond(k.App) + "."
	}
	return fmt.Sprintf("what they don't cover takes grace minutes until %s, up to %s together with what is owed before. "+
		"What goes beyond them is %s.", c.whenText(k.GraceEnds), grouped(grace), c.beyond(k.App))
}

// graceMinutes returns how many grace minutes there are after the end of a card's package.
func (c *console) graceMinutes(k *card) int64 {
	last, _ := k.Sub.Last()
	v, err := c.catalog.Version(k.Sub.Product, last)
	if err != nil || !k.Graces || k.Sub.Trial || k.Reversed || k.App.PayAsYouGo.Currency != "" {
		return 0
	}
	return v.GraceMinutes
}

// beyond says what happens to an application's usage that neither minutes nor what is lent cover.
func (c *console) beyond(app subscription.Application) string {
	switch {
	case app.PayAsYouGo.Currency != "":
		return "billed"
	case c.catalog.Overrun() == pricing.OverrunTake:
		return "not charged"
	}
	return "refused"
}

// dayText and lastDayText are the day of an instant, and the last day before it.
func (c *console) dayText(t time.Time) string { return t.In(c.zone()).Format("2 Jan 2006") }

func (c *console) lastDayText(t time.Time) string { return c.dayText(t.Add(-time.Nanosecond)) }
