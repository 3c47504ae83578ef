package reconcile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// Each way in which a statement and the orders can differ is found, and nothing else. What Apply does about it, twice, is
// done once: the order is delivered, its money is returned, the notice is recorded, or a person is asked for. What needs no
// person is then no difference any more.
// Rule: statement-finds-differences, difference-is-applied-once.
func TestDifferences(t *testing.T) {
	lines := func(all ...reconcile.Line) []reconcile.Line { return all }
	for _, tt := range []struct {
		name  string
		make  func(s *shop) (subscription.Order, []reconcile.Line)
		want  []string
		after string   // the order's state once all is applied
		left  []string // the differences then
	}{
		{"a charge", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"))
		}, nil, "paid", nil},
		{"a charge is missing", func(s *shop) (subscription.Order, []reconcile.Line) { return s.buy(), nil },
			[]string{"missing charge 199.00 USD, paid"}, "paid, 1 for a person", []string{"missing charge 199.00 USD, paid"}},
		{"another amount", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "198.99 USD"))
		}, []string{"different charge 198.99 USD for 199.00 USD, paid"}, "paid, 1 for a person",
			[]string{"different charge 198.99 USD for 199.00 USD, paid"}},
		{"another currency", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 EUR"))
		}, []string{"different charge 199.00 EUR for 199.00 USD, paid"}, "paid, 1 for a person",
			[]string{"different charge 199.00 EUR for 199.00 USD, paid"}},
		{"an answer that was lost", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.unanswered()
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"))
		}, []string{"unrecorded charge 199.00 USD, open"}, "paid", nil},
		{"an answer that was lost, of another amount", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.unanswered()
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "19.90 USD"))
		}, []string{"unrecorded charge 19.90 USD, open"}, "review", nil},
		{"a canceled order", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.unanswered()
			o := s.buy()
			s.must(o, subscription.Cancel{Order: o.ID})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"))
		}, []string{"late charge 199.00 USD, canceling"}, "canceled, late 199.00 USD made",
			[]string{"missing refund 199.00 USD, canceled"}},
		{"a declined order", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.unanswered()
			o := s.buy()
			s.settle(string(o.Attempt), payment.Result{Status: payment.Declined, Reason: payment.Other})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"))
		}, []string{"late charge 199.00 USD, declined"}, "declined, late 199.00 USD made",
			[]string{"missing refund 199.00 USD, declined"}},
		{"collected twice", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			one, two := s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Charge, o, "", "199.00 USD")
			one.Reference, two.Reference = "ch_1", "ch_2"
			return o, lines(one, two)
		}, []string{"twice charge 199.00 USD, paid"}, "paid, 1 for a person", []string{"twice charge 199.00 USD, paid"}},
		{"a line twice", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			l := s.line(reconcile.Charge, o, "", "199.00 USD")
			l.Reference = "ch_1"
			return o, lines(l, l)
		}, nil, "paid", nil},
		{"a line twice, and no reference tells them apart", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			l := s.line(reconcile.Charge, o, "", "199.00 USD")
			return o, lines(l, l)
		}, []string{"twice charge 199.00 USD, paid"}, "paid, 1 for a person", []string{"twice charge 199.00 USD, paid"}},
		{"an order that doesn't exist", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			l := s.line(reconcile.Charge, o, "", "199.00 USD")
			l.Key += "0"
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), l)
		}, []string{"unknown charge 199.00 USD"}, "paid, 1 for a person", []string{"unknown charge 199.00 USD"}},
		{"refunds", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "9.00 USD")})
			return o, lines(s.line(reconcile.Refund, o, "/refund/2", "9.00 USD"), s.line(reconcile.Charge, o, "", "199.00 USD"),
				s.line(reconcile.Refund, o, "/refund", "40.00 USD"))
		}, nil, "paid, refund 40.00 USD made, refund 9.00 USD made", nil},
		{"a refund is missing", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"))
		}, []string{"missing refund 40.00 USD, paid"}, "paid, refund 40.00 USD made, 1 for a person",
			[]string{"missing refund 40.00 USD, paid"}},
		{"a refund of another amount", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "41.00 USD"))
		}, []string{"different refund 41.00 USD for 40.00 USD, paid"}, "paid, refund 40.00 USD made, 1 for a person",
			[]string{"different refund 41.00 USD for 40.00 USD, paid"}},
		{"a refund that is unknown, since a backup was restored", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "40.00 USD"))
		}, []string{"unknown refund 40.00 USD, paid"}, "paid, provider 40.00 USD made", nil},
		{"a refund that is still due", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.slowRefunds()
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "40.00 USD"))
		}, []string{"unrecorded refund 40.00 USD, paid"}, "paid, refund 40.00 USD made", nil},
		{"a refund that is due, of another amount", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.slowRefunds()
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "14.00 USD"))
		}, []string{"unrecorded refund 14.00 USD, paid"}, "paid, refund 40.00 USD failed, provider 14.00 USD made, 1 for a person", nil},
		{"a refund that came back", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Reinstated, o, "/refund", "40.00 USD"),
				s.line(reconcile.Refund, o, "/refund", "40.00 USD"))
		}, []string{"unrecorded reinstated 40.00 USD, paid"}, "paid, refund 40.00 USD failed", nil},
		{"a refund that is recorded as having come back, and didn't", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			s.settle(string(o.Attempt)+"/refund", payment.Result{Status: payment.Declined, Reason: payment.Other})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "40.00 USD"))
		}, []string{"missing reinstated 40.00 USD, paid"}, "paid, refund 40.00 USD failed, 1 for a person",
			[]string{"missing reinstated 40.00 USD, paid"}},
		{"a refund that is recorded as failed", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.slowRefunds()
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD")})
			s.settle(string(o.Attempt)+"/refund", payment.Result{Status: payment.Declined, Reason: payment.Other})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "40.00 USD"))
		}, []string{"different refund 40.00 USD for , paid"}, "paid, refund 40.00 USD failed, 1 for a person",
			[]string{"different refund 40.00 USD for , paid"}},
		{"a refund by other means, which was made at the provider", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD"), Elsewhere: true})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.notice(reconcile.Refund, o, "re_1", "40.00 USD"))
		}, nil, "paid, refund 40.00 USD made", nil},
		{"two refunds at the provider, of which one was recorded", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.must(o, subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(s, "40.00 USD"), Elsewhere: true})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.notice(reconcile.Refund, o, "re_1", "40.00 USD"),
				s.notice(reconcile.Refund, o, "re_2", "40.00 USD"))
		}, []string{"unrecorded refund 40.00 USD, paid"}, "paid, refund 40.00 USD made, provider 40.00 USD made", nil},
		{"a chargeback, told", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.reverse(o, "dp_1", payment.Reversed, "199.00 USD")
			s.reverse(o, "dp_1", payment.Reinstated, "199.00 USD")
			return o, lines(s.notice(reconcile.Reinstated, o, "dp_1", "199.00 USD"), s.line(reconcile.Charge, o, "", "199.00 USD"),
				s.notice(reconcile.Reversal, o, "dp_1", "199.00 USD"))
		}, nil, "paid, reversal 199.00 USD reinstated", nil},
		{"a chargeback, not told", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.notice(reconcile.Reversal, o, "dp_1", "199.00 USD"))
		}, []string{"unrecorded reversal 199.00 USD, paid"}, "paid, reversal 199.00 USD made", nil},
		{"its reinstatement, not told", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.reverse(o, "dp_1", payment.Reversed, "199.00 USD")
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.notice(reconcile.Reversal, o, "dp_1", "199.00 USD"),
				s.notice(reconcile.Reinstated, o, "dp_1", "199.00 USD"))
		}, []string{"unrecorded reinstated 199.00 USD, paid"}, "paid, reversal 199.00 USD reinstated", nil},
		{"a chargeback and its reinstatement, missing", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.reverse(o, "dp_1", payment.Reversed, "199.00 USD")
			s.reverse(o, "dp_1", payment.Reinstated, "199.00 USD")
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"))
		}, []string{"missing reinstated 199.00 USD, paid", "missing reversal 199.00 USD, paid"},
			"paid, reversal 199.00 USD reinstated, 2 for a person",
			[]string{"missing reinstated 199.00 USD, paid", "missing reversal 199.00 USD, paid"}},
		{"a refund by the provider, not told", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.notice(reconcile.Refund, o, "re_1", "5.00 USD"))
		}, []string{"unrecorded refund 5.00 USD, paid"}, "paid, provider 5.00 USD made", nil},
		{"a chargeback of another amount", func(s *shop) (subscription.Order, []reconcile.Line) {
			o := s.buy()
			s.reverse(o, "dp_1", payment.Reversed, "199.00 USD")
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.notice(reconcile.Reversal, o, "dp_1", "198.00 USD"))
		}, []string{"different reversal 198.00 USD for 199.00 USD, paid"}, "paid, reversal 199.00 USD made, 1 for a person",
			[]string{"different reversal 198.00 USD for 199.00 USD, paid"}},
		{"an order that a person returned by hand", func(s *shop) (subscription.Order, []reconcile.Line) {
			s.unanswered()
			o := s.buy()
			s.forgets(o)
			s.must(o, subscription.CloseReview{Order: o.ID, Refunded: true, Note: "by hand"})
			return o, lines(s.line(reconcile.Charge, o, "", "199.00 USD"), s.notice(reconcile.Refund, o, "re_1", "199.00 USD"))
		}, nil, "refunded", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			o, statement := tt.make(s)
			found := s.compare(march(), statement...)
			if diff := cmp.Diff(append([]string{}, tt.want...), told(found)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			for range 2 {
				for _, d := range found {
					got, err := reconcile.Apply(t.Context(), s.As("reconcile", "nightly"), d)
					s.ok(err)
					if got.ID != d.Order {
						t.Errorf("applied to order %q, want %q", got.ID, d.Order)
					}
				}
			}
			if got := s.state(o); got != tt.after {
				t.Errorf("then the order is %q, want %q", got, tt.after)
			}
			if diff := cmp.Diff(append([]string{}, tt.left...), told(s.compare(march(), statement...))); diff != "" {
				t.Errorf("afterward (-want +got):\n%s", diff)
			}
		})
	}
}
