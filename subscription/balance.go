package subscription

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"
)

// Balance is what had become of a lot's minutes at an instant: Granted is the sum of the others.
type Balance struct {
	Lot       LotID    `json:"lot"`
	Granted   Quantity `json:"granted"`
	Remaining Quantity `json:"remaining"`
	Reserved  Quantity `json:"reserved,omitzero"`
	Consumed  Quantity `json:"consumed,omitzero"`
	Expired   Quantity `json:"expired,omitzero"`
	Refunded  Quantity `json:"refunded,omitzero"`
}

// Balance returns where the lot stands.
func (l Lot) Balance() Balance {
	return Balance{
		Lot: l.ID, Granted: l.Granted, Remaining: l.Remaining, Reserved: l.Reserved,
		Consumed: l.Consumed, Expired: l.Expired, Refunded: l.Refunded,
	}
}

// BalanceAt replays the ledger of an application, all its entries from the first one in their order, up to
// and with an instant, and returns the balance of every lot that had been granted by then, ascending by ID.
// The lots of the application's document at that instant have the same balances, and all others nothing
// remaining and nothing reserved.
//
// Usage takes effect when it is counted, not when it was used. What time alone does, such as expiry, is in
// the ledger once it is committed, with the next change or by a worker; append the entries of [Advance] to
// those of the ledger to see it at once.
//
// It fails with the first error of the entries, and with [ErrInvariant] for entries that can't be a ledger.
func BalanceAt(entries iter.Seq2[Entry, error], at time.Time) ([]Balance, error) {
	lots := map[LotID]*Lot{}
	latest := map[LotID]time.Time{}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		// An entry takes effect no earlier than those of its lot before it, which it rests on: clocks differed once, and
		// were reset.
		if e.At.After(latest[e.Lot]) {
			latest[e.Lot] = e.At
		}
		if latest[e.Lot].After(at) {
			continue
		}
		l := lots[e.Lot]
		if l == nil {
			l = &Lot{ID: e.Lot}
			lots[e.Lot] = l
		}
		if e.Quantity <= 0 || !e.apply(l) || min(l.Remaining, l.Reserved) < 0 {
			return nil, broken(1, "lot %d: %s of %s at revision %d", e.Lot, e.Kind, e.Quantity, e.Revision)
		}
	}
	balances := make([]Balance, 0, len(lots))
	for _, l := range slices.SortedFunc(maps.Values(lots), func(a, b *Lot) int { return cmp.Compare(a.ID, b.ID) }) {
		balances = append(balances, l.Balance())
	}
	return balances, nil
}
