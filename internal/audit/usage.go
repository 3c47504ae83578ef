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
// from lots and the amounts billed. For each kind and day, the seconds are added, rounded up to minutes, and
// weighted. The result must equal what was taken from lots plus what orders collected or what is still owed.
func (a *auditor) auditUsage(c *Customer, b *book) {
	seconds := map[usedOn]int64{}
	recorded := a.Recorded[c.Application] // nil if the changes weren't observed
	for _, r := range c.Records {
		counted := b.counted[r.Usage.ID]
		if r.Counted && !counted || counted && !r.Counted && !r.Open {
			a.violatef("usage", c.Application, "record %s was counted: %t, and by the store: %t", r.Usage.ID, r.Counted, counted)
		}
		if !counted {
			continue
		}
		day := dateOf(r.Usage.At, b.zone())
		if recorded != nil && recorded.On[r.Usage.ID] != day {
			a.violatef("usage", c.Application, "record %s of %s is counted on %s", r.Usage.ID, r.Usage.At, recorded.On[r.Usage.ID])
		}
		seconds[usedOn{r.Usage.Product, r.Usage.Kind, day}] += r.Usage.Seconds
	}
	if recorded != nil && len(recorded.On) > len(c.Records) {
		a.violatef("usage", c.Application, "%d records are counted, and %d were sent", len(recorded.On), len(c.Records))
	}
	type kindDay struct {
		kind pricing.UsageKindID
		day  pricing.Date
	}
	owed := map[kindDay]subscription.Quantity{} // used, minus what lots supplied
	for k, s := range seconds {
		weight, covered := weights()[k.kind]
		t := b.ledger.taken[k]
		if !covered || s < 1 || weight == 0 && t != (taken{}) {
			a.violatef("usage", c.Application, "%d seconds of %s are counted, and took %+v", s, k.kind, t)
		}
		minutes := (s + 59) / 60
		if weight == 0 {
			weight = 1000
		}
		owed[kindDay{k.kind, k.day}] += (subscription.Minutes(minutes)-t.free)*weight/1000 - t.paid
	}
	for k, t := range b.ledger.taken {
		if seconds[k] == 0 {
			a.violatef("usage", c.Application, "%+v were taken for %+v, of which nothing is counted", t, k)
		}
	}
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
	for _, x := range b.document.Counters {
		owed[kindDay{x.Kind, x.Day}] -= x.Excess
	}
	for k, off := range owed {
		if off != 0 {
			a.violatef("usage", c.Application, "%s minutes of %s on %s are neither from lots nor billed", off, k.kind, k.day)
		}
	}
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

// auditGivenBack checks a package that was returned for a refund. Its minutes must be back in full and must never
// have been used, and the return must be within the allowed days. The money must be back too, see
// [auditor.auditMoney], and what was paid once must not be refunded in any other way.
func (a *auditor) auditGivenBack(b *book) {
	returned := map[subscription.OrderID]bool{}
	for _, id := range b.opened {
		h := b.held[id]
		if h.status != subscription.Refunded {
			continue
		}
		returned[h.opening] = true
		for _, lot := range h.lots {
			if l := b.ledger.lots[lot]; l.back != l.granted {
				a.violatef("given back", b.id, "%s is given back, and lot %d is %+v", id, lot, *l)
			}
		}
		if o := b.rows[h.opening]; o.Amount.Sign() > 0 && o.Status != subscription.OrderRefunded || len(h.paid) != 1 {
			a.violatef("given back", b.id, "%s is given back, of %d periods, and order %s is %s", id, len(h.paid), o.ID, o.Status)
		}
	}
	for id := range b.paidAt {
		if o := b.rows[id]; o.Status != subscription.OrderPaid && !returned[id] {
			a.violatef("given back", b.id, "order %s was paid, and is %s", id, o.Status)
		}
	}
	for id, l := range b.ledger.lots {
		if l.back > 0 && !returned[l.order] {
			a.violatef("given back", b.id, "%s minutes of lot %d went back, and order %q didn't", l.back, id, l.order)
		}
	}
}
