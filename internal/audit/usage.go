package audit

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// weights returns how many thousandths of a package minute one minute of each kind takes; 0 means that packages don't
// cover it.
func weights() map[pricing.UsageKindID]subscription.Quantity {
	return map[pricing.UsageKindID]subscription.Quantity{"audio": 500, "hd": 1000, "4k": 4000, "recording": 0}
}

// lateTime returns how long after its end a day accepts usage, at least, under any of the catalogs.
func (a *auditor) lateTime() time.Duration {
	return slices.MinFunc(a.terms(), func(s, t pricing.ServiceTerms) int { return cmp.Compare(s.LateUsage, t.LateUsage) }).LateUsage
}

// auditUsage adds up the records that the customer knows to be counted and compares the sum with the minutes taken
// from lots and the amounts billed. For each kind and day, the seconds are added, those of corrections are negative, rounded
// up to minutes, and weighted. The result must equal what was taken from lots and not returned, plus what orders collected or
// what is still owed, plus what was forgiven.
func (a *auditor) auditUsage(c *Customer, b *book) {
	owed, forgiven := a.unsupplied(b, a.secondsUsed(c, b))
	a.auditBills(b, owed)
	for _, x := range b.document.Counters {
		owed[kindDay{x.Kind, x.Day}] -= x.Excess
	}
	carried := b.carried()
	sums := map[kindDay]subscription.Quantity{}
	for k, off := range owed {
		sums[kindDay{k.kind, carried.first(k.day)}] += off
	}
	for k, off := range sums {
		if a.Recorded[b.id] == nil && off > 0 {
			forgiven += off
		} else if off != 0 {
			a.violatef("usage", b.id, "%s minutes of %s on %s are neither from lots nor billed", off, k.kind, k.day)
		}
	}
	if least := b.minutes.forgiven - b.minutes.corrected; forgiven < least || forgiven > b.minutes.forgiven {
		a.violatef("usage", b.id, "%s minutes are forgiven, by the events %s, of %s that were corrected", forgiven,
			b.minutes.forgiven, b.minutes.corrected)
	}
}

// secondsUsed checks which records are counted, and returns the sum of their seconds.
func (a *auditor) secondsUsed(c *Customer, b *book) map[UsedOn]int64 {
	seconds := map[UsedOn]int64{}
	recorded := a.Recorded[b.id] // nil if the changes weren't observed
	for _, r := range c.Records {
		counted := b.counted[r.Usage.ID]
		if r.Counted && !counted || counted && !r.Counted && !r.Open {
			a.violatef("usage", b.id, "record %s was counted: %t, and by the store: %t", r.Usage.ID, r.Counted, counted)
		}
		if !counted {
			continue
		}
		day := dateOf(r.Usage.At, b.zone())
		if recorded != nil && recorded.On[r.Usage.ID] != day {
			a.violatef("usage", b.id, "record %s of %s is counted on %s", r.Usage.ID, r.Usage.At, recorded.On[r.Usage.ID])
		}
		seconds[UsedOn{r.Usage.Product, r.Usage.Kind, day}] += r.Usage.Seconds
	}
	if recorded != nil && len(recorded.On) > len(c.Records) {
		a.violatef("usage", b.id, "%d records are counted, and %d were sent", len(recorded.On), len(c.Records))
	}
	return seconds
}

// kindDay is a day's usage of one kind, of all products.
type kindDay struct {
	kind pricing.UsageKindID
	day  pricing.Date
}

// unsupplied returns the package minutes of the usage that lots didn't supply and that weren't forgiven, and the sum of
// those that were forgiven, as far as the changes were observed.
func (a *auditor) unsupplied(
	b *book, seconds map[UsedOn]int64,
) (owed map[kindDay]subscription.Quantity, forgiven subscription.Quantity) {
	recorded := a.Recorded[b.id]
	owed = map[kindDay]subscription.Quantity{}
	for k, s := range seconds {
		weight, covered := weights()[k.Kind]
		t := b.ledger.taken[k]
		if !covered || s < 0 || weight == 0 && t != (taken{}) {
			a.violatef("usage", b.id, "%d seconds of %s are counted, and took %+v", s, k.Kind, t)
		}
		free, paid := t.free-t.freeBack, t.paid-t.paidBack
		if recorded != nil {
			x := recorded.Counters[k]
			if x.Seconds != s || x.Free+x.Paid != t.left() {
				a.violatef("usage", b.id, "%d seconds of %+v are counted, and took %+v; its counter is %+v", s, k, t, x)
			}
			free, paid = x.Free, x.Paid+x.Forgiven
			forgiven += x.Forgiven
		}
		minutes := (s + 59) / 60
		if weight == 0 {
			weight = 1000
		}
		owed[kindDay{k.Kind, k.Day}] += (subscription.Minutes(minutes)-free)*weight/1000 - paid
	}
	for k, t := range b.ledger.taken {
		if _, counted := seconds[k]; !counted || seconds[k] == 0 && t.left() != 0 {
			a.violatef("usage", b.id, "%+v were taken for %+v, of which nothing is counted", t, k)
		}
	}
	return owed, forgiven
}

// auditBills checks the bills for usage, and subtracts what was paid from what is owed.
func (a *auditor) auditBills(b *book, owed map[kindDay]subscription.Quantity) {
	for _, o := range b.orders {
		bill := billOf(o)
		if bill == nil {
			continue
		}
		a.auditBill(b, &o, bill)
		for _, l := range o.Lines {
			if o.Status != subscription.OrderPaid || l.Kind != pricing.UsageLine {
				continue
			}
			left := excess(l)
			for day := bill.Day + 1; day <= bill.Through; day++ { // of several days, each takes what it is owed
				k := kindDay{pricing.UsageKindID(l.Item), day}
				part := min(left, max(0, owed[k]))
				owed[k], left = owed[k]-part, left-part
			}
			owed[kindDay{pricing.UsageKindID(l.Item), bill.Day}] -= left
		}
	}
}

// days is a range of days.
type days struct{ first, last pricing.Date }

// spans are ranges that have no day in common, in order.
type spans []days

// carried returns the days that paid bills for several days put together. Bills may overlap, because the usage of a product
// waits for its renewal, and then their lines don't say what they bill of which day.
func (b *book) carried() spans {
	var all spans
	for _, o := range b.orders {
		if bill := billOf(o); bill != nil && o.Status == subscription.OrderPaid && bill.Through > bill.Day {
			all = append(all, days{bill.Day, bill.Through})
		}
	}
	slices.SortFunc(all, func(x, y days) int { return cmp.Compare(x.first, y.first) })
	var joined spans
	for _, s := range all {
		if n := len(joined); n > 0 && s.first <= joined[n-1].last {
			joined[n-1].last = max(joined[n-1].last, s.last)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// first returns the first day of the range that has a day, or the day itself.
func (s spans) first(day pricing.Date) pricing.Date {
	for _, x := range s {
		if x.first <= day && day <= x.last {
			return x.first
		}
	}
	return day
}

// excess returns the package minutes that a line of a bill is for.
func excess(l pricing.Line) subscription.Quantity {
	weight := weights()[pricing.UsageKindID(l.Item)]
	if weight == 0 {
		weight = 1000
	}
	return subscription.Quantity(l.Times.Num * 1000 * int64(weight) / l.Times.Den)
}

// auditBill checks that a bill is for a closed day in pay-as-you-go mode, and that its lines add up to its amount.
func (a *auditor) auditBill(b *book, o *subscription.Order, bill *subscription.UsageDelivery) {
	if o.Kind != subscription.UsageOrder || o.Amount.Currency() != b.payg || len(o.Deliveries) != 1 {
		a.violatef("usage", b.id, "order %s of %s bills usage, pay-as-you-go is %q", o.ID, o.Amount, b.payg)
	}
	last := max(bill.Day, bill.Through)
	ends := time.Date(1970, 1, 1+int(last)+1, 0, 0, 0, 0, b.zone())
	if last != dateOf(ends.Add(-time.Hour), b.zone()) || o.PlacedAt.Before(ends.Add(a.lateTime())) {
		a.violatef("usage", b.id, "order %s bills %s at %s", o.ID, bill.Day, o.PlacedAt)
	}
	sum := new(big.Rat)
	price := int64(0) // without the lines that round or waive it
	for _, l := range o.Lines {
		if l.Kind != pricing.UsageLine {
			continue
		}
		price += l.Amount.Minor()
		unit, ok := new(big.Rat).SetString(l.Unit.String())
		if !ok {
			a.violatef("simulation", b.id, "the price %s", l.Unit)
			return
		}
		sum.Add(sum, unit.Mul(unit, big.NewRat(l.Times.Num, l.Times.Den)))
	}
	minor := new(big.Rat).Mul(sum, big.NewRat(100, 1))
	if b.payg == "JPY" {
		minor = sum
	}
	if want := minor.FloatString(0); want != strconv.FormatInt(price, 10) {
		a.violatef("usage", b.id, "order %s costs %d in minor units before tax, its lines come to %s", o.ID, price, want)
	}
}

// dateOf returns the day of an instant, using the standard library.
func dateOf(t time.Time, loc *time.Location) pricing.Date {
	t = t.In(loc)
	return pricing.Date(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

func billOf(o subscription.Order) *subscription.UsageDelivery {
	for _, d := range o.Deliveries {
		if d.Usage != nil {
			return d.Usage
		}
	}
	return nil
}
