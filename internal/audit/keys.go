package audit

import (
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// auditKeys checks that no two orders share an attempt, and that each attempt begins with the store's identity, so the keys of
// stores that share a gateway never collide.
func (a *auditor) auditKeys(books map[subscription.ApplicationID]*book) {
	of := map[subscription.AttemptID]subscription.ApplicationID{}
	for _, c := range a.Customers {
		b := books[c.Application]
		if b == nil {
			continue
		}
		for _, o := range b.orders {
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
