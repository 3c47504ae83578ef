package modeltest

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/prepaidkit/prepaid/subscription"
)

// standing is the state of a lot's minutes, in thousandths.
type standing struct{ Granted, Left, Held, Used, Expired, Refunded int64 }

func (l *lot) standing() standing {
	return standing{l.granted, l.left, l.held, l.used, l.expired, l.refunded}
}

func standingOf(b subscription.Balance) standing {
	return standing{
		int64(b.Granted), int64(b.Remaining), int64(b.Reserved), int64(b.Consumed), int64(b.Expired), int64(b.Refunded),
	}
}

// whole reports whether every minute is accounted for.
func (s standing) whole() bool {
	return s.Granted == s.Left+s.Held+s.Used+s.Expired+s.Refunded &&
		min(s.Granted, s.Left, s.Held, s.Used, s.Expired, s.Refunded) >= 0
}

// ledger is the sum of an application's entries.
type ledger struct {
	lots  map[subscription.LotID]standing
	taken map[use]int64
}

// readLedger sums entries. It fails at the first entry that moves minutes that don't exist.
func readLedger(entries iter.Seq2[subscription.Entry, error]) (ledger, error) {
	l := ledger{map[subscription.LotID]standing{}, map[use]int64{}}
	for e, err := range entries {
		if err != nil {
			return l, err
		}
		s, q := l.lots[e.Lot], int64(e.Quantity)
		switch e.Kind {
		case subscription.EntryGranted, subscription.EntryLent:
			s.Granted, s.Left = s.Granted+q, s.Left+q
		case subscription.EntryConsumed:
			s.Left, s.Used = s.Left-q, s.Used+q
			if e.Usage == "" {
				break // it repays an overdraft
			}
			l.taken[use{int(e.Lot) - 1, e.Product, e.Usage, e.Day.String()}] += q
		case subscription.EntryReserved:
			s.Left, s.Held = s.Left-q, s.Held+q
		case subscription.EntryReleased:
			s.Left, s.Held = s.Left+q, s.Held-q
		case subscription.EntryExpired:
			s.Left, s.Expired = s.Left-q, s.Expired+q
		case subscription.EntryRefunded:
			s.Left, s.Refunded = s.Left-q, s.Refunded+q
		case subscription.EntryReinstated:
			s.Left, s.Refunded = s.Left+q, s.Refunded-q
		case subscription.EntryRepaid:
			s.Left, s.Used = s.Left+q, s.Used-q
		default:
			return l, fmt.Errorf("unknown entry kind %q", e.Kind)
		}
		if l.lots[e.Lot] = s; q <= 0 || !s.whole() {
			return l, fmt.Errorf("entry %d.%d, %d %s of lot %d, leaves it at %+v", e.Revision, e.Index, q, e.Kind, e.Lot, s)
		}
	}
	return l, nil
}

// agrees compares the ledger with the stored document: the lots of the document are the sums of their entries, and all
// other lots are empty.
func (l ledger) agrees(a subscription.Application) error {
	open := map[subscription.LotID]bool{}
	for _, lot := range a.Lots {
		open[lot.ID] = true
		if got := standingOf(lot.Balance()); got != l.lots[lot.ID] || !got.whole() {
			return fmt.Errorf("lot %d of the document is %+v, but its entries sum to %+v", lot.ID, got, l.lots[lot.ID])
		}
	}
	for id, s := range l.lots {
		if !open[id] && (s.Left != 0 || s.Held != 0) {
			return fmt.Errorf("lot %d is gone but has %+v", id, s)
		}
	}
	return nil
}

// history compares all lots that ever existed, and the balances at every moment of the test, with the ledger.
func (m *machine) history(t *rapid.T) {
	for _, w := range m.worlds {
		for i, then := range m.past {
			if i+1 < len(m.past) && m.past[i+1].at.Equal(then.at) {
				continue // for each instant, only the last state counts
			}
			if err := m.then(w, then.at, then.lots); err != nil {
				t.Fatalf("%s, at %s: %v", w.name, then.at, err)
			}
		}
	}
}

func (m *machine) then(w *world, at time.Time, want []lot) error {
	balances, err := subscription.BalanceAt(w.store.Entries(m.ctx, m.app), at)
	if err != nil {
		return err
	}
	got := make([]standing, 0, len(balances))
	for _, b := range balances {
		got = append(got, standingOf(b))
	}
	lots := make([]standing, 0, len(want))
	for i := range want {
		lots = append(lots, want[i].standing())
	}
	if !slices.Equal(got, lots) {
		return fmt.Errorf("balances %+v, the model had %+v", got, lots)
	}
	return nil
}
