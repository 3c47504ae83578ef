package subscription

import "time"

// Receipt is the stored result of a keyed request. It is written in the same change as what the
// request did, so that the same key again finds it, and does nothing twice.
type Receipt struct {
	Application ApplicationID `json:"application"`
	Key         string        `json:"key"`
	Kind        string        `json:"kind"`     // of the command
	Digest      Digest        `json:"digest"`   // of the application and the command
	Revision    int64         `json:"revision"` // that the request made
	At          time.Time     `json:"at"`
	OrderID     OrderID       `json:"order_id,omitzero"` // what the request ordered, if it did
}

// Outcome is the answer to a keyed request: its receipt, which is set if the request did what it was for, now or an earlier
// time; and, where it ordered something, the order as it is now.
type Outcome struct {
	Receipt Receipt `json:"receipt,omitzero"`
	Order   Order   `json:"order,omitzero"`
}
