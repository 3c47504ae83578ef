package paymenttest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

var byValue = cmpopts.EquateComparable(pricing.Money{})

// world is a hostile gateway in front of accounts in which "acme" has 1000.00 USD, and a clock.
type world struct {
	*paymenttest.Hostile
	t        *testing.T
	accounts *balance.Accounts
	now      time.Time
}

func newWorld(t *testing.T, o paymenttest.HostileOptions) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2025, 6, 16, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	o.Now = clock
	w.accounts = balance.New(&balance.Options{Now: clock})
	if err := w.accounts.Open(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	if err := w.accounts.Deposit(t.Context(), "acme", "d", money(t, "1000.00 USD")); err != nil {
		t.Fatal(err)
	}
	w.Hostile = paymenttest.NewHostile(w.accounts, &o)
	return w
}

var money = testworld.Money

// charge, lookup and refund call the gateway and summarize the answer: the status with its reason or amount, or the
// kind of error.
func (w *world) charge(key, amount string) string {
	w.t.Helper()
	return word(w.Charge(w.t.Context(), payment.Charge{Key: key, Account: "acme", Amount: money(w.t, amount)}))
}

func (w *world) lookup(key string) string { return word(w.Lookup(w.t.Context(), key)) }

func (w *world) refund(key, charge, amount string) string {
	w.t.Helper()
	return word(w.Refund(w.t.Context(), payment.Refund{Key: key, Charge: charge, Account: "acme", Amount: money(w.t, amount)}))
}

func word(r payment.Result, err error) string {
	switch {
	case errors.Is(err, paymenttest.ErrNoAnswer):
		return "no answer"
	case errors.Is(err, payment.ErrKeyConflict):
		return "conflict"
	case err != nil:
		return err.Error()
	case r.Status == payment.Succeeded:
		return r.Amount.String()
	case r.Status == payment.Declined:
		return "declined " + string(r.Reason)
	}
	return string(r.Status)
}

// left returns the account's actual balance.
func (w *world) left() string {
	w.t.Helper()
	m, err := w.accounts.Balance(w.t.Context(), "acme", "USD")
	if err != nil {
		w.t.Fatal(err)
	}
	return m.String()
}

// drained returns the notifications since the last call.
func (w *world) drained() []string {
	w.t.Helper()
	rs, err := w.Drain(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var words []string
	for _, r := range rs {
		if r.Validate() != nil {
			w.t.Errorf("notification %+v: %v", r, r.Validate())
		}
		words = append(words, r.Key+": "+word(r, nil))
	}
	return words
}

// say fails the test unless got is want.
func (w *world) say(what string, got, want any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got, byValue); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestFaultsOfACharge(t *testing.T) {
	tests := []struct {
		fault  paymenttest.Fault
		answer string
		// afterward
		looked   []string // by successive lookups
		repeated string   // by repeating the charge after that
		notified []string
		left     string
	}{
		{paymenttest.None, "30.00 USD", []string{"30.00 USD"}, "30.00 USD", []string{"k: 30.00 USD"}, "970.00 USD"},
		{paymenttest.RefundWithdrawn, "30.00 USD", []string{"30.00 USD"}, "30.00 USD", []string{"k: 30.00 USD"}, "970.00 USD"},
		{"no such fault", "30.00 USD", []string{"30.00 USD"}, "30.00 USD", []string{"k: 30.00 USD"}, "970.00 USD"},
		{paymenttest.TimeoutBefore, "no answer", []string{"not_found"}, "30.00 USD", []string{"k: 30.00 USD"}, "970.00 USD"},
		{paymenttest.TimeoutAfter, "no answer", []string{"30.00 USD"}, "30.00 USD", []string{"k: 30.00 USD"}, "970.00 USD"},
		{paymenttest.Silent, "no answer", []string{"30.00 USD"}, "30.00 USD", nil, "970.00 USD"},
		{
			paymenttest.InFlight, "no answer",
			[]string{"not_found", "not_found", "30.00 USD"},
			"30.00 USD", []string{"k: 30.00 USD"}, "970.00 USD",
		},
		{
			paymenttest.PendingThenPaid, "pending",
			[]string{"pending", "pending", "30.00 USD"},
			"30.00 USD", []string{"k: 30.00 USD"}, "970.00 USD",
		},
		{
			paymenttest.PendingThenDeclined, "pending",
			[]string{"pending", "pending", "declined canceled"},
			"declined canceled", []string{"k: declined canceled"}, "1000.00 USD",
		},
		{paymenttest.Duplicate, "30.00 USD", nil, "30.00 USD", []string{"k: 30.00 USD", "k: 30.00 USD"}, "970.00 USD"},
		{paymenttest.WrongAmount, "29.99 USD", []string{"29.99 USD"}, "29.99 USD", []string{"k: 29.99 USD"}, "970.01 USD"},
		{paymenttest.DeclineInsufficient, "declined insufficient_balance", []string{"declined insufficient_balance"}, "declined insufficient_balance", []string{"k: declined insufficient_balance"}, "1000.00 USD"},
		{paymenttest.DeclineNoMethod, "declined no_payment_method", []string{"declined no_payment_method"}, "declined no_payment_method", []string{"k: declined no_payment_method"}, "1000.00 USD"},
		{paymenttest.DeclineSuspected, "declined suspected", []string{"declined suspected"}, "declined suspected", []string{"k: declined suspected"}, "1000.00 USD"},
		{paymenttest.DeclineOther, "declined other", []string{"declined other"}, "declined other", []string{"k: declined other"}, "1000.00 USD"},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(tt.fault)})
			w.say("charge", w.charge("k", "30.00 USD"), tt.answer)
			for i, want := range tt.looked {
				w.say("lookup "+strconv.Itoa(i), w.lookup("k"), want)
			}
			w.say("charge again", w.charge("k", "30.00 USD"), tt.repeated)
			w.say("charge with another content", w.charge("k", "31.00 USD"), "conflict")
			w.say("notifications", w.drained(), tt.notified)
			w.say("notifications afterward", w.drained(), []string(nil))
			w.say("balance", w.left(), tt.left)
		})
	}
}

func TestWrongAmountOfTheSmallestAmount(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(paymenttest.WrongAmount)})
	w.say("charge", w.charge("k", "0.01 USD"), "0.02 USD")
}

func TestRepetitionsTimeOutToo(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{
		Plan: paymenttest.Script(
			paymenttest.TimeoutBefore, paymenttest.TimeoutAfter, paymenttest.TimeoutAfter, paymenttest.TimeoutBefore, paymenttest.DeclineOther),
		Lookups: func(n int, _ string) paymenttest.Fault {
			return []paymenttest.Fault{paymenttest.TimeoutBefore, paymenttest.TimeoutAfter, paymenttest.None}[n]
		},
	})
	for range 4 {
		w.say("charge", w.charge("k", "30.00 USD"), "no answer")
	}
	w.say("charge at last", w.charge("k", "30.00 USD"), "30.00 USD")
	for _, want := range []string{"no answer", "no answer", "30.00 USD"} {
		w.say("lookup", w.lookup("k"), want)
	}
	w.say("balance", w.left(), "970.00 USD")
	w.say("met", w.Met(), map[paymenttest.Fault]int{paymenttest.TimeoutBefore: 3, paymenttest.TimeoutAfter: 3})
}

func TestLateChargeMeetsItsRepetition(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(paymenttest.InFlight)})
	w.say("charge", w.charge("k", "30.00 USD"), "no answer")
	w.say("balance while it is in flight", w.left(), "1000.00 USD")
	w.say("the repetition overtakes it", w.charge("k", "30.00 USD"), "30.00 USD")
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.say("balance when it has landed", w.left(), "970.00 USD")
	w.say("notifications", w.drained(), []string{"k: 30.00 USD"})
}

func TestPendingSettlesByTimeWithoutBeingAsked(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{
		Plan:       paymenttest.Script(paymenttest.PendingThenPaid, paymenttest.InFlight),
		PendingFor: time.Hour,
	})
	w.say("charge", w.charge("k1", "30.00 USD"), "pending")
	w.say("charge", w.charge("k2", "20.00 USD"), "no answer")
	for range 5 {
		w.say("lookup", w.lookup("k1"), "pending")
	}
	w.now = w.now.Add(time.Hour - 1)
	w.say("notifications too early", w.drained(), []string(nil))
	w.say("charge again too early", w.charge("k1", "30.00 USD"), "pending")
	w.now = w.now.Add(1)
	w.say("notifications", w.drained(), []string{"k1: 30.00 USD", "k2: 20.00 USD"})
	w.say("lookup", w.lookup("k1"), "30.00 USD")
	w.say("balance", w.left(), "950.00 USD")
}

func TestPendingSettlesForWantOfMoney(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(paymenttest.PendingThenPaid), PendingAsks: 1})
	w.say("charge", w.charge("k1", "600.00 USD"), "pending")
	w.say("charge", w.charge("k2", "600.00 USD"), "600.00 USD")
	w.say("lookup", w.lookup("k1"), "pending")
	w.say("lookup", w.lookup("k1"), "declined insufficient_balance")
}

func TestForgottenKeyChargesAgain(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(), Retention: 24 * time.Hour})
	w.say("retention", w.Retention(), 24*time.Hour)
	first := w.now
	w.say("charge", w.charge("k", "30.00 USD"), "30.00 USD")
	w.now = w.now.Add(24 * time.Hour)
	w.say("charge within the retention", w.charge("k", "30.00 USD"), "30.00 USD")
	w.say("balance", w.left(), "970.00 USD")
	w.say("double charges", w.DoubleCharged(), []string(nil))

	w.now = w.now.Add(1)
	w.say("lookup", w.lookup("k"), "not_found")
	w.say("refund of what was forgotten", w.refund("r", "k", "10.00 USD"), "10.00 USD")
	w.say("charge beyond the retention", w.charge("k", "30.00 USD"), "30.00 USD")
	w.say("lookup", w.lookup("k"), "30.00 USD")
	w.say("balance", w.left(), "950.00 USD")
	w.say("double charges", w.DoubleCharged(), []string{"k"})
	c := payment.Charge{Key: "k", Account: "acme", Amount: money(t, "30.00 USD")}
	w.say("collected", w.Collected(), []paymenttest.Collection{
		{Charge: c, Amount: c.Amount, Refunded: money(t, "10.00 USD"), At: first},
		{Charge: c, Amount: c.Amount, At: w.now},
	})

	w.now = w.now.Add(48 * time.Hour)
	w.say("forgotten refund", w.refund("r", "k", "10.00 USD"), "10.00 USD")
	w.say("charge a third time", w.charge("k", "30.00 USD"), "30.00 USD")
	w.say("double charges", w.DoubleCharged(), []string{"k"})
	w.say("balance", w.left(), "930.00 USD")
}

func TestForgottenKeyThatWasPendingSettlesAllTheSame(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.InFlight), PendingAsks: 9, Retention: time.Hour,
	})
	w.say("charge", w.charge("k", "30.00 USD"), "no answer")
	w.now = w.now.Add(time.Hour + 1)
	w.say("lookup", w.lookup("k"), "not_found")
	w.say("charge", w.charge("k", "30.00 USD"), "30.00 USD")
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.say("double charges", w.DoubleCharged(), []string{"k"})
	w.say("balance", w.left(), "940.00 USD")
}

func TestFaultsOfARefund(t *testing.T) {
	tests := []struct {
		fault   paymenttest.Fault
		answers []string // to the same refund, repeated
		told    []string // of the refund
		back    string   // of the refund and another one of 20.00
	}{
		{paymenttest.None, []string{"10.00 USD", "10.00 USD"}, nil, "30.00 USD"},
		{paymenttest.TimeoutBefore, []string{"no answer", "10.00 USD", "10.00 USD"}, nil, "30.00 USD"},
		{paymenttest.TimeoutAfter, []string{"no answer", "10.00 USD", "10.00 USD"}, nil, "30.00 USD"},
		{
			paymenttest.PendingThenPaid, []string{"pending", "pending", "pending", "10.00 USD"},
			[]string{"r: 10.00 USD"}, "30.00 USD",
		},
		{
			paymenttest.PendingThenDeclined, []string{"pending", "pending", "pending", "declined canceled"},
			[]string{"r: declined canceled"}, "20.00 USD",
		},
		{paymenttest.WrongAmount, []string{"10.00 USD"}, nil, "30.00 USD"},
		{paymenttest.DeclineOther, []string{"declined other", "declined other"}, nil, "20.00 USD"},
		{paymenttest.DeclineSuspected, []string{"10.00 USD"}, nil, "30.00 USD"},
		{paymenttest.InFlight, []string{"10.00 USD"}, nil, "30.00 USD"},
		{
			paymenttest.RefundWithdrawn, []string{"10.00 USD", "10.00 USD", "10.00 USD", "declined other", "declined other"},
			[]string{"r: declined other"}, "20.00 USD",
		},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			w := newWorld(t, paymenttest.HostileOptions{Refunds: func(n int, _ payment.Refund) paymenttest.Fault {
				if n == 0 {
					return tt.fault
				}
				return paymenttest.None
			}})
			w.say("charge", w.charge("k", "30.00 USD"), "30.00 USD")
			for i, want := range tt.answers {
				w.say("refund "+strconv.Itoa(i), w.refund("r", "k", "10.00 USD"), want)
			}
			w.say("refund with another content", w.refund("r", "k", "11.00 USD"), "conflict")
			w.say("second refund", w.refund("r2", "k", "20.00 USD"), "20.00 USD")
			w.say("balance", w.left(), map[string]string{"30.00 USD": "1000.00 USD", "20.00 USD": "990.00 USD"}[tt.back])
			w.say("refunded", w.Collected()[0].Refunded, money(t, tt.back))
			w.say("notifications", w.drained(), append([]string{"k: 30.00 USD"}, tt.told...))
			var back []string
			for _, r := range w.Returned() {
				if r.WithdrawnAt.IsZero() {
					back = append(back, r.Refund.Key+": "+r.Amount.String())
				}
			}
			want := []string{"r2: 20.00 USD"}
			if tt.back == "30.00 USD" {
				want = append([]string{"r: 10.00 USD"}, want...)
			}
			w.say("returned", back, want)
		})
	}
}

// A refund that was made comes back without being asked for again, and what came back can be refunded under another key.
func TestRefundIsWithdrawnByTime(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{
		Refunds: func(n int, _ payment.Refund) paymenttest.Fault {
			return []paymenttest.Fault{paymenttest.RefundWithdrawn, paymenttest.None}[min(n, 1)]
		},
		PendingFor: time.Hour,
	})
	w.say("charge", w.charge("k", "30.00 USD"), "30.00 USD")
	w.say("refund", w.refund("r", "k", "20.00 USD"), "20.00 USD")
	w.say("more than is left", w.refund("r2", "k", "20.00 USD"), "declined exceeds_charge")
	w.say("balance", w.left(), "970.00 USD")
	w.now = w.now.Add(time.Hour)
	w.say("notifications", w.drained(), []string{"k: 30.00 USD", "r: declined other"})
	w.say("again", w.refund("r", "k", "20.00 USD"), "declined other")
	w.say("another", w.refund("r3", "k", "30.00 USD"), "30.00 USD")
	w.say("balance", w.left(), "1000.00 USD")
}

func TestReverse(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(paymenttest.None, paymenttest.DeclineOther)})
	w.say("charge", w.charge("k", "30.00 USD"), "30.00 USD")
	w.say("charge", w.charge("declined", "30.00 USD"), "declined other")
	w.say("refund", w.refund("r", "k", "10.00 USD"), "10.00 USD")
	reverse := func(id, charge string, status payment.ReversalStatus, amount string) string {
		t.Helper()
		err := w.Reverse(payment.Reversal{ID: id, Charge: charge, Status: status, Amount: money(t, amount)})
		if errors.Is(err, payment.ErrInvalid) {
			return "invalid"
		}
		return word(payment.Result{Status: "done"}, err)
	}
	w.say("of nothing", reverse("d1", "k", payment.Reversed, "0.00 USD"), "invalid")
	w.say("of an unknown charge", reverse("d1", "x", payment.Reversed, "1.00 USD"), "invalid")
	w.say("of a declined charge", reverse("d1", "declined", payment.Reversed, "1.00 USD"), "invalid")
	w.say("in another currency", reverse("d1", "k", payment.Reversed, "1.00 EUR"), "invalid")
	w.say("reinstated before", reverse("d1", "k", payment.Reinstated, "30.00 USD"), "invalid")
	w.say("reversed", reverse("d1", "k", payment.Reversed, "30.00 USD"), "done")
	w.say("reversed again", reverse("d1", "k", payment.Reversed, "30.00 USD"), "invalid")
	w.say("given back", reverse("g", "k", payment.GivenBack, "5.00 USD"), "done")
	w.say("given back, then reinstated", reverse("g", "k", payment.Reinstated, "5.00 USD"), "invalid")
	w.say("a refund of what went back", w.refund("r2", "k", "1.00 USD"), "declined exceeds_charge")
	w.say("reversed", w.Collected()[0].Reversed, money(t, "35.00 USD"))
	w.say("reinstated in part", reverse("d1", "k", payment.Reinstated, "20.00 USD"), "invalid")
	w.say("reinstated", reverse("d1", "k", payment.Reinstated, "30.00 USD"), "done")
	w.say("reinstated again", reverse("d1", "k", payment.Reinstated, "30.00 USD"), "invalid")
	w.say("a refund of what is left", w.refund("r3", "k", "15.00 USD"), "15.00 USD")
	w.say("reversed", w.Collected()[0].Reversed, money(t, "5.00 USD"))
	w.say("balance", w.left(), "995.00 USD")
	var notices, all []string
	for _, r := range w.Notices() {
		notices = append(notices, r.ID+" "+string(r.Status))
	}
	for _, r := range w.Reversals() {
		all = append(all, fmt.Sprint(r.ID, " ", r.Status, " ", r.Amount, " ", !r.ReinstatedAt.IsZero()))
	}
	w.say("notices", notices, []string{"d1 reversed", "g given_back", "d1 reinstated"})
	w.say("all", all, []string{"d1 reversed 30.00 USD true", "g given_back 5.00 USD false"})
	w.say("no more notices", len(w.Notices()), 0)
}

func TestNoticesInDisorder(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(), Seed: 3, Disorder: true})
	var sent []string
	for i := range 20 {
		key := strconv.Itoa(i)
		w.say("charge", w.charge(key, "1.00 USD"), "1.00 USD")
		if err := w.Reverse(payment.Reversal{ID: "d" + key, Charge: key, Status: payment.Reversed, Amount: money(t, "1.00 USD")}); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, "d"+key)
	}
	count := map[string]int{}
	var first []string
	for batch := w.Notices(); len(batch) > 0; batch = w.Notices() {
		for _, r := range batch {
			count[r.ID]++
			if len(first) < 20 {
				first = append(first, r.ID)
			}
		}
	}
	total := 0
	for _, n := range count {
		total += n
	}
	if len(count) != 20 || total == 20 || slices.Equal(first, sent) {
		t.Errorf("%d reversals are told of %d times, first as %v", len(count), total, first)
	}
}

func TestRefundOfWhatWasNotCollected(t *testing.T) {
	w := newWorld(t, paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.DeclineOther, paymenttest.PendingThenPaid), PendingAsks: 1,
	})
	w.say("charge", w.charge("declined", "30.00 USD"), "declined other")
	w.say("charge", w.charge("pending", "30.00 USD"), "pending")
	w.say("refund of an unknown charge", w.refund("r0", "unknown", "30.00 USD"), "not_found")
	w.say("refund of a declined charge", w.refund("r1", "declined", "30.00 USD"), "declined exceeds_charge")
	w.say("refund in another currency", w.refund("r2", "declined", "30.00 EUR"), "declined mismatch")
	w.say("refund of a pending charge", w.refund("r3", "pending", "30.00 USD"), "not_found")
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.say("refund when it has settled", w.refund("r3", "pending", "30.00 USD"), "30.00 USD")
	w.say("balance", w.left(), "1000.00 USD")
}

func TestDisorder(t *testing.T) {
	run := func(seed uint64) (batches [][]string, count map[string]int) {
		w := newWorld(t, paymenttest.HostileOptions{Plan: paymenttest.Script(), Seed: seed, Disorder: true})
		count = map[string]int{}
		for i := range 40 {
			w.charge("k"+strconv.Itoa(i), "1.00 USD")
		}
		for batch := w.drained(); batch != nil; batch = w.drained() {
			batches = append(batches, batch)
			for _, s := range batch {
				count[s]++
			}
		}
		return batches, count
	}
	batches, count := run(1)
	if len(count) != 40 {
		t.Errorf("%d charges were notified, want all 40", len(count))
	}
	if len(batches[0]) != 40 || slices.Equal(batches[0], slices.Sorted(slices.Values(batches[0]))) {
		t.Errorf("the first batch is in order: %q", batches[0])
	}
	if len(batches) < 2 {
		t.Error("no notification was repeated")
	}
	again, _ := run(1)
	if diff := cmp.Diff(batches, again); diff != "" {
		t.Errorf("the same seed notifies differently:\n%s", diff)
	}
	if other, _ := run(2); cmp.Equal(batches, other) {
		t.Error("another seed notifies the same way")
	}
}

func TestSeedRepeatsTheFaults(t *testing.T) {
	run := func(seed uint64) (answers []string, met map[paymenttest.Fault]int) {
		w := newWorld(t, paymenttest.HostileOptions{Seed: seed})
		for i := range 300 {
			key := "k" + strconv.Itoa(i)
			answers = append(answers, w.charge(key, "1.00 USD"), w.lookup(key), w.charge(key, "1.00 USD"), w.refund("r"+key, key, "0.50 USD"))
		}
		return answers, w.Met()
	}
	answers, met := run(1)
	again, metAgain := run(1)
	if diff := cmp.Diff(answers, again); diff != "" {
		t.Errorf("the same seed answers differently:\n%s", diff)
	}
	if diff := cmp.Diff(met, metAgain); diff != "" {
		t.Errorf("the same seed injects different faults:\n%s", diff)
	}
	if other, _ := run(2); cmp.Equal(answers, other) {
		t.Error("another seed answers the same way")
	}
	for fault, odds := range paymenttest.DefaultOdds() {
		if odds > 0 && met[fault] == 0 {
			t.Errorf("none of 1200 calls with default odds met %s", fault)
		}
	}
	if met[paymenttest.WrongAmount] != 0 {
		t.Errorf("%d wrong amounts, want none by default", met[paymenttest.WrongAmount])
	}
}

func TestDefaultOddsAreAThousandAtMost(t *testing.T) {
	sum := 0
	for fault, odds := range paymenttest.DefaultOdds() {
		if !slices.Contains(paymenttest.Faults(), fault) {
			t.Errorf("odds of %s, which isn't a fault", fault)
		}
		sum += odds
	}
	if sum != 460 {
		t.Errorf("the odds sum to %d, want 440 for charges, as the doc comment says, and 20 for refunds", sum)
	}
}

func TestOptionsAreCopied(t *testing.T) {
	odds := map[paymenttest.Fault]int{}
	w := newWorld(t, paymenttest.HostileOptions{Odds: odds})
	odds[paymenttest.DeclineOther] = 1000
	w.say("charge", w.charge("k", "1.00 USD"), "1.00 USD")
	w.Met()[paymenttest.Silent]++
	w.say("met", w.Met(), map[paymenttest.Fault]int{})

	certain := newWorld(t, paymenttest.HostileOptions{Odds: map[paymenttest.Fault]int{paymenttest.DeclineOther: 1000, paymenttest.Silent: -5}})
	certain.say("charge", certain.charge("k", "1.00 USD"), "declined other")
}

func TestDefaults(t *testing.T) {
	h := paymenttest.NewHostile(balance.New(nil), nil)
	if got := h.Retention(); got != 0 {
		t.Errorf("Retention() = %v, want that of the gateway behind", got)
	}
	for i := range 200 {
		c := payment.Charge{Key: strconv.Itoa(i), Account: "nobody", Amount: money(t, "1.00 USD")}
		if _, err := h.Charge(t.Context(), c); err != nil && !errors.Is(err, paymenttest.ErrNoAnswer) {
			t.Fatal(err)
		}
	}
	if len(h.Met()) == 0 {
		t.Error("no faults by default")
	}
}

// failing is a gateway, behind the hostile one, that has its own failures.
type failing struct {
	*balance.Accounts
	err     error
	pending bool
}

func (g *failing) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	switch {
	case g.err != nil:
		return payment.Result{}, g.err
	case g.pending:
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	return g.Accounts.Charge(ctx, c)
}

func (g *failing) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if g.pending {
		return payment.Result{Key: key, Status: payment.Pending}, nil
	}
	return g.Accounts.Charge(ctx, payment.Charge{Key: key, Account: "nobody", Amount: usd(100)})
}

func TestTroubleBehindIsPassedOn(t *testing.T) {
	down := errors.New("down")
	g := &failing{Accounts: balance.New(nil), err: down}
	h := paymenttest.NewHostile(g, &paymenttest.HostileOptions{Plan: paymenttest.Script(paymenttest.None, paymenttest.PendingThenPaid), PendingFor: time.Hour})
	c := payment.Charge{Key: "k", Account: "nobody", Amount: money(t, "1.00 USD")}
	if _, err := h.Charge(t.Context(), c); !errors.Is(err, down) {
		t.Errorf("Charge: %v, want %v", err, down)
	}
	d := c
	d.Key = "deferred"
	if r, err := h.Charge(t.Context(), d); err != nil || r.Status != payment.Pending {
		t.Errorf("Charge = %+v, %v, want it pending", r, err)
	}
	if err := h.Settle(t.Context()); !errors.Is(err, down) {
		t.Errorf("Settle: %v, want %v", err, down)
	}
	g.err, g.pending = nil, true
	for range 3 {
		if r, err := h.Charge(t.Context(), c); err != nil || r.Status != payment.Pending {
			t.Errorf("Charge = %+v, %v, want it pending", r, err)
		}
	}
	g.pending = false
	if r, err := h.Lookup(t.Context(), "k"); err != nil || r.Status != payment.Declined {
		t.Errorf("Lookup = %+v, %v, want it declined", r, err)
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	rs, err := h.Drain(t.Context())
	if err != nil || len(rs) != 2 {
		t.Errorf("Drain = %+v, %v, want both", rs, err)
	}
}

// A caller that satisfies its side of the contract works correctly with any seed: it repeats a charge with its key
// until the outcome is known, and uses a new key only after a decline.
func TestDisciplineIsEnough(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(t, paymenttest.HostileOptions{Seed: seed, Disorder: true})
		var mu sync.Mutex
		paid := map[string]int{}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for attempt := range 100 {
					c := payment.Charge{
						Key: "order-" + strconv.Itoa(i) + "/" + strconv.Itoa(attempt), Account: "acme",
						Amount: usd(1000), Order: "order-" + strconv.Itoa(i),
					}
					r, err := w.Charge(t.Context(), c)
					for err != nil || !r.Status.Final() {
						r, err = w.Charge(t.Context(), c)
					}
					if r.Paid(c.Amount) {
						mu.Lock()
						paid[c.Order]++
						mu.Unlock()
						return
					}
				}
			})
		}
		wg.Wait()
		if err := w.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.say("orders paid", len(paid), 20)
		collected := map[string]int{}
		for _, c := range w.Collected() {
			collected[c.Charge.Order]++
		}
		w.say("collected", collected, paid)
		w.say("double charges", w.DoubleCharged(), []string(nil))
		w.say("balance", w.left(), "800.00 USD")
	}
}

func usd(cents int64) pricing.Money {
	m, _ := pricing.FromMinor(cents, "USD")
	return m
}
