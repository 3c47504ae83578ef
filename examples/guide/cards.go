package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/payment/stripe"
)

// newCards makes the gateway for cards. The URL is "" for the provider's own, and another one in tests.
func newCards(secretKey string, payers stripe.Payers, db database, url string) (*stripe.Gateway, error) {
	return stripe.New(secretKey, payers, &stripe.Options{Keys: db, ReturnURL: "https://shop.example/paid", URL: url})
}

// routes serves the provider's notifications, and a probe.
func (s *shop) routes(cards *stripe.Gateway, endpointSecret string) (http.Handler, error) {
	webhook, err := cards.Webhook(s.billing, []string{endpointSecret}, nil)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /stripe", webhook)
	mux.HandleFunc("GET /health", s.health)
	return mux, nil
}
