package prepaidotel_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/subscription/prepaidotel"
)

// act has everything happen once that a host watches: a purchase, one that is declined, one of unknown outcome that is
// collected later, one that goes to review, a conflict, combined usage, a renewal that is paid and one that is declined, a
// refund, a reversal, and a relay whose handler fails.
func act(t *testing.T, w *world) {
	t.Helper()
	ctx := t.Context()
	_ = sure.Of(w.Quote(ctx, app, testworld.Buy("call", "small")))
	call := w.buy(ctx, app, "call", "small", "")

	w.answer = func(payment.Result) (payment.Result, error) { return payment.Result{}, errProvider }
	w.buy(ctx, app, "live", "lite", "payment_pending")
	live := sure.Of(w.Collect(ctx, app, sure.Of(w.Application(ctx, app)).Orders[0].ID))

	w.buy(ctx, poor, "call", "small", "declined")
	w.answer = func(r payment.Result) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: testworld.Money(t, "1.00 USD")}, nil
	}
	w.buy(ctx, poor, "live", "lite", "review")

	w.store.times = 2
	_ = sure.Of(w.Do(ctx, app, subscription.Accept{Agreement: testworld.Agreement}, "accept"))
	w.consume(synctest.Wait, 1, 2, 1)

	_ = sure.Of(w.worker.Once(ctx))                      // both applications are new to it
	w.now = time.Date(2025, 7, 31, 2, 0, 0, 0, time.UTC) // due since the 25th, when a reminder was to be sent
	w.answer = func(r payment.Result) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExpiredMethod}, nil
	}
	_ = sure.Of(w.worker.Once(ctx))

	_ = sure.Of(w.Do(ctx, app, subscription.RefundOrder{
		Order: call.ID, Amount: testworld.Money(t, "1.00 USD"), Take: subscription.TakeNothing, Note: "sorry",
	}, "refund"))
	_ = sure.Of(w.Reverse(ctx, live.Attempt, payment.Reversal{
		ID: "cb-1", Charge: string(live.Attempt), Status: payment.Reversed, Amount: live.Amount, Reason: payment.Suspected,
	}))

	_ = sure.Of(w.relay.Once(ctx))
	_ = sure.Of(w.Do(ctx, poor, subscription.Accept{Agreement: testworld.Agreement}, "accept"))
	time.Sleep(7 * time.Second)
	w.handle = errProvider
	_ = sure.Of(w.relay.Once(ctx))
}

// Each metric has exactly the data points of what happened.
// Rule: told-from-outside.
func TestMetricsOfAScenario(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, prepaidotel.Options{})
		act(t, w)
		want := []string{
			"command.duration{name=accept,op=command,outcome=ok} 2 in 0.00s",
			"command.duration{name=collect,op=settle,outcome=ok} 1 in 0.00s",
			"command.duration{name=purchase,op=command,outcome=declined} 1 in 0.05s",
			"command.duration{name=purchase,op=command,outcome=ok} 1 in 0.05s",
			"command.duration{name=purchase,op=command,outcome=payment_pending} 1 in 0.05s",
			"command.duration{name=purchase,op=command,outcome=review} 1 in 0.05s",
			"command.duration{name=purchase,op=quote,outcome=ok} 1 in 0.00s",
			"command.duration{name=refund,op=command,outcome=ok} 1 in 0.00s",
			"command.duration{name=reverse,op=settle,outcome=ok} 1 in 0.00s",
			"command.duration{op=usage,outcome=ok} 2 in 0.00s",
			"conflicts{} 2",
			"due.claimed{full=true} 3", // both in the first round, one in the second
			"due.late{} 525600s",       // 6 days and 2 hours
			"gateway.duration{name=charge,outcome=declined} 2 in 0.10s",
			"gateway.duration{name=charge,outcome=succeeded} 3 in 0.15s",
			"gateway.duration{name=charge,outcome=unknown} 1 in 0.05s",
			"gateway.duration{name=lookup,outcome=succeeded} 1 in 0.00s",
			"gateway.duration{name=refund,outcome=succeeded} 1 in 0.00s",
			"orders{name=purchase,outcome=declined,reason=insufficient_balance} 1",
			"orders{name=purchase,outcome=paid} 2",
			"orders{name=purchase,outcome=placed} 4",
			"orders{name=purchase,outcome=review} 1",
			"orders{name=renewal,outcome=declined,reason=expired_method} 1",
			"orders{name=renewal,outcome=paid} 1",
			"orders{name=renewal,outcome=placed} 2",
			"refunds{name=purchase,outcome=due} 1",
			"refunds{name=purchase,outcome=made} 1",
			"refunds{name=purchase,outcome=reversed,reason=suspected} 1",
			"relay.behind{name=mails} 0",
			"relay.duration{name=mails,outcome=ok} 2 in 0.00s",
			"relay.handled{name=mails,outcome=failed} 1",
			"relay.handled{name=mails,outcome=ok} 20", // two creations, and all commits but the last
			"relay.late{name=mails} 7s",
			"round.duration{outcome=ok} 2 in 0.10s",
			"store.duration{op=claim,outcome=ok} 5 in 0.00s", // each round ends with one that gets nothing
			"store.duration{op=commit,outcome=conflict} 2 in 0.00s",
			// Two for each of four purchases, one of them late; one for each acceptance and for the reversal, two for usage, two of
			// the first round, two of the second, which has two orders, and two for the refund.
			"store.duration{op=commit,outcome=ok} 19 in 0.00s",
			// One for the quote and for the read; two for each purchase, but one for that without an answer; three for its
			// collection; three with the conflicts; two for usage, four for the refund, one for the reversal and for the last.
			"store.duration{op=load,outcome=ok} 23 in 0.00s",
			"usage.calls{} 3",
			"usage.changes{} 2",
			"usage.records{} 4",
		}
		if diff := cmp.Diff(want, w.points()); diff != "" {
			t.Errorf("data points (-want +got):\n%s", diff)
		}
	})
}

// No metric has an ID of an application, an account, an order or a key, nor the text of an error.
// Rule: metrics-have-no-ids.
func TestMetricsHaveNoIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, prepaidotel.Options{})
		act(t, w)
		ids := []string{"4711", "4712", "0815", "0816", "pi_secret", "cb-1"}
		for _, o := range append(sure.Of(w.Application(t.Context(), app)).Orders, sure.Of(w.Application(t.Context(), poor)).Orders...) {
			ids = append(ids, string(o.ID))
		}
		points := strings.Join(w.points(), "\n")
		for _, id := range ids {
			if strings.Contains(points, id) {
				t.Errorf("a data point has %s:\n%s", id, points)
			}
		}
	})
}
