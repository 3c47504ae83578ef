package wallettest

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// walk makes the same random requests on e's accounts and on the reference. It uses few keys, so many requests are
// repeated, with the same or different content; few accounts, some of which were never opened; and amounts close to the
// balances.
func walk(e *env) {
	steps := testsize.Of(500, 1500)
	seed := uint64(Now().Nanosecond())
	random := rand.New(rand.NewPCG(seed, 1500))
	reference := balance.New(&balance.Options{Now: Now})
	seen := make(map[string]int)
	for i := range steps {
		name, step := draw(random)
		got, gotErr := step(e, e.Accounts)
		want, wantErr := step(e, reference)
		if outcome(gotErr) != outcome(wantErr) || (got.Reference == "") != (want.Reference == "") || !got.At.Equal(want.At) {
			e.Fatalf("step %d, %s: %+v, %v; the reference: %+v, %v", i, name, got, gotErr, want, wantErr)
		}
		got.Reference, got.At, want.Reference, want.At = "", time.Time{}, "", time.Time{}
		if got != want {
			e.Fatalf("step %d, %s: %+v, the reference: %+v", i, name, got, want)
		}
		seen[name+" "+string(want.Status)+string(want.Reason)+outcome(wantErr)]++
	}
	if len(seen) < 15 {
		e.Errorf("the walk is too narrow: %v", seen)
	}
	e.audit(e.Accounts)
	got, want := e.all(e.Accounts.Journal(e.Context())), e.all(reference.Journal(e.Context()))
	for i := range min(len(got), len(want)) {
		got[i].Number = want[i].Number
	}
	e.equal("journal", got, want)
}

// outcome returns the kind of an error.
func outcome(err error) string {
	for _, known := range []error{payment.ErrInvalid, payment.ErrKeyConflict, balance.ErrNoAccount, pricing.ErrOverflow} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return "error"
	}
	return ""
}

type step func(e *env, a Accounts) (payment.Result, error)

func draw(random *rand.Rand) (string, step) {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	account, currency := pick("acme", "acme", "b", "c"), pricing.Currency(pick("USD", "USD", "JPY"))
	key := strconv.Itoa(random.IntN(200))
	minor := 1 + random.Int64N(1000)
	if random.IntN(50) == 0 {
		minor = 1<<63 - 1 - random.Int64N(1000)
	}
	amount, err := pricing.FromMinor(minor, currency)
	if err != nil {
		return "money", func(*env, Accounts) (payment.Result, error) { return payment.Result{}, err }
	}
	if random.IntN(3) == 0 {
		amount = money("5.00 USD") // so requests are repeated
	}
	switch n := random.IntN(100); {
	case n < 2:
		return "open", func(e *env, a Accounts) (payment.Result, error) {
			return payment.Result{}, a.Open(e.Context(), account)
		}
	case n < 5:
		bound := random.IntN(3) > 0
		return "bind", func(e *env, a Accounts) (payment.Result, error) {
			return payment.Result{}, a.SetPaymentMethod(e.Context(), account, bound)
		}
	case n < 30:
		return "deposit", func(e *env, a Accounts) (payment.Result, error) {
			return payment.Result{}, a.Deposit(e.Context(), account, key, amount)
		}
	case n < 65:
		c := payment.Charge{Key: key, Account: account, Amount: amount, Order: pick("", "o")}
		return "charge", func(e *env, a Accounts) (payment.Result, error) { return a.Charge(e.Context(), c) }
	case n < 90:
		r := payment.Refund{Key: key, Charge: strconv.Itoa(random.IntN(200)), Account: account, Amount: amount}
		return "refund", func(e *env, a Accounts) (payment.Result, error) { return a.Refund(e.Context(), r) }
	default:
		return "lookup", func(e *env, a Accounts) (payment.Result, error) { return a.Lookup(e.Context(), key) }
	}
}
