package reconcile

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// DefaultMargin is the default of [Span.Margin].
const DefaultMargin = time.Hour

// Span is the time that a statement covers completely: From ≤ t < To. A day of the provider's is that of its zone.
type Span struct {
	From, To time.Time
	// Margin is by how much the provider's clock and ours may differ at both ends, and how long a notification may take.
	// 0 means DefaultMargin.
	//
	// Nothing is [Missing] that may stand in the statement of the time before or after. The money of an order moved
	// between its placing and the instant at which we learned of its payment; that of a refund between becoming due and
	// being made, or coming back; that of a reversal between the placing of the order and the notice. All of that and
	// the margin must lie within the span. So let spans overlap, by a day or so: what moved at midnight is within the
	// next one.
	Margin time.Duration
}

// page is how many lines are looked up at a time.
const page = 200

// Compare compares a statement with the orders and refunds of a store, and yields each difference: first what differs for
// lines of the statement, whatever their instants, then what the statement lacks, by application. It changes nothing and
// holds no lock. An older statement is compared as of then: a refund that was made and came back later was made.
//
// It remembers of each line that it was there, in less than 100 bytes however long its key is, and looks orders up 200 lines at
// a time. To find what is missing, it reads all orders of the store once, a few thousand at a time.
//
// An error ends it and comes with the zero Difference: that of the statement or the store, a [*LineError] for a line that
// isn't valid, and [subscription.ErrInvalid] for a nil store or statement, a span that is empty, or a negative margin.
func Compare(ctx context.Context, s store.Store, statement Statement, span Span) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		switch {
		case absent.Is(s) || statement == nil:
			yield(Difference{}, fmt.Errorf("%w: no store or no statement to compare", subscription.ErrInvalid))
			return
		case !span.From.Before(span.To) || span.Margin < 0:
			yield(Difference{}, fmt.Errorf("%w: a span from %s to %s with a margin of %s", subscription.ErrInvalid,
				span.From, span.To, span.Margin))
			return
		case span.Margin == 0:
			span.Margin = DefaultMargin
		}
		c := &comparison{ctx: ctx, store: s, span: span, seen: map[digest]struct{}{}, yield: yield}
		if c.lines(statement) && c.takenBack() {
			c.missing()
		}
	}
}

// comparison is one run of Compare. Its methods return false once nothing more is to be yielded.
type comparison struct {
	ctx   context.Context //nolint:containedctx // of one call
	store store.Store
	span  Span
	seen  map[digest]struct{} // movements of the statement and, of those with a reference, lines
	page  []Line
	// failed are refunds that are recorded as failed and never made, which is right if the statement has them come back.
	failed []Difference
	yield  func(Difference, error) bool
}

// digest identifies a movement or a line.
type digest [16]byte

func digestOf(parts ...string) digest {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00"))) // no key, ID or reference has a NUL byte
	return digest(sum[:16])
}

// movement identifies what a line is about: a statement has it once.
func (l *Line) movement() digest {
	if _, refund := subscription.ParseKey(l.Key); l.Kind == Charge || refund > 0 {
		return digestOf(string(l.Kind), l.Key)
	}
	kind := l.Kind
	if kind == Refund {
		kind = Reversal // providers differ in what they call a refund of their own
	}
	return digestOf(string(kind), l.Key, l.ID)
}

// saw notes a movement or a line, and reports whether it had been noted before.
func (c *comparison) saw(d digest) bool {
	_, before := c.seen[d]
	c.seen[d] = struct{}{}
	return before
}

// has reports whether the statement has the movement of a line.
func (c *comparison) has(l Line) bool {
	_, has := c.seen[l.movement()]
	return has
}

func (c *comparison) fail(err error) bool {
	c.yield(Difference{}, err)
	return false
}

// lines compares the lines of the statement.
func (c *comparison) lines(statement Statement) bool {
	n := 0
	for l, err := range statement {
		if err != nil {
			return c.fail(err)
		}
		n++
		if err := l.Validate(); err != nil {
			return c.fail(&LineError{Line: n, Err: err})
		}
		if l.Reference != "" && c.saw(digestOf("line", string(l.Kind), l.Key, l.ID, l.Amount.String(), l.At.UTC().String(), l.Reference)) {
			continue
		}
		if c.page = append(c.page, l); len(c.page) == page && !c.flush() {
			return false
		}
	}
	return c.flush()
}

// flush compares a page of lines.
func (c *comparison) flush() bool {
	var reads []subscription.Read
	at := map[subscription.ApplicationID]int{}
	of := make([]int, len(c.page)) // the read of each line; -1: its key names no order
	for i := range c.page {
		of[i] = -1
		attempt, _ := subscription.ParseKey(c.page[i].Key)
		app, order, err := attempt.Parse()
		if err != nil {
			continue
		}
		n, known := at[app]
		if !known {
			n, at[app] = len(reads), len(reads)
			reads = append(reads, subscription.Read{Application: app})
		}
		of[i] = n
		reads[n].Orders = append(reads[n].Orders, order)
		if c.page[i].Kind != Charge {
			reads[n].Refunds = append(reads[n].Refunds, order)
		}
	}
	var snapshots []subscription.Snapshot
	if len(reads) > 0 {
		var err error
		if snapshots, err = c.store.Load(c.ctx, reads...); err != nil {
			return c.fail(fmt.Errorf("reconcile: %w", err))
		}
	}
	for i, l := range c.page {
		var s *subscription.Snapshot
		if of[i] >= 0 {
			s = &snapshots[of[i]]
		}
		d := c.differs(l, s)
		switch {
		case d.Kind == "":
		case d.Kind == Different && d.Line.Kind == Refund && d.Recorded.IsZero():
			c.failed = append(c.failed, d)
		case !c.yield(d, nil):
			return false
		}
	}
	c.page = c.page[:0]
	return true
}

// takenBack yields the refunds that are recorded as failed and never made although the statement has them, unless it has them
// come back.
func (c *comparison) takenBack() bool {
	for _, d := range c.failed {
		if !c.has(Line{Kind: Reinstated, Key: d.Line.Key}) && !c.yield(d, nil) {
			return false
		}
	}
	return true
}
