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

// of reports whether the attempt ends with the application's and the order's ID.
func (a AttemptID) of(app ApplicationID, order OrderID) bool {
	rest, ends := strings.CutSuffix(string(a), string(order))
	if !ends || !strings.HasSuffix(rest, "/") {
		return false
	}
	rest, ends = strings.CutSuffix(rest[:len(rest)-1], string(app))
	return ends && strings.HasSuffix(rest, "/")
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
	if order != "" && (order[0] < '0' || order[0] > '9') { // a digit is what those of before began with
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

// number counts an order among those of its kind, and gives it its ID.
func (d *Draft) number(o *Order) error {
	switch {
	case o.automatic():
		e := o.Deliveries[0].Extend
		s := d.Application.subscription(e.Subscription)
		if s == nil || e.Day == 0 {
			return fmt.Errorf("%w: an automatic renewal of no subscription, or of a period without a day", ErrInvalid)
		}
		o.ID = renewalID(s.ID, e.Day, s.count(e.Day))
	case o.Kind == UsageOrder:
		d.Application.Billing.Number++
		o.ID = usageID(d.Application.Billing.Number)
	default:
		o.ID = requestID(d.Application.ID, d.request)
	}
	return nil
}

// renewalID returns the ID of the order that is the nth to be placed automatically for the period that begins on a day.
func renewalID(s SubscriptionID, day pricing.Date, n int) OrderID {
	var buf [sizeOfOrderID]byte
	id := append(buf[:0], "r-"...)
	id = append(appendHex(id, fnv(string(s))), '-')
	id, _ = day.AppendText(id) // it never fails
	id = append(id, '-')
	return OrderID(strconv.AppendInt(id, int64(n), 10))
}

// fnv is the 64-bit FNV-1a hash, which tells an application's few subscriptions apart.
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

// usageID returns the ID of the nth order of usage.
func usageID(n int64) OrderID { return OrderID("u-" + strconv.FormatInt(n, 10)) }

// requestID returns the ID of what a request orders.
func requestID(app ApplicationID, key string) OrderID {
	h := newDigester()
	h.text(string(app))
	h.text(key)
	sum := h.sum()
	return OrderID(hex.AppendEncode([]byte("k-"), sum[:8]))
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
func checkID[S ~string](kind string, id S) error { return badID(kind, id, ident.Check(id)) }

// checkNewID is checkID for one that isn't stored yet.
func checkNewID[S ~string](kind string, id S) error { return badID(kind, id, ident.CheckNew(id)) }

func badID[S ~string](kind string, id S, err error) error {
	if err != nil {
		return fmt.Errorf("%w: %s ID %.80q %w", ErrInvalid, kind, string(id), err)
	}
	return nil
}

// named returns an identifier as errors print it: as it is, or, where it could be taken for something else or is long,
// quoted and cut.
func named[S ~string](id S) string {
	if ident.CheckNew(id) == nil {
		return string(id)
	}
	return fmt.Sprintf("%.64q", string(id))
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
