package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// heard keeps what an observer was told.
type heard struct{ testworld.Heard }

// take returns a line for each observation since the last call, without loads: "op name outcome", and what else is set.
func (h *heard) take() []string {
	var lines []string
	for _, o := range h.Take() {
		if o.Op != subscription.OpLoad || o.Err != nil {
			lines = append(lines, toldOf(o))
		}
	}
	return lines
}

func toldOf(o subscription.Observation) string {
	words := []string{string(o.Op)}
	for _, w := range []string{o.Name, o.Outcome, string(o.Reason)} {
		if w != "" {
			words = append(words, w)
		}
	}
	for _, n := range []struct {
		name string
		is   int
	}{{"size", o.Size}, {"calls", o.Calls}, {"tries", o.Tries}, {"conflicts", o.Conflicts}} {
		if n.is > 1 || n.is == 1 && n.name == "conflicts" {
			words = append(words, fmt.Sprint(n.name, "=", n.is))
		}
	}
	return strings.Join(words, " ")
}

var errProvider = errors.New("HTTP 500")

// Each operation is told once, when it has ended, with an outcome of the closed list.
// Rule: told-from-outside.
func TestObserveTellsEachOperationOnce(t *testing.T) {
	for _, test := range []struct {
		name  string
		setup setup
		do    func(w *world)
		want  []string
	}{
		{"bought", setup{}, func(w *world) {
			_ = sure.Of(w.Quote(t.Context(), app, buy("call", "one-to-one")))
			w.must(buy("call", "one-to-one"))
		}, []string{
			"quote purchase ok",
			"commit ok", "order purchase placed", "gateway charge succeeded", "commit ok", "order purchase paid", "command purchase ok",
		}},
		{"declined", setup{poor: true}, func(w *world) { w.fails(subscription.ErrDeclined, buy("call", "one-to-one")) }, []string{
			"commit ok", "order purchase placed", "gateway charge declined insufficient_balance",
			"commit ok", "order purchase declined insufficient_balance", "command purchase declined insufficient_balance",
		}},
		{"refused", setup{}, func(w *world) { w.fails(subscription.ErrNotFound, upgrade("group-call")) }, []string{
			"command upgrade not_found",
		}},
		{"no answer, then looked up", setup{gateway: answers(nil, errProvider)}, func(w *world) {
			w.fails(subscription.ErrPaymentPending, buy("call", "one-to-one"))
			_, err := w.Collect(t.Context(), app, w.stored().Orders[0].ID)
			w.ok(err)
		}, []string{
			"commit ok", "order purchase placed", "gateway charge unknown", "command purchase payment_pending",
			"gateway lookup not_found", "gateway charge succeeded", "commit ok", "order purchase paid", "settle collect ok",
		}},
		{"an answer that can't be right", setup{gateway: answers(func(r *payment.Result) { r.Key = "another" }, nil)}, func(w *world) {
			w.fails(subscription.ErrPaymentPending, buy("call", "one-to-one"))
		}, []string{
			"commit ok", "order purchase placed", "gateway charge invalid_answer", "command purchase payment_pending",
		}},
		{"a key that the gateway knows", setup{gateway: answers(nil, payment.ErrKeyConflict)}, func(w *world) {
			w.fails(subscription.ErrReview, buy("call", "one-to-one"))
		}, []string{
			"commit ok", "order purchase placed", "gateway charge gateway_key_conflict",
			"commit ok", "order purchase review", "command purchase review",
		}},
		{"another amount", setup{gateway: answers(func(r *payment.Result) { r.Amount = money(t, "1.00 USD") }, nil)}, func(w *world) {
			w.fails(subscription.ErrReview, buy("call", "one-to-one"))
		}, []string{
			"commit ok", "order purchase placed", "gateway charge succeeded",
			"commit ok", "order purchase review", "command purchase review",
		}},
		{"a reason of the gateway's own", setup{gateway: answers(func(r *payment.Result) {
			*r = payment.Result{Key: r.Key, Status: payment.Declined, Reason: "customer 4711 is on holiday"}
		}, nil)}, func(w *world) { w.fails(subscription.ErrDeclined, buy("call", "one-to-one")) }, []string{
			"commit ok", "order purchase placed", "gateway charge declined other",
			"commit ok", "order purchase declined other", "command purchase declined other",
		}},
		{"refunded by staff, then withdrawn, then reversed", setup{}, func(w *world) {
			o := w.must(buy("call", "one-to-one")).Order
			w.must(subscription.RefundOrder{Order: o.ID, Amount: money(t, "10.00 USD"), Take: subscription.TakeNothing, Note: "sorry"})
			refunds := sure.Of(w.Refunds(t.Context(), app, o.ID))
			_ = sure.Of(w.Settle(t.Context(), subscription.AttemptID(refunds[0].Key), payment.Result{
				Key: refunds[0].Key, Status: payment.Declined, Reason: payment.Other,
			}))
			_ = sure.Of(w.Reverse(t.Context(), o.Attempt, payment.Reversal{
				ID: "cb-1", Charge: string(o.Attempt), Status: payment.Reversed, Amount: o.Amount, Reason: payment.Suspected,
			}))
			_ = sure.Of(w.Notify(t.Context(), o.Attempt))
		}, []string{
			"commit ok", "order purchase placed", "gateway charge succeeded", "commit ok", "order purchase paid", "command purchase ok",
			"commit ok", "refund purchase due", "gateway refund succeeded", "commit ok", "refund purchase made", "command refund ok",
			"commit ok", "refund purchase failed other", "settle " + "settle ok",
			"commit ok", "refund purchase reversed suspected", "settle reverse ok",
			"gateway lookup succeeded", "settle notify ok",
		}},
		{"another writer", setup{wrap: func(_ *world, st subscription.Store) subscription.Store {
			return &losing{Store: st, times: 2}
		}}, func(w *world) { w.must(subscription.Accept{Agreement: agreement}) }, []string{
			"commit conflict conflicts=1", "commit conflict tries=2 conflicts=1", "commit ok tries=3", "command accept ok",
		}},
		{"a store that fails", setup{wrap: func(_ *world, st subscription.Store) subscription.Store {
			return &losing{Store: st, times: 1, with: errors.New("disk full")}
		}}, func(w *world) {
			_, err := w.do(subscription.Accept{Agreement: agreement})
			check(t, "code", subscription.CodeOf(err), subscription.Internal)
		}, []string{"commit internal", "command accept internal"}},
		{"a caller who left", setup{}, func(w *world) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := w.Do(ctx, app, buy("call", "one-to-one"), "left")
			fails(t, err, context.Canceled)
		}, []string{"load context", "command purchase context"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var h heard
			test.setup.options.Observe = h.Observe
			w := newWorld(t, test.setup)
			test.do(w)
			if diff := cmp.Diff(test.want, h.take()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// fails runs a command that fails with want.
func (w *world) fails(want error, cmd subscription.Command) {
	w.t.Helper()
	_, err := w.do(cmd)
	fails(w.t, err, want)
}

// answers returns a gateway whose first charge has another answer: an edited one, or an error.
func answers(edit func(*payment.Result), err error) func(*world, *balance.Accounts) payment.Gateway {
	return func(_ *world, behind *balance.Accounts) payment.Gateway {
		first := true
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if first && err != nil {
				first = false
				return payment.Result{}, err
			}
			r, failed := behind.Charge(ctx, c)
			if first = false; failed == nil && edit != nil {
				edit(&r)
			}
			return r, failed
		}}
	}
}

// losing is a store whose first commits fail.
type losing struct {
	subscription.Store

	times int
	with  error // nil: another writer is faster
}

func (l *losing) Commit(ctx context.Context, changes ...subscription.Change) error {
	if l.times == 0 {
		return l.Store.Commit(ctx, changes...)
	}
	l.times--
	if l.with != nil {
		return l.with
	}
	return &subscription.ConflictError{Applications: []subscription.ApplicationID{changes[0].Application}}
}

// An observation has what a log and a span need: application, order, key, error, and how long it took.
// Rule: told-from-outside.
func TestObserveTellsWhoseItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		w := newWorld(t, setup{options: subscription.Options{Observe: h.Observe}, gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			return &gatewayFuncs{Gateway: behind, OnCharge: func(context.Context, payment.Charge) (payment.Result, error) {
				time.Sleep(3 * time.Second)
				return payment.Result{}, errProvider
			}}
		}})
		w.fails(subscription.ErrPaymentPending, buy("call", "one-to-one"))
		o := w.stored().Orders[0]
		var got, command subscription.Observation
		for _, x := range h.Take() {
			switch x.Op {
			case subscription.OpGateway:
				got = x
			case subscription.OpCommand:
				command = x
			}
		}
		check(t, "took", got.Took, 3*time.Second)
		check(t, "application", got.Application, app)
		check(t, "order", got.Order, o.ID)
		check(t, "key", got.Key, string(o.Attempt))
		fails(t, got.Err, errProvider)
		check(t, "the command's", command.Took, 3*time.Second)
		check(t, "the command's order", command.Order, o.ID)
	})
}

// Calls of Consume that share a change are told as one, with their number.
// Rule: told-from-outside.
func TestObserveTellsHowUsageIsCombined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		st := &gated{Store: memory.New()}
		s := sure.Of(subscription.NewService(st, scene.Gateway{}, subscription.StaticCatalog(catalog(t, "minutes.json")),
			&subscription.Options{Now: func() time.Time { return morning }, Observe: h.Observe}))
		for _, cmd := range []subscription.Command{subscription.Create{Account: acme}, buy("call", "small")} {
			_ = sure.Of(s.Do(t.Context(), app, cmd, cmd.Kind()))
		}
		st.commits.Store(0)
		release := st.holdFirst()
		h.take()
		var wait sync.WaitGroup
		for _, records := range [][]subscription.Usage{
			{usage("a", "hd", morning, 60)},
			{usage("b", "hd", morning, 60), usage("c", "hd", morning, 60)},
			{usage("d", "hd", morning, 60)},
		} {
			wait.Go(func() { _, _ = s.Consume(t.Context(), app, records...) })
			synctest.Wait()
		}
		close(release)
		wait.Wait()
		synctest.Wait()
		if diff := cmp.Diff([]string{"commit ok", "usage ok", "commit ok", "usage ok size=3 calls=2"}, h.take()); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

// An observer can read, and run commands, since nothing is locked; what it is told of changes no result.
// Rule: observer-changes-nothing.
func TestObserverChangesNothing(t *testing.T) {
	run := func(observe func(*world, subscription.Observation)) subscription.Application {
		var w *world
		opts := subscription.Options{}
		if observe != nil {
			opts.Observe = func(_ context.Context, o subscription.Observation) {
				if w != nil {
					observe(w, o)
				}
			}
		}
		w = newWorld(t, setup{options: opts})
		w.must(buy("call", "one-to-one"))
		w.must(upgrade("group-call"))
		return w.stored()
	}
	busy := false
	reads := 0
	got := run(func(w *world, _ subscription.Observation) {
		if busy {
			return
		}
		busy = true
		defer func() { busy = false }()
		_ = sure.Of(w.Application(t.Context(), app))
		_ = sure.Of(w.Do(t.Context(), "another", subscription.Create{Account: acme}, "create"))
		reads++
	})
	if reads == 0 {
		t.Error("the observer was never called")
	}
	ignore := cmp.Comparer(func(_, _ subscription.AttemptID) bool { return true }) // each store has its own identity
	if diff := cmp.Diff(run(nil), got, exactly, ignore); diff != "" {
		t.Errorf("with an observer (-without +with):\n%s", diff)
	}
}

// A panic of the observer is the host's own, and like a crash: repeated with its key, the request goes on.
// Rule: observer-changes-nothing.
func TestObserverPanicIsLikeACrash(t *testing.T) {
	panics := true
	w := newWorld(t, setup{options: subscription.Options{Observe: func(_ context.Context, o subscription.Observation) {
		if panics && o.Op == subscription.OpGateway {
			panic("the host's")
		}
	}}})
	func() {
		defer func() { check(t, "panic", recover(), any("the host's")) }()
		_, _ = w.Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	}()
	check(t, "after the panic", w.stored().Orders[0].Status, subscription.OrderOpen)
	panics = false
	out, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	w.ok(err)
	check(t, "repeated", out.Order.Status, subscription.OrderPaid)
	charges, _, _ := w.charged()
	check(t, "charges", charges, 1)
}

// Nobody listens, and nothing is allocated for it.
// Rule: no-observer-costs-nothing.
func TestNoObserverCostsNothing(t *testing.T) {
	w := newWorld(t, setup{})
	c, ctx := w.Collector(), t.Context()
	w.must(buy("call", "one-to-one"))
	changes := []subscription.Change{w.store.changes[len(w.store.changes)-1].change}
	if n := testing.AllocsPerRun(100, func() {
		began := c.Began()
		c.Observe(ctx, began, subscription.Observation{Op: subscription.OpRound, Err: errProvider, Application: app})
		c.ObserveCommit(ctx, began, nil, changes...)
	}); n != 0 {
		t.Errorf("%v allocations without an observer", n)
	}
	if !c.Began().IsZero() {
		t.Error("the clock is read although nobody listens")
	}
	if f := subscription.Observers(nil, subscription.LogTo(nil)); f != nil {
		t.Error("nobody is somebody")
	}
	read := func(s *subscription.Service) float64 {
		return testing.AllocsPerRun(100, func() { _, _ = s.Application(ctx, app) })
	}
	watched := sure.Of(subscription.NewService(w.store, w.accounts, subscription.StaticCatalog(w.catalog), &subscription.Options{
		Now: func() time.Time { return w.now }, Observe: func(context.Context, subscription.Observation) {},
	}))
	if without, with := read(w.Service), read(watched); without > with {
		t.Errorf("%v allocations without an observer, %v with one", without, with)
	}
}

// A copy of a service tells the same observer.
// Rule: told-from-outside.
func TestObserveOfCopies(t *testing.T) {
	var h heard
	w := newWorld(t, setup{options: subscription.Options{Observe: h.Observe}})
	_ = sure.Of(w.As("ann", "asked by phone").Do(t.Context(), app, subscription.Accept{Agreement: agreement}, "1"))
	_, err := w.Bind(w.store).Do(t.Context(), app, buy("call", "one-to-one"), "2")
	fails(t, err, subscription.ErrPaymentPending)
	if diff := cmp.Diff([]string{
		"commit ok", "command accept ok",
		"commit ok", "order purchase placed", "command purchase payment_pending",
	}, h.take()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
