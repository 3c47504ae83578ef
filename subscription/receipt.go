package subscription

import "time"

// Receipt is the stored result of a keyed request. It is written in the same change as the request's effects, so a
// repeated key finds it and nothing is done twice.
type Receipt struct {
	Application ApplicationID `json:"application"`
	Key         string        `json:"key"`
	Kind        string        `json:"kind"`     // of the command
	Digest      Digest        `json:"digest"`   // of the application and the command
	Revision    int64         `json:"revision"` // created by the request
	At          time.Time     `json:"at"`
	OrderID     OrderID       `json:"order_id,omitzero"` // the order it placed, if any
}

// Outcome is the answer to a keyed request. Receipt is set if the request took effect, now or earlier. Order is the order
// it placed or refunded, if any, as of now. If its payment is pending because the customer has something to do, such as
// confirming it with the card issuer, that is Order.Action.
type Outcome struct {
	Receipt Receipt `json:"receipt,omitzero"`
	Order   Order   `json:"order,omitzero"`
}
