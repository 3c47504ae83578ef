package subscription

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/internal/ident"
	"github.com/prepaidkit/prepaid/pricing"
)

// ApplicationID names an application, as the caller chose it.
type ApplicationID string

// AccountID names the payer, as the caller and the gateway know it.
type AccountID string

// SubscriptionID names a subscription within its application: the product and a number, "call-1".
type SubscriptionID string

// OrderID names an order within its application. It follows from what asked for the order, so that deciding again, after
// a crash or on a restored backup, gives the same one: a request's from its key, an automatic renewal's from the
// subscription, the first day of the period and how many were placed for that before, a usage order's from how many were.
type OrderID string

// AttemptID is the key under which an order is collected through the gateway: the store's identity, the application's ID
// and the order's, with slashes between. One attempt, one content, for ever. Orders of before a store had an identity
// have none.
type AttemptID string

// LotID numbers the lots of an application, from 1, in the order of their grant.
type LotID int64

func attemptOf(store string, app ApplicationID, order OrderID) AttemptID {
	return AttemptID(store + "/" + string(app) + "/" + string(order))
}

// Parse splits an attempt into the application and the order it belongs to. It fails with
// [ErrNotFound] for a text that is no attempt's.
func (a AttemptID) Parse() (ApplicationID, OrderID, error) {
	unknown := fmt.Errorf("%w: attempt %.160q", ErrNotFound, string(a))
	slash := strings.LastIndexByte(string(a), '/')
	if slash < 0 {
		return "", "", unknown
	}
	app, order := string(a[:slash]), string(a[slash+1:])
	if order != "" && !(order[0] >= '0' && order[0] <= '9') { // which those of before began with
		_, rest, found := strings.Cut(app, "/")
		if !found {
			return "", "", unknown
		}
		app = rest
	}
	if ident.Check(app) != nil || ident.Check(order) != nil {
		return "", "", unknown
	}
	return ApplicationID(app), OrderID(order), nil
}

// number gives an order its ID, and counts it among those of its kind.
func (d *Draft) number(o *Order) error {
	id := make([]byte, 0, sizeOfOrderID)
	switch {
	case o.automatic():
		e := o.Deliveries[0].Extend
		s := d.Application.subscription(e.Subscription)
		if s == nil || e.Day == 0 {
			return fmt.Errorf("%w: an automatic renewal of no subscription, or of a period without a day", ErrInvalid)
		}
		id = appendHash(append(id, "r-"...), 8, string(s.ID))
		id = strconv.AppendInt(append(id, '-'), int64(e.Day), 10)
		id = strconv.AppendInt(append(id, '-'), int64(s.count(e.Day)), 10)
	case o.Kind == UsageOrder:
		d.Application.Billing.Number++
		id = strconv.AppendInt(append(id, "u-"...), d.Application.Billing.Number, 10)
	default:
		id = appendHash(append(id, "k-"...), 12, string(d.Application.ID), d.request)
	}
	o.ID = OrderID(id)
	return nil
}

// appendHash appends n bytes of a digest of texts, in hexadecimal digits.
func appendHash(b []byte, n int, texts ...string) []byte {
	h := newDigester()
	for _, t := range texts {
		h.text(t)
	}
	sum := h.sum()
	return hex.AppendEncode(b, sum[:n])
}

// count counts one more automatic order for the period that begins on a day, and returns how many there are.
func (s *Subscription) count(day pricing.Date) int {
	for i := range s.Numbers {
		if s.Numbers[i].Day == day {
			s.Numbers[i].Orders++
			return s.Numbers[i].Orders
		}
	}
	s.Numbers = append(s.Numbers, Number{Day: day, Orders: 1})
	return 1
}

// checkID returns a typed error for an identifier that can't be one. Its kind says which it is, such
// as "application".
func checkID[S ~string](kind string, id S) error {
	if err := ident.Check(id); err != nil {
		return fmt.Errorf("%w: %s ID %.80q %w", ErrInvalid, kind, string(id), err)
	}
	return nil
}

// checkAll returns the first error.
func checkAll(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
