package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Reservation holds minutes for an ongoing call. They can't be spent on anything else until the reservation is
// committed or released, or lapses.
type Reservation struct {
	ID      string              `json:"id"` // unique among open reservations
	Product pricing.ProductID   `json:"product"`
	Kind    pricing.UsageKindID `json:"kind"`
	Minutes int64               `json:"minutes"` // of the kind
	Until   time.Time           `json:"until"`   // it lapses then
	Parts   []ReservedPart      `json:"parts"`
}

// ReservedPart is the part of a reservation held from one lot.
type ReservedPart struct {
	Lot      LotID    `json:"lot"`
	Quantity Quantity `json:"quantity"`
}

// Bounds of reservations.
const (
	MaxReservations     = 500 // open per application at a time
	maxReservedMinutes  = 1_000_000_000
	maxReservationHours = 7 * 24
)

// Reserve holds minutes for a call, converted to package minutes by the kind's weight. It holds nothing of an
// [Overdraft], which what is used can still take when the call ends. With the ID of an open reservation it extends that
// reservation by Minutes and up to Until. It fails with:
//
//   - [ErrNotFound]: no such application;
//   - [pricing.ErrUnknownProduct], [pricing.ErrUnknownKind];
//   - [ErrInvalid]: a bad ID or number of minutes, a time that isn't ahead or is more than a week ahead, a kind that
//     packages don't cover, or a product or kind that differs from the open reservation's;
//   - [*ExhaustedError]: not enough minutes are left;
//   - [ErrTooLarge]: so many reservations are open that the document has no room for more;
//   - [ErrArrears].
type Reserve struct {
	ID      string              `json:"id"`
	Product pricing.ProductID   `json:"product"`
	Usage   pricing.UsageKindID `json:"usage"`   // the kind
	Minutes int64               `json:"minutes"` // may be 0 to extend only the time
	Until   time.Time           `json:"until"`
}

// Kind returns "reserve".
func (Reserve) Kind() string { return "reserve" }

// Decide implements [Command].
func (c Reserve) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if _, err := cat.Product(c.Product); err != nil {
		return Change{}, err
	}
	kind, err := cat.UsageKind(c.Usage)
	if err != nil {
		return Change{}, err
	}
	c.Until = c.Until.UTC().Truncate(time.Microsecond) // every store keeps this precision
	d := Begin(s, now)
	r := d.Application.reservation(c.ID)
	if err := c.check(kind, r, &d.Application, d.Now); err != nil {
		return Change{}, err
	}
	spend := newSpender(d, cat)
	counted := &UsageCounter{Product: c.Product, Kind: c.Usage, Weight: kind.Weight, Covered: true}
	if short := spend.fit(counted, d.Now, c.Minutes); short > 0 {
		return Change{}, &ExhaustedError{Product: c.Product, Kind: c.Usage, Short: short}
	}
	if r == nil {
		d.Application.Reservations = append(d.Application.Reservations, Reservation{ID: c.ID, Product: c.Product, Kind: c.Usage})
		r = d.Application.reservation(c.ID)
	}
	r.Minutes, r.Until = r.Minutes+c.Minutes, c.Until
	for _, p := range spend.plan {
		l := &d.Application.Lots[p.lot]
		r.hold(l.ID, p.quantity)
		d.move(l, Entry{At: d.Now, Kind: EntryReserved, Quantity: p.quantity, Reservation: c.ID})
	}
	if err := d.Application.roomForReservations(); err != nil {
		return Change{}, err
	}
	d.AddEvent(Event{Type: EventReserved, Product: c.Product, Quantity: Minutes(c.Minutes), Note: c.ID})
	return d.Change(), nil
}

func (c Reserve) check(kind pricing.UsageKind, open *Reservation, a *Application, now time.Time) error {
	least := int64(1)
	if open != nil {
		least = 0
	}
	switch {
	case open == nil && checkNewID("reservation ID", c.ID) != nil:
		return checkNewID("reservation ID", c.ID)
	case !kind.Covered:
		return fmt.Errorf("%w: packages don't cover %s", ErrInvalid, c.Usage)
	case c.Minutes < least || c.Minutes > maxReservedMinutes:
		return fmt.Errorf("%w: %d minutes", ErrInvalid, c.Minutes)
	case !c.Until.After(now) || c.Until.After(now.Add(maxReservationHours*time.Hour)):
		return fmt.Errorf("%w: until %s", ErrInvalid, c.Until.Format(time.RFC3339))
	case open != nil && (open.Product != c.Product || open.Kind != c.Usage || open.Minutes+c.Minutes > maxReservedMinutes):
		return fmt.Errorf("%w: reservation %s is for %d minutes of %s for %s", ErrInvalid, named(c.ID), open.Minutes, open.Kind,
			open.Product)
	case open == nil && len(a.Reservations) >= MaxReservations:
		return fmt.Errorf("%w: %d reservations are open", ErrInvalid, MaxReservations)
	case a.Arrears.Interrupted:
		return ErrArrears
	}
	return nil
}

// Release ends a reservation and, if Used has a record, commits what was used. Everything held becomes available
// again. In the same change, the record is taken from the lots in their order, as [Service.Consume] does, so it can
// use the minutes that were held, also if their money was returned meanwhile ([RefundOrder]); what isn't used of those is
// taken back then. A record that was already counted takes nothing. Minutes held from a lot whose period is over expire.
//
// Since it was promised, what was used is counted in any case, also after the reservation has lapsed: what no lot covers
// is added to the day's excess in pay-as-you-go mode, whatever the credit limit, or forgiven otherwise. It is counted
// while service is interrupted, too.
//
// It fails with [ErrNotFound] if the reservation isn't open and there is nothing to commit, and with the record's own
// error if that is refused (see [Service.Consume]); the reservation then stays.
type Release struct {
	ID   string `json:"id"`
	Used *Usage `json:"used,omitempty"`
}

// Kind returns "release".
func (Release) Kind() string { return "release" }

// Needs requests the record.
func (c Release) Needs() Needs {
	if c.Used == nil {
		return Needs{}
	}
	return Needs{Records: []string{c.Used.ID}}
}

// Decide implements [Command].
func (c Release) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if err := checkID("reservation ID", c.ID); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	d.closeDays(cat)
	r := d.Application.reservation(c.ID)
	if r == nil && c.Used == nil {
		return Change{}, fmt.Errorf("%w: reservation %.80q", ErrNotFound, c.ID)
	}
	if r != nil {
		d.release(*r, d.Now)
	}
	counted := -1
	if c.Used != nil {
		if c.Used.Seconds < 0 {
			return Change{}, fmt.Errorf("%w: a release can't correct usage", ErrInvalid)
		}
		counted = slices.IndexFunc(s.Records, func(r UsageRow) bool { return r.ID == c.Used.ID })
	}
	if counted >= 0 {
		if err := c.Used.again(s.Records[counted].Digest).Err; err != nil {
			return Change{}, err
		}
	} else if c.Used != nil {
		spend := newSpender(d, cat)
		spend.settles = true
		result := spend.use(c.Used)
		if result.Err != nil {
			return Change{}, result.Err
		}
		d.records = append(d.records, c.Used.recorded(spend.today.date))
		d.AddEvent(Event{Type: EventUsed, Quantity: result.Deducted, Note: c.ID})
		spend.done()
	}
	if !d.changed() {
		return Change{}, fmt.Errorf("%w: reservation %.80q", ErrNotFound, c.ID)
	}
	d.takeReleased(d.Now)
	for i := len(d.Application.Lots) - 1; i >= 0; i-- {
		if at, ends := d.Application.Lots[i].expires(cat.ServiceTerms()); ends && !at.After(d.Now) {
			d.expire(i, d.Now)
		}
	}
	return d.Change(), nil
}

// release returns what a reservation holds to the lots, and removes the reservation. The caller takes what is left of
// those that were taken back, see [Draft.takeReleased].
func (d *Draft) release(r Reservation, at time.Time) {
	a := &d.Application
	a.Reservations = slices.DeleteFunc(a.Reservations, func(x Reservation) bool { return x.ID == r.ID })
	for _, p := range r.Parts {
		if l := a.lot(p.Lot); l != nil { // a lot stays while a part of it is reserved
			d.move(l, Entry{At: at, Kind: EntryReleased, Quantity: p.Quantity, Reservation: r.ID})
		}
	}
	d.AddEvent(Event{Type: EventReleased, At: at, Product: r.Product, Quantity: Minutes(r.Minutes), Note: r.ID})
}

func (r *Reservation) hold(lot LotID, quantity Quantity) {
	for i := range r.Parts {
		if r.Parts[i].Lot == lot {
			r.Parts[i].Quantity += quantity
			return
		}
	}
	r.Parts = append(r.Parts, ReservedPart{Lot: lot, Quantity: quantity})
}

func (a *Application) reservation(id string) *Reservation {
	for i := range a.Reservations {
		if a.Reservations[i].ID == id {
			return &a.Reservations[i]
		}
	}
	return nil
}
