package prepaidotel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/subscription/prepaidotel"
)

// The IDs are distinctive, so that none of them can be in an attribute by chance.
const (
	app  = subscription.ApplicationID("application-4711")
	poor = subscription.ApplicationID("application-4712")
	rich = subscription.AccountID("account-0815")
	none = subscription.AccountID("account-0816")
)

var errProvider = errors.New("HTTP 500 for pi_secret")

// world is a service, a worker and a relay that tell a Telemetry, whose metrics and spans a test reads. Each charge takes 50
// ms. It runs in a synctest bubble, where nothing else takes time.
type world struct {
	*subscription.Service
	t       *testing.T
	now     time.Time
	store   *losing
	worker  *renewal.Worker
	relay   *relay.Relay
	answer  func(payment.Result) (payment.Result, error) // what becomes of the next answer
	handle  error
	metrics *metric.ManualReader
	spans   *tracetest.InMemoryExporter
	tracer  *sdktrace.TracerProvider
}

// losing is a store whose next commits lose to another writer, or wait.
type losing struct {
	*memory.Store

	times int
	wait  chan struct{}
}

func (l *losing) Commit(ctx context.Context, changes ...subscription.Change) error {
	if wait := l.wait; wait != nil {
		l.wait = nil
		<-wait
	}
	if l.times > 0 {
		l.times--
		return &subscription.ConflictError{Applications: []subscription.ApplicationID{changes[0].Application}}
	}
	return l.Store.Commit(ctx, changes...)
}

// newWorld returns a world in which two applications exist, of which nothing was told.
func newWorld(t *testing.T, opts prepaidotel.Options) *world {
	t.Helper()
	w := &world{t: t, store: &losing{Store: memory.New()}, now: time.Date(2025, 7, 1, 9, 0, 0, 0, time.UTC)}
	w.metrics, w.spans = metric.NewManualReader(), tracetest.NewInMemoryExporter()
	w.tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans))
	opts.Meters, opts.Tracers = metric.NewMeterProvider(metric.WithReader(w.metrics)), w.tracer
	told := sure.Of(prepaidotel.New(&opts))
	accounts := balance.New(&balance.Options{Now: func() time.Time { return w.now }})
	gateway := &testworld.Gateway{Gateway: accounts, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		time.Sleep(50 * time.Millisecond)
		r, err := accounts.Charge(ctx, c)
		if answer := w.answer; answer != nil {
			w.answer = nil
			return answer(r)
		}
		return r, err
	}}
	cat := testworld.Catalog(t, "../testdata/minutes.json")
	clock := func() time.Time { return w.now }
	quiet := sure.Of(subscription.NewService(w.store, gateway, subscription.StaticCatalog(cat), &subscription.Options{Now: clock}))
	for id, account := range map[subscription.ApplicationID]subscription.AccountID{app: rich, poor: none} {
		w.ok(accounts.Open(t.Context(), string(account)))
		_ = sure.Of(quiet.Do(t.Context(), id, subscription.Create{Account: account}, "create"))
	}
	w.ok(accounts.Deposit(t.Context(), string(rich), "d", testworld.Money(t, "10000.00 USD")))
	w.Service = sure.Of(subscription.NewService(w.store, gateway, subscription.StaticCatalog(cat),
		&subscription.Options{Now: clock, Observe: told.Observe}))
	w.worker = sure.Of(renewal.NewWorker(w.Service, w.store, &renewal.Options{Batch: 1, Parallel: 1}))
	w.relay = sure.Of(relay.New(relay.Options{
		Name: "mails", Store: w.store, Observe: told.Observe,
		Handle: func(context.Context, store.FeedChange) error { return w.handle },
	}))
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// buy buys a month, and the outcome must have a code; "" if it is paid.
func (w *world) buy(ctx context.Context, id subscription.ApplicationID, product pricing.ProductID, version pricing.VersionID,
	want subscription.Code,
) subscription.Order {
	w.t.Helper()
	out, err := w.Do(ctx, id, testworld.Buy(product, version), string(product)+string(version))
	if got := subscription.CodeOf(err); got != want {
		w.t.Fatalf("%s/%s: %v, want the code %q", product, version, err, want)
	}
	return out.Order
}

// points returns the data points of all metrics, a line each: name{attributes} and its value. Of a histogram that is
// count and sum, which leaves out the few milliseconds that a service waits after a conflict.
func (w *world) points() []string {
	w.t.Helper()
	var all metricdata.ResourceMetrics
	w.ok(w.metrics.Collect(context.Background(), &all))
	var lines []string
	add := func(name string, set attribute.Set, value string) {
		var attributes []string
		for _, a := range set.ToSlice() {
			attributes = append(attributes, string(a.Key)+"="+a.Value.String())
		}
		lines = append(lines, fmt.Sprintf("%s{%s} %s", strings.TrimPrefix(name, "prepaid."), strings.Join(attributes, ","), value))
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, strconv.FormatInt(p.Value, 10))
				}
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, strconv.FormatInt(p.Value, 10))
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, fmt.Sprintf("%.0fs", p.Value))
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					add(m.Name, p.Attributes, fmt.Sprintf("%d in %.2fs", p.Count, p.Sum))
				}
			default:
				w.t.Errorf("%s is a %T", m.Name, data)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// consume counts usage in so many calls at the same time, of which the first has its commit held until the others wait.
func (w *world) consume(wait func(), records ...int) {
	hold := make(chan struct{})
	w.store.wait = hold
	var calls sync.WaitGroup
	for i, n := range records {
		usage := make([]subscription.Usage, n)
		for k := range usage {
			usage[k] = subscription.Usage{ID: fmt.Sprintf("r-%d-%d", i, k), Product: "call", Kind: "audio", At: w.now, Seconds: 60}
		}
		calls.Go(func() { _ = sure.Of(w.Consume(w.t.Context(), app, usage...)) })
		wait()
	}
	close(hold)
	calls.Wait()
	wait()
}
