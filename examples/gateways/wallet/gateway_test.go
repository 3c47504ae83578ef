package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/internal/outage"
	"github.com/prepaidkit/prepaid/examples/gateways/wallet"
	"github.com/prepaidkit/prepaid/examples/gateways/wallet/walletserver"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

// phones are the telephones of the payers, who scan each code that they are shown.
type phones struct {
	*wallet.Gateway

	server *walletserver.Server
	mu     sync.Mutex
	payer  map[string]string // by key
	code   map[string]string // by key
	waits  map[string]bool   // by payer, who does nothing by themselves
}

func (p *phones) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	r, err := p.Gateway.Charge(ctx, c)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !errors.Is(err, payment.ErrKeyConflict) && !errors.Is(err, payment.ErrInvalid) {
		p.payer[c.Key] = c.Account
	}
	p.seen(r)
	return r, err
}

func (p *phones) Lookup(ctx context.Context, key string) (payment.Result, error) {
	r, err := p.Gateway.Lookup(ctx, key)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen(r)
	return r, err
}

func (p *phones) seen(r payment.Result) {
	if r.Action.Kind == wallet.ActionQR {
		p.code[r.Key] = r.Action.Value
	}
}

// scan has the payers of all codes pay, but for those who do nothing by themselves, and the wallet make refunds. A code
// may be seen by a Lookup before its Charge has returned and says who pays.
func (p *phones) scan(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, code := range p.code {
		if payer, known := p.payer[key]; known && !p.waits[payer] {
			_ = p.server.Scan(payer, code, true) // unless it is over
		}
	}
	p.server.Process()
	return nil
}

func (p *phones) confirm(_ context.Context, key string, confirms bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.server.Scan(p.payer[key], p.code[key], confirms)
}

func newGateway(tb testing.TB, url string) *wallet.Gateway {
	tb.Helper()
	g, err := wallet.New(wallet.Options{
		URL: url, Client: &http.Client{Timeout: 10 * time.Second}, Secret: []byte("secret"), Currency: "USD", Subject: "calls",
	})
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func harness(t *testing.T) paymenttest.Harness {
	t.Helper()
	server := walletserver.New("USD", []byte("secret"), time.Now)
	provider := &outage.Switch{Handler: server}
	listener := httptest.NewServer(provider)
	t.Cleanup(listener.Close)
	p := &phones{
		Gateway: newGateway(t, listener.URL), server: server,
		payer: map[string]string{}, code: map[string]string{}, waits: map[string]bool{},
	}
	set := func(payer string, waits bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.waits[payer] = waits
	}
	return paymenttest.Harness{
		Gateway: p, Present: true, OneCurrency: true, Fail: provider.Fail, Advance: p.scan, Confirm: p.confirm,
		Deposit: func(_ context.Context, account string, amount pricing.Money) error {
			set(account, false)
			server.Fund(account, amount)
			return nil
		},
		Balance: func(_ context.Context, account string, c pricing.Currency) (pricing.Money, error) {
			return pricing.FromMinor(server.Funds(account, c), c)
		},
		Decline: func(_ context.Context, account string, reason payment.Reason) error {
			server.Stop(account, map[payment.Reason]string{
				payment.NoPaymentMethod: walletserver.NoFunds, payment.Suspected: walletserver.Blocked,
			}[reason])
			return nil
		},
		NeedPayer: func(_ context.Context, account string) error { set(account, true); return nil },
	}
}

// world is a gateway and its wallet, with a clock.
type world struct {
	*wallet.Gateway

	server *walletserver.Server
	fail   func(path string) bool // answers with a 404 that isn't the wallet's
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC), fail: func(string) bool { return false }}
	w.server = walletserver.New("USD", []byte("secret"), func() time.Time { return w.now })
	listener := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if w.fail(r.URL.Path) {
			http.NotFound(out, r)
			return
		}
		w.server.ServeHTTP(out, r)
	}))
	t.Cleanup(listener.Close)
	w.Gateway = newGateway(t, listener.URL)
	return w
}

func (w *world) charge(present bool) payment.Charge {
	amount, _ := pricing.FromMinor(19900, "USD")
	return payment.Charge{Key: "store/voice/order-1", Account: "anna", Amount: amount, Present: present}
}

func same(t *testing.T, what string, r payment.Result, err error, status payment.Status, reason payment.Reason) {
	t.Helper()
	if err != nil || r.Status != status || r.Reason != reason {
		t.Errorf("%s: %s %s, error %v; want %s %s", what, r.Status, r.Reason, err, status, reason)
	}
}

// An order that nobody pays in its time is declined, as canceled.
func TestOrdersEndByThemselves(t *testing.T) {
	w := newWorld(t)
	c := w.charge(true)
	r, err := w.Charge(t.Context(), c)
	same(t, "at first", r, err, payment.Pending, "")
	if want := w.now.Add(2 * time.Hour); !r.Action.Until.Equal(want) || r.Action.Kind != wallet.ActionQR {
		t.Errorf("the action is %v, want one until %v", r.Action, want)
	}
	w.now = w.now.Add(2 * time.Hour)
	if err := w.server.Scan("anna", r.Action.Value, true); err == nil {
		t.Error("an order whose time is over was paid")
	}
	r, err = w.Lookup(t.Context(), c.Key)
	same(t, "two hours later", r, err, payment.Declined, payment.Canceled)
}

// What keeps the order of an absent payer from being closed leaves the outcome open, and whoever looks next closes it.
func TestOrdersOfAbsentPayersAreClosedByWhoeverLooks(t *testing.T) {
	w := newWorld(t)
	w.fail = func(path string) bool { return strings.HasSuffix(path, "/close") }
	c := w.charge(false)
	if r, err := w.Charge(t.Context(), c); err == nil {
		t.Errorf("Charge: %s, want an error", r.Status)
	}
	w.fail = func(string) bool { return false }
	r, err := w.Lookup(t.Context(), c.Key)
	same(t, "Lookup", r, err, payment.Declined, payment.NeedsAuthentication)
	if err := w.server.Scan("anna", "wallet://pay/W1", true); err == nil {
		t.Error("the order was paid")
	}
}

// Only the wallet's own words say that there is no such order.
func TestNotFoundIsTheWalletsWord(t *testing.T) {
	w := newWorld(t)
	r, err := w.Lookup(t.Context(), "store/voice/order-1")
	same(t, "Lookup", r, err, payment.NotFound, "")
	w.fail = func(string) bool { return true }
	if r, err := w.Lookup(t.Context(), "store/voice/order-1"); err == nil {
		t.Errorf("Lookup with a 404 of a proxy: %s, want an error", r.Status)
	}
}

// A charge in a currency that the merchant hasn't is declined for good.
func TestForeignCurrencyIsDeclined(t *testing.T) {
	w := newWorld(t)
	c := w.charge(true)
	c.Amount, _ = pricing.FromMinor(19900, "EUR")
	for range 2 {
		r, err := w.Charge(t.Context(), c)
		same(t, "Charge", r, err, payment.Declined, payment.Other)
	}
	r, err := w.Lookup(t.Context(), c.Key)
	same(t, "Lookup", r, err, payment.Declined, payment.Other)
}

// A notification leads to its key if the wallet signed it lately, and otherwise nowhere.
func TestNoticesAreVerified(t *testing.T) {
	w := newWorld(t)
	c := w.charge(true)
	r, err := w.Charge(t.Context(), c)
	same(t, "Charge", r, err, payment.Pending, "")
	if err := w.server.Scan("anna", r.Action.Value, true); err != nil {
		t.Fatal(err)
	}
	var header http.Header
	var body []byte
	hook := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
		out.WriteHeader(http.StatusNoContent)
	}))
	defer hook.Close()
	if err := w.server.Notify(t.Context(), hook.URL); err != nil {
		t.Fatal(err)
	}
	if key, err := w.Notice(header, body, w.now); key != c.Key || err != nil {
		t.Errorf("Notice = %q, %v; want %q", key, err, c.Key)
	}
	for name, change := range map[string]func(h http.Header, body []byte) (http.Header, []byte, time.Time){
		"old":          func(h http.Header, b []byte) (http.Header, []byte, time.Time) { return h, b, w.now.Add(time.Hour) },
		"from ahead":   func(h http.Header, b []byte) (http.Header, []byte, time.Time) { return h, b, w.now.Add(-time.Hour) },
		"another body": func(h http.Header, b []byte) (http.Header, []byte, time.Time) { return h, append(b, ' '), w.now },
		"another time": func(h http.Header, b []byte) (http.Header, []byte, time.Time) {
			h.Set("Wallet-Time", strconv.FormatInt(w.now.Unix()+1, 10))
			return h, b, w.now
		},
		"unsigned": func(h http.Header, b []byte) (http.Header, []byte, time.Time) {
			h.Del("Wallet-Signature")
			return h, b, w.now
		},
	} {
		h, b, now := change(header.Clone(), bytes.Clone(body))
		if key, err := w.Notice(h, b, now); !errors.Is(err, wallet.ErrNotice) || key != "" {
			t.Errorf("%s: Notice = %q, %v; want %v", name, key, err, wallet.ErrNotice)
		}
	}
}

// A wallet keeps the contract, also while it fails.
// Rule: gateways-keep-a-contract.
func TestConforms(t *testing.T) { paymenttest.Run(t, harness) }
