package prepaidotel

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/prepaidkit/prepaid/subscription"
)

// Scope is the name of the instrumentation scope of all metrics and spans.
const Scope = "github.com/prepaidkit/prepaid/subscription/prepaidotel"

// Options are the optional settings of a [Telemetry]. A nil *Options uses all the defaults.
type Options struct {
	// Meters provides the meter. The default is the global provider, otel.GetMeterProvider.
	Meters metric.MeterProvider
	// Tracers provides the tracer. The default is the global provider, otel.GetTracerProvider. The provider of package
	// trace/noop makes no spans.
	Tracers trace.TracerProvider
	// Names bounds how many values the attribute "name" has, and likewise "outcome": the values after the first so many
	// become "other". It matters only if commands, orders or error codes of your own have many. The default is 200.
	Names int
	// OneIn has the traces of one in so many orders sampled, the same orders in every process. The default is 1: of all.
	OneIn int
}

// Telemetry makes metrics and spans of observations. It is safe for concurrent use.
type Telemetry struct {
	tracer  trace.Tracer
	silent  bool // it makes no spans
	oneIn   uint64
	names   bound
	outcome bound

	commands, gateway, store, rounds, relays metric.Float64Histogram
	orders, refunds, setAside, conflicts     metric.Int64Counter
	calls, records, changes, claimed         metric.Int64Counter
	handled                                  metric.Int64Counter
	late, relayLate                          metric.Float64Gauge
	behind                                   metric.Int64Gauge

	attributes seen[labels, options]
	full       [2]options // of false and true
}

// New returns a Telemetry. It fails if the meter can't make an instrument.
func New(opts *Options) (*Telemetry, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Meters == nil {
		o.Meters = otel.GetMeterProvider()
	}
	if o.Tracers == nil {
		o.Tracers = otel.GetTracerProvider()
	}
	if o.Names <= 0 {
		o.Names = 200
	}
	if o.OneIn <= 0 {
		o.OneIn = 1
	}
	t := &Telemetry{tracer: o.Tracers.Tracer(Scope), oneIn: uint64(o.OneIn)}
	t.names.most, t.outcome.most = o.Names, o.Names
	t.full = [2]options{optionsOf(attribute.Bool("full", false)), optionsOf(attribute.Bool("full", true))}
	_, t.silent = t.tracer.(noop.Tracer)
	if err := t.instruments(o.Meters.Meter(Scope)); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Telemetry) instruments(m metric.Meter) error {
	var errs []error
	seconds := metric.WithExplicitBucketBoundaries(
		0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
	histogram := func(to *metric.Float64Histogram, name, what string) {
		h, err := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what), seconds)
		*to, errs = h, append(errs, err)
	}
	counter := func(to *metric.Int64Counter, name, unit, what string) {
		c, err := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
		*to, errs = c, append(errs, err)
	}
	gauge := func(to *metric.Float64Gauge, name, what string) {
		g, err := m.Float64Gauge(name, metric.WithUnit("s"), metric.WithDescription(what))
		*to, errs = g, append(errs, err)
	}
	histogram(&t.commands, "prepaid.command.duration", "Commands, quotes, changes that count usage, and settlements.")
	histogram(&t.gateway, "prepaid.gateway.duration", "Calls of the gateway.")
	histogram(&t.store, "prepaid.store.duration", "Calls of the store.")
	histogram(&t.rounds, "prepaid.round.duration", "Rounds of a worker.")
	histogram(&t.relays, "prepaid.relay.duration", "Rounds of a relay.")
	counter(&t.orders, "prepaid.orders", "{step}", "Steps of orders.")
	counter(&t.refunds, "prepaid.refunds", "{step}", "Steps of refunds.")
	counter(&t.setAside, "prepaid.set_aside", "{application}", "Applications with which a worker can't go on.")
	counter(&t.conflicts, "prepaid.conflicts", "{change}", "Changes that lost to another writer.")
	counter(&t.calls, "prepaid.usage.calls", "{call}", "Calls that count usage.")
	counter(&t.records, "prepaid.usage.records", "{record}", "Records of usage.")
	counter(&t.changes, "prepaid.usage.changes", "{change}", "Changes that count usage.")
	counter(&t.claimed, "prepaid.due.claimed", "{application}", "Applications that a worker claimed.")
	counter(&t.handled, "prepaid.relay.handled", "{change}", "Calls of a relay's handler.")
	gauge(&t.late, "prepaid.due.late", "For how long the most overdue application was due.")
	gauge(&t.relayLate, "prepaid.relay.late", "How long the oldest change of a relay's last round had waited.")
	behind, err := m.Int64Gauge("prepaid.relay.behind", metric.WithUnit("{change}"),
		metric.WithDescription("Changes between a relay and the end of the feed."))
	t.behind = behind
	return errors.Join(append(errs, err)...)
}

// Observe makes metrics and a span of an observation. Pass it as the Observe of subscription.Options and relay.Options.
func (t *Telemetry) Observe(ctx context.Context, o subscription.Observation) {
	o.Name, o.Outcome = t.names.of(o.Name), t.outcome.of(o.Outcome)
	t.measure(ctx, &o)
	if !t.silent {
		t.span(ctx, &o)
	}
}

// measure records the metrics of an observation.
func (t *Telemetry) measure(ctx context.Context, o *subscription.Observation) {
	took := o.Took.Seconds()
	with, _ := t.attributes.get(labelsOf(o), 0, labels.options)
	switch o.Op {
	case subscription.OpUsage:
		t.changes.Add(ctx, 1)
		t.calls.Add(ctx, int64(o.Calls))
		t.records.Add(ctx, int64(o.Size))
		t.commands.Record(ctx, took, with.record...)
	case subscription.OpCommand, subscription.OpQuote, subscription.OpSettle:
		t.commands.Record(ctx, took, with.record...)
	case subscription.OpGateway:
		t.gateway.Record(ctx, took, with.record...)
	case subscription.OpLoad:
		t.store.Record(ctx, took, with.record...)
	case subscription.OpCommit:
		t.store.Record(ctx, took, with.record...)
		if o.Conflicts > 0 {
			t.conflicts.Add(ctx, int64(o.Conflicts))
		}
	case subscription.OpOrder:
		t.orders.Add(ctx, 1, with.add...)
	case subscription.OpRefund:
		t.refunds.Add(ctx, 1, with.add...)
	case subscription.OpSetAside:
		t.setAside.Add(ctx, 1, with.add...)
	case subscription.OpClaim:
		t.store.Record(ctx, took, with.record...)
		if o.Size > 0 {
			full := t.full[0]
			if o.Size >= o.Limit {
				full = t.full[1]
			}
			t.claimed.Add(ctx, int64(o.Size), full.add...)
			t.late.Record(ctx, o.Late.Seconds())
		}
	case subscription.OpRound:
		t.rounds.Record(ctx, took, with.record...)
		t.late.Record(ctx, o.Late.Seconds())
	case subscription.OpHandle:
		t.handled.Add(ctx, 1, with.add...)
	case subscription.OpRelay:
		t.relays.Record(ctx, took, with.record...)
		if o.Outcome == subscription.OutcomeOK {
			name, _ := t.attributes.get(labels{name: o.Name}, 0, labels.options)
			t.behind.Record(ctx, o.Behind, name.record...)
			t.relayLate.Record(ctx, o.Late.Seconds(), name.record...)
		}
	}
}
