package customcommand

import (
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// EventPaused is the type of the event that [Pause] adds: Subscription, Product; Note is the reason.
const EventPaused subscription.EventType = "acme_renewal_paused"

// Pause turns auto-renewal of a subscription off because of a reason that the customer gave. The subscription runs to its end,
// as with [subscription.AutoRenew], which also turns it on again. If auto-renewal is off already, Pause changes nothing.
//
// It fails with [ErrReason] and the errors of [subscription.AutoRenew].
type Pause struct {
	Product pricing.ProductID `json:"product"`
	Reason  string            `json:"reason"` // why the customer pauses; who acts for the customer is what Service.As says
}

// Kind returns "acme_pause".
func (Pause) Kind() string { return "acme_pause" }

// Decide implements [subscription.Command]. What turning auto-renewal off means is decided by the SDK's own command; the event
// continues its change. Both are committed together.
func (c Pause) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if strings.TrimSpace(c.Reason) == "" {
		return subscription.Change{}, fmt.Errorf("%w: %.64q", ErrReason, string(c.Product))
	}
	off, err := subscription.AutoRenew{Product: c.Product}.Decide(s, cat, now)
	if err != nil {
		return subscription.Change{}, err
	}
	if before, _ := s.Application.Latest(c.Product); !before.AutoRenew {
		return subscription.Change{}, nil
	}
	d := subscription.Begin(s.After(off), now)
	sub, _ := d.Application.Latest(c.Product)
	d.AddEvent(subscription.Event{Type: EventPaused, Subscription: sub.ID, Product: c.Product, Note: c.Reason})
	return d.Change(), nil
}
