package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// serviceCases: a service over the store sells what it should, and the books balance.
func serviceCases() []check {
	return []check{
		{"purchase and upgrade: orders, minutes and money", func(e *env) {
			s := e.open(1000_00)
			s.create("a")
			s.do("a", purchase("lite"), "buy")
			s.later(15 * 24 * time.Hour)
			r := s.do("a", upgrade(), "upgrade")
			e.same("the upgrade's amount, 398.00 × 15/30", r.Order.Amount, cents(199_00))
			e.same("its minutes, 200,000 × 15/30", r.Order.Delivered.Increment, subscription.Minutes(100_000))
			e.same("collected", s.collected(), cents(398_00))
			app := s.application("a")
			e.same("minutes", app.Minutes("call", noon().AddDate(0, 0, 15)), subscription.Minutes(200_000))
			e.same("the document", e.load(subscription.Read{Application: "a"})[0].Application, app)
			s.balances("a")
		}},
		{"a quote is confirmed at its price, by another service too", func(e *env) {
			s := e.open(1000_00)
			s.create("a")
			q := s.quote("a", purchase("pro"))
			s.later(time.Minute)
			r, err := s.Bind(e.store).Confirm(e.ctx, "a", purchase("pro"), q, "buy")
			if !errors.Is(err, subscription.ErrPaymentPending) {
				e.Fatalf("a bound service that orders: %v, want ErrPaymentPending", err)
			}
			s.balances("a")
			o, err := s.Collect(e.ctx, "a", r.Receipt.OrderID)
			if err != nil || o.Amount != q.Amount {
				e.Fatalf("Collect: %s, %v; want %s", o.Amount, err, q.Amount)
			}
			e.same("collected", s.collected(), cents(597_00))
			s.balances("a")
		}},
		{"a key again: the same order, collected once", func(e *env) {
			s := e.open(1000_00)
			s.create("a")
			first := s.do("a", purchase("lite"), "buy")
			for range 3 {
				s.later(time.Hour)
				again := s.do("a", purchase("lite"), "buy")
				e.same("the receipt", again, first)
			}
			_, err := s.Do(e.ctx, "a", purchase("pro"), "buy")
			if !errors.Is(err, subscription.ErrKeyReused) {
				e.Fatalf("the key for another command: %v, want ErrKeyReused", err)
			}
			e.same("collected", s.collected(), cents(199_00))
			s.balances("a")
		}},
		{"a decline is stored, and final for its key", func(e *env) {
			s := e.open(100_00)
			s.create("a")
			for range 2 {
				_, err := s.Do(e.ctx, "a", purchase("lite"), "buy")
				if !errors.Is(err, subscription.ErrDeclined) {
					e.Fatalf("a purchase that the balance doesn't cover: %v, want a decline", err)
				}
			}
			s.balances("a")
		}},
		{"a refused command stores nothing", func(e *env) {
			s := e.open(1000_00)
			s.create("a")
			s.do("a", purchase("pro"), "buy")
			before := e.load(subscription.Read{Application: "a"})[0].Application
			if _, err := s.Do(e.ctx, "a", purchase("lite"), "more"); !errors.Is(err, subscription.ErrAlreadySubscribed) {
				e.Fatalf("a second purchase: %v, want ErrAlreadySubscribed", err)
			}
			got := e.load(subscription.Read{Application: "a", Keys: []string{"more"}})[0]
			e.same("the document", got.Application, before)
			e.sameReceipts(got.Receipts, nil)
			s.balances("a")
		}},
		{"periods that end while nobody looks", func(e *env) {
			s := e.open(1000_00)
			s.create("a")
			s.do("a", purchase("lite"), "buy")
			s.later(400 * 24 * time.Hour)
			s.do("a", purchase("pro"), "buy again")
			e.same("collected", s.collected(), cents(796_00))
			s.balances("a")
		}},
		{"one key confirmed by many at once: one order, collected once", confirmsWithOneKey},
		{"many keys confirmed at once for one package: one is sold", confirmsWithManyKeys},
		{"many applications at once: each has its package", confirmsOfManyApplications},
	}
}

func (s *shop) application(id subscription.ApplicationID) subscription.Application {
	s.Helper()
	app, err := s.Application(s.ctx, id)
	if err != nil {
		s.Fatalf("Application: %v", err)
	}
	return app
}

// tolerable returns err unless it is one that a request among many may be answered with.
func tolerable(err error) error {
	for _, e := range []error{
		subscription.ErrPaymentPending, subscription.ErrConflict, subscription.ErrAlreadySubscribed,
		subscription.ErrOrderOpen, subscription.ErrQuoteStale,
	} {
		if errors.Is(err, e) {
			return nil
		}
	}
	return err
}

func confirmsWithOneKey(e *env) {
	s := e.open(10_000_00)
	s.create("a")
	q := s.quote("a", purchase("lite"))
	receipts := make([]subscription.Outcome, 16)
	e.all("Confirm", e.together("Confirm", len(receipts), func(i int) error {
		var err error
		receipts[i], err = s.Confirm(e.ctx, "a", purchase("lite"), q, "buy")
		return tolerable(err)
	}))
	last := s.do("a", purchase("lite"), "buy")
	for i, r := range receipts {
		if r.Receipt.Key != "" && r.Receipt.OrderID != last.Receipt.OrderID {
			e.Fatalf("confirmation %d: order %s, the last one %s", i, r.Receipt.OrderID, last.Receipt.OrderID)
		}
	}
	e.same("collected", s.collected(), cents(199_00))
	s.balances("a")
}

func confirmsWithManyKeys(e *env) {
	s := e.open(10_000_00)
	s.create("a")
	q := s.quote("a", purchase("lite"))
	sold := make([]bool, 16)
	e.all("Confirm", e.together("Confirm", len(sold), func(i int) error {
		_, err := s.Confirm(e.ctx, "a", purchase("lite"), q, fmt.Sprint("buy ", i))
		sold[i] = err == nil
		return tolerable(err)
	}))
	n := 0
	for _, s := range sold {
		if s {
			n++
		}
	}
	if n != 1 {
		e.Fatalf("%d of the keys bought the package, want 1", n)
	}
	e.same("collected", s.collected(), cents(199_00))
	s.balances("a")
}

func confirmsOfManyApplications(e *env) {
	const n = 12
	s := e.open(10_000_00)
	apps := make([]subscription.ApplicationID, n)
	for i := range apps {
		apps[i] = subscription.ApplicationID(fmt.Sprint("app ", i))
	}
	s.create(apps...)
	e.all("purchase and upgrade", e.together("purchase and upgrade", 2*n, func(i int) error {
		app := apps[i/2]
		if _, err := s.Do(e.ctx, app, purchase("lite"), "buy"); err != nil && !errors.Is(err, subscription.ErrPaymentPending) {
			return err
		}
		_, err := s.Do(e.ctx, app, upgrade(), "upgrade")
		return tolerable(err)
	}))
	for _, app := range apps {
		s.do(app, purchase("lite"), "buy")
		s.do(app, upgrade(), "upgrade")
	}
	// On the first day an upgrade costs the whole difference.
	e.same("collected", s.collected(), cents(n*597_00))
	s.balances(apps...)
}
