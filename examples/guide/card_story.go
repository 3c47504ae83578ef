package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// payByCard tells of a card whose issuer wants the payer to confirm, in a shop with another gateway and thus with another
// store. The fake stands for the provider, and says over HTTP what has happened, as the provider does.
func payByCard(ctx context.Context, c *clock, out io.Writer) error {
	db := memory.New() // a store for tests: what is in it is lost with the process
	provider := stripefake.New(nil)
	defer provider.Close()
	customer, _ := provider.AddCustomer(stripefake.NeedsPayer)
	customers := map[string]stripe.Payer{"globex": {Customer: customer}} // in life a table of yours
	payers := func(_ context.Context, account string) (stripe.Payer, error) { return customers[account], nil }
	cards, err := newCards("sk_test_…", payers, db, provider.URL())
	if err != nil {
		return err
	}
	s, err := newShop(db, cards, c.now, slog.New(slog.DiscardHandler), out)
	if err != nil {
		return err
	}
	routes, err := s.routes(cards, "whsec_…")
	if err != nil {
		return err
	}
	server := httptest.NewServer(routes)
	defer server.Close()
	provider.SendTo(server.URL+"/stripe", "whsec_…")

	if _, err := s.billing.Do(ctx, "globex-meet", subscription.Create{Account: "globex"}, "create-1"); err != nil {
		return err
	}
	bought, err := s.billing.Do(ctx, "globex-meet", subscription.Purchase{
		Product: "meet", Version: "starter", Term: pricing.Months(1), Currency: "EUR", Agreement: s.prices.AgreementVersion(),
	}, "buy-1")
	if bought.Order.Action == nil {
		return fmt.Errorf("want something for the payer to do, got %w", err)
	}
	fmt.Fprintf(out, "HTTP %d: %s, the payer is sent to the bank's page: %s\n", status(err), bought.Order.Status, bought.Order.Action.Kind)

	// The payer confirms there, and the provider calls the webhook.
	if err := provider.Authenticate(provider.Intent("prepaid_order", string(bought.Order.ID)), true); err != nil {
		return err
	}
	if _, err := provider.Deliver(ctx); err != nil {
		return err
	}
	paid, err := s.billing.Order(ctx, "globex-meet", bought.Order.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "after the webhook: %s\n", paid.Status)
	if _, err := s.worker.Once(ctx); err != nil {
		return err
	}
	return probe(ctx, server.URL+"/health", out)
}

// probe asks for the health, as an orchestrator does.
func probe(ctx context.Context, url string, out io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "health: HTTP %d\n", answer.StatusCode)
	return answer.Body.Close()
}
