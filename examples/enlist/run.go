package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// errAfterwards is an error in the host after everything was written.
var errAfterwards = errors.New("the host changes its mind")

// run runs all steps in order, in its own directory.
func run(ctx context.Context, dir string, w io.Writer) (err error) {
	h, err := open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	s := story{host: h, w: w}
	for _, step := range []func(context.Context) error{s.deposit, s.rolledBack, s.committed, s.refused, s.collected} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

type story struct {
	*host
	w io.Writer
}

func (s *story) linef(format string, args ...any) { fmt.Fprintf(s.w, format+"\n", args...) }

func (s *story) deposit(ctx context.Context) error {
	amount, err := pricing.ParseMoney("500.00", "USD")
	if err != nil {
		return err
	}
	if err := s.accounts.Open(ctx, "acme"); err != nil {
		return err
	}
	return s.accounts.Deposit(ctx, "acme", "wire-1", amount)
}

// rolledBack shows that rolling back the host's transaction rolls back the billing too.
func (s *story) rolledBack(ctx context.Context) error {
	s.linef("== A transaction that is rolled back after the purchase")
	err := s.transact(ctx, func(tx *sql.Tx, billing *subscription.Service) error {
		if err := s.signUp(ctx, "ada@example.com", "video-chat")(tx, billing); err != nil {
			return err
		}
		return errAfterwards
	})
	if !errors.Is(err, errAfterwards) {
		return fmt.Errorf("want %w, got %w", errAfterwards, err)
	}
	return s.tell(ctx)
}

// committed shows that a commit writes both the host's row and the order, and charges nobody.
func (s *story) committed(ctx context.Context) error {
	s.linef("== The same, committed")
	if err := s.transact(ctx, s.signUp(ctx, "ada@example.com", "video-chat")); err != nil {
		return err
	}
	return s.tell(ctx)
}

// refused shows that a refused request leaves the host's transaction usable.
func (s *story) refused(ctx context.Context) error {
	s.linef("== A second purchase of the product, in a transaction that goes on")
	err := s.transact(ctx, func(tx *sql.Tx, billing *subscription.Service) error {
		_, err := billing.Do(ctx, "video-chat", subscription.Purchase{
			Product: "call", Version: "group-call", Term: pricing.Months(1), Currency: "USD", Agreement: s.catalog.AgreementVersion(),
		}, "second package")
		s.linef("refused: %v", err)
		_, err = tx.ExecContext(ctx, `INSERT INTO signups VALUES (?, ?)`, "grace@example.com", "video-chat")
		return err
	})
	if err != nil {
		return err
	}
	return s.tell(ctx)
}

// collected shows that a worker completes the order.
func (s *story) collected(ctx context.Context) error {
	s.linef("== A round of the worker")
	stats, err := s.worker.Once(ctx)
	if err != nil {
		return err
	}
	s.linef("collected: %d", stats.Paid)
	return s.tell(ctx)
}

// tell prints the state of the database and the gateway.
func (s *story) tell(ctx context.Context) error {
	var signups int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM signups`).Scan(&signups); err != nil {
		return err
	}
	s.linef("signups: %d", signups)
	for o, err := range s.store.Orders(ctx, "video-chat") {
		if err != nil {
			return err
		}
		s.linef("order %s: %s, %s", o.ID, o.Amount, o.Status)
	}
	left, err := s.accounts.Balance(ctx, "acme", "USD")
	if err != nil {
		return err
	}
	s.linef("balance: %s\n", left)
	return nil
}
