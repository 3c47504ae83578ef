package wallet_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
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

// scan has the payers of all codes pay, but for those who do nothing by themselves, and the wallet make refunds.
func (p *phones) scan(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, code := range p.code {
		if payer := p.payer[key]; !p.waits[payer] {
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

// A wallet keeps the contract, also while it fails.
// Rule: gateways-keep-a-contract.
func TestConforms(t *testing.T) { paymenttest.Run(t, harness) }
