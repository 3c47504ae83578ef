package subscription

import (
	"fmt"
	"unicode/utf8"
)

// MaxDocument is the size, in bytes of JSON, that an application's document may have. What is ordered is
// refused before it is paid where it could exceed that.
const MaxDocument = 256 << 10

// Upper bounds of what the parts of a document take in JSON, beside the texts that others chose.
const (
	sizeOfRest         = 1000 // the application itself
	sizeOfSubscription = 600
	sizeOfCycle        = 300
	sizeOfLot          = 420
	sizeOfCounter      = 220
	sizeOfReservation  = 150
	sizeOfPart         = 50 // of a reservation
	sizeOfFree         = 300
	sizeOfBought       = 90
	sizeOfOrder        = 1000 + 3*2*MaxText // with what a gateway and a person may add: note, reference, reason
	sizeOfLine         = 300
	sizeOfDelivery     = 400
	sizeOfAhead        = 20  // of a raise, for each cycle
	sizeOfEntry        = 3   // quotes and a comma of a text in a list
	sizeOfOrderID      = 40  // a revision and a digest
	sizeOfVersion      = 130 // of a cycle that an open order gives, at most 64 bytes of which all are escaped
)

// room fails with [ErrTooLarge] unless half of the document is left for what is bought and renewed.
func (d *Draft) room() error {
	if size := d.Application.size(); size > MaxDocument/2 {
		return fmt.Errorf("%w: %d bytes, of which at most %d are for what isn't bought", ErrTooLarge, size, MaxDocument/2)
	}
	return nil
}

// size bounds how large the document is, in bytes of JSON, once what is ordered is delivered.
func (a *Application) size() int {
	n := sizeOfRest + quoted(a.ID) + quoted(a.Account) + quoted(a.Accepted.Agreement)
	for i := range a.Subscriptions {
		n += a.Subscriptions[i].size()
	}
	for i := range a.Lots {
		l := &a.Lots[i]
		n += sizeOfLot + quoted(l.Subscription) + quoted(l.Order) + quoted(l.Free) + quoted(l.Period.Zone) + list(l.Products)
	}
	for i := range a.Bought {
		n += sizeOfBought + quoted(a.Bought[i].Product) + quoted(a.Bought[i].Version)
	}
	for i := range a.Counters {
		c := &a.Counters[i]
		n += sizeOfCounter + quoted(c.Product) + quoted(c.Kind) + sizeOfOrderID
	}
	for i := range a.Reservations {
		r := &a.Reservations[i]
		n += sizeOfReservation + quoted(r.ID) + quoted(r.Product) + quoted(r.Kind) + len(r.Parts)*sizeOfPart
	}
	for i := range a.Free {
		f := &a.Free[i]
		n += sizeOfFree + quoted(f.ID) + quoted(f.Zone) + list(f.Products)
	}
	for i := range a.Orders {
		o := &a.Orders[i]
		n += o.size()
		if o.Status.Blocking() {
			n += o.gives()
		}
	}
	return n
}

func (s *Subscription) size() int {
	n := sizeOfSubscription + quoted(s.ID) + quoted(s.Product) + quoted(s.Zone)
	for i := range s.Cycles {
		c := &s.Cycles[i]
		n += sizeOfCycle + quoted(c.Version) + quoted(c.Order) + quoted(c.Period.Zone)
	}
	return n
}

// size bounds an order's own part of the document.
func (o *Order) size() int {
	n := sizeOfOrder + quoted(o.ID) + quoted(o.Application) + quoted(o.Account) + quoted(o.Subscription) + quoted(o.Product) +
		quoted(o.Version) + quoted(o.Catalog) + quoted(o.Agreement) + quoted(o.Attempt) + quoted(o.Delivered.Period.Zone)
	for i := range o.Lines {
		n += sizeOfLine + quoted(o.Lines[i].Item)
	}
	for _, v := range o.Deliveries {
		n += sizeOfDelivery
		if g := v.effect(); g != nil {
			n += g.size()
		}
	}
	return n
}

// gives bounds how much larger the document is once an order is delivered.
func (o *Order) gives() int {
	n := 0
	for _, v := range o.Deliveries {
		if g := v.effect(); g != nil {
			n += g.growth()
		}
	}
	return n
}

func list[S ~string](texts []S) int {
	n := 0
	for _, s := range texts {
		n += sizeOfEntry + quoted(s)
	}
	return n
}

// quoted bounds what a text takes in JSON, beside its quotes.
func quoted[S ~string](s S) int {
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
