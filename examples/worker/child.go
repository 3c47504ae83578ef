package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// childArg is the first argument of a worker process. The others are the directory and where the process stops.
const childArg = "child"

// Where a worker process stops, as if its machine had. It then waits to be killed.
const (
	goesOn  = ""
	claimed = "claimed" // after it has claimed a batch, before it has committed anything
	charged = "charged" // when it has charged half of a batch, before it has committed that anything is paid
)

// batch is how many customers a worker claims at a time.
const batch = 100

// reply is what a worker process says after a round, or when it stops.
type reply struct {
	Renewed int `json:"renewed"` // packages, by this round
	Charged int `json:"charged"` // by this process, since it began
	Found   int `json:"found"`   // charged by another process, and found at the gateway
}

// child is a worker process: for each line of its input, which is the time, it runs a round and replies. A worker of yours
// calls Run, once, and looks at a clock.
func child(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("%d arguments, want a directory and where to stop", len(args))
	}
	c := &counter{out: json.NewEncoder(out)}
	if args[1] == charged {
		c.most = batch / 2
	}
	s, err := open(ctx, args[0], func(g payment.Gateway) payment.Gateway { c.Gateway = g; return c })
	if err != nil {
		return err
	}
	defer s.store.Close()
	var st renewal.Store = s.store
	if args[1] == claimed {
		st = stopping{s.store, c}
	}
	worker, err := renewal.NewWorker(s.Service, st, &renewal.Options{Batch: batch, Parallel: 1, Concurrency: 1})
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if s.now, err = time.Parse(time.RFC3339, lines.Text()); err != nil {
			return err
		}
		stats, err := worker.Once(ctx)
		if err != nil {
			return err
		}
		if err := c.reply(stats.Paid); err != nil {
			return err
		}
	}
	return nil
}

// counter counts what the gateway does for this process.
type counter struct {
	payment.Gateway

	mu             sync.Mutex
	out            *json.Encoder
	most           int // charges after which the process stops; 0: never
	charged, found int
}

func (c *counter) reply(renewed int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Encode(reply{renewed, c.charged, c.found})
}

// Charge implements [payment.Gateway].
func (c *counter) Charge(ctx context.Context, charge payment.Charge) (payment.Result, error) {
	r, err := c.Gateway.Charge(ctx, charge)
	if err != nil || r.Status != payment.Succeeded {
		return r, err
	}
	c.mu.Lock()
	c.charged++
	stop := c.charged == c.most
	c.mu.Unlock()
	if stop {
		return r, c.stop(ctx)
	}
	return r, nil
}

// Lookup implements [payment.Gateway].
func (c *counter) Lookup(ctx context.Context, key string) (payment.Result, error) {
	r, err := c.Gateway.Lookup(ctx, key)
	if err == nil && r.Status == payment.Succeeded {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.found++
	}
	return r, err
}

// stop says what the process has done, and waits to be killed.
func (c *counter) stop(ctx context.Context) error {
	if err := c.reply(0); err != nil {
		return err
	}
	select {
	case <-time.After(time.Hour): // whoever started it is gone
	case <-ctx.Done():
	}
	return context.Canceled
}

// stopping is a store that commits nothing.
type stopping struct {
	*sqlite.Store
	c *counter
}

// Commit implements [subscription.Store].
func (s stopping) Commit(ctx context.Context, _ ...subscription.Change) error { return s.c.stop(ctx) }
