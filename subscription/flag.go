package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Flag records something that a person must look at, as an event of the type [EventNeedsPerson] with the note: money that
// the provider collected twice, for example. It changes nothing else, and nothing waits for it. It is also possible for
// an application that was closed.
//
// Order is the order in question, or "" for the application as a whole. Flag fails with [ErrNotFound] for an unknown order,
// and with [ErrInvalid] for a note that is empty, too long or not UTF-8.
type Flag struct {
	Order OrderID `json:"order,omitzero"`
	Note  string  `json:"note"` // 1 byte to 1 KiB
}

// Kind returns "flag".
func (Flag) Kind() string { return "flag" }

// Needs requests the order, if there is one.
func (c Flag) Needs() Needs {
	if c.Order == "" {
		return Needs{}
	}
	return Needs{Orders: []OrderID{c.Order}}
}

// Decide implements [Command].
func (c Flag) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if c.Note == "" || !writable(c.Note) {
		return Change{}, fmt.Errorf("%w: note of %d bytes", ErrInvalid, len(c.Note))
	}
	d := Begin(s, now)
	if c.Order == "" {
		d.AddEvent(Event{Type: EventNeedsPerson, Note: c.Note})
		return d.Change(), nil
	}
	o, err := d.order(c.Order)
	if err != nil {
		return Change{}, err
	}
	d.needsPerson(&o, c.Note)
	return d.Change(), nil
}
