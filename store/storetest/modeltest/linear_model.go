package modeltest

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/anishathalye/porcupine"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// gauge is the state of an application as concurrent callers see it: the remaining minutes, today's usage of each kind,
// the counted records, and the reservations. It is comparable with ==.
type gauge struct {
	left    int64
	seconds [2]int64 // by kind
	seen    [records]record
	held    [holds]held
}

// record is the usage counted under an ID; zero seconds mean none.
type record struct {
	kind    int
	seconds int64
}

// held is a reservation, if it is open.
type held struct {
	open     bool
	kind     int
	quantity int64
}

// weights returns the weights of the kinds, in thousandths.
func weights() [2]int64 { return [2]int64{1000, 4000} }

// meter is the sequential specification: a package of 60 minutes, and packs of 20 and 30.
func meter() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return gauge{left: 110 * minute} },
		Step: func(state, input, output any) (bool, any) {
			next, want := state.(gauge).step(input.(request))
			return reflect.DeepEqual(want, output.(answer)), next
		},
	}
}

// step returns the state after a request, and the answer.
func (g gauge) step(in request) (gauge, answer) {
	switch {
	case in.use != nil:
		out := answer{}
		for _, u := range in.use {
			var o outcome
			g, o = g.count(u, false)
			out.records = append(out.records, o)
		}
		return g, out
	case in.reserve != nil:
		next, o := g.reserve(*in.reserve)
		return next, answer{outcome: o}
	case in.release != nil:
		next, o := g.release(*in.release)
		return next, answer{outcome: o}
	}
	return g, answer{left: g.left}
}

func kindOf(kind pricing.UsageKindID) int { return slices.Index(kinds(), kind) }

func number(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// count counts a record. What a release says was used takes what is left, if it doesn't fit.
func (g gauge) count(u subscription.Usage, released bool) (gauge, outcome) {
	id, k := number(u.ID), kindOf(u.Kind)
	switch g.seen[id] {
	case record{}:
	case record{k, u.Seconds}:
		return g, outcome{Known: true}
	default:
		return g, outcome{Refused: "reused"}
	}
	minutes := roundedUp(g.seconds[k]+u.Seconds) - roundedUp(g.seconds[k])
	take := minutes * weights()[k]
	forgiven := max(0, take-g.left)
	if forgiven > 0 && !released {
		return g, outcome{Refused: "exhausted", Short: forgiven}
	}
	take -= forgiven
	g.seen[id] = record{k, u.Seconds}
	g.seconds[k] += u.Seconds
	g.left -= take
	return g, outcome{Counted: true, Deducted: take, Forgiven: forgiven}
}

func (g gauge) reserve(c subscription.Reserve) (gauge, outcome) {
	id, k := number(c.ID), kindOf(c.Usage)
	h := &g.held[id]
	take := c.Minutes * weights()[k]
	switch {
	case h.open && h.kind != k, !h.open && c.Minutes == 0:
		return g, outcome{Refused: "invalid"}
	case take > g.left:
		return g, outcome{Refused: "exhausted", Short: take - g.left}
	}
	*h = held{true, k, h.quantity + take}
	g.left -= take
	return g, outcome{}
}

// release counts what was used in any case.
func (g gauge) release(c subscription.Release) (gauge, outcome) {
	h := &g.held[number(c.ID)]
	before, done := g, h.open
	g.left += h.quantity
	*h = held{}
	if c.Used != nil {
		next, o := g.count(*c.Used, true)
		if o.Refused != "" {
			return before, o
		}
		g, done = next, done || o.Counted
	}
	if !done {
		return before, outcome{Refused: "not found"}
	}
	return g, outcome{}
}
