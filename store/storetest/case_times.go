package storetest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// instants returns instants from a wide range of years.
func instants() []time.Time {
	return []time.Time{
		time.Date(1, time.January, 1, 0, 0, 0, 1000, time.UTC), // the zero time is one microsecond earlier
		time.Date(1582, time.October, 10, 12, 0, 0, 500000000, time.UTC),
		time.Date(1677, time.September, 21, 0, 12, 43, 999999000, time.UTC), // before time.Time.UnixNano begins
		time.Date(1900, time.February, 28, 23, 59, 59, 999999000, time.UTC),
		time.Date(1969, time.December, 31, 23, 59, 59, 999999000, time.UTC),
		time.Unix(0, 0).UTC(),
		time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC),      // the epoch of some systems
		time.Date(2025, time.October, 26, 1, 30, 0, 1000, time.UTC), // an hour that some clocks show twice
		time.Date(2262, time.April, 12, 0, 0, 0, 0, time.UTC),       // after time.Time.UnixNano ends
		time.Date(9999, time.December, 31, 23, 59, 59, 999999000, time.UTC),
	}
}

// timeCases checks that times are returned in UTC, exact to the microsecond, for all years, and that the zero time
// means never.
func timeCases() []check {
	return []check{
		{"times of all ages in every kind of row", func(e *env) {
			a := unborn("a")
			all := instants()
			for i, at := range all {
				c := a.next(strconv.Itoa(i))
				c.Next.CreatedAt, c.Next.Due, c.Next.Accepted.At = at, at, at
				c.Orders[0].PlacedAt, c.Orders[0].ClosedAt, c.Orders[0].Delivered.Period.End = at, at, at
				c.Entries[0].At, c.Receipts[0].At = at, at
				c.Events[0].At, c.Events[0].Period = at, pricing.Period{Start: all[0], End: at, Zone: "Asia/Shanghai"}
				c.Events[1].At, c.Events[1].Period = at, pricing.Period{Start: at, End: all[len(all)-1], Zone: "Asia/Shanghai"}
				e.apply(a, c)
				e.holds(a)
			}
		}},
		{"microseconds of a thousand instants over years 1 to 9999", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			entry, event := c.Entries[0], c.Events[0]
			c.Entries, c.Events = nil, nil
			for i := range 1000 {
				// A day in every tenth year, with fractions of a second that use all digits.
				at := time.Date(2+i*10, time.Month(1+i%12), 1+i%28, i%24, i%60, i%59, i*999_983%1_000_000*1000, time.UTC)
				entry.Index, entry.At = i, at
				event.Index, event.At = i, at
				event.Period = pricing.Period{Start: at.Add(-time.Microsecond), End: at.Add(time.Hour), Zone: "UTC"}
				c.Entries, c.Events = append(c.Entries, entry), append(c.Events, event)
			}
			e.apply(a, c)
			e.holds(a)
		}},
		{"the zero time is never, and comes back as it was", func(e *env) {
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			c := sample("a", 1, 2)
			c.Next.Due, c.Next.Accepted.At = time.Time{}, time.Time{}
			for i := range c.Orders {
				c.Orders[i].ClosedAt, c.Orders[i].Delivered.Period = time.Time{}, pricing.Period{}
			}
			c.Next.Orders = nil
			for _, o := range c.Orders {
				if o.Status.Unresolved() {
					c.Next.Orders = append(c.Next.Orders, o.Clone())
				}
			}
			for i := range c.Events {
				c.Events[i].Period = pricing.Period{}
			}
			e.apply(a, c)
			e.holds(a)
			e.claims(instants()[len(instants())-1], 0)
		}},
		{"due in the far past, before 1970 and after it: claimed from that microsecond on", func(e *env) {
			var all []*expected
			for i, at := range instants()[:8] {
				x := e.due(subscription.ApplicationID(fmt.Sprint("app ", i)), at)
				e.claims(at.Add(-time.Microsecond), 0, all...)
				all = append(all, x)
				e.claims(at, 0, all...)
			}
		}},
		{"due in the far past comes before what is due lately", func(e *env) {
			e.crowd(200, noon())
			first := e.due("z", instants()[0])
			for range 20 {
				batch := e.claim(noon(), time.Hour, 100)
				if slices.Contains(claimedIDs(batch), first.document.ID) {
					return
				}
				if len(batch) == 0 {
					break
				}
			}
			e.Errorf("Claim: the application that has been due longest isn't claimed")
		}},
		{"a claim's clock in another zone and with parts of a microsecond", func(e *env) {
			a := e.due("a", noon())
			zone := time.FixedZone("", -9*60*60-30*60)
			e.claims(noon().Add(-time.Nanosecond).In(zone), time.Hour)
			e.claims(noon().Add(999*time.Nanosecond).In(zone), time.Hour, a)
			e.claims(noon().Add(time.Hour-time.Microsecond).In(zone), time.Hour)
			e.claims(noon().Add(time.Hour+time.Microsecond).In(zone), time.Hour, a)
		}},
	}
}
