package subscription

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/internal/ident"
	"github.com/prepaidkit/prepaid/pricing"
)

// ApplicationID is the ID of an application. The caller chooses it. It is opaque: like every ID, it outlives an [Erase],
// so nothing in it may identify a person.
type ApplicationID string

// AccountID is the ID of the payer, as known to the caller and the gateway.
type AccountID string

// SubscriptionID is the ID of a subscription within its application: the product and a number, such as "call-1".
type SubscriptionID string

// OrderID is the ID of an order within its application. It is derived from the reason for the order, so deciding again,
// after a crash or on a restored backup, gives the same ID. The ID of a request's order is derived from the request's
// key; an automatic renewal's, from the subscription, the first day of the period and the number of orders placed for
// that period before; a usage order's, from the number of usage orders placed before; an automatic top-up's, from the
// product and the number of those placed before; an import's, from what is imported.
type OrderID string

// AttemptID is the key under which an order is collected through the gateway: the store's identity, the application's
// ID and the order's ID, separated by slashes. An attempt's content never changes. Attempts from before stores had an
// identity lack that part.
type AttemptID string

// LotID is the number of a lot in its application. Lots are numbered from 1 in the order in which they are granted.
type LotID int64

func attemptOf(store string, app ApplicationID, order OrderID) AttemptID {
	return AttemptID(store + "/" + string(app) + "/" + string(order))
}

// of reports whether the attempt ends with the IDs of the application and the order.
func (a AttemptID) of(app ApplicationID, order OrderID) bool {
	rest, ends := strings.CutSuffix(string(a), string(order))
	if !ends || !strings.HasSuffix(rest, "/") {
		return false
	}
	rest, ends = strings.CutSuffix(rest[:len(rest)-1], string(app))
	return ends && strings.HasSuffix(rest, "/")
}

// Parse splits an attempt into the IDs of its application and order. It fails with [ErrNotFound] if the text isn't an
// attempt.
func (a AttemptID) Parse() (ApplicationID, OrderID, error) {
	unknown := fmt.Errorf("%w: attempt %.160q", ErrNotFound, string(a))
	slash := strings.LastIndexByte(string(a), '/')
	if slash < 0 {
		return "", "", unknown
	}
	app, order := string(a[:slash]), string(a[slash+1:])
	if order != "" && (order[0] < '0' || order[0] > '9') { // old order IDs begin with a digit
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

// number assigns an order its ID, and counts it among the orders of its kind.
func (d *Draft) number(o *Order) error {
	switch {
	case o.automatic():
		e := o.Deliveries[0].Extend
		s := d.Application.subscription(e.Subscription)
		if s == nil || e.Day == 0 {
			return fmt.Errorf("%w: an automatic renewal without a subscription or a day", ErrInvalid)
		}
		o.ID = renewalID(s.ID, e.Day, s.count(e.Day))
	case o.Kind == ImportOrder && o.ID.imports():
	case o.topsUp():
		t := d.Application.autoTopUp(o.Product)
		if t == nil || o.ID != topUpID(o.Product, t.Number+1) {
			return fmt.Errorf("%w: order %s without an automatic top-up", ErrInvalid, o.ID)
		}
		t.Number++
	case o.Kind == UsageOrder:
		d.Application.Billing.Number++
		o.ID = usageID(d.Application.Billing.Number)
	default:
		o.ID = requestID(d.Application.ID, d.request)
	}
	return nil
}

// renewalID returns the ID of the nth order placed automatically for the period that begins on a day.
func renewalID(s SubscriptionID, day pricing.Date, n int) OrderID {
	var buf [sizeOfOrderID]byte
	id := append(buf[:0], "r-"...)
	id = append(appendHex(id, fnv(string(s))), '-')
	id, _ = day.AppendText(id) // it never fails
	id = append(id, '-')
	return OrderID(strconv.AppendInt(id, int64(n), 10))
}

// fnv is the 64-bit FNV-1a hash. It is enough to distinguish an application's few subscriptions.
func fnv(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func appendHex(b []byte, n uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, digits[n>>shift&15])
	}
	return b
}

// usageID returns the ID of the nth usage order.
func usageID(n int64) OrderID { return OrderID("u-" + strconv.FormatInt(n, 10)) }

// requestID returns the ID of the order that a request places.
func requestID(app ApplicationID, key string) OrderID {
	h := newDigester()
	h.text(string(app))
	h.text(key)
	sum := h.sum()
	return OrderID(hex.AppendEncode([]byte("k-"), sum[:8]))
}

// count counts another automatic order for the period that begins on a day, and returns how many there are now.
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

// checkID returns [ErrInvalid] if an identifier isn't valid. what is what errors call it, such as "order ID" or "key".
func checkID[S ~string](what string, id S) error { return badID(what, id, ident.Check(id)) }

// checkNewID is like checkID, for an identifier that isn't stored yet.
func checkNewID[S ~string](what string, id S) error { return badID(what, id, ident.CheckNew(id)) }

func badID[S ~string](what string, id S, err error) error {
	if err != nil {
		return fmt.Errorf("%w: %s %.80q %w", ErrInvalid, what, string(id), err)
	}
	return nil
}

// named returns an identifier as errors print it: unchanged, or quoted and truncated if it is long or could be
// mistaken for something else.
func named[S ~string](id S) string {
	if ident.CheckNew(id) == nil {
		return string(id)
	}
	return fmt.Sprintf("%.64q", string(id))
}
