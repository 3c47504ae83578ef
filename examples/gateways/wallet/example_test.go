package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/gateways/wallet"
	"github.com/prepaidkit/prepaid/examples/gateways/wallet/walletserver"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// shop is a service whose customers pay with the wallet: its billing, its worker, its mails and its webhook.
type shop struct {
	gateway *wallet.Gateway
	catalog *pricing.Catalog
	billing *subscription.Service
	worker  *renewal.Worker
	mailer  *relay.Relay
	now     time.Time
}

func newShop(url string) *shop {
	s := &shop{now: time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	var err error
	s.gateway, err = wallet.New(wallet.Options{
		URL: url, Client: &http.Client{Timeout: 10 * time.Second}, Secret: []byte("secret"), Currency: "USD", Subject: "calls",
	})
	check(err)
	s.catalog, err = catalog.Load()
	check(err)
	st := memory.New()
	s.billing, err = subscription.NewService(st, s.gateway, subscription.StaticCatalog(s.catalog), &subscription.Options{Now: clock})
	check(err)
	// One attempt, which is declined at once, and the reminders that follow: time for the customer to pay by hand.
	const day = 24 * time.Hour
	s.worker, err = renewal.NewWorker(s.billing, st, &renewal.Options{Policy: renewal.Policy{
		Attempts: []time.Duration{-5 * day}, Reminders: []time.Duration{-3 * day, -1 * day},
	}})
	check(err)
	s.mailer, err = relay.New(relay.Options{Name: "mails", Store: st, Handle: s.mail, Now: clock})
	check(err)
	return s
}

// mail writes the mails. Their links are to a page of the host's own, which shows a code only once somebody is there.
func (s *shop) mail(ctx context.Context, c store.FeedChange) error {
	for _, e := range c.Events {
		switch e.Type {
		case subscription.EventOrderDeclined:
			fmt.Printf("%s  mail: your renewal needs you (%s): https://shop.example/renew/%s\n", s.date(), e.Reason, c.Application)
		case subscription.EventReminder:
			app, err := s.billing.Application(ctx, c.Application)
			if err != nil {
				return err
			}
			sub, _ := app.Latest(e.Product)
			fmt.Printf("%s  mail: it %s on %s, pay: https://shop.example/renew/%s\n", s.date(), e.Note, local(sub.End()), c.Application)
		case subscription.EventPeriodPaid:
			fmt.Printf("%s  mail: %s is yours until %s\n", s.date(), e.Version, local(e.Period.End))
		}
	}
	return nil
}

// ServeHTTP is the webhook.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<12))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	key, err := s.gateway.Notice(r.Header, body, s.now)
	if err != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if _, err := s.billing.Notify(r.Context(), subscription.AttemptID(key)); err != nil {
		w.WriteHeader(http.StatusInternalServerError) // the wallet tells it again
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// show does what a page does on which the customer buys: it shows the code, which it returns.
func (s *shop) show(ctx context.Context, cmd subscription.Command, key string) string {
	out, err := s.billing.Do(ctx, "voice", cmd, key)
	if !errors.Is(err, subscription.ErrPaymentPending) || out.Order.Action == nil {
		check(fmt.Errorf("want a code to show, not %w", err))
	}
	a := out.Order.Action
	fmt.Printf("%s  the page shows a code for %s: %s\n", s.date(), out.Order.Amount, a)
	return a.Value
}

// until passes the time, with a round of the worker and the mailer every six hours.
func (s *shop) until(ctx context.Context, t time.Time) {
	for ; s.now.Before(t); s.now = s.now.Add(6 * time.Hour) {
		_, err := s.worker.Once(ctx)
		check(err)
		_, err = s.mailer.Once(ctx)
		check(err)
	}
}

func (s *shop) date() string { return local(s.now) }

// local returns a date in the catalog's zone.
func local(t time.Time) string { return t.In(time.FixedZone("UTC+8", 8*60*60)).Format(time.DateOnly) }

func check(err error) {
	if err != nil {
		panic(err) // an example has nobody to tell
	}
}

// A customer buys with the wallet. Nobody can renew that without the customer: the worker's attempt is declined, mails
// follow, and the customer pays by hand. A part of it is refunded in the end.
func Example() {
	ctx := context.Background()
	var s *shop
	server := walletserver.New("USD", []byte("secret"), func() time.Time { return s.now })
	provider := httptest.NewServer(server)
	defer provider.Close()
	s = newShop(provider.URL)
	hooks := httptest.NewServer(s)
	defer hooks.Close()
	funds, err := pricing.ParseMoney("500.00", "USD")
	check(err)
	server.Fund("anna", funds)
	_, err = s.billing.Do(ctx, "voice", subscription.Create{Account: "anna"}, "create")
	check(err)

	code := s.show(ctx, subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: s.catalog.AgreementVersion(),
	}, "buy")
	check(server.Scan("anna", code, true))
	check(server.Notify(ctx, hooks.URL))
	s.until(ctx, time.Date(2026, time.March, 31, 10, 0, 0, 0, time.UTC))

	code = s.show(ctx, renewal.Renew{Product: "call"}, "renew") // she follows the link
	check(server.Scan("anna", code, true))
	check(server.Notify(ctx, hooks.URL))
	s.until(ctx, s.now.Add(6*time.Hour))
	app, err := s.billing.Application(ctx, "voice")
	check(err)
	sub, _ := app.Latest("call")
	fmt.Println(s.date(), sub.Status, "until", local(sub.End()))

	tenth, err := pricing.ParseMoney("19.90", "USD")
	check(err)
	_, err = s.billing.Do(ctx, "voice", subscription.RefundOrder{
		Order: sub.Cycles[len(sub.Cycles)-1].Order, Amount: tenth, Take: subscription.TakeNothing, Note: "goodwill",
	}, "goodwill")
	check(err)
	app, err = s.billing.Application(ctx, "voice")
	check(err)
	fmt.Println(s.date(), "refunds that the wallet works on:", len(app.Refunds))
	server.Process()
	check(server.Notify(ctx, hooks.URL))
	app, err = s.billing.Application(ctx, "voice")
	check(err)
	fmt.Println(s.date(), "refunds that the wallet works on:", len(app.Refunds))
	fmt.Println("cents in her wallet:", server.Funds("anna", "USD"))
	// Output:
	// 2026-03-02  the page shows a code for 199.00 USD: qr_code (hidden) until 2026-03-02T12:00:00Z
	// 2026-03-02  mail: one-to-one is yours until 2026-04-02
	// 2026-03-28  mail: your renewal needs you (authentication_required): https://shop.example/renew/voice
	// 2026-03-30  mail: it ends on 2026-04-02, pay: https://shop.example/renew/voice
	// 2026-03-31  the page shows a code for 199.00 USD: qr_code (hidden) until 2026-03-31T12:00:00Z
	// 2026-03-31  mail: one-to-one is yours until 2026-05-02
	// 2026-04-01 active until 2026-05-02
	// 2026-04-01 refunds that the wallet works on: 1
	// 2026-04-01 refunds that the wallet works on: 0
	// cents in her wallet: 12190
}
