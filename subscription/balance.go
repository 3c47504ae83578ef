package subscription

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"
)

// Balance is the state of a lot's minutes at an instant, the sum of its entries. Granted is the sum of the other
// quantities.
type Balance struct {
	Lot       LotID    `json:"lot"`
	Granted   Quantity `json:"granted"`
	Remaining Quantity `json:"remaining"`
	Reserved  Quantity `json:"reserved,omitzero"`
	Consumed  Quantity `json:"consumed,omitzero"`
	Expired   Quantity `json:"expired,omitzero"`
	Refunded  Quantity `json:"refunded,omitzero"`
	// Overdraft reports whether the lot is an overdraft: its minutes belong in no sum of minutes, and what was consumed is
	// owed.
	Overdraft bool `json:"overdraft,omitzero"`
}

// Balance returns the lot's balance. Nothing of a lot that is in a document has expired.
func (l Lot) Balance() Balance {
	return Balance{
		Lot: l.ID, Granted: l.Granted, Remaining: l.Remaining, Reserved: l.Reserved, Consumed: l.Consumed, Refunded: l.Refunded,
		Overdraft: l.Source == FromOverdraft,
	}
}

// BalanceAt replays an application's ledger up to and including an instant, and returns the balance of every lot
// granted by then, in ascending order of ID. entries must be all of the ledger's entries, in order, starting with the
// first. The lots in the application's document at that instant have the same balances; all other lots have nothing
// remaining and nothing reserved.
//
// Usage takes effect when it is counted, not when it occurred. Changes caused by time alone, such as expiry, reach
// the ledger when they are committed, with the next change or by a worker. To see them immediately, append the
// entries of [Advance] to the ledger's.
//
// It fails with the first error of the entries, and with [ErrInvariant] for entries that can't be a ledger.
func BalanceAt(entries iter.Seq2[Entry, error], at time.Time) ([]Balance, error) {
	lots := map[LotID]*Balance{}
	latest := map[LotID]time.Time{}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		// An entry takes effect no earlier than the preceding entries of its lot, which it depends on: in the past, clocks
		// differed and were reset.
		if e.At.After(latest[e.Lot]) {
			latest[e.Lot] = e.At
		}
		if latest[e.Lot].After(at) {
			continue
		}
		b := lots[e.Lot]
		if b == nil {
			b = &Balance{Lot: e.Lot}
			lots[e.Lot] = b
		}
		if err := b.move(&e); err != nil {
			return nil, fmt.Errorf("%w, at revision %d", err, e.Revision)
		}
	}
	balances := make([]Balance, 0, len(lots))
	for _, b := range slices.SortedFunc(maps.Values(lots), func(a, b *Balance) int { return cmp.Compare(a.Lot, b.Lot) }) {
		balances = append(balances, *b)
	}
	return balances, nil
}

// After returns the balance after an entry of its lot. It fails with [ErrInvariant] for an entry that can't follow: it
// moves nothing, or more than there is to move.
func (b Balance) After(e Entry) (Balance, error) {
	err := b.move(&e)
	return b, err
}

func (b *Balance) move(e *Entry) error {
	if e.Lot != b.Lot || e.Quantity <= 0 || !e.apply(b) {
		return broken(1, "lot %d: %s of %s", b.Lot, e.Kind, e.Quantity)
	}
	if !b.adds() {
		return b.broken()
	}
	return nil
}

// adds reports whether the parts add up to what was granted, and none is negative.
func (b *Balance) adds() bool {
	return min(b.Granted, b.Remaining, b.Reserved, b.Consumed, b.Expired, b.Refunded) >= 0 &&
		b.Granted == b.Remaining+b.Reserved+b.Consumed+b.Expired+b.Refunded
}

func (b *Balance) broken() error {
	return broken(1, "lot %d: granted %s, remaining %s, reserved %s, consumed %s, expired %s, refunded %s",
		b.Lot, b.Granted, b.Remaining, b.Reserved, b.Consumed, b.Expired, b.Refunded)
}
