package audit

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// document checks the document alone.
func (b *book) document() {
	switch {
	case b.app.Revision == 0:
		return // an application without rows, or rows without an application
	case b.app.ID != b.id:
		b.addf(Finding{Kind: Document}, "the document is that of %.80q", string(b.app.ID))
		return
	}
	if err := b.app.Check(); err != nil {
		b.addf(Finding{Kind: Document}, "%v", err)
	}
	b.due()
	b.closedDocument()
	b.erasedDocument()
}

// due checks that the application is looked at again as long as something waits for it, and no later than time changes
// something.
func (b *book) due() {
	due := b.app.Due
	if due.IsZero() {
		for i := range b.app.Orders {
			if o := &b.app.Orders[i]; o.Status.AwaitsGateway() {
				b.addf(Finding{Kind: Due, Order: o.ID}, "it is %s, and the application is never due", o.Status)
			}
		}
		for i := range b.app.Refunds {
			r := &b.app.Refunds[i]
			b.addf(Finding{Kind: Due, Order: r.Order},
				"refund %d of %s is due, and the application is never looked at", r.Number, r.Amount)
		}
	}
	if len(b.opts.Catalogs) == 0 {
		return
	}
	step := func(c *pricing.Catalog) time.Time { return subscription.NextStep(b.app, c) }
	late := func(t time.Time) bool { return !t.IsZero() && (due.IsZero() || due.After(t)) }
	if !slices.ContainsFunc(b.opts.Catalogs, func(c *pricing.Catalog) bool { return c != nil && !late(step(c)) }) {
		b.addf(Finding{Kind: Due},
			"time changes it at %s, and it is due at %s", stamp(step(b.opts.Catalogs[len(b.opts.Catalogs)-1])), stamp(due))
	}
}

// stamp formats an instant for people.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return t.UTC().Format(time.RFC3339Nano)
}
