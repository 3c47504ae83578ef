package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/subscription/prepaidotel"
)

// shop is everything that a process runs.
type shop struct {
	prices  *pricing.Catalog
	db      database
	billing *subscription.Service
	worker  *renewal.Worker
	mails   *relay.Relay
	now     func() time.Time
	out     io.Writer // where the mails go
}

// newShop puts the parts together. In production now is [time.Now].
func newShop(db database, gateway payment.Gateway, now func() time.Time, logs *slog.Logger, out io.Writer) (*shop, error) {
	s := &shop{db: db, now: now, out: out}
	var err error
	if s.prices, err = parse(priceList); err != nil {
		return nil, err
	}
	telemetry, err := prepaidotel.New(nil) // to the global providers of OpenTelemetry
	if err != nil {
		return nil, err
	}
	s.billing, err = subscription.NewService(db, gateway, subscription.StaticCatalog(s.prices), &subscription.Options{
		Now: now, Observe: telemetry.Observe, Logger: logs,
	})
	if err != nil {
		return nil, err
	}
	if s.worker, err = renewal.NewWorker(s.billing, db, nil); err != nil {
		return nil, err
	}
	s.mails, err = relay.New(relay.Options{
		Name: "mails", Store: db, Handle: s.mail, Now: now, Observe: telemetry.Observe, Logger: logs,
	})
	return s, err
}

// run works until the context is done, or something ends by itself, for which the process is to be started again. Several
// processes may run on one database.
func (s *shop) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 2)
	go func() { defer stop(); done <- s.worker.Run(ctx) }()
	go func() { defer stop(); done <- s.mails.Run(ctx) }()
	return errors.Join(<-done, <-done)
}

// status is the HTTP status that says what an error of the service means to a caller.
func status(err error) int {
	switch subscription.CodeOf(err) {
	case "":
		return http.StatusOK
	case "payment_pending", "review":
		return http.StatusAccepted // wait for the webhook, or for a person
	case "declined":
		return http.StatusPaymentRequired // again, with a new key
	case "quote_stale":
		return http.StatusConflict // quote again, show the new price
	case subscription.Internal, "conflict", "clock", "invariant", "refused_by_store", "gateway_key_conflict":
		return http.StatusInternalServerError // perhaps done: again, with the same key
	default:
		return http.StatusUnprocessableEntity // refused; the code says why
	}
}

// health answers a probe: 503 if rounds of the worker have failed, or none has ended for ten minutes.
func (s *shop) health(w http.ResponseWriter, _ *http.Request) {
	h := s.worker.Health()
	if h.Failed > 0 || s.now().Sub(h.EndedAt) > 10*time.Minute {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintf(w, "last round: %s, rounds failed since: %d\n", h.EndedAt.UTC().Format(time.RFC3339), h.Failed)
}

// mail is told of every change at least once. A real one sends mails under the change's application and revision, so that what
// is told twice is sent once.
func (s *shop) mail(_ context.Context, c store.FeedChange) error {
	for _, e := range c.Events {
		if text := letter(e); text != "" {
			fmt.Fprintf(s.out, "  mail about %s: %s\n", c.Application, text)
		}
	}
	return nil
}

// letter is what a customer, or staff, is told of an event; "" if nothing.
func letter(e subscription.Event) string {
	return map[subscription.EventType]string{
		subscription.EventOrderPaid:         fmt.Sprintf("%s paid, thank you", e.Amount),
		subscription.EventOrderDeclined:     fmt.Sprintf("the payment of %s failed: %s", e.Amount, e.Reason),
		subscription.EventReminder:          fmt.Sprintf("soon your package %s %s", e.Note, e.Amount), // "ends", or "renews itself"
		subscription.EventActionNeeded:      fmt.Sprintf("confirm the payment of %s with your bank, please", e.Amount),
		subscription.EventStatus:            fmt.Sprintf("your package is %s", e.Status),
		subscription.EventRefundMade:        fmt.Sprintf("%s went back to you", e.Amount),
		subscription.EventOrderReview:       fmt.Sprintf("staff, look at order %s: %s", e.Order, e.Note),
		subscription.EventOrderUnreconciled: fmt.Sprintf("staff, look at order %s: %s", e.Order, e.Note),
		subscription.EventRefundFailed:      fmt.Sprintf("staff, a refund of order %s failed: %s", e.Order, e.Reason),
		subscription.EventNeedsPerson:       fmt.Sprintf("staff, look at order %s: %s", e.Order, e.Note),
	}[e.Type]
}
