package wallettest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
)

// processes returns the accounts as seen by two processes, or by one if there is no other.
func (e *env) processes() []Accounts {
	e.Helper()
	if e.Another == nil {
		return []Accounts{e.Accounts, e.Accounts}
	}
	return []Accounts{e.Accounts, e.Another(e.T)}
}

// conservation checks that concurrent requests never overdraw or lose money.
func conservation(e *env) {
	e.opened("300.00 USD", "3000 JPY")
	both := e.processes()
	e.ok(e.Accounts.Open(e.Context(), "other"))
	e.ok(e.Accounts.Deposit(e.Context(), "other", "o", money("1000.00 USD")))
	var wg sync.WaitGroup
	for i := range 96 {
		wg.Go(func() {
			ctx, a, n := e.Context(), both[i%2], strconv.Itoa(i)
			amount := []string{"7.00 USD", "70 JPY", "11.00 USD"}[i%3]
			if _, err := a.Charge(ctx, charge("k"+n, amount)); err != nil {
				e.Error(err)
			}
			c := charge("o"+n, amount)
			c.Account = "other"
			if _, err := a.Charge(ctx, c); err != nil {
				e.Error(err)
			}
			if i%4 == 0 {
				if _, err := both[(i+1)%2].Refund(ctx, refund("r"+n, "k"+n, amount)); err != nil {
					e.Error(err)
				}
			}
			if i%8 == 0 {
				if err := a.Deposit(ctx, "acme", "d"+n, money(amount)); err != nil {
					e.Error(err)
				}
			}
			if i%16 == 0 {
				if err := a.SetPaymentMethod(ctx, "acme", true); err != nil {
					e.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, a := range both {
		e.audit(a)
	}
}

func overdraft(e *env) {
	e.opened("10.00 USD")
	both := e.processes()
	var paid atomic.Int64
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			r, err := both[i%2].Charge(e.Context(), charge("k"+strconv.Itoa(i), "3.00 USD"))
			if err != nil || !r.Status.Final() {
				e.Errorf("Charge = %+v, %v", r, err)
			}
			if r.Status == payment.Succeeded {
				paid.Add(1)
			}
		})
	}
	wg.Wait()
	if paid.Load() != 3 {
		e.Errorf("%d charges of 3.00 succeeded on a balance of 10.00", paid.Load())
	}
	e.has(e.Accounts, "1.00 USD")
	e.audit(e.Accounts)
}

// oneKey checks that a key belongs to one charge, even if it is used for two accounts at once: of two contents, one is
// refused.
func oneKey(e *env) {
	e.opened("100.00 USD")
	e.ok(e.Accounts.Open(e.Context(), "other"))
	e.ok(e.Accounts.Deposit(e.Context(), "other", "o", money("100.00 USD")))
	both := e.processes()
	for round := range 10 {
		key := "k" + strconv.Itoa(round)
		var paid [2]atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				c := charge(key, "1.00 USD")
				if i%4 < 2 {
					c.Account = "other"
				}
				r, err := both[i%2].Charge(e.Context(), c)
				switch {
				case err == nil && r.Paid(c.Amount):
					paid[i%4/2].Add(1)
				case !errors.Is(err, payment.ErrKeyConflict):
					e.Errorf("Charge = %+v, %v", r, err)
				}
			})
		}
		wg.Wait()
		if one, two := paid[0].Load(), paid[1].Load(); one+two != 4 || one*two != 0 {
			e.Errorf("%d and %d charges succeeded of 4 charges each of two accounts with one key", one, two)
		}
	}
	n := 0
	for _, m := range e.all(e.Accounts.Journal(e.Context())) {
		if m.Kind == balance.Charged {
			n++
		}
	}
	if n != 10 {
		e.Errorf("%d charges moved money, want 10", n)
	}
	e.audit(e.Accounts)
}

func restart(e *env) {
	if e.Another == nil {
		e.Skip("there is no other process")
	}
	e.opened("100.00 USD")
	ctx := e.Context()
	calls := func(a Accounts) []payment.Result {
		var all []payment.Result
		for _, call := range []func() (payment.Result, error){
			func() (payment.Result, error) { return a.Charge(ctx, charge("k1", "30.00 USD")) },
			func() (payment.Result, error) { return a.Charge(ctx, charge("k2", "300.00 USD")) },
			func() (payment.Result, error) { return a.Refund(ctx, refund("r1", "k1", "10.00 USD")) },
			func() (payment.Result, error) { return a.Refund(ctx, refund("r2", "k1", "100.00 USD")) },
			func() (payment.Result, error) { return a.Lookup(ctx, "k1") },
			func() (payment.Result, error) { return a.Lookup(ctx, "k2") },
		} {
			r, err := call()
			e.ok(err)
			r.At = r.At.UTC()
			all = append(all, r)
		}
		e.ok(a.Deposit(ctx, "acme", "deposit 0", money("100.00 USD")))
		return all
	}
	before := calls(e.Accounts)
	books := e.all(e.Accounts.Journal(ctx))
	other := e.Another(e.T)
	for i, r := range calls(other) {
		if r != before[i] {
			e.Errorf("result %d is %+v, was %+v", i, r, before[i])
		}
	}
	e.equal("journal", e.all(other.Journal(ctx)), books)
	e.has(other, "80.00 USD")
}

// givenUp checks that repeating a canceled request with the same key reports what happened, whatever its caller was
// told.
func givenUp(e *env) {
	e.opened("1000.00 USD")
	a := e.Accounts
	e.pay("first", "1.00 USD")
	var wg sync.WaitGroup
	told := make([]payment.Result, 100)
	for i := range told {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(e.Context(), time.Duration(i)*10*time.Microsecond)
			defer cancel()
			r, err := a.Charge(ctx, charge("k"+strconv.Itoa(i), "1.00 USD"))
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				e.Errorf("Charge: %v", err)
			}
			if err != nil && r != (payment.Result{}) {
				e.Errorf("error with a non-zero result %+v", r)
			}
			told[i] = r
		})
	}
	wg.Wait()
	happened := 0
	for i, r := range told {
		key := "k" + strconv.Itoa(i)
		found, err := a.Lookup(e.Context(), key)
		e.ok(err)
		again := e.pay(key, "1.00 USD") // waits for the first, which may still be running
		for _, before := range []payment.Result{r, found} {
			if before.Status == payment.Succeeded && before != again {
				e.Errorf("%s: %+v, was %+v", key, again, before)
			}
		}
		if r.Status != payment.Succeeded && found.Status == payment.Succeeded {
			happened++
		}
	}
	e.Logf("%d of %d canceled requests took effect", happened, len(told))
	moved := make(map[string]int)
	for _, m := range e.all(a.Statement(e.Context(), "acme")) {
		moved[m.Key]++
	}
	for key, n := range moved {
		if n != 1 {
			e.Errorf("%s moved %d times", key, n)
		}
	}
	e.has(a, "899.00 USD")
	e.audit(a)
}
