package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/subscription"
)

// customers is the number of customers: three batches.
const customers = 3 * batch

// run sells, starts the workers, and looks at what they did.
func run(ctx context.Context, dir string, w io.Writer) (err error) {
	s, err := open(ctx, dir, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.store.Close()) }()
	if err := s.sell(ctx); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d customers buy a month, and have money for one more\n\n", customers)
	if err := work(ctx, dir, w); err != nil {
		return err
	}
	return s.prove(ctx, w)
}

// sell sells a package to each customer. Each is an account and an application of one name, with the price of two periods.
func (s *shop) sell(ctx context.Context) error {
	funds, err := pricing.ParseMoney("398.00", "USD")
	if err != nil {
		return err
	}
	for i := range customers {
		name := fmt.Sprintf("customer-%03d", i+1)
		if err := s.accounts.Open(ctx, name); err != nil {
			return err
		}
		if err := s.accounts.Deposit(ctx, name, "wire", funds); err != nil {
			return err
		}
		app := subscription.ApplicationID(name)
		if _, err := s.Do(ctx, app, subscription.Create{Account: subscription.AccountID(name)}, "create"); err != nil {
			return err
		}
		if _, err := s.Do(ctx, app, subscription.Purchase{
			Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: s.catalog.AgreementVersion(),
		}, "buy"); err != nil {
			return err
		}
	}
	return nil
}

// work has the workers renew, a day before the end of what was bought.
func work(ctx context.Context, dir string, w io.Writer) error {
	due := time.Date(2025, time.August, 14, 16, 0, 0, 0, time.UTC)
	tell := func(after time.Duration, format string, args ...any) {
		fmt.Fprintf(w, "%s  %s\n", due.Add(after).Format(time.TimeOnly), fmt.Sprintf(format, args...))
	}
	for _, where := range []string{claimed, charged} {
		ada, err := begin(ctx, dir, where)
		if err != nil {
			return err
		}
		r, err := ada.round(due)
		if err := errors.Join(err, ada.kill()); err != nil {
			return err
		}
		if where == claimed {
			tell(0, "ada has claimed %d, and is killed", batch)
		} else {
			tell(0, "ada, started again, has claimed %d and charged %d of them, and is killed", batch, r.Charged)
		}
	}
	bert, err := begin(ctx, dir, goesOn)
	if err != nil {
		return err
	}
	for _, round := range []struct {
		after time.Duration
		what  string
	}{
		{0, "what nobody had claimed"},
		{59 * time.Second, "the other batches aren't due yet"},
		{time.Minute, "the orders that ada had placed are asked about again"},
		{4*time.Minute + 59*time.Second, "ada's lease hasn't ended"},
		{5 * time.Minute, "ada's lease has ended"},
		{time.Hour, "nothing is left"},
	} {
		r, err := bert.round(due.Add(round.after))
		if err != nil {
			return errors.Join(err, bert.kill())
		}
		tell(round.after, "bert renews %3d: %s; so far he has charged %d, and found %d charged", r.Renewed, round.what, r.Charged, r.Found)
	}
	return bert.kill()
}

// process is a worker process.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

// begin starts this program once more, as a worker.
func begin(ctx context.Context, dir, where string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, self, childArg, dir, where)}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = json.NewDecoder(out)
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// round has the process run a round at an instant, and returns what it replied.
func (p *process) round(now time.Time) (r reply, err error) {
	if _, err := fmt.Fprintln(p.in, now.Format(time.RFC3339)); err != nil {
		return r, err
	}
	err = p.out.Decode(&r)
	return r, err
}

// kill ends the process at once, as a machine that fails does.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	var killed *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &killed) {
		return err
	}
	return nil
}

// prove compares what is stored with what the accounts were charged.
func (s *shop) prove(ctx context.Context, w io.Writer) error {
	once := 0
	for app, err := range s.store.Applications(ctx) {
		if err != nil {
			return err
		}
		renewals := 0
		for o, err := range s.store.Orders(ctx, app) {
			if err != nil {
				return err
			}
			if o.Kind == subscription.RenewalOrder && o.Status == subscription.OrderPaid {
				renewals++
			}
		}
		left, err := s.accounts.Balance(ctx, string(app), "USD")
		if err != nil {
			return err
		}
		if renewals == 1 && left.Sign() == 0 {
			once++
		}
	}
	findings := 0
	for f, err := range audit.Store(ctx, s.store, nil) {
		if err != nil {
			return err
		}
		findings++
		fmt.Fprintln(w, f)
	}
	fmt.Fprintf(w, "\nrenewed once, and charged once: %d of %d\nfindings of the audit: %d\n", once, customers, findings)
	return nil
}
