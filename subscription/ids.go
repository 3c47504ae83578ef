package subscription

import (
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/internal/ident"
)

// ApplicationID names an application, as the caller chose it.
type ApplicationID string

// AccountID names the payer, as the caller and the gateway know it.
type AccountID string

// SubscriptionID names a subscription within its application: the product and a number, "call-1".
type SubscriptionID string

// OrderID names an order within its application. It is derived from the revision that placed the
// order and a digest of its content, so that deciding again after a crash gives the same one, and a
// restored backup, which repeats revisions, doesn't give another order's.
type OrderID string

// AttemptID is the key under which an order is collected through the gateway: the application's ID, a
// slash and the order's. One attempt, one content, for ever.
type AttemptID string

// LotID numbers the lots of an application, from 1, in the order of their grant.
type LotID int64

func attemptOf(app ApplicationID, order OrderID) AttemptID {
	return AttemptID(string(app) + "/" + string(order))
}

// Parse splits an attempt into the application and the order it belongs to. It fails with
// [ErrNotFound] for a text that is no attempt's.
func (a AttemptID) Parse() (ApplicationID, OrderID, error) {
	slash := strings.LastIndexByte(string(a), '/')
	if slash < 1 || slash == len(a)-1 || ident.Check(string(a[:slash])) != nil || ident.Check(string(a[slash+1:])) != nil {
		return "", "", fmt.Errorf("%w: attempt %.160q", ErrNotFound, string(a))
	}
	return ApplicationID(a[:slash]), OrderID(a[slash+1:]), nil
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
