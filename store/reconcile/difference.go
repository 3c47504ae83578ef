package reconcile

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Kind says how a statement and the orders differ.
type Kind string

// The kinds of differences.
const (
	// Missing: an order was collected, or a refund made or came back, and the statement doesn't have it.
	Missing Kind = "missing"
	// Unknown: no order or refund has the line's key.
	Unknown Kind = "unknown"
	// Different: the amounts or currencies differ, or a refund that the statement has is recorded as failed and was never made.
	Different Kind = "different"
	// Unrecorded: the order waits for its outcome, or the refund is still due, or nobody told of the reversal.
	Unrecorded Kind = "unrecorded"
	// Late: the order was declined or canceled, and its money arrived all the same.
	Late Kind = "late"
	// Twice: another line of the statement is the same movement. If it is of a charge, money was collected twice.
	Twice Kind = "twice"
)

// Difference is one thing in which a statement and the orders differ.
type Difference struct {
	Kind Kind `json:"kind"`
	// Line is the statement's. Of what is missing, it is the line that the statement should have, dated when we recorded it.
	Line Line `json:"line"`
	// Application is the one that the key names, and Order its order. They are "" for a key that isn't of this store.
	Application subscription.ApplicationID `json:"application,omitzero"`
	Order       subscription.OrderID       `json:"order,omitzero"`
	// Status is the order's when it was compared; "" if there is none.
	Status subscription.OrderStatus `json:"status,omitzero"`
	// Recorded is what the order or the refund has of the movement; the zero Money if nothing.
	Recorded pricing.Money `json:"recorded,omitzero"`
}

// String says what differs, on one line.
func (d Difference) String() string {
	s := fmt.Sprintf("%s: %s of %s, key %.300q", d.Kind, d.Line.Kind, d.Line.Amount, d.Line.Key)
	if d.Line.ID != "" {
		s += fmt.Sprintf(", ID %.300q", d.Line.ID)
	}
	if d.Order != "" {
		s += fmt.Sprintf("; order %s of application %.80q is %q", d.Order, string(d.Application), string(d.Status))
	}
	if d.Kind == Different && !d.Recorded.IsZero() {
		s += ", with " + d.Recorded.String()
	}
	return s
}
