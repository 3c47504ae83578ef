package journal

import (
	"container/heap"
	"context"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// keeper keeps the books of one application. It goes through everything that happened in the order of time, and knows at each
// instant no more than was recorded by then.
type keeper struct {
	app      subscription.ApplicationID
	from, to time.Time
	yield    func(Posting, error) bool
	stopped  bool

	now     time.Time // the instant whose postings are in out
	out     []Posting
	touched []*account // with something to be settled at the end of the instant
	err     error      // the first error of an amount

	agenda  agenda
	planned int // number of moments so far
	orders  map[subscription.OrderID]*account
	cycles  map[subscription.SubscriptionID][]*service
	lots    map[subscription.LotID]*service
	zones   map[string]pricing.Zone
}

// rank orders what happens at one instant.
type rank int

const (
	collected rank = iota // before it was paid
	paid
	day   // another day of a service without minutes begins
	entry // of the minutes ledger; they aren't on the agenda
	refund
	lost // a service can't begin any more
)

// moment is one thing that happens.
type moment struct {
	at   time.Time
	rank rank
	seq  int
	do   func() error
}

// agenda is a heap of moments.
type agenda []moment

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool {
	switch x, y := &a[i], &a[j]; {
	case !x.at.Equal(y.at):
		return x.at.Before(y.at)
	case x.rank != y.rank:
		return x.rank < y.rank
	default:
		return x.seq < y.seq
	}
}

func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push implements [heap.Interface].
func (a *agenda) Push(m any) { *a = append(*a, m.(moment)) } //nolint:forcetypeassert // plan pushes nothing else

// Pop implements [heap.Interface].
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// plan puts something on the agenda.
func (k *keeper) plan(at time.Time, r rank, do func() error) {
	if at.Before(k.to) {
		k.planned++
		heap.Push(&k.agenda, moment{at, r, k.planned, do})
	}
}

// run yields the postings of the span.
func (k *keeper) run(ctx context.Context, b Source) error {
	k.orders = map[subscription.OrderID]*account{}
	k.cycles = map[subscription.SubscriptionID][]*service{}
	k.lots = map[subscription.LotID]*service{}
	if err := k.read(ctx, b); err != nil {
		return err
	}
	next, stop := iter.Pull2(b.Entries(ctx, k.app))
	defer stop()
	var e subscription.Entry
	var at time.Time
	more := true
	read := func() (err error) {
		if e, err, more = next(); more && err == nil {
			at = later(at, recorded(&e))
			more = at.Before(k.to)
		}
		return err
	}
	if err := read(); err != nil {
		return err
	}
	for more || len(k.agenda) > 0 {
		var err error
		if len(k.agenda) > 0 && (!more || k.agenda[0].before(at)) {
			m, _ := heap.Pop(&k.agenda).(moment)
			if err = k.turn(m.at); err == nil {
				err = m.do()
			}
		} else if err = k.turn(at); err == nil {
			k.move(&e)
			err = read()
		}
		if err != nil || k.stopped {
			return err
		}
	}
	return k.turn(k.to)
}

// before reports whether the moment comes before an entry of the ledger at an instant.
func (m *moment) before(at time.Time) bool {
	return m.at.Before(at) || m.at.Equal(at) && m.rank < entry
}

// recorded returns when an entry became known.
func recorded(e *subscription.Entry) time.Time { return later(e.At, e.RecordedAt) }

func later(t, u time.Time) time.Time {
	if u.After(t) {
		return u
	}
	return t
}

// turn ends an instant, if another one has come, and yields its postings.
func (k *keeper) turn(at time.Time) error {
	if k.now.Equal(at) {
		return nil
	}
	for _, a := range k.touched {
		k.settle(a)
	}
	k.touched = k.touched[:0]
	if k.err != nil {
		return k.err
	}
	for i := range k.out {
		if p := &k.out[i]; !p.At.Before(k.from) && !k.yield(*p, nil) {
			k.stopped = true
			return nil
		}
	}
	k.out, k.now = k.out[:0], at
	return nil
}

// post posts an amount, and nothing if it is zero.
func (k *keeper) post(ref string, debit, credit Ledger, amount pricing.Money) {
	if amount.Sign() < 0 {
		debit, credit, amount = credit, debit, k.sub(pricing.Money{}, amount)
	}
	if amount.Sign() > 0 {
		k.out = append(k.out, Posting{
			At: k.now.UTC(), Application: k.app, Ref: ref, Debit: debit, Credit: credit, Amount: amount,
		})
	}
}

// keep keeps the first error of an amount, which ends the journal with the instant. In the arithmetic that follows, the
// zero Money is nothing, of any currency.
func (k *keeper) keep(err error) {
	if k.err == nil {
		k.err = err
	}
}

func (k *keeper) add(m, n pricing.Money) pricing.Money {
	switch {
	case m.IsZero():
		return n
	case n.IsZero():
		return m
	}
	sum, err := m.Add(n)
	k.keep(err)
	return sum
}

func (k *keeper) sub(m, n pricing.Money) pricing.Money {
	if n.IsZero() || n.Sign() == 0 && !m.IsZero() { // nothing, perhaps of another currency
		return m
	}
	if m.IsZero() {
		m = none(n)
	}
	rest, err := m.Sub(n)
	k.keep(err)
	return rest
}

// share returns the part of an amount that some units are of all units.
func (k *keeper) share(m pricing.Money, part, whole int64) pricing.Money {
	if part >= whole || m.Sign() == 0 {
		return m
	}
	s, err := m.Share(part, whole, pricing.HalfUp)
	k.keep(err)
	return s
}

// split splits an amount in proportion to weights, which may all be zero.
func (k *keeper) split(m pricing.Money, weights []int64) []pricing.Money {
	if len(weights) == 0 {
		return nil
	}
	all := true
	for _, w := range weights {
		all = all && w == 0
	}
	if all {
		weights = make([]int64, len(weights))
		for i := range weights {
			weights[i] = 1
		}
	}
	parts, err := m.Allocate(weights...)
	k.keep(err)
	if err != nil {
		return make([]pricing.Money, len(weights))
	}
	return parts
}

// least returns the lesser of two amounts, or nothing if one of them isn't positive or is of another currency.
func least(m, n pricing.Money) pricing.Money {
	if m.Currency() != n.Currency() || m.Sign() <= 0 || n.Sign() <= 0 {
		return none(m)
	}
	if m.Minor() < n.Minor() {
		return m
	}
	return n
}

// none returns nothing, in the currency of an amount.
func none(m pricing.Money) pricing.Money {
	zero, err := m.Sub(m)
	if err != nil {
		return pricing.Money{}
	}
	return zero
}
