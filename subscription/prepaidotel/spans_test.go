package prepaidotel_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/subscription/prepaidotel"
)

func sampled() trace.TracerProvider { return sdktrace.NewTracerProvider() }

func unsampled() trace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
}

// described returns a line for each span: its name, the trace and what it links to, in words of the test.
func described(spans tracetest.SpanStubs, words map[trace.TraceID]string) []string {
	var lines []string
	for _, s := range spans {
		line := s.Name + " in " + words[s.SpanContext.TraceID()]
		for _, l := range s.Links {
			line += ", links to " + words[l.SpanContext.TraceID()]
		}
		lines = append(lines, line)
	}
	return lines
}

// An order that one process places and another one collects has one trace, with its steps; the request and the collection
// link to it.
// Rule: order-has-a-trace.
func TestSpansLinkAnOrderToItsCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, prepaidotel.Options{})
		ctx, request := w.tracer.Tracer("host").Start(t.Context(), "POST /purchase")
		w.answer = func(payment.Result) (payment.Result, error) { return payment.Result{}, errProvider }
		w.buy(ctx, app, "live", "lite", "payment_pending")
		request.End()
		id := sure.Of(w.Application(ctx, app)).Orders[0].ID
		order := prepaidotel.OrderTrace(app, id)
		words := map[trace.TraceID]string{request.SpanContext().TraceID(): "request", order.TraceID(): "order"}
		if diff := cmp.Diff([]string{
			"prepaid load in request",
			"prepaid commit in request",
			"prepaid order placed in order, links to request",
			"prepaid gateway charge in request, links to order",
			"prepaid command purchase in request, links to order",
			"POST /purchase in request",
			"prepaid load in request",
		}, described(w.spans.GetSpans(), words)); diff != "" {
			t.Errorf("spans of the request (-want +got):\n%s", diff)
		}
		w.spans.Reset()

		w.now = w.now.Add(2 * time.Minute)
		stats := sure.Of(w.worker.Once(t.Context())) // no span in the context
		if stats.Paid != 1 {
			t.Fatalf("%+v", stats)
		}
		var collection []string
		for _, s := range w.spans.GetSpans() {
			if s.SpanContext.TraceID() == order.TraceID() {
				collection = append(collection, s.Name)
				if s.Parent.SpanID() != order.SpanID() {
					t.Errorf("%s has the parent %s, want %s", s.Name, s.Parent.SpanID(), order.SpanID())
				}
			}
		}
		if diff := cmp.Diff([]string{"prepaid gateway lookup", "prepaid order paid"}, collection); diff != "" {
			t.Errorf("spans of the worker in the order's trace (-want +got):\n%s", diff)
		}
	})
}

// A span has the times of what it is of, and the IDs.
// Rule: order-has-a-trace.
func TestSpanHasTimesAndIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, prepaidotel.Options{})
		began := time.Now()
		o := w.buy(t.Context(), app, "call", "small", "")
		spans := w.spans.GetSpans()
		i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == "prepaid gateway charge" })
		charge := spans[i]
		if !charge.StartTime.Equal(began) || charge.EndTime.Sub(charge.StartTime) != 50*time.Millisecond {
			t.Errorf("from %s to %s, want 50 ms from %s", charge.StartTime, charge.EndTime, began)
		}
		if charge.SpanKind != trace.SpanKindClient {
			t.Errorf("kind %s", charge.SpanKind)
		}
		var attributes []string
		for _, a := range charge.Attributes {
			attributes = append(attributes, string(a.Key)+"="+a.Value.String())
		}
		if diff := cmp.Diff([]string{
			"prepaid.name=charge", "prepaid.outcome=succeeded", "prepaid.application=application-4711",
			"prepaid.order=" + string(o.ID), "prepaid.key=" + string(o.Attempt),
		}, attributes); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
	})
}

// No span has the text of an error, or an action's value.
// Rule: log-tells-no-secret.
func TestSpansTellNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, prepaidotel.Options{})
		w.answer = func(payment.Result) (payment.Result, error) { return payment.Result{}, errProvider }
		w.buy(t.Context(), app, "live", "lite", "payment_pending")
		w.answer = func(r payment.Result) (payment.Result, error) {
			return payment.Result{
				Key: r.Key, Status: payment.Pending, Action: payment.Action{Kind: payment.ActionSecret, Value: "pi_secret"},
			}, nil
		}
		w.buy(t.Context(), app, "call", "small", "payment_pending")
		all := fmt.Sprintf("%+v", w.spans.GetSpans().Snapshots())
		for _, s := range w.spans.GetSpans() {
			all += fmt.Sprintf("%+v %+v %+v", s.Attributes, s.Status, s.Events)
		}
		if strings.Contains(all, "pi_secret") {
			t.Error("a span has the secret")
		}
		if !strings.Contains(all, "unknown") {
			t.Errorf("no span tells the outcome: %s", all)
		}
	})
}

// Rounds that had nothing to do have no span.
// Rule: order-has-a-trace.
func TestIdleRoundsHaveNoSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, prepaidotel.Options{})
		_ = sure.Of(w.worker.Once(t.Context()))
		_ = sure.Of(w.relay.Once(t.Context()))
		w.spans.Reset()
		_ = sure.Of(w.worker.Once(t.Context()))
		_ = sure.Of(w.relay.Once(t.Context()))
		if n := len(w.spans.GetSpans()); n != 0 {
			t.Errorf("%d spans", n)
		}
	})
}

// Which orders have sampled traces follows from their IDs: the same in every process, about one in so many.
// Rule: order-has-a-trace.
func TestOneInSoManyOrdersIsSampled(t *testing.T) {
	sampled := func() []string {
		spans := tracetest.NewInMemoryExporter()
		told := sure.Of(prepaidotel.New(&prepaidotel.Options{
			Tracers: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)), OneIn: 10,
		}))
		for i := range 1000 {
			told.Observe(context.Background(), subscription.Observation{
				Op: subscription.OpOrder, Name: "renewal", Outcome: "paid", Application: app,
				Order: subscription.OrderID(fmt.Sprint("o-", i)),
			})
		}
		var traces []string
		for _, s := range spans.GetSpans() {
			traces = append(traces, s.SpanContext.TraceID().String())
		}
		return traces
	}
	first := sampled()
	if n := len(first); n < 60 || n > 140 { // 100, and four standard deviations
		t.Errorf("%d of 1000 orders are sampled, want about 100", n)
	}
	if diff := cmp.Diff(first, sampled()); diff != "" {
		t.Errorf("another process samples others (-first +second):\n%s", diff)
	}
}
