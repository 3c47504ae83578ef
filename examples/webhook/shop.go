package main

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// shop is the service: it sells packages over HTTP, takes the bank's calls, renews, and sends mails.
type shop struct {
	store   *sqlite.Store
	catalog *pricing.Catalog
	billing *subscription.Service
	worker  *renewal.Worker
	mailer  *relay.Relay
	mails   *os.File
}

// open opens a shop in a directory. now may be nil.
func open(ctx context.Context, dir, bank string, now func() time.Time) (_ *shop, err error) {
	s := &shop{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.catalog, err = catalog.Load(); err != nil {
		return nil, err
	}
	if s.store, err = sqlite.Open(ctx, filepath.Join(dir, "billing.db"), nil); err != nil {
		return nil, err
	}
	if err := s.store.Migrate(ctx); err != nil {
		return nil, err
	}
	gw := &gateway{url: bank, client: &http.Client{Timeout: 10 * time.Second}}
	s.billing, err = subscription.NewService(s.store, gw, subscription.StaticCatalog(s.catalog), &subscription.Options{Now: now})
	if err != nil {
		return nil, err
	}
	if s.worker, err = renewal.NewWorker(s.billing, s.store, &renewal.Options{Interval: time.Second}); err != nil {
		return nil, err
	}
	if s.mails, err = os.OpenFile(filepath.Join(dir, "mails.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	s.mailer, err = relay.New(relay.Options{
		Name: "mails", Store: s.store, Handle: s.mail, Poll: 50 * time.Millisecond, Now: now,
		Lease: 2 * time.Second, // after a crash, mails go on so much later
	})
	return s, err
}

func (s *shop) close() error {
	var errs []error
	if s.mails != nil {
		errs = append(errs, s.mails.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}

// mail writes the mails that a change gives cause for, one a line. It may be called again for a change after a crash: a real
// mailer passes the application, revision and index on as the message's ID, so that no customer has two.
func (s *shop) mail(_ context.Context, c store.FeedChange) error {
	var lines []byte
	for _, e := range c.Events {
		var text string
		switch e.Type { //nolint:exhaustive // nobody wants a mail about the others
		case subscription.EventPeriodPaid:
			text = fmt.Sprintf("%s is yours until %s", e.Version, e.Period.End.Format(time.DateOnly))
		case subscription.EventOrderDeclined:
			text = fmt.Sprintf("%s was declined", e.Amount)
		case subscription.EventReminder:
			text = fmt.Sprintf("on %s your package %s", e.Period.Start.Format(time.DateOnly), e.Note)
		default:
			continue
		}
		lines = fmt.Appendf(lines, "%s.%d.%d: %s\n", c.Application, e.Revision, e.Index, text)
	}
	if len(lines) == 0 {
		return nil
	}
	if _, err := s.mails.Write(lines); err != nil {
		return err
	}
	return s.mails.Sync() // it is sent before the relay moves on
}

// handler is the service's API.
func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /buy", s.buy)
	mux.HandleFunc("POST /webhook", s.webhook)
	return mux
}

// buy sells a package to an application, which a request of the same key does once.
func (s *shop) buy(w http.ResponseWriter, r *http.Request) {
	app, key := subscription.ApplicationID(r.FormValue("app")), r.FormValue("key")
	_, err := s.billing.Do(r.Context(), app, subscription.Create{Account: subscription.AccountID("payer of " + app)}, "create")
	if err == nil {
		_, err = s.billing.Do(r.Context(), app, subscription.Purchase{
			Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: s.catalog.AgreementVersion(),
		}, key)
	}
	switch {
	case err == nil, errors.Is(err, subscription.ErrPaymentPending):
		w.WriteHeader(http.StatusAccepted)
	default:
		http.Error(w, string(subscription.CodeOf(err)), http.StatusInternalServerError)
	}
}

// noticeSize is the most that is read of the bank's call.
const noticeSize = 1 << 12

// webhook takes a call of the bank's. It trusts nothing but the attempt's ID, since the SDK asks the bank itself; the signature
// keeps strangers from making it ask. If it fails, the bank calls again.
func (s *shop) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, noticeSize))
	var n notice
	switch {
	case err != nil, !hmac.Equal([]byte(sign(body)), []byte(r.Header.Get("Signature"))):
		w.WriteHeader(http.StatusForbidden)
		return
	case json.Unmarshal(body, &n) != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if _, err := s.billing.Notify(r.Context(), subscription.AttemptID(n.Attempt)); err != nil {
		http.Error(w, string(subscription.CodeOf(err)), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// serve runs the service until ctx ends.
func serve(ctx context.Context, dir, addr, bank string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	s, err := open(ctx, dir, bank, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.handler(), ReadTimeout: 10 * time.Second}
	var wait sync.WaitGroup
	errs := make(chan error, 3)
	for _, run := range []func() error{
		func() error { return s.worker.Run(ctx) },
		func() error { return s.mailer.Run(ctx) },
		func() error { return server.Serve(listener) },
	} {
		wait.Go(func() { errs <- run() })
	}
	<-ctx.Done()
	err = server.Shutdown(context.WithoutCancel(ctx))
	wait.Wait()
	for range cap(errs) {
		if e := <-errs; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}
