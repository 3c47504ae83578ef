package audit

import (
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// auditKeys checks that no two orders of an application share an ID, that no two orders at all share an attempt, and
// that each attempt begins with the store's identity, so the keys of stores that share a gateway never collide.
func (a *auditor) auditKeys(books map[subscription.ApplicationID]*book) {
	of := map[subscription.AttemptID]subscription.ApplicationID{}
	for _, c := range a.Customers {
		b := books[c.Application]
		if b == nil {
			continue
		}
		if len(b.rows) != len(b.orders) {
			a.violatef("key", b.id, "%d orders have %d IDs", len(b.orders), len(b.rows))
		}
		for _, o := range b.orders {
			if (o.Attempt == "") != (o.Amount.Sign() == 0) {
				a.violatef("key", b.id, "order %s of %s has the attempt %q", o.ID, o.Amount, o.Attempt)
			}
			if o.Attempt == "" {
				continue
			}
			if other, taken := of[o.Attempt]; taken {
				a.violatef("key", b.id, "order %s has the attempt %s, as one of %s has", o.ID, o.Attempt, other)
			}
			of[o.Attempt] = b.id
			if a.Identity != "" && !strings.HasPrefix(string(o.Attempt), a.Identity+"/") {
				a.violatef("key", b.id, "attempt %s doesn't begin with the identity %s", o.Attempt, a.Identity)
			}
		}
	}
}

// auditPaid checks that an order has a time of payment if and only if it was paid, whatever has happened to it since.
func (a *auditor) auditPaid(b *book) {
	for _, o := range b.orders {
		at, paid := b.paidAt[o.ID]
		if paid != !o.PaidAt.IsZero() || !o.PaidAt.Equal(at) {
			a.violatef("paid", b.id, "order %s, which is %s, was paid at %s, by its events at %s", o.ID, o.Status, when(o.PaidAt), when(at))
		}
	}
}

// when formats an instant for people, with "no time" for the zero time.
func when(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return Stamp(t)
}
