package storetest

import (
	"fmt"
	"math"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// recordCases checks that a usage record is counted once.
func recordCases() []check {
	return []check{
		{"records that were counted are found, others are not", func(e *env) {
			x := unborn("a")
			e.apply(x, counting(x, "1", "2", "3"))
			got := e.load(subscription.Read{Application: "a", Records: []string{"3", "no record", "", "1"}})[0]
			e.same("Records", sorted(counted(got)), []string{"1", "3"})
		}},
		{"another application's records aren't found", func(e *env) {
			a, b := unborn("a"), unborn("b")
			e.apply(a, counting(a, "of a"))
			e.apply(b, counting(b, "of b"))
			got := e.load(subscription.Read{Application: "a", Records: []string{"of b", "of a"}})[0]
			e.same("Records", sorted(counted(got)), []string{"of a"})
		}},
		{"a record that was counted is a conflict, and nothing of its change is written", func(e *env) {
			x := unborn("a")
			e.apply(x, counting(x, "1"))
			e.conflict(appIDs{"a"}, counting(x, "2", "1"))
			e.holds(x)
			got := e.load(subscription.Read{Application: "a", Records: []string{"2", "1"}})[0]
			e.same("Records", sorted(counted(got)), []string{"1"})
		}},
		{"the digest and the day of a record come back, whatever they are", func(e *env) {
			x := unborn("a")
			c := bare(x)
			for i, digest := range []int64{0, 1, -1, 1<<53 + 1, math.MaxInt64, math.MinInt64} {
				c.Records = append(c.Records, subscription.UsageRow{
					ID: fmt.Sprint("record ", i), On: []pricing.Date{20_000, -5, 1, 0, -719_162, 2_932_896}[i], Digest: digest,
				})
			}
			e.apply(x, c)
			e.holds(x)
			for _, r := range x.records { // a store may read one record differently from many
				got := e.load(subscription.Read{Application: "a", Records: []string{r.ID}})[0]
				e.sameRecords(got.Records, []subscription.UsageRow{r})
			}
		}},
		{"the same record of two applications", func(e *env) {
			a, b := unborn("a"), unborn("b")
			e.apply(a, counting(a, "1"))
			e.apply(b, counting(b, "1"))
			e.holds(a, b)
		}},
		{"a thousand records in one change", func(e *env) {
			x := unborn("a")
			ids := make([]string, 1000)
			for i := range ids {
				ids[i] = fmt.Sprintf("record-%04d", i)
			}
			e.apply(x, counting(x, ids...))
			got := e.load(subscription.Read{Application: "a", Records: append([]string{"x"}, ids...)})[0]
			e.same("Records", sorted(counted(got)), ids)
		}},
	}
}

// counting returns the next change of x, which counts usage records.
func counting(x *expected, ids ...string) subscription.Change {
	c := sample(x.document.ID, x.document.Revision, 0)
	for i := range c.Receipts {
		c.Receipts[i].Key = fmt.Sprintf("%s-%d", ids[0], x.document.Revision)
	}
	c.Records = nil
	for _, id := range ids {
		c.Records = append(c.Records, subscription.UsageRow{ID: id, On: pricing.Date(20_000)})
	}
	return c
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

// counted returns the IDs of the records that are counted according to a snapshot.
func counted(s subscription.Snapshot) []string {
	ids := make([]string, len(s.Records))
	for i := range s.Records {
		ids[i] = s.Records[i].ID
	}
	return ids
}
