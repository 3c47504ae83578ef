package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// An order near midnight may be in the statement of the other day: it isn't missing in either, and in a span that covers
// both it is. What a margin is measured at is the time between placing and payment, so an order that was paid days after it was
// placed is missing only in a statement of all those days.
// Rule: statement-has-a-margin.
func TestMidnight(t *testing.T) {
	at := func(text string) time.Time { return testworld.Instant(t, text) }
	for _, tt := range []struct {
		name         string
		placed, paid string
		from, to     string
		margin       time.Duration
		missing      bool
	}{
		{"at noon", "2026-03-10T12:00:00Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 0, true},
		{"another day", "2026-03-12T12:00:00Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 0, false},
		{"a second before midnight", "2026-03-10T23:59:59Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 0, false},
		{"the same, in the next day", "2026-03-10T23:59:59Z", "", "2026-03-11T00:00:00Z", "2026-03-12T00:00:00Z", 0, false},
		{"the same, in both days", "2026-03-10T23:59:59Z", "", "2026-03-10T00:00:00Z", "2026-03-12T00:00:00Z", 0, true},
		{"an hour before midnight", "2026-03-10T23:00:00Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 0, false},
		{"a second more", "2026-03-10T22:59:59Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 0, true},
		{"an hour after midnight", "2026-03-10T01:00:00Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 0, true},
		{"a second less", "2026-03-10T00:59:59Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 0, false},
		{"a smaller margin", "2026-03-10T23:59:00Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", time.Second, true},
		{"a larger margin", "2026-03-10T20:00:00Z", "", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 5 * time.Hour, false},
		{"a day of another zone", "2026-03-10T18:00:00Z", "", "2026-03-10T00:00:00+08:00", "2026-03-11T00:00:00+08:00", 0, false},
		{"paid days later", "2026-03-10T12:00:00Z", "2026-03-13T12:00:00Z", "2026-03-13T00:00:00Z", "2026-03-14T00:00:00Z", 0, false},
		{"paid days later, in all of them", "2026-03-10T12:00:00Z", "2026-03-13T12:00:00Z", "2026-03-10T00:00:00Z",
			"2026-03-14T00:00:00Z", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			s.now = at(tt.placed)
			if tt.paid != "" {
				s.unanswered()
			}
			o := s.buy()
			if tt.paid != "" {
				s.now = at(tt.paid)
				s.settle(string(o.Attempt), payment.Result{Status: payment.Succeeded, Amount: o.Amount})
			}
			span := reconcile.Span{From: at(tt.from), To: at(tt.to), Margin: tt.margin}
			want := []string{}
			if tt.missing {
				want = []string{"missing charge 199.00 USD, paid"}
			}
			if diff := cmp.Diff(want, told(s.compare(span))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			line := s.line(reconcile.Charge, o, "", "199.00 USD")
			if diff := cmp.Diff([]string{}, told(s.compare(span, line))); diff != "" {
				t.Errorf("with its line (-want +got):\n%s", diff)
			}
		})
	}
}

// A month is compared as of then, whatever became of its money later: a refund that came back was made, and money that went
// back, or paid for an order in the end, was collected when that was recorded.
// Rule: statement-of-an-old-month.
func TestOldMonth(t *testing.T) {
	at := func(text string) time.Time { return testworld.Instant(t, text) }
	since := func(months int) reconcile.Span {
		return reconcile.Span{From: march().From, To: march().From.AddDate(0, months, 0)}
	}
	late := func(s *shop) subscription.Order {
		s.unanswered()
		o := s.buy()
		s.must(o, subscription.Cancel{Order: o.ID})
		s.now = at("2026-03-12T10:00:00Z")
		s.settle(string(o.Attempt), payment.Result{Status: payment.Succeeded, Amount: o.Amount})
		return o
	}
	const refund, charge = "missing refund", "missing charge"
	for _, tt := range []struct {
		name  string
		live  func(s *shop) subscription.Order
		lines func(s *shop, o subscription.Order) []reconcile.Line // of March
		want  []string                                             // of March; the lines lack nothing
		// What an empty statement of March lacks, and when that was recorded, and one until the end of June.
		march, june map[string]string
	}{
		{"a refund that came back in May", func(s *shop) subscription.Order {
			o := s.buy()
			s.now = at("2026-03-11T10:00:00Z")
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			s.now = at("2026-05-05T10:00:00Z")
			s.settle(string(o.Attempt)+"/refund", payment.Result{Status: payment.Declined, Reason: payment.Other})
			return o
		}, func(s *shop, o subscription.Order) []reconcile.Line {
			return []reconcile.Line{s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "40.00 USD")}
		}, nil,
			map[string]string{charge: "2026-03-10", refund: "2026-03-11"},
			map[string]string{charge: "2026-03-10", refund: "2026-03-11", "missing reinstated": "2026-05-05"}},
		{"the same, of another amount", func(s *shop) subscription.Order {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			s.now = at("2026-05-05T10:00:00Z")
			s.settle(string(o.Attempt)+"/refund", payment.Result{Status: payment.Declined, Reason: payment.Other})
			return o
		}, func(s *shop, o subscription.Order) []reconcile.Line {
			return []reconcile.Line{s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "41.00 USD")}
		}, []string{"different refund 41.00 USD for 40.00 USD, paid"},
			map[string]string{charge: "2026-03-10", refund: "2026-03-10"},
			map[string]string{charge: "2026-03-10", refund: "2026-03-10", "missing reinstated": "2026-05-05"}},
		{"late money whose refund failed and was repeated in June", func(s *shop) subscription.Order {
			s.gateway.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
				return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Other}, nil
			}
			o := late(s)
			s.gateway.OnRefund = nil
			s.now = at("2026-06-20T10:00:00Z")
			s.must(o, subscription.RefundOrder{Order: o.ID})
			return o
		}, func(s *shop, o subscription.Order) []reconcile.Line {
			return []reconcile.Line{s.line(reconcile.Charge, o, "", "199.00 USD")}
		}, nil, map[string]string{charge: "2026-03-12"}, map[string]string{charge: "2026-03-12", refund: "2026-06-20"}},
		{"another amount, which a person accepted in May", func(s *shop) subscription.Order {
			s.unanswered()
			o := s.buy()
			s.settle(string(o.Attempt), payment.Result{Status: payment.Succeeded, Amount: testworld.Money(s, "198.00 USD")})
			s.now = at("2026-05-05T10:00:00Z")
			s.must(o, subscription.CloseReview{Order: o.ID, Deliver: true})
			return o
		}, func(s *shop, o subscription.Order) []reconcile.Line {
			return []reconcile.Line{s.line(reconcile.Charge, o, "", "198.00 USD")}
		}, nil, map[string]string{charge: "2026-03-10"}, map[string]string{charge: "2026-03-10"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			o := tt.live(s)
			if diff := cmp.Diff(append([]string{}, tt.want...), told(s.compare(march(), tt.lines(s, o)...))); diff != "" {
				t.Errorf("March (-want +got):\n%s", diff)
			}
			for months, want := range map[int]map[string]string{1: tt.march, 4: tt.june} {
				got := map[string]string{}
				for _, d := range s.compare(since(months)) {
					got[fmt.Sprintf("%s %s", d.Kind, d.Line.Kind)] = d.Line.At.Format(time.DateOnly)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("an empty statement of %d months (-want +got):\n%s", months, diff)
				}
			}
		})
	}
}

// unknown is a store that doesn't know when money was collected, as before that was recorded.
type unknown struct{ store.Store }

func (u unknown) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return func(yield func(subscription.Order, error) bool) {
		for o, err := range u.Store.Orders(ctx, app) {
			if o.CollectedAt = (time.Time{}); !yield(o, err) {
				return
			}
		}
	}
}

// Late money of which it wasn't recorded when it was collected was so when its first refund was asked for.
// Rule: statement-of-an-old-month.
func TestLateMoneyOfUnknownTime(t *testing.T) {
	s := newShop(t)
	s.unanswered()
	s.gateway.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Other}, nil
	}
	o := s.buy()
	s.must(o, subscription.Cancel{Order: o.ID})
	s.now = testworld.Instant(t, "2026-03-12T10:00:00Z")
	s.settle(string(o.Attempt), payment.Result{Status: payment.Succeeded, Amount: o.Amount})
	s.gateway.OnRefund = nil
	s.now = testworld.Instant(t, "2026-06-20T10:00:00Z")
	s.must(o, subscription.RefundOrder{Order: o.ID})
	var at []string
	for d, err := range reconcile.Compare(t.Context(), unknown{s.store}, of(), march()) {
		s.ok(err)
		at = append(at, fmt.Sprint(d.Kind, " ", d.Line.Kind, " ", d.Line.At.Format(time.DateOnly)))
	}
	if diff := cmp.Diff([]string{"missing charge 2026-03-12"}, at); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Statements of more lines than are looked up at a time, in any order, are compared completely: each tampered line yields
// its difference, and the others none.
// Rule: statement-finds-differences.
func TestManyLines(t *testing.T) {
	s := newShop(t)
	const n = 450
	var all []reconcile.Line
	for range n {
		all = append(all, s.line(reconcile.Charge, s.buy(), "", "199.00 USD"))
	}
	for i, j := 0, n-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	check := func(want ...string) {
		t.Helper()
		var halves [2]reconcile.Statement
		halves[0], halves[1] = of(all[:n/2]...), of(all[n/2:]...)
		var got []reconcile.Difference
		for d, err := range reconcile.Compare(t.Context(), s.store, reconcile.Join(halves[:]...), march()) {
			s.ok(err)
			got = append(got, d)
		}
		if diff := cmp.Diff(append([]string{}, want...), told(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	check()
	for _, at := range []int{0, 199, 200, 399, 400, n - 1} {
		was := all[at]
		all[at].Amount = testworld.Money(t, "199.01 USD")
		check("different charge 199.01 USD for 199.00 USD, paid")
		all[at] = was
		all[at].Key += "0"
		check("missing charge 199.00 USD, paid", "unknown charge 199.00 USD")
		all[at] = all[(at+7)%n]
		check("missing charge 199.00 USD, paid", "twice charge 199.00 USD, paid")
		all[at] = was
	}
}

// Of a key that isn't one of the store's orders, nothing is known: it may be another store's that shares the gateway. Apply
// then fails, and writes nothing.
// Rule: keys-begin-with-the-store.
func TestForeignKeys(t *testing.T) {
	s := newShop(t)
	o := s.buy()
	own := string(o.Attempt)
	_, rest, _ := strings.Cut(own, "/")
	foreign := "0000000000000000/" + rest
	for _, key := range []string{foreign, "invoice 17", own + "/x", "a/b"} {
		l := s.line(reconcile.Charge, o, "", "1.00 USD")
		l.Key = key
		found := s.compare(march(), s.line(reconcile.Charge, o, "", "199.00 USD"), l)
		if len(found) != 1 || found[0].Kind != reconcile.Unknown || found[0].Application != "" {
			t.Fatalf("%q: %v", key, found)
		}
		if _, err := reconcile.Apply(t.Context(), s.Service, found[0]); !errors.Is(err, subscription.ErrNotFound) {
			t.Errorf("%q: %v", key, err)
		}
	}
	if got := s.state(o); got != "paid" {
		t.Error(got)
	}
}

// What can't be compared is an error with a code, and ends the comparison.
// Rule: statement-finds-differences.
func TestWhatCantBeCompared(t *testing.T) {
	s := newShop(t)
	o := s.buy()
	good := s.line(reconcile.Charge, o, "", "199.00 USD")
	edit := func(f func(l *reconcile.Line)) reconcile.Statement {
		l := good
		f(&l)
		return of(good, l)
	}
	long := strings.Repeat("x", 257)
	for name, tt := range map[string]struct {
		statement reconcile.Statement
		span      reconcile.Span
		code      subscription.Code
	}{
		"no statement":                 {nil, march(), "invalid"},
		"an empty span":                {of(good), reconcile.Span{From: s.now, To: s.now}, "invalid"},
		"a negative margin":            {of(good), reconcile.Span{From: s.now, To: s.now.Add(1), Margin: -1}, "invalid"},
		"no kind":                      {edit(func(l *reconcile.Line) { l.Kind = "" }), march(), "statement"},
		"another kind":                 {edit(func(l *reconcile.Line) { l.Kind = "fee" }), march(), "statement"},
		"no key":                       {edit(func(l *reconcile.Line) { l.Key = "" }), march(), "statement"},
		"a long key":                   {edit(func(l *reconcile.Line) { l.Key = long }), march(), "statement"},
		"no amount":                    {edit(func(l *reconcile.Line) { l.Amount = pricing.Money{} }), march(), "statement"},
		"a negative amount":            {edit(func(l *reconcile.Line) { l.Amount = testworld.Money(t, "-1.00 USD") }), march(), "statement"},
		"a reversal, no ID":            {edit(func(l *reconcile.Line) { l.Kind = reconcile.Reversal }), march(), "statement"},
		"a refund, no ID":              {edit(func(l *reconcile.Line) { l.Kind = reconcile.Refund }), march(), "statement"},
		"a charge of a refund":         {edit(func(l *reconcile.Line) { l.Key += "/refund" }), march(), "statement"},
		"a long ID":                    {edit(func(l *reconcile.Line) { l.ID = long }), march(), "statement"},
		"a long reference":             {edit(func(l *reconcile.Line) { l.Reference = strings.Repeat("x", 1025) }), march(), "statement"},
		"a reference that isn't UTF-8": {edit(func(l *reconcile.Line) { l.Reference = "\xff" }), march(), "statement"},
		"a reference with NUL":         {edit(func(l *reconcile.Line) { l.Reference = "a\x00b" }), march(), "statement"},
		"an ID with NUL":               {edit(func(l *reconcile.Line) { l.ID = "a\x00b" }), march(), "statement"},
		"its own error": {func(yield func(reconcile.Line, error) bool) { yield(reconcile.Line{}, errNoAnswer) }, march(),
			"internal"},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			n := 0
			for d, err := range reconcile.Compare(t.Context(), s.store, tt.statement, tt.span) {
				n++
				if last = err; err != nil && d != (reconcile.Difference{}) {
					t.Errorf("an error with %v", d)
				}
			}
			if subscription.CodeOf(last) != tt.code || n != 1 {
				t.Errorf("%d results, the last one %v, want code %s", n, last, tt.code)
			}
			wrong := new(reconcile.LineError)
			if tt.code == "statement" && (!errors.As(last, &wrong) || wrong.Line != 2 || !errors.Is(last, subscription.ErrInvalid)) {
				t.Errorf("%v", last)
			}
		})
	}
	for d, err := range reconcile.Compare(t.Context(), nil, of(good), march()) {
		if !errors.Is(err, subscription.ErrInvalid) {
			t.Error(d, err)
		}
	}
	for _, d := range []reconcile.Difference{{}, {Kind: reconcile.Late}, {Kind: "odd", Line: good}} {
		if _, err := reconcile.Apply(t.Context(), s.Service, d); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%v: %v", d, err)
		}
	}
	if _, err := reconcile.Apply(t.Context(), nil, reconcile.Difference{}); !errors.Is(err, subscription.ErrInvalid) {
		t.Error(err)
	}
}

// Whatever a line's reference is, its difference is recorded for a person, and each of its differences by itself.
// Rule: difference-is-applied-once.
func TestOddReferences(t *testing.T) {
	s := newShop(t)
	o := s.buy()
	var all []reconcile.Line
	for _, end := range []string{"a", "b"} {
		l := s.line(reconcile.Charge, o, "", "1.00 USD")
		l.Reference = strings.Repeat("\U000e0001", 255) + end
		all = append(all, l)
	}
	found := s.compare(march(), all...)
	if diff := cmp.Diff([]string{"different charge 1.00 USD for 199.00 USD, paid", "twice charge 1.00 USD, paid"}, told(found)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	found = append(found, found...)
	found[1].Kind = reconcile.Different // so that the ends of the references alone differ
	found[1].Recorded = found[0].Recorded
	for _, d := range found {
		_, err := reconcile.Apply(t.Context(), s.Service, d)
		s.ok(err)
	}
	if got := s.state(o); got != "paid, 3 for a person" {
		t.Error(got)
	}
}

// A loop may end at any difference.
// Rule: statement-finds-differences.
func TestCompareEndsEarly(t *testing.T) {
	s := newShop(t)
	var all []reconcile.Line
	for range 3 {
		o := s.buy()
		all = append(all, s.line(reconcile.Charge, o, "", "1.00 USD"), s.line(reconcile.Refund, o, "/refund", "1.00 USD"))
	}
	for range 3 {
		s.buy()
	}
	total := len(s.compare(march(), all...))
	for end := 1; end <= total; end++ {
		n := 0
		for _, err := range reconcile.Compare(t.Context(), s.store, of(all...), march()) {
			s.ok(err)
			n++
			if n == end {
				break
			}
		}
		if n != end {
			t.Errorf("%d differences, ended at %d", n, end)
		}
	}
	if total != 9 {
		t.Errorf("%d differences", total)
	}
}

// failing is a store whose nth call fails.
type failing struct {
	store.Store

	left int
}

func (f *failing) err() error {
	f.left--
	if f.left == 0 {
		return errNoAnswer
	}
	return nil
}

func (f *failing) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	return f.Store.Load(ctx, reads...)
}

func failingSeq[T any](f *failing, all iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := f.err(); err != nil {
			yield(*new(T), err)
			return
		}
		all(yield)
	}
}

func (f *failing) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return failingSeq(f, f.Store.Applications(ctx))
}

func (f *failing) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return failingSeq(f, f.Store.Orders(ctx, app))
}

func (f *failing) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	return failingSeq(f, f.Store.Refunds(ctx, app))
}

// Whatever call of the store fails, the comparison ends with its error.
// Rule: statement-finds-differences.
func TestCompareTellsOfTheStore(t *testing.T) {
	s := newShop(t)
	o := s.buy()
	s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
	statement := of(s.line(reconcile.Charge, o, "", "199.00 USD"))
	for call := 1; call <= 4; call++ {
		var last error
		for _, err := range reconcile.Compare(t.Context(), &failing{Store: s.store, left: call}, statement, march()) {
			last = err
		}
		if !errors.Is(last, errNoAnswer) {
			t.Errorf("call %d: %v", call, last)
		}
	}
}
