package prepaidotel_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/subscription/prepaidotel"
)

// Each operation has its metrics, and no others.
// Rule: told-from-outside.
func TestMetricsOfEachOp(t *testing.T) {
	const second = time.Second
	for _, test := range []struct {
		o    subscription.Observation
		want []string
	}{
		{subscription.Observation{Op: "command", Name: "purchase", Outcome: "declined", Reason: "other", Took: second},
			[]string{"command.duration{name=purchase,op=command,outcome=declined} 1 in 1.00s"}},
		{subscription.Observation{Op: "quote", Name: "upgrade", Outcome: "ok", Took: second},
			[]string{"command.duration{name=upgrade,op=quote,outcome=ok} 1 in 1.00s"}},
		{subscription.Observation{Op: "settle", Name: "notify", Outcome: "not_found", Took: second},
			[]string{"command.duration{name=notify,op=settle,outcome=not_found} 1 in 1.00s"}},
		{subscription.Observation{Op: "usage", Outcome: "ok", Size: 50, Calls: 7, Took: second}, []string{
			"command.duration{op=usage,outcome=ok} 1 in 1.00s", "usage.calls{} 7", "usage.changes{} 1", "usage.records{} 50",
		}},
		{subscription.Observation{Op: "gateway", Name: "charge", Outcome: "invalid_answer", Took: second},
			[]string{"gateway.duration{name=charge,outcome=invalid_answer} 1 in 1.00s"}},
		{subscription.Observation{Op: "load", Outcome: "internal", Size: 3, Took: second},
			[]string{"store.duration{op=load,outcome=internal} 1 in 1.00s"}},
		{subscription.Observation{Op: "commit", Outcome: "conflict", Size: 1000, Conflicts: 12, Took: second},
			[]string{"conflicts{} 12", "store.duration{op=commit,outcome=conflict} 1 in 1.00s"}},
		{subscription.Observation{Op: "order", Name: "usage", Outcome: "needs_person"},
			[]string{"orders{name=usage,outcome=needs_person} 1"}},
		{subscription.Observation{Op: "refund", Name: "renewal", Outcome: "failed", Reason: "other"},
			[]string{"refunds{name=renewal,outcome=failed,reason=other} 1"}},
		{subscription.Observation{Op: "set_aside", Outcome: "unrecorded"}, []string{"set_aside{outcome=unrecorded} 1"}},
		{subscription.Observation{Op: "claim", Outcome: "ok", Size: 9, Limit: 10, Late: 90 * second, Took: second}, []string{
			"due.claimed{full=false} 9", "due.late{} 90s", "store.duration{op=claim,outcome=ok} 1 in 1.00s",
		}},
		{subscription.Observation{Op: "claim", Outcome: "ok", Limit: 10, Took: second},
			[]string{"store.duration{op=claim,outcome=ok} 1 in 1.00s"}},
		{subscription.Observation{Op: "round", Outcome: "internal", Size: 10, Late: 90 * second, Took: second}, []string{
			"due.late{} 90s", "round.duration{outcome=internal} 1 in 1.00s",
		}},
		{subscription.Observation{Op: "handle", Name: "mails", Outcome: "failed"}, []string{"relay.handled{name=mails,outcome=failed} 1"}},
		{subscription.Observation{Op: "relay", Name: "mails", Outcome: "ok", Behind: 42, Late: 90 * second, Took: second}, []string{
			"relay.behind{name=mails} 42", "relay.duration{name=mails,outcome=ok} 1 in 1.00s", "relay.late{name=mails} 90s",
		}},
		{subscription.Observation{Op: "relay", Name: "mails", Outcome: "held", Took: second},
			[]string{"relay.duration{name=mails,outcome=held} 1 in 1.00s"}},
	} {
		t.Run(fmt.Sprint(test.o.Op, " ", test.o.Outcome), func(t *testing.T) {
			w := &world{t: t, metrics: metric.NewManualReader()}
			told := sure.Of(prepaidotel.New(&prepaidotel.Options{
				Meters: metric.NewMeterProvider(metric.WithReader(w.metrics)), Tracers: tracenoop.NewTracerProvider(),
			}))
			told.Observe(t.Context(), test.o)
			if diff := cmp.Diff(test.want, w.points()); diff != "" {
				t.Errorf("data points (-want +got):\n%s", diff)
			}
		})
	}
}

// However many kinds of commands, orders and codes a host has, a metric has only so many data points.
// Rule: metrics-have-no-ids.
func TestNamesAreBounded(t *testing.T) {
	w := &world{t: t, metrics: metric.NewManualReader()}
	told := sure.Of(prepaidotel.New(&prepaidotel.Options{
		Meters: metric.NewMeterProvider(metric.WithReader(w.metrics)), Tracers: tracenoop.NewTracerProvider(), Names: 2,
	}))
	for i := range 1000 {
		told.Observe(t.Context(), subscription.Observation{Op: subscription.OpOrder, Name: fmt.Sprintf("k%d", i), Outcome: "paid"})
		told.Observe(t.Context(), subscription.Observation{Op: subscription.OpSetAside, Outcome: fmt.Sprintf("c%d", i)})
	}
	if diff := cmp.Diff([]string{
		"orders{name=k0,outcome=paid} 1", "orders{name=k1,outcome=paid} 1", "orders{name=other,outcome=paid} 998",
		"set_aside{outcome=c0} 1", "set_aside{outcome=other} 999",
	}, w.points()); diff != "" {
		t.Errorf("data points (-want +got):\n%s", diff)
	}
}

// Without options, the global providers are used, which do nothing until a host sets them.
func TestDefaults(t *testing.T) {
	told, err := prepaidotel.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	told.Observe(t.Context(), subscription.Observation{Op: subscription.OpCommand, Name: "purchase", Outcome: "ok", Order: "o-1"})
}

// watchers are what the benchmarks compare: an observer that does nothing, and a Telemetry without a provider, with metrics,
// with spans that nobody samples, and with spans that are sampled and thrown away.
func watchers() []watcher {
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	otel := func(opts prepaidotel.Options) func(context.Context, subscription.Observation) {
		return sure.Of(prepaidotel.New(&opts)).Observe
	}
	return []watcher{
		{"nothing", func(context.Context, subscription.Observation) {}},
		{"noop", otel(prepaidotel.Options{Meters: metricnoop.NewMeterProvider(), Tracers: tracenoop.NewTracerProvider()})},
		{"metrics", otel(prepaidotel.Options{Meters: meters, Tracers: tracenoop.NewTracerProvider()})},
		{"metrics-and-no-sampling", otel(prepaidotel.Options{Meters: meters, Tracers: unsampled()})},
		{"metrics-and-spans", otel(prepaidotel.Options{Meters: meters, Tracers: sampled()})},
	}
}

type watcher struct {
	name    string
	observe func(context.Context, subscription.Observation)
}

// BenchmarkPurchase is a quote and a confirmed purchase on the memory store, also without an observer.
func BenchmarkPurchase(b *testing.B) {
	for _, test := range append(watchers(), watcher{"none", nil}) {
		b.Run(test.name, func(b *testing.B) { purchases(b, test.observe) })
	}
}

// BenchmarkObserve is the part of that which is the observer's: ten observations.
func BenchmarkObserve(b *testing.B) {
	chat := subscription.Observation{Application: app, Took: time.Millisecond, Outcome: "ok"}
	of := func(op subscription.Op, name, outcome string) subscription.Observation {
		o := chat
		o.Op, o.Name, o.Outcome = op, name, outcome
		if op == subscription.OpOrder || op == subscription.OpGateway || op == subscription.OpCommand {
			o.Order = "o-1"
		}
		return o
	}
	load, commit := of(subscription.OpLoad, "", "ok"), of(subscription.OpCommit, "", "ok")
	all := []subscription.Observation{
		load, of(subscription.OpQuote, "purchase", "ok"),
		load, commit, of(subscription.OpOrder, "purchase", "placed"), of(subscription.OpGateway, "charge", "succeeded"),
		load, commit, of(subscription.OpOrder, "purchase", "paid"), of(subscription.OpCommand, "purchase", "ok"),
	}
	for _, test := range watchers() {
		b.Run(test.name, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				for _, o := range all {
					test.observe(ctx, o)
				}
			}
		})
	}
}

func purchases(b *testing.B, observe func(context.Context, subscription.Observation)) {
	b.Helper()
	cat := testworld.Catalog(b, "../testdata/minutes.json")
	now := time.Date(2025, 7, 1, 9, 0, 0, 0, time.UTC)
	opts := &subscription.Options{Now: func() time.Time { return now }, Observe: observe}
	cmd, ctx := testworld.Buy("call", "small"), b.Context()
	const batch = 4096
	var s *subscription.Service
	ids := make([]subscription.ApplicationID, batch)
	for i := range ids {
		ids[i] = subscription.ApplicationID(fmt.Sprintf("app-%d", i))
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%batch == 0 { // each purchase is the first of its application
			b.StopTimer()
			s = sure.Of(subscription.NewService(memory.New(), collects{}, subscription.StaticCatalog(cat), opts))
			for _, id := range ids {
				_ = sure.Of(s.Do(ctx, id, subscription.Create{Account: rich}, "create"))
			}
			b.StartTimer()
		}
		q := sure.Of(s.Quote(ctx, ids[n%batch], cmd))
		_ = sure.Of(s.Confirm(ctx, ids[n%batch], cmd, q, "buy"))
	}
}

// collects is a gateway that collects everything at once.
type collects struct{ payment.Gateway }

func (collects) Charge(_ context.Context, c payment.Charge) (payment.Result, error) {
	return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}, nil
}

func (collects) Retention() time.Duration { return 0 }

// What a telemetry is told by many goroutines is counted once each.
func TestConcurrentObservations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, metrics: metric.NewManualReader()}
		told := sure.Of(prepaidotel.New(&prepaidotel.Options{
			Meters: metric.NewMeterProvider(metric.WithReader(w.metrics)), Tracers: tracenoop.NewTracerProvider(),
		}))
		for i := range 50 {
			go told.Observe(t.Context(), subscription.Observation{Op: subscription.OpSetAside, Outcome: fmt.Sprint("c", i%5)})
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{
			"set_aside{outcome=c0} 10", "set_aside{outcome=c1} 10", "set_aside{outcome=c2} 10", "set_aside{outcome=c3} 10",
			"set_aside{outcome=c4} 10",
		}, w.points()); diff != "" {
			t.Errorf("data points (-want +got):\n%s", diff)
		}
	})
}
