package subscription

import (
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Upper bounds for the size of a document's parts in JSON, without texts that come from outside.
const (
	sizeOfRest          = 1500 // the application itself
	sizeOfSubscription  = 1000
	sizeOfNumber        = 50
	sizeOfCycle         = 450
	sizeOfLot           = 470
	sizeOfCounter       = 400
	sizeOfReservation   = 150
	sizeOfPart          = 50 // of a reservation
	sizeOfFree          = 300
	sizeOfBought        = 100
	sizeOfAutoTopUp     = 500
	sizeOfOrder         = 1400 + 3*2*MaxText // including what a gateway and a person may add: note, reference, reason
	sizeOfAction        = 100 + 2*payment.MaxActionKind
	sizeOfLine          = 300
	sizeOfTax           = 250
	sizeOfDelivery      = 900
	sizeOfBeyond        = 150               // of periods that a deal doesn't cover
	sizeOfAhead         = 20                // of an upgrade, per cycle
	sizeOfUpgradedCycle = 200               // of an upgrade, per cycle
	sizeOfEntry         = 3                 // the quotes and comma around a text in a list
	sizeOfRefund        = 700 + 3*2*MaxText // including what a gateway and a person may add
	sizeOfOrderID       = 40
	sizeOfVersion       = 390 // of a cycle that an open order delivers: at most 64 bytes, each of them escaped
)

func (c *UsageCounter) size() int {
	return sizeOfCounter + textSize(c.Product) + textSize(c.Kind) + sizeOfOrderID
}

func (l *Lot) size() int {
	return sizeOfLot + textSize(l.Subscription) + textSize(l.Order) + textSize(l.Free) + textSize(l.Period.Zone) + listSize(l.Products)
}

func (s *Subscription) size() int {
	n := sizeOfSubscription + textSize(s.ID) + textSize(s.Product) + textSize(s.Zone) + len(s.Numbers)*sizeOfNumber + s.Deal.size()
	n += sizeOfOverdraft(s.ID, s.Product, s.Zone)
	if s.Planned != nil {
		n += textSize(s.Planned.Version)
	}
	for _, cycles := range [][]Cycle{s.Cycles, s.Suspended} {
		for i := range cycles {
			c := &cycles[i]
			n += sizeOfCycle + textSize(c.Version) + textSize(c.Order) + textSize(c.Period.Zone)
		}
	}
	return n
}

// sizeOfOverdraft bounds the size of a subscription's overdraft, which there is always room for.
func sizeOfOverdraft(id SubscriptionID, product pricing.ProductID, zone string) int {
	return sizeOfLot + textSize(id) + sizeOfEntry + textSize(product) + textSize(zone)
}

func (d *Deal) size() int {
	if d == nil {
		return 0
	}
	return textSize(d.Version) + textSize(d.Reason)
}

// size bounds the size of the order itself in the document.
func (o *Order) size() int {
	n := sizeOfOrder + textSize(o.ID) + textSize(o.Application) + textSize(o.Account) + textSize(o.Subscription) + textSize(o.Product) +
		textSize(o.Version) + textSize(o.Catalog) + textSize(o.Agreement) + textSize(o.Attempt) + textSize(o.Delivered.Period.Zone)
	for i := range o.Lines {
		n += sizeOfLine + textSize(o.Lines[i].Item)
	}
	for i := range o.Taxes {
		n += sizeOfTax + textSize(o.Taxes[i].Name)
	}
	for _, v := range o.Deliveries {
		n += sizeOfDelivery
		if e := v.effect(); e != nil {
			n += e.size()
		}
	}
	return n
}

// gives bounds how much the document grows when the order is delivered.
func (o *Order) gives() int {
	n := 0
	for _, v := range o.Deliveries {
		if e := v.effect(); e != nil {
			n += e.growth()
		}
	}
	return n
}

func listSize[S ~string](texts []S) int {
	n := 0
	for _, s := range texts {
		n += sizeOfEntry + textSize(s)
	}
	return n
}

// textSize bounds the size of a text in JSON, without its quotes.
func textSize[S ~string](s S) int {
	n := len(s)
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ':
			n += 5
		case c == '"' || c == '\\':
			n++
		case c >= utf8.RuneSelf:
			n++ // some separators of three bytes become six
		}
	}
	return n
}
