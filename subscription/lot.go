package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Source says where a lot's minutes come from.
type Source string

// The sources of lots.
const (
	FromPackage Source = "package" // a cycle of a subscription
	FromUpgrade Source = "upgrade" // the additional minutes of an upgrade
	FromTopUp   Source = "top_up"  // a pack
	FromFree    Source = "free"    // a cycle of free minutes
)

// Lot is a grant of minutes. Lots are never merged. At all times
//
//	Granted = Remaining + Reserved + Consumed + Expired + Refunded
//
// and no part is negative.
type Lot struct {
	ID           LotID               `json:"id"`
	Source       Source              `json:"source"`
	Products     []pricing.ProductID `json:"products"` // what it can be spent on
	Subscription SubscriptionID      `json:"subscription,omitzero"`
	Order        OrderID             `json:"order,omitzero"` // that paid for it
	Free         pricing.FreeGrantID `json:"free,omitzero"`  // the free grant that it is a cycle of
	Period       pricing.Period      `json:"period"`         // it covers usage in this time
	GrantedAt    time.Time           `json:"granted_at"`
	Granted      Quantity            `json:"granted"`
	Remaining    Quantity            `json:"remaining"`
	Reserved     Quantity            `json:"reserved,omitzero"`
	Consumed     Quantity            `json:"consumed,omitzero"`
	Expired      Quantity            `json:"expired,omitzero"`
	Refunded     Quantity            `json:"refunded,omitzero"`
	Warned       int                 `json:"warned,omitzero"` // how many of the catalog's low-balance thresholds it has reached
}

// Covers reports whether the lot can be spent on a product.
func (l Lot) Covers(product pricing.ProductID) bool { return slices.Contains(l.Products, product) }

// cloneLots returns copies of lots. There may be many lots, each with one or two products, so all their product
// slices share one array, each limited to its own length.
func cloneLots(lots []Lot) []Lot {
	lots = slices.Clone(lots)
	n := 0
	for i := range lots {
		n += len(lots[i].Products)
	}
	products := make([]pricing.ProductID, 0, n)
	for i := range lots {
		l := &lots[i]
		if len(l.Products) == 0 {
			l.Products = slices.Clone(l.Products) // keep nil or empty
			continue
		}
		first := len(products)
		products = append(products, l.Products...)
		l.Products = products[first:len(products):len(products)]
	}
	return lots
}

// EntryKind says what a ledger entry did to its lot.
type EntryKind string

// The kinds of entries.
const (
	EntryGranted EntryKind = "granted" // into the lot
	EntryExpired EntryKind = "expired" // the rest of a lot whose period is over

	EntryConsumed EntryKind = "consumed" // by usage
	EntryReserved EntryKind = "reserved" // for a reservation
	EntryReleased EntryKind = "released" // from a reservation that ended
	EntryRefunded EntryKind = "refunded" // returned with its package
)

// Entry is one line of the append-only minutes ledger: it moves a quantity of one lot. A lot is the sum of its
// entries.
type Entry struct {
	Application ApplicationID `json:"application"`
	Revision    int64         `json:"revision"` // of the change it belongs to
	Index       int           `json:"index"`    // within the change, from 0
	At          time.Time     `json:"at"`       // when it took effect
	Kind        EntryKind     `json:"kind"`
	Lot         LotID         `json:"lot"`
	Quantity    Quantity      `json:"quantity"` // positive
	Order       OrderID       `json:"order,omitzero"`

	// For a consumed entry: what was used.
	Product pricing.ProductID   `json:"product,omitzero"`
	Usage   pricing.UsageKindID `json:"usage,omitzero"`
	Day     pricing.Date        `json:"day,omitzero"`
	// For a reserved or released entry.
	Reservation string `json:"reservation,omitzero"`
}

// apply moves the entry's quantity between the parts of l, and reports whether the kind is known. All moves of a
// lot's minutes go through it, both in decisions and when a ledger is replayed.
func (e *Entry) apply(l *Lot) bool {
	from, to := e.Kind.parts(l)
	if to == nil {
		return false
	}
	if from == nil {
		from = new(Quantity) // a grant comes from outside
		l.Granted += e.Quantity
	}
	*from -= e.Quantity
	*to += e.Quantity
	return true
}

// parts returns the parts of a lot that an entry moves minutes from and to: from is nil for a grant, and both are nil
// for an unknown kind.
func (k EntryKind) parts(l *Lot) (from, to *Quantity) {
	switch k {
	case EntryGranted:
		return nil, &l.Remaining
	case EntryExpired:
		return &l.Remaining, &l.Expired
	case EntryConsumed:
		return &l.Remaining, &l.Consumed
	case EntryReserved:
		return &l.Remaining, &l.Reserved
	case EntryReleased:
		return &l.Reserved, &l.Remaining
	case EntryRefunded:
		return &l.Remaining, &l.Refunded
	}
	return nil, nil
}

// move appends an entry for a lot and moves its minutes.
func (d *Draft) move(l *Lot, e Entry) {
	e.Lot = l.ID
	e.apply(l)
	d.entries = append(d.entries, e)
}
