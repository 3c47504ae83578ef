package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/subscription/prepaidotel"
)

// What other documents than docs/guide.md quote: it is compiled, and not run.
var _ = []any{ofMonitoring, ofPostgres, ofStripe}

func ofMonitoring(
	st subscription.Store, gateway payment.Gateway, catalog func() *pricing.Catalog, meterProvider metric.MeterProvider,
	tracerProvider trace.TracerProvider,
) (any, error) {
	telemetry, err := prepaidotel.New(&prepaidotel.Options{Meters: meterProvider, Tracers: tracerProvider})
	if err != nil {
		return nil, err
	}
	service, err := subscription.NewService(st, gateway, catalog, &subscription.Options{
		Observe: telemetry.Observe,
		Logger:  slog.Default(),
	})
	return service, err
}

func ofPostgres(ctx context.Context, url string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	store, err := postgres.New(pool, nil) // tables in the schema "prepaid"
	if err != nil {
		return err
	}
	err = store.Migrate(ctx)
	return err
}

func ofStripe(
	secretKey, endpointSecret string, payers stripe.Payers, store database, catalog func() *pricing.Catalog, mux *http.ServeMux,
) error {
	gateway, err := stripe.New(secretKey, payers, &stripe.Options{Keys: store, ReturnURL: "https://shop.example/paid"})
	if err != nil {
		return err
	}
	billing, err := subscription.NewService(store, gateway, catalog, nil)
	if err != nil {
		return err
	}
	webhook, err := gateway.Webhook(billing, []string{endpointSecret}, nil)
	if err != nil {
		return err
	}
	mux.Handle("POST /stripe", webhook)
	return nil
}
