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
	FromGift    Source = "gift"    // a gift, spent as a top-up
	FromFree    Source = "free"    // a cycle of free minutes
	// FromReturned is what a correction of usage gave back, spent as a top-up. No order granted it.
	FromReturned Source = "returned"
	// FromOverdraft is what a subscription may use beyond its minutes, see [Overdraft]. Its lot is spent last, isn't among
	// the minutes of anything, and ends with the subscription, whatever its period. What is consumed of it is owed.
	FromOverdraft Source = "overdraft"
)

// Lot is a grant of minutes. Lots are never merged. At all times
//
//	Granted = Remaining + Reserved + Consumed + Refunded
//
// and no part is negative. A lot whose minutes expire leaves the document: what became of them is in the ledger, and in
// its [Balance].
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
	Refunded     Quantity            `json:"refunded,omitzero"` // taken back, see TakenBack
	Warned       int                 `json:"warned,omitzero"`   // how many of the catalog's low-balance thresholds it has reached
	// TakenBack reports whether its minutes were taken back. Nothing can be spent of such a lot. It stays in the document
	// while part of it is reserved, or while the payment of it may be reinstated.
	TakenBack bool `json:"taken_back,omitzero"`
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
	EntryRefunded EntryKind = "refunded" // taken back with its payment
	// EntryReinstated is what a reinstated payment returns of what was taken back.
	EntryReinstated EntryKind = "reinstated"
	EntryLent       EntryKind = "lent" // into the lot of an overdraft, whose Product it has
	// EntryRepaid returns to an overdraft what was consumed of it. The entry before it is of kind [EntryConsumed], without
	// Usage, of the lot that repays it.
	EntryRepaid EntryKind = "repaid"
)

// Entry is one line of the append-only minutes ledger: it moves a quantity of one lot. A lot is the sum of its
// entries.
type Entry struct {
	Application ApplicationID `json:"application"`
	Revision    int64         `json:"revision"` // of the change it belongs to
	Index       int           `json:"index"`    // within the change, from 0
	At          time.Time     `json:"at"`       // when it took effect
	// RecordedAt is when it was recorded, which is the instant of its change, if that is later than At: time alone did it,
	// and nobody looked until then. It is zero in rows from before it was recorded.
	RecordedAt time.Time `json:"recorded_at,omitzero"`
	Kind       EntryKind `json:"kind"`
	Lot        LotID     `json:"lot"`
	Quantity   Quantity  `json:"quantity"` // positive
	Order      OrderID   `json:"order,omitzero"`

	// For a consumed entry: what was used; Product alone, if an overdraft of it was repaid. For one that grants a
	// returned lot: what was corrected.
	Product pricing.ProductID   `json:"product,omitzero"`
	Usage   pricing.UsageKindID `json:"usage,omitzero"`
	Day     pricing.Date        `json:"day,omitzero"`
	// For a reserved or released entry.
	Reservation string `json:"reservation,omitzero"`
}

// apply moves the entry's quantity between the parts of b, and reports whether the kind is known. All moves of a
// lot's minutes go through it, both in decisions and when a ledger is replayed.
func (e *Entry) apply(b *Balance) bool {
	from, to := e.Kind.parts(b)
	if to == nil {
		return false
	}
	if from == nil {
		from = new(Quantity) // a grant comes from outside
		b.Granted += e.Quantity
		b.Overdraft = b.Overdraft || e.Kind == EntryLent
	}
	*from -= e.Quantity
	*to += e.Quantity
	return true
}

// parts returns the parts of a balance that an entry moves minutes from and to: from is nil for a grant, and both are nil
// for an unknown kind.
func (k EntryKind) parts(b *Balance) (from, to *Quantity) {
	switch k {
	case EntryGranted, EntryLent:
		return nil, &b.Remaining
	case EntryExpired:
		return &b.Remaining, &b.Expired
	case EntryConsumed:
		return &b.Remaining, &b.Consumed
	case EntryReserved:
		return &b.Remaining, &b.Reserved
	case EntryReleased:
		return &b.Reserved, &b.Remaining
	case EntryRefunded:
		return &b.Remaining, &b.Refunded
	case EntryReinstated:
		return &b.Refunded, &b.Remaining
	case EntryRepaid:
		return &b.Consumed, &b.Remaining
	}
	return nil, nil
}

// move appends an entry for a lot and moves its minutes.
func (d *Draft) move(l *Lot, e Entry) {
	e.Lot = l.ID
	l.move(&e)
	d.entries = append(d.entries, e)
}

// move moves an entry's minutes. Those that expire leave the lot, which must leave the document then.
func (l *Lot) move(e *Entry) {
	b := l.Balance()
	e.apply(&b)
	l.Granted, l.Remaining, l.Reserved, l.Consumed, l.Refunded = b.Granted, b.Remaining, b.Reserved, b.Consumed, b.Refunded
}
