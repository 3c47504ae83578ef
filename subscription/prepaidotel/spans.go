package prepaidotel

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/prepaidkit/prepaid/subscription"
)

// OrderTrace returns the trace of an order, in which every process has the spans of the order's steps. Its span ID is that of
// the parent of all of them, which is never exported.
func OrderTrace(app subscription.ApplicationID, order subscription.OrderID) trace.SpanContext {
	sum := sha256.Sum256([]byte("prepaid order\x00" + string(app) + "\x00" + string(order)))
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(sum[:16]), SpanID: trace.SpanID(sum[16:24]), TraceFlags: trace.FlagsSampled, Remote: true,
	})
}

// span makes a span of an observation, with the times of what it is of.
func (t *Telemetry) span(ctx context.Context, o *subscription.Observation) {
	kind := trace.SpanKindInternal
	switch o.Op { //nolint:exhaustive // the others always have one
	case subscription.OpClaim, subscription.OpRound, subscription.OpRelay:
		if o.Size == 0 && o.Failed == 0 && o.Err == nil {
			return
		}
	case subscription.OpGateway:
		kind = trace.SpanKindClient
	}
	end := time.Now() //nolint:forbidigo // when what it is of has ended
	var links []trace.Link
	if o.Order != "" {
		request, order := trace.SpanContextFromContext(ctx), OrderTrace(o.Application, o.Order)
		if id := order.TraceID(); binary.BigEndian.Uint64(id[8:])%t.oneIn != 0 {
			order = order.WithTraceFlags(0)
		}
		switch step := o.Op == subscription.OpOrder || o.Op == subscription.OpRefund; {
		case step && request.IsValid():
			links = []trace.Link{{SpanContext: request}}
			ctx = trace.ContextWithRemoteSpanContext(ctx, order)
		case request.IsValid():
			links = []trace.Link{{SpanContext: order}}
		default:
			ctx = trace.ContextWithRemoteSpanContext(ctx, order)
		}
	}
	_, span := t.tracer.Start(ctx, name(o), trace.WithTimestamp(end.Add(-o.Took)), trace.WithSpanKind(kind), trace.WithLinks(links...))
	if span.IsRecording() {
		span.SetAttributes(attributesOf(o)...)
		if o.Err != nil {
			span.SetStatus(codes.Error, o.Outcome)
		}
	}
	span.End(trace.WithTimestamp(end))
}

// name returns the name of a span: "prepaid command purchase", say.
func name(o *subscription.Observation) string {
	if o.Op == subscription.OpOrder || o.Op == subscription.OpRefund {
		return "prepaid " + string(o.Op) + " " + o.Outcome
	}
	if o.Name == "" {
		return "prepaid " + string(o.Op)
	}
	return "prepaid " + string(o.Op) + " " + o.Name
}

func attributesOf(o *subscription.Observation) []attribute.KeyValue {
	all := make([]attribute.KeyValue, 0, 12)
	text := func(key, value string) {
		if value != "" {
			all = append(all, attribute.String(key, value))
		}
	}
	number := func(key string, value int64) {
		if value != 0 {
			all = append(all, attribute.Int64(key, value))
		}
	}
	text("prepaid.name", o.Name)
	text("prepaid.outcome", o.Outcome)
	text("prepaid.reason", string(o.Reason))
	text("prepaid.application", string(o.Application))
	text("prepaid.order", string(o.Order))
	text("prepaid.key", o.Key)
	number("prepaid.size", int64(o.Size))
	number("prepaid.limit", int64(o.Limit))
	number("prepaid.calls", int64(o.Calls))
	number("prepaid.tries", int64(o.Tries))
	number("prepaid.conflicts", int64(o.Conflicts))
	number("prepaid.failed", int64(o.Failed))
	number("prepaid.behind", o.Behind)
	if o.Late != 0 {
		all = append(all, attribute.Float64("prepaid.late", o.Late.Truncate(time.Millisecond).Seconds()))
	}
	return all
}
