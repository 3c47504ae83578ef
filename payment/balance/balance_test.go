package balance_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

// noon is the time of everything in these tests.
var noon = time.Date(2025, 6, 16, 12, 0, 0, 0, time.UTC)

var byValue = cmpopts.EquateComparable(pricing.Money{})

var money = testworld.Money

// opened returns accounts in which "acme" is open and has deposits.
func opened(tb testing.TB, deposits ...string) *balance.Accounts {
	tb.Helper()
	a := balance.New(&balance.Options{Now: func() time.Time { return noon }})
	if err := a.Open(tb.Context(), "acme"); err != nil {
		tb.Fatal(err)
	}
	for i, d := range deposits {
		if err := a.Deposit(tb.Context(), "acme", "deposit "+strconv.Itoa(i), money(tb, d)); err != nil {
			tb.Fatal(err)
		}
	}
	return a
}

func charge(tb testing.TB, key, amount string) payment.Charge {
	tb.Helper()
	return payment.Charge{
		Key: key, Account: "acme", Amount: money(tb, amount), Order: "order-1", Application: "app-1", Description: "Group Call",
	}
}

func pay(tb testing.TB, a *balance.Accounts, key, amount string) {
	tb.Helper()
	r, err := a.Charge(tb.Context(), charge(tb, key, amount))
	if err != nil || r.Status != payment.Succeeded {
		tb.Fatalf("Charge(%s) = %+v, %v", key, r, err)
	}
}

func wantBalance(tb testing.TB, a *balance.Accounts, want string) {
	tb.Helper()
	m := money(tb, want)
	if got, err := a.Balance(tb.Context(), "acme", m.Currency()); err != nil || got != m {
		tb.Errorf("Balance = %s, %v, want %s", got, err, want)
	}
}

// Accounts satisfies the contract of all gateways.
// Rule: gateways-keep-a-contract.
func TestConforms(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
		accounts := balance.New(nil)
		return paymenttest.Prepaid(accounts, accounts)
	})
}

func TestResults(t *testing.T) {
	a := opened(t, "100.00 USD")
	at := noon
	tests := []struct {
		name string
		call func() (payment.Result, error)
		want payment.Result
	}{
		{
			"a charge refers to its movement",
			func() (payment.Result, error) { return a.Charge(t.Context(), charge(t, "k1", "30.00 USD")) },
			payment.Result{Key: "k1", Status: payment.Succeeded, Amount: money(t, "30.00 USD"), Reference: "2", At: at},
		},
		{
			"too much",
			func() (payment.Result, error) { return a.Charge(t.Context(), charge(t, "k2", "70.01 USD")) },
			payment.Result{Key: "k2", Status: payment.Declined, Reason: payment.InsufficientBalance, At: at},
		},
		{
			"a currency never deposited",
			func() (payment.Result, error) { return a.Charge(t.Context(), charge(t, "k3", "0.01 EUR")) },
			payment.Result{Key: "k3", Status: payment.Declined, Reason: payment.InsufficientBalance, At: at},
		},
		{
			"an account never opened",
			func() (payment.Result, error) {
				c := charge(t, "k4", "0.01 USD")
				c.Account = "nobody"
				return a.Charge(t.Context(), c)
			},
			payment.Result{Key: "k4", Status: payment.Declined, Reason: payment.NoPaymentMethod, At: at},
		},
		{
			"lookup",
			func() (payment.Result, error) { return a.Lookup(t.Context(), "k1") },
			payment.Result{Key: "k1", Status: payment.Succeeded, Amount: money(t, "30.00 USD"), Reference: "2", At: at},
		},
		{
			"a deposit's key is no charge's",
			func() (payment.Result, error) { return a.Lookup(t.Context(), "deposit 0") },
			payment.Result{Key: "deposit 0", Status: payment.NotFound},
		},
		{
			"a refund refers to its movement",
			func() (payment.Result, error) {
				return a.Refund(t.Context(), payment.Refund{Key: "r1", Charge: "k1", Account: "acme", Amount: money(t, "10.00 USD")})
			},
			payment.Result{Key: "r1", Status: payment.Succeeded, Amount: money(t, "10.00 USD"), Reference: "3", At: at},
		},
		{
			"a refund of more than is left",
			func() (payment.Result, error) {
				return a.Refund(t.Context(), payment.Refund{Key: "r2", Charge: "k1", Account: "acme", Amount: money(t, "20.01 USD")})
			},
			payment.Result{Key: "r2", Status: payment.Declined, Reason: payment.ExceedsCharge, At: at},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.call()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, byValue); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDepositIsIdempotentByKey(t *testing.T) {
	a := opened(t)
	for range 3 {
		if err := a.Deposit(t.Context(), "acme", "wire-1", money(t, "50.00 USD")); err != nil {
			t.Fatal(err)
		}
	}
	wantBalance(t, a, "50.00 USD")

	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := a.Deposit(t.Context(), "acme", "wire-2", money(t, "7.00 USD")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantBalance(t, a, "57.00 USD")
}

func TestDepositIsRefused(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name    string
		ctx     context.Context
		account string
		key     string
		amount  string
		want    error
	}{
		{"no key", t.Context(), "acme", "", "1.00 USD", payment.ErrInvalid},
		{"zero", t.Context(), "acme", "new", "0.00 USD", payment.ErrInvalid},
		{"negative, which would be a withdrawal", t.Context(), "acme", "new", "-1.00 USD", payment.ErrInvalid},
		{"an account never opened", t.Context(), "nobody", "new", "1.00 USD", balance.ErrNoAccount},
		{"a key with another amount", t.Context(), "acme", "deposit 0", "1.00 USD", payment.ErrKeyConflict},
		{"the key of another account's", t.Context(), "other", "deposit 0", "0.01 USD", nil},
		{"more than a balance can hold", t.Context(), "acme", "new", "92233720368547758.07 USD", pricing.ErrOverflow},
		{"cancelled", ended, "acme", "new", "1.00 USD", context.Canceled},
	}
	a := opened(t, "50.00 USD")
	if err := a.Open(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			testworld.Fails(t, a.Deposit(tt.ctx, tt.account, tt.key, money(t, tt.amount)), tt.want)
			wantBalance(t, a, "50.00 USD")
		})
	}
	if err := a.Deposit(t.Context(), "acme", "new", money(t, "1.00 USD")); err != nil {
		t.Errorf("a refused deposit has used its key: %v", err)
	}
}

func TestBalanceAtTheLimit(t *testing.T) {
	most, err := pricing.FromMinor(math.MaxInt64, "USD")
	if err != nil {
		t.Fatal(err)
	}
	a := opened(t, most.String())
	c := charge(t, "k", "1.00 USD")
	c.Amount = most
	if r, err := a.Charge(t.Context(), c); err != nil || !r.Paid(most) {
		t.Fatalf("Charge = %+v, %v", r, err)
	}
	wantBalance(t, a, "0.00 USD")

	// A refund that doesn't fit is undecided, not lost: it fits once there is room.
	if err := a.Deposit(t.Context(), "acme", "more", money(t, "1.00 USD")); err != nil {
		t.Fatal(err)
	}
	r := payment.Refund{Key: "r", Charge: "k", Account: "acme", Amount: most}
	if got, err := a.Refund(t.Context(), r); !errors.Is(err, pricing.ErrOverflow) {
		t.Fatalf("Refund = %+v, %v, want %v", got, err, pricing.ErrOverflow)
	}
	wantBalance(t, a, "1.00 USD")
	pay(t, a, "room", "1.00 USD")
	if got, err := a.Refund(t.Context(), r); err != nil || !got.Paid(most) {
		t.Errorf("Refund = %+v, %v", got, err)
	}
	wantBalance(t, a, most.String())
}

func TestAccounts(t *testing.T) {
	a := opened(t, "50.00 USD")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	errs := []struct {
		name string
		err  error
		want error
	}{
		{"open without a name", a.Open(t.Context(), ""), payment.ErrInvalid},
		{"open, canceled", a.Open(ended, "late"), context.Canceled},
		{"payment method of an account never opened", a.SetPaymentMethod(t.Context(), "nobody", true), balance.ErrNoAccount},
		{"payment method, canceled", a.SetPaymentMethod(ended, "acme", false), context.Canceled},
		{"open again", a.Open(t.Context(), "acme"), nil},
	}
	for _, tt := range errs {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.err, tt.want)
		}
	}
	wantBalance(t, a, "50.00 USD")
	wantBalance(t, a, "0.00 EUR")
	if _, err := a.Balance(t.Context(), "nobody", "USD"); !errors.Is(err, balance.ErrNoAccount) {
		t.Errorf("Balance of an account never opened: %v, want %v", err, balance.ErrNoAccount)
	}
	if _, err := a.Balance(t.Context(), "acme", "XXX"); !errors.Is(err, pricing.ErrCurrency) {
		t.Errorf("Balance in no currency: %v, want %v", err, pricing.ErrCurrency)
	}
}

func TestPaymentMethod(t *testing.T) {
	a := opened(t, "50.00 USD")
	pay(t, a, "k1", "20.00 USD")
	if err := a.SetPaymentMethod(t.Context(), "acme", false); err != nil {
		t.Fatal(err)
	}
	if err := a.Open(t.Context(), "acme"); err != nil { // already open: binds no payment method
		t.Fatal(err)
	}
	r, err := a.Charge(t.Context(), charge(t, "k2", "20.00 USD"))
	if err != nil || r.Status != payment.Declined || r.Reason != payment.NoPaymentMethod {
		t.Errorf("Charge without a payment method = %+v, %v", r, err)
	}
	refund := payment.Refund{Key: "r", Charge: "k1", Account: "acme", Amount: money(t, "20.00 USD")}
	if r, err := a.Refund(t.Context(), refund); err != nil || r.Status != payment.Succeeded {
		t.Errorf("Refund without a payment method = %+v, %v", r, err)
	}
	if err := a.Deposit(t.Context(), "acme", "wire-2", money(t, "1.00 USD")); err != nil {
		t.Errorf("Deposit without a payment method: %v", err)
	}
	if err := a.SetPaymentMethod(t.Context(), "acme", true); err != nil {
		t.Fatal(err)
	}
	pay(t, a, "k3", "51.00 USD")
	wantBalance(t, a, "0.00 USD")
}

func TestJournal(t *testing.T) {
	a := opened(t, "100.00 USD", "5 JPY")
	pay(t, a, "k1", "30.00 USD")
	if _, err := a.Charge(t.Context(), charge(t, "declined", "500.00 USD")); err != nil {
		t.Fatal(err)
	}
	if err := a.Open(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	if err := a.Deposit(t.Context(), "other", "o1", money(t, "1.00 USD")); err != nil {
		t.Fatal(err)
	}
	r := payment.Refund{Key: "r1", Charge: "k1", Account: "acme", Amount: money(t, "10.00 USD"), Reason: "goodwill"}
	if _, err := a.Refund(t.Context(), r); err != nil {
		t.Fatal(err)
	}

	want := []balance.Movement{
		{Number: 1, At: noon, Kind: balance.Deposited, Account: "acme", Key: "deposit 0", Amount: money(t, "100.00 USD"), Balance: money(t, "100.00 USD")},
		{Number: 2, At: noon, Kind: balance.Deposited, Account: "acme", Key: "deposit 1", Amount: money(t, "5 JPY"), Balance: money(t, "5 JPY")},
		{
			Number: 3, At: noon, Kind: balance.Charged, Account: "acme", Key: "k1", Amount: money(t, "-30.00 USD"), Balance: money(t, "70.00 USD"),
			Order: "order-1", Application: "app-1", Description: "Group Call",
		},
		{Number: 4, At: noon, Kind: balance.Deposited, Account: "other", Key: "o1", Amount: money(t, "1.00 USD"), Balance: money(t, "1.00 USD")},
		{
			Number: 5, At: noon, Kind: balance.Refunded, Account: "acme", Key: "r1", Charge: "k1", Amount: money(t, "10.00 USD"), Balance: money(t, "80.00 USD"),
			Order: "order-1", Application: "app-1", Description: "goodwill",
		},
	}
	if diff := cmp.Diff(want, collect(t, a.Journal(t.Context())), byValue); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	statement := slices.Concat(want[:3], want[4:])
	if diff := cmp.Diff(statement, collect(t, a.Statement(t.Context(), "acme")), byValue); diff != "" {
		t.Errorf("statement (-want +got):\n%s", diff)
	}
	if got := collect(t, a.Statement(t.Context(), "nobody")); got != nil {
		t.Errorf("statement of an unknown account: %+v", got)
	}
}

// collect reads all movements.
func collect(tb testing.TB, movements iter.Seq2[balance.Movement, error]) []balance.Movement {
	tb.Helper()
	var all []balance.Movement
	for m, err := range movements {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func TestJournalEndsWithItsContext(t *testing.T) {
	a := opened(t, "100.00 USD", "50.00 USD")
	for name, read := range map[string]func(context.Context) iter.Seq2[balance.Movement, error]{
		"journal":      a.Journal,
		"statement":    func(ctx context.Context) iter.Seq2[balance.Movement, error] { return a.Statement(ctx, "acme") },
		"of an absent": func(ctx context.Context) iter.Seq2[balance.Movement, error] { return a.Statement(ctx, "nobody") },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		yields := 0
		for m, err := range read(ctx) {
			yields++
			if !errors.Is(err, context.Canceled) || m != (balance.Movement{}) {
				t.Errorf("%s: %+v, %v, want the context's error", name, m, err)
			}
		}
		if yields != 1 {
			t.Errorf("%s: %d yields, want the error once", name, yields)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Balance(ctx, "acme", "USD"); !errors.Is(err, context.Canceled) {
		t.Errorf("Balance = %v, want the context's error", err)
	}
}

func TestJournalIsASnapshot(t *testing.T) {
	a := opened(t, "100.00 USD", "50.00 USD")
	for name, movements := range map[string]iter.Seq2[balance.Movement, error]{
		"journal": a.Journal(t.Context()), "statement": a.Statement(t.Context(), "acme"),
	} {
		before := len(collect(t, a.Journal(t.Context())))
		n := 0
		for _, err := range movements { // the loop may call the accounts
			if err != nil {
				t.Fatal(err)
			}
			n++
			pay(t, a, name+strconv.Itoa(n), "1.00 USD")
		}
		if n != before {
			t.Errorf("%s: %d movements, want the %d from before the loop", name, n, before)
		}
		for _, err := range movements {
			if err != nil {
				t.Fatal(err)
			}
			break // and may stop early
		}
	}
}

// The journal explains each balance, whatever happens concurrently: there is no race between check and act.
func TestJournalSumsToTheBalance(t *testing.T) {
	a := opened(t, "300.00 USD", "3000 JPY")
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			n := strconv.Itoa(i)
			amount := []string{"7.00 USD", "70 JPY", "11.00 USD"}[i%3]
			if _, err := a.Charge(t.Context(), charge(t, "k"+n, amount)); err != nil {
				t.Error(err)
			}
			refund := payment.Refund{Key: "r" + n, Charge: "k" + n, Account: "acme", Amount: money(t, amount)}
			if i%4 == 0 {
				if _, err := a.Refund(t.Context(), refund); err != nil {
					t.Error(err)
				}
			}
			if i%8 == 0 {
				if err := a.Deposit(t.Context(), "acme", "d"+n, money(t, amount)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	sums := map[pricing.Currency]pricing.Money{"USD": money(t, "0.00 USD"), "JPY": money(t, "0 JPY")}
	for _, m := range collect(t, a.Statement(t.Context(), "acme")) {
		sum, err := sums[m.Amount.Currency()].Add(m.Amount)
		if err != nil {
			t.Fatal(err)
		}
		if sum != m.Balance || sum.Sign() < 0 {
			t.Errorf("movement %d leaves %s, the journal sums to %s", m.Number, m.Balance, sum)
		}
		sums[m.Amount.Currency()] = sum
	}
	for _, sum := range sums {
		wantBalance(t, a, sum.String())
	}
}

func TestDefaultClock(t *testing.T) {
	before := time.Now()
	a := balance.New(&balance.Options{})
	r, err := a.Charge(t.Context(), charge(t, "k", "1.00 USD"))
	if err != nil || r.At.Before(before) || r.At.After(time.Now()) {
		t.Errorf("Charge = %+v, %v, want it dated now", r, err)
	}
}
