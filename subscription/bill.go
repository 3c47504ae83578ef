package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Billing is the state of billing for usage.
type Billing struct {
	Number       int64     `json:"number"`              // number of usage orders ever placed
	BackoffUntil time.Time `json:"held_until,omitzero"` // a day couldn't be billed, and isn't retried before this time
}

// Unbilled returns what is to be billed next: the days with excess usage that no order collects, in ascending order,
// each with the instant at which it is closed and can be billed. Usage of a product that the minutes of a renewal can
// still cover, because the grace time of its subscription lasts, isn't among it; other usage of the same days is. If
// the catalog names a least charge, days of one month are put together until their total reaches it, and what doesn't
// reach it waits for the month to close.
func (a Application) Unbilled(cat *pricing.Catalog) []BillableDay {
	var days []BillableDay
	for i := range a.Counters {
		c := &a.Counters[i]
		known := slices.ContainsFunc(days, func(d BillableDay) bool { return d.Day == c.Day })
		if known || c.Excess == 0 || c.Order != "" || a.heldBack(c) {
			continue
		}
		days = append(days, BillableDay{Day: c.Day, At: closes(cat.Zone(), c.Day, cat.ServiceTerms())})
	}
	slices.SortFunc(days, func(d, e BillableDay) int { return int(d.Day - e.Day) })
	if cat.ChargeTerms(a.PayAsYouGo.Currency).Least.IsZero() {
		return days
	}
	return a.carried(days, cat)
}

// BillableDay is a day, or several, and the instant at which the last of them stops accepting usage.
type BillableDay struct {
	Day     pricing.Date // the first one
	Through pricing.Date // the last one; zero: there is only one
	At      time.Time
}

// last returns the last of the days.
func (b BillableDay) last() pricing.Date { return max(b.Day, b.Through) }

// bills reports whether a counter is billed with the days: it has excess that no order collects, and isn't held back.
func (a *Application) bills(b BillableDay, c *UsageCounter) bool {
	return b.Day <= c.Day && c.Day <= b.last() && c.Excess > 0 && c.Order == "" && !a.heldBack(c)
}

// carried puts days together until their total is worth charging, or their month closes. Once half of the room for counters
// is used, it puts nothing off: what is carried must not keep usage from being counted.
func (a *Application) carried(days []BillableDay, cat *pricing.Catalog) []BillableDay {
	var bills []BillableDay
	crowded := a.crowded()
	for len(days) > 0 {
		bill, end := days[0], days[0].Day.MonthEnd()
		n := 1
		for ; !crowded && !a.worthBilling(bill, cat); n++ {
			if n == len(days) || days[n].Day > end || a.billsBetween(bill.Day, days[n].Day) {
				bill.At = closes(cat.Zone(), end, cat.ServiceTerms()) // and is waived then
				break
			}
			bill.Through, bill.At = days[n].Day, days[n].At
		}
		bills, days = append(bills, bill), days[min(n, len(days)):]
	}
	return bills
}

// billsBetween reports whether an order collects the usage of a day between two others, which then aren't put together.
func (a *Application) billsBetween(first, last pricing.Date) bool {
	return slices.ContainsFunc(a.Counters, func(c UsageCounter) bool { return c.Order != "" && first < c.Day && c.Day < last })
}

// crowding returns what is to be billed if usage that is carried, or waits for a renewal, takes too much room, or nothing.
func (a *Application) crowding(cat *pricing.Catalog) []BillableDay {
	if !a.crowded() {
		return nil
	}
	return a.Unbilled(cat)
}

// worthBilling reports whether the usage of days comes to what is worth charging on the day on which they are closed. A
// total that can't be computed is left to the bill, which fails.
func (a *Application) worthBilling(b BillableDay, cat *pricing.Catalog) bool {
	price, err := pricing.Total(a.PayAsYouGo.Currency, cat.Rounding(), a.usageLines(b))
	if err != nil {
		return true
	}
	d := Draft{Application: *a, Now: b.At}
	_, total, _, err := d.Taxed(price.Amount, cat)
	if err != nil {
		return true
	}
	_, tooSmall, err := chargedOf(total, cat)
	return err != nil || total.Sign() > 0 && !tooSmall
}

// usageLines returns the lines of a bill: one for each kind of a day, or, of several days, one for each kind and price.
func (a *Application) usageLines(b BillableDay) []pricing.Line {
	var lines []pricing.Line
	for i := range a.Counters {
		c := &a.Counters[i]
		if !a.bills(b, c) {
			continue
		}
		next := c.line()
		at := -1
		if b.Through != 0 {
			at = slices.IndexFunc(lines, func(l pricing.Line) bool {
				return l.Item == next.Item && l.Unit == next.Unit && l.Times.Den == next.Times.Den && l.Times.Num+next.Times.Num > 0
			})
		}
		if at < 0 {
			lines = append(lines, next)
		} else {
			lines[at].Times.Num += next.Times.Num
		}
	}
	return lines
}

// BillUsage immediately bills the earliest closed day whose excess usage isn't being collected. A worker does this
// automatically; the command is for a customer who has added funds and doesn't want to wait for the next attempt. It
// places one order. To bill the following days, repeat it with other idempotency keys. It fails with [ErrNotFound] if
// there is no such day.
type BillUsage struct{}

// Kind returns "pay_usage".
func (BillUsage) Kind() string { return "pay_usage" }

// Decide implements [Command].
func (BillUsage) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	now = s.Application.at(now)
	days := s.Application.Unbilled(cat)
	if len(days) == 0 || now.Before(days[0].At) {
		return Change{}, fmt.Errorf("%w: unbilled usage of a closed day", ErrNotFound)
	}
	d := Begin(s, now)
	if err := d.BillUsage(cat, days[0].Day); err != nil {
		return Change{}, err
	}
	return d.Change(), nil
}

// BillUsage orders the excess usage of a closed day: one order for all kinds, with one line per kind, at the prices in
// force when the usage occurred, rounded once. With a least charge, the order is for as many days as
// [Application.Unbilled] puts together, and costs nothing if the month has closed and that isn't enough. The days stay
// closed, whatever another catalog says about late usage. It fails with [ErrNotFound] if there is nothing to bill, and
// with [ErrInvalid] for a day that still accepts usage, or is carried until there is enough.
func (d *Draft) BillUsage(cat *pricing.Catalog, day pricing.Date) error {
	a := &d.Application
	all := a.Unbilled(cat)
	i := slices.IndexFunc(all, func(b BillableDay) bool { return b.Day <= day && day <= b.last() })
	switch {
	case i < 0:
		return fmt.Errorf("%w: unbilled usage of %s", ErrNotFound, day)
	case d.Now.Before(all[i].At):
		return fmt.Errorf("%w: %s still takes usage, or is carried", ErrInvalid, day)
	}
	bill := all[i]
	price, err := pricing.Total(a.PayAsYouGo.Currency, cat.Rounding(), a.usageLines(bill))
	if err != nil {
		return err
	}
	until := cat.Zone().StartOf(bill.last() + 1)
	placed := Order{Kind: UsageOrder, Catalog: cat.Revision(), Deliveries: []Delivery{{Usage: &UsageDelivery{
		Day: bill.Day, Through: bill.Through, Until: until,
	}}}}
	// The bill settles the counters that name it, at once if it costs nothing.
	id := usageID(a.Billing.Number + 1)
	for i := range a.Counters {
		if c := &a.Counters[i]; a.bills(bill, c) {
			c.Order = id
		}
	}
	if _, err := d.Place(placed, price, cat); err != nil {
		return err
	}
	d.closeUntil(until)
	return nil
}

// line returns the line for the cost of the excess.
func (c *UsageCounter) line() pricing.Line {
	minutes, den := c.minutes()
	return pricing.Line{
		Kind: pricing.UsageLine, Item: string(c.Kind), Unit: c.Rate, Times: pricing.Ratio{Num: minutes, Den: den * 1000},
	}
}

// minutes returns the excess in minutes of the kind, as a fraction in lowest terms. It is a whole number unless a lot
// ended partway through a minute.
func (c *UsageCounter) minutes() (num, den int64) {
	a, b := int64(c.Excess), int64(c.Weight)
	for b != 0 {
		a, b = b, a%b
	}
	return int64(c.Excess) / a, int64(c.Weight) / a
}

// releaseCounters releases the counters of a usage order that wasn't collected, so that they are billed again.
func (d *Draft) releaseCounters(o *Order) {
	a := &d.Application
	for i := range a.Counters {
		if a.Counters[i].Order == o.ID {
			a.Counters[i].Order = ""
		}
	}
}
