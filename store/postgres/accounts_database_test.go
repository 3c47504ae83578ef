package postgres_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/postgres"
)

func dollars(tb testing.TB, cents int64) pricing.Money {
	tb.Helper()
	m, err := pricing.FromMinor(cents, "USD")
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// wealthy opens "acme" with 100.00 USD.
func wealthy(tb testing.TB, a *postgres.Accounts) {
	tb.Helper()
	if err := a.Open(tb.Context(), "acme"); err != nil {
		tb.Fatal(err)
	}
	if err := a.Deposit(tb.Context(), "acme", "wire-1", dollars(tb, 10_000)); err != nil {
		tb.Fatal(err)
	}
}

// What no request does, the schema doesn't let anybody do by hand either.
func TestAccountsSchema(t *testing.T) {
	p := connect(t)
	name := schema(t, p)
	a := accounts(t, p, name)
	wealthy(t, a)
	if r, err := a.Charge(t.Context(), payment.Charge{Key: "k", Account: "acme", Amount: dollars(t, 3000)}); err != nil || !r.Status.Final() {
		t.Fatal(r, err)
	}
	for _, tt := range []struct{ name, statement, want string }{
		{"an overdraft", `UPDATE balances SET amount = amount - 7001 WHERE account = 'acme'`, "balances_amount_check"},
		{"a balance of nobody", `INSERT INTO balances (account, currency, amount) VALUES ('nobody', 'USD', 1)`, "foreign key"},
		{"a movement changed", `UPDATE movements SET amount = amount - 1`, "append-only"},
		{"a movement deleted", `DELETE FROM movements`, "append-only"},
		{"all movements deleted", `TRUNCATE movements`, "append-only"},
		{"a second charge with a key", `INSERT INTO charges (key, account, currency, amount, at, status, reason, refunded)
			VALUES ('k', 'acme', 'USD', 1, now(), 'declined', 'other', 0)`, "charges_pkey"},
		{"a success without a movement", `UPDATE charges SET movement = NULL WHERE key = 'k'`, "check constraint"},
		{"more given back than collected", `UPDATE charges SET refunded = 3001 WHERE key = 'k'`, "check constraint"},
	} {
		statement := tt.statement
		for _, table := range []string{"balances", "movements", "charges"} {
			for _, before := range []string{"UPDATE ", "INTO ", "FROM ", "TRUNCATE "} {
				statement = strings.Replace(statement, before+table, before+name+"."+table, 1)
			}
		}
		if _, err := p.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if got, err := a.Balance(t.Context(), "acme", "USD"); err != nil || got != dollars(t, 7000) {
		t.Errorf("Balance = %s, %v", got, err)
	}
}

// cut is a connection that breaks when an answer has come, so that the request was carried out and nobody knows.
type cut struct {
	net.Conn

	next func() bool
}

func (c cut) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil && c.next() {
		_ = c.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// Connections are cut between the commit and the answer. The same request again, until there is an answer, moves its
// money once.
func TestAccountsCutOff(t *testing.T) {
	config, err := pgxpool.ParseConfig(pgtest.Direct(t))
	if err != nil {
		t.Fatal(err)
	}
	var armed atomic.Bool
	var cuts atomic.Int64
	config.MaxConns = 4
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return cut{c, func() bool {
			if !armed.Load() || rand.IntN(4) > 0 { // by chance, lest every try be cut at the same place
				return false
			}
			cuts.Add(1)
			return true
		}}, err
	}
	broken, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broken.Close)
	p := connect(t)
	name := schema(t, p)
	good, a := accounts(t, p, name), accounts(t, broken, name)
	wealthy(t, good)

	armed.Store(true)
	var unknown, happened atomic.Int64
	insist := func(do func() error, known func() bool) {
		for do() != nil {
			unknown.Add(1)
			if known() {
				happened.Add(1)
			}
		}
	}
	has := func(kind balance.Kind, key string) func() bool {
		return func() bool {
			for m, err := range good.Statement(t.Context(), "acme") {
				if err == nil && m.Kind == kind && m.Key == key {
					return true
				}
			}
			return false
		}
	}
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			n := strconv.Itoa(i)
			c := payment.Charge{Key: "k" + n, Account: "acme", Amount: dollars(t, 100)}
			r := payment.Refund{Key: "r" + n, Charge: c.Key, Account: "acme", Amount: dollars(t, 10)}
			insist(func() error { return a.Deposit(t.Context(), "acme", "d"+n, dollars(t, 1)) }, has(balance.Deposited, "d"+n))
			insist(func() error { _, err := a.Charge(t.Context(), c); return err }, has(balance.Charged, c.Key))
			insist(func() error { _, err := a.Refund(t.Context(), r); return err }, has(balance.Refunded, r.Key))
		})
	}
	wg.Wait()
	armed.Store(false)
	t.Logf("%d connections cut, %d requests without an answer, %d of them had happened", cuts.Load(), unknown.Load(), happened.Load())
	if happened.Load() == 0 {
		t.Error("no request happened without an answer")
	}
	if got, err := good.Balance(t.Context(), "acme", "USD"); err != nil || got != dollars(t, 10_000+24*(1-100+10)) {
		t.Errorf("Balance = %s, %v", got, err)
	}
	n := 0
	for _, err := range good.Journal(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1+3*24 {
		t.Errorf("%d movements, want %d", n, 1+3*24)
	}
}

// Sessions with a stricter isolation than the default have their statements rolled back, and sent again.
func TestAccountsSerialization(t *testing.T) {
	for _, isolation := range []string{"repeatable read", "serializable"} {
		t.Run(isolation, func(t *testing.T) {
			config, err := pgxpool.ParseConfig(pgtest.Direct(t))
			if err != nil {
				t.Fatal(err)
			}
			config.ConnConfig.RuntimeParams["default_transaction_isolation"] = isolation
			p, err := pgxpool.NewWithConfig(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			s, _ := openNamed(t, p, &postgres.Options{Retries: 1000})
			a := s.Accounts(nil)
			wealthy(t, a)
			var paid atomic.Int64
			var wg sync.WaitGroup
			for worker := range 4 {
				wg.Go(func() {
					for i := range 10 {
						c := payment.Charge{Key: strconv.Itoa(worker*10 + i), Account: "acme", Amount: dollars(t, 300)}
						r, err := a.Charge(t.Context(), c)
						if err != nil {
							t.Error(err)
						}
						if r.Status == payment.Succeeded {
							paid.Add(1)
						}
					}
				})
			}
			wg.Wait()
			if paid.Load() != 33 {
				t.Errorf("%d charges of 3.00 succeeded on 100.00, want 33", paid.Load())
			}
			if got, err := a.Balance(t.Context(), "acme", "USD"); err != nil || got != dollars(t, 100) {
				t.Errorf("Balance = %s, %v", got, err)
			}
		})
	}
}

// Nobody waits forever: not for an account that somebody keeps locked, nor for a pool without a free connection.
func TestAccountsTimeout(t *testing.T) {
	p := connect(t)
	name := schema(t, p)
	wealthy(t, accounts(t, p, name))
	s, err := postgres.New(p, &postgres.Options{Schema: name, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	a := s.Accounts(nil)
	tx, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT FROM "+name+".accounts FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	c := payment.Charge{Key: "k", Account: "acme", Amount: dollars(t, 300)}
	if r, err := a.Charge(t.Context(), c); !errors.Is(err, context.DeadlineExceeded) || r != (payment.Result{}) {
		t.Errorf("Charge = %+v, %v, want %v", r, err, context.DeadlineExceeded)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := a.Charge(t.Context(), c); err != nil || !r.Paid(c.Amount) {
		t.Errorf("Charge = %+v, %v", r, err)
	}
	if got, err := a.Balance(t.Context(), "acme", "USD"); err != nil || got != dollars(t, 9700) {
		t.Errorf("Balance = %s, %v", got, err)
	}
}

func TestAccountsDefaultClock(t *testing.T) {
	p := connect(t)
	s, _ := openNamed(t, p, nil)
	before := time.Now().Truncate(time.Microsecond)
	r, err := s.Accounts(nil).Charge(t.Context(), payment.Charge{Key: "k", Account: "nobody", Amount: dollars(t, 1)})
	if err != nil || r.At.Before(before) || r.At.After(time.Now()) {
		t.Errorf("Charge = %+v, %v, want it dated now", r, err)
	}
}

// Every way in which pgx can send a statement will do, also behind a pooler of connections.
func TestAccountsModes(t *testing.T) {
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			p, err := pgxpool.New(t.Context(), pgtest.Direct(t)+"&default_query_exec_mode="+mode)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			a := accounts(t, p, schema(t, p))
			wealthy(t, a)
			c := payment.Charge{Key: "k'1", Account: "acme", Amount: dollars(t, 300), Description: `'; -- \`}
			r := payment.Refund{Key: "r", Charge: c.Key, Account: "acme", Amount: dollars(t, 100)}
			for range 2 {
				if got, err := a.Charge(t.Context(), c); err != nil || !got.Paid(c.Amount) {
					t.Fatal(got, err)
				}
				if got, err := a.Refund(t.Context(), r); err != nil || !got.Paid(r.Amount) {
					t.Fatal(got, err)
				}
			}
			if err := a.SetPaymentMethod(t.Context(), "acme", false); err != nil {
				t.Fatal(err)
			}
			if got, err := a.Lookup(t.Context(), c.Key); err != nil || !got.Paid(c.Amount) {
				t.Fatal(got, err)
			}
			var last balance.Movement
			for m, err := range a.Statement(t.Context(), "acme") {
				if err != nil {
					t.Fatal(err)
				}
				last = m
			}
			if last.Kind != balance.Refunded || last.Balance != dollars(t, 9800) {
				t.Errorf("the last movement is %+v", last)
			}
		})
	}
}
