package prepaidotel_test

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/subscription/prepaidotel"
)

// A host with its own provider of metrics; most have one that exports to a collector, and a global one.
func ExampleNew() {
	ctx, reader := context.Background(), metric.NewManualReader()
	t, err := prepaidotel.New(&prepaidotel.Options{
		Meters:  metric.NewMeterProvider(metric.WithReader(reader)),
		Tracers: noop.NewTracerProvider(), // no spans
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	service, err := shop(t)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = service.Do(ctx, "chat", subscription.Create{Account: "acme"}, "create-1")
	fmt.Println(err)
	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name, m.Unit)
	}
	// Output:
	// <nil>
	// prepaid.command.duration s
	// prepaid.store.duration s
}

// A service whose observer is a Telemetry. Its workers tell through it.
func ExampleTelemetry_Observe() {
	t, err := prepaidotel.New(nil) // the global providers
	if err != nil {
		fmt.Println(err)
		return
	}
	service, err := shop(t)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = service.Do(context.Background(), "chat", subscription.Create{Account: "acme"}, "create-1")
	fmt.Println(err)
	// Output:
	// <nil>
}

// shop returns a service that tells a Telemetry.
func shop(t *prepaidotel.Telemetry) (*subscription.Service, error) {
	file, err := os.Open("../testdata/catalog.json")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	if err != nil {
		return nil, err
	}
	return subscription.NewService(memory.New(), balance.New(nil), subscription.StaticCatalog(cat),
		&subscription.Options{Observe: t.Observe})
}

// Support finds everything about an order in a trace whose ID follows from the order's.
func ExampleOrderTrace() {
	fmt.Println(prepaidotel.OrderTrace("chat", "o-1").TraceID())
	// Output:
	// fc77af12fa300f6af92eb6dafe42abdc
}
