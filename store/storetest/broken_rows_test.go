package storetest_test

import (
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Columns that are too narrow, of the wrong type or mixed up. Columns that are missing are the matter of
// TestSuiteCatchesForgottenFields.
var rowFlaws = []flaw{
	{"times to the second", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Entries[0].At = c.Entries[0].At.Truncate(time.Second) })
	}, "rows/every field of entries"},
	{"times in nanoseconds since 1970", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Events[0].At = time.Unix(0, c.Events[0].At.UnixNano()).UTC() })
	}, "times/times of all ages"},
	{"times in the server's zone", func(b *broken) {
		zone := time.FixedZone("CST", 8*60*60)
		b.shows(func(s *subscription.Snapshot) { s.Application.CreatedAt = s.Application.CreatedAt.In(zone) })
	}, "times/times of all ages"},
	{"no time is 1970", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			for i := range c.Orders {
				if c.Orders[i].ClosedAt.IsZero() {
					c.Orders[i].ClosedAt = time.Unix(0, 0).UTC()
				}
			}
		})
	}, "rows/fields that may be empty"},
	{"what is empty leaves the field as it was", func(b *broken) {
		notes := map[subscription.OrderID]string{}
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for i := range c.Orders {
				if o := &c.Orders[i]; o.Note == "" {
					o.Note = notes[o.ID]
				} else {
					notes[o.ID] = o.Note
				}
			}
		})
	}, "rows/fields that were set"},
	{"from and to are mixed up", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			for i := range c.Events {
				c.Events[i].From, c.Events[i].Status = c.Events[i].Status, c.Events[i].From
			}
		})
	}, "rows/every field of events"},
	{"a replaced order keeps its deliveries", func(b *broken) {
		deliveries := map[subscription.OrderID][]subscription.Delivery{}
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for i := range c.Orders {
				o := &c.Orders[i]
				if d, ok := deliveries[o.ID]; ok {
					o.Deliveries = d
				}
				deliveries[o.ID] = o.Clone().Deliveries
			}
		})
	}, "rows/every field of an order that is replaced"},
	{"a document of 64 KiB at most", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Next.Lots = c.Next.Lots[:min(200, len(c.Next.Lots))] })
	}, "rows/a document of 200 KiB"},
	{"no amount is zero dollars", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			if c.Events[0].Amount.IsZero() {
				c.Events[0].Amount, _ = pricing.FromMinor(0, "USD")
			}
		})
	}, "amount/money: no amount"},
	{"zero dollars is no amount", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			if c.Events[0].Amount.Sign() == 0 {
				c.Events[0].Amount = pricing.Money{}
			}
		})
	}, "amount/money: 0.00 USD"},
	{"amounts are floats", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			if m := c.Events[0].Amount; !m.IsZero() && m.Minor() < math.MaxInt64-1024 {
				c.Events[0].Amount, _ = pricing.FromMinor(int64(float64(m.Minor())), m.Currency())
			}
		})
	}, "amount/money"},
	{"minutes are floats", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			c.Entries[0].Quantity = subscription.Quantity(float64(c.Entries[0].Quantity))
		})
	}, "amount/minutes"},
	{"lots are numbered in 32 bits", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Events[0].Lot = subscription.LotID(int32(c.Events[0].Lot)) })
	}, "amount/minutes"},
	{"one currency per order", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			for i := range c.Orders {
				o := &c.Orders[i]
				o.Collected, _ = pricing.FromMinor(o.Collected.Minor(), o.Amount.Currency())
			}
		})
	}, "amount/the amount collected in another"},
	{"ratios in lowest terms", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			for i := range c.Orders[0].Lines {
				if r := &c.Orders[0].Lines[i].Times; *r == (pricing.Ratio{Num: 15, Den: 30}) {
					*r = pricing.Ratio{Num: 1, Den: 2}
				}
			}
		})
	}, "amount/rates and ratios"},
}

var textFlaws = []flaw{
	{"names without case", func(b *broken) { b.renames(strings.ToLower) }, "text/IDs and keys that differ in case"},
	{"names without spaces at the end", func(b *broken) {
		b.renames(func(s string) string { return strings.TrimRight(s, " ") })
	}, "text/IDs and keys that differ in a space at the end"},
	{"names without accents", func(b *broken) {
		b.renames(strings.NewReplacer("é", "e", "\u0301", "").Replace)
	}, "text/IDs and keys that differ in an accent"},
	{"names in composed form", func(b *broken) {
		b.renames(strings.NewReplacer("e\u0301", "é").Replace)
	}, "text/IDs and keys that differ in normalization"},
	{"names of 63 bytes", func(b *broken) {
		b.renames(func(s string) string { return s[:min(63, len(s))] })
	}, "text/IDs and keys that differ in the last"},
	{"names that are numbers", func(b *broken) {
		b.renames(func(s string) string { return strings.TrimLeft(s, "0") })
	}, "text/IDs and keys that differ in leading zeros"},
	{"names without what can't be seen", func(b *broken) {
		b.renames(strings.NewReplacer("\u200b", "", "-", "").Replace)
	}, "text/IDs and keys that differ in an invisible"},
	{"notes of 255 bytes", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			for i := range c.Events {
				c.Events[i].Note = c.Events[i].Note[:min(255, len(c.Events[i].Note))]
			}
		})
	}, "text/notes of 64 KiB"},
	{"notes without control characters", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			c.Orders[0].Note = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, c.Orders[0].Note)
		})
	}, "text/line ends"},
	{"notes of three bytes a rune", func(b *broken) {
		b.edits(func(c *subscription.Change) {
			c.Orders[0].Note = strings.Map(func(r rune) rune { return min(r, 0xffff) }, c.Orders[0].Note)
		})
	}, "text/emoji"},
	{"backslashes escape", func(b *broken) {
		b.edits(func(c *subscription.Change) { c.Events[0].Note = strings.ReplaceAll(c.Events[0].Note, `\\`, `\`) })
	}, "text/backslashes"},
}
