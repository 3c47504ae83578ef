package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// childEnv is the environment variable that makes a process a child. Its value is the child's settings.
const childEnv = "PREPAID_FAULTS_CHILD"

// settings are a child's start parameters.
type settings struct {
	Store  string `json:"store"`
	At     string `json:"at"`               // a file, or the address of a server
	Schema string `json:"schema,omitempty"` // of a server; "" means its default
	Limit  int64  `json:"limit,omitempty"`  // of a file, in bytes
	Zone   string `json:"zone"`
	Mutant string `json:"mutant,omitempty"`
	Purses bool   `json:"purses,omitempty"` // some accounts are in the database
	Batch  int    `json:"batch,omitempty"`
	Lanes  int    `json:"lanes,omitempty"` // concurrent calls to the gateway
}

// Child runs this process as a child if it was started as one, and doesn't return in that case. A program that starts
// faults must call it first, since its children run the same program.
func Child() {
	text, ok := os.LookupEnv(childEnv) //nolint:forbidigo // how a child knows that it is one
	if !ok {
		return
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // the parent reads it
		os.Exit(1)                   //nolint:forbidigo,revive // a program of its own
	}
	os.Exit(0) //nolint:forbidigo,revive // likewise
}

// serve answers the parent until the parent ends.
func serve(text string) error {
	c := &child{}
	if err := json.Unmarshal([]byte(text), &c.settings); err != nil {
		return err
	}
	cats, err := simulation.Catalogs(c.settings.Zone)
	if err != nil {
		return err
	}
	c.catalogs = cats
	c.wire = newWire(os.Stdout, c.serve) //nolint:forbidigo // the pipe to the parent
	go c.open()
	c.wire.read(os.Stdin)
	return nil
}

// child is a process that serves customers and workers on a shared store: it answers its parent's calls with its own
// service and worker.
type child struct {
	settings settings
	catalogs []*pricing.Catalog
	wire     *wire
	clock    atomic.Int64 // the parent's latest instant, in microseconds
	newest   atomic.Int64 // the number of the parent's latest catalog

	mu      sync.Mutex
	db      *database
	service *subscription.Service
	worker  *renewal.Worker
	relay   *relay.Relay
	trouble error // of opening the store
}

// now returns the parent's instant.
func (c *child) now() time.Time { return time.UnixMicro(c.clock.Load()).UTC() }

// heard advances the clock and the catalog, never back.
func (c *child) heard(m moment) {
	raise(&c.clock, m.Now.UnixMicro())
	raise(&c.newest, m.Catalog)
}

func raise(v *atomic.Int64, to int64) {
	for before := v.Load(); to > before && !v.CompareAndSwap(before, to); before = v.Load() { //nolint:revive // it is all in the condition
	}
}

// open opens the store, retrying while its server is down.
func (c *child) open() {
	for {
		err := c.try()
		c.mu.Lock()
		c.trouble = err
		c.mu.Unlock()
		if err == nil {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (c *child) try() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := openStore(ctx, &c.settings, c.now)
	if err != nil {
		return err
	}
	var st store.Store = db
	var gw payment.Gateway = &remoteGateway{c}
	if c.settings.Purses {
		gw = &twoGateways{Gateway: gw, accounts: db.accounts}
	}
	if m, ok := mutants()[c.settings.Mutant]; ok && m.wrap != nil {
		st, gw = m.wrap(st, gw)
	}
	inForce := func() *pricing.Catalog { return c.catalogs[c.newest.Load()] }
	service, err := subscription.NewService(st, gw, inForce, &subscription.Options{Now: c.now})
	if err != nil {
		return err
	}
	w, err := renewal.NewWorker(service, st, &renewal.Options{
		Batch: c.settings.Batch, Concurrency: c.settings.Lanes, Lease: lease,
	})
	if err != nil {
		return err
	}
	follows, err := c.newRelay(db)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.db, c.service, c.worker, c.relay = db, service, w, follows
	return nil
}

// lease is how much of the parent's time a worker holds its claims. The parent's clock advances by an hour or more, so
// a dead worker's claims are free at the next instant.
const lease = 5 * time.Minute

// ready returns the service and the worker, and fails while the store isn't open.
func (c *child) ready() (*subscription.Service, *renewal.Worker, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.service == nil {
		return nil, nil, errors.Join(errNotOpen, c.trouble)
	}
	return c.service, c.worker, nil
}

var errNotOpen = errors.New("faults: the store isn't open yet")

// serve answers one call.
func (c *child) serve(f frame) (any, error) {
	c.heard(f.Moment)
	s, w, err := c.ready()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	switch f.Call {
	case "ready":
		return struct{}{}, nil
	case "do", "quote":
		return answerTo(f, func(r request) (reply, error) { return c.command(ctx, s, &r, f.Call == "quote") })
	case "consume":
		return answerTo(f, func(u usage) (reply, error) { return c.consume(ctx, s, &u), nil })
	case "settle":
		return answerTo(f, func(n notice) (reply, error) {
			order, err := s.Settle(ctx, subscription.AttemptID(n.Result.Key), n.Result)
			return answered(subscription.Outcome{Order: order}, err), nil
		})
	case "reverse":
		return answerTo(f, func(n dispute) (reply, error) {
			order, err := s.Reverse(ctx, subscription.AttemptID(n.Reversal.Charge), n.Reversal)
			return answered(subscription.Outcome{Order: order}, err), nil
		})
	case "deposit":
		return answerTo(f, func(d deposit) (struct{}, error) { return struct{}{}, c.deposit(ctx, d) })
	case "prune":
		return answerTo(f, func(p prune) (store.Pruned, error) { return c.prune(ctx, p) })
	case "follow":
		return c.follow(ctx), nil
	case "round":
		stats, err := w.Once(ctx)
		out := round{Stats: stats}
		if err != nil {
			out.Text = err.Error()
		}
		return out, nil
	}
	return nil, fmt.Errorf("faults: no call %q", f.Call)
}

// answerTo reads what a call is about, and answers it.
func answerTo[B, A any](f frame, answer func(B) (A, error)) (any, error) {
	var body B
	if err := json.Unmarshal(f.Body, &body); err != nil {
		return nil, err
	}
	return answer(body)
}

func answered(o subscription.Outcome, err error) reply {
	r := reply{Receipt: o.Receipt, Order: o.Order, Outcome: outcomeOf(err)}
	if err != nil {
		r.Text = err.Error()
	}
	return r
}

// command runs a command, confirms its quote, or quotes it.
func (c *child) command(ctx context.Context, s *subscription.Service, r *request, quote bool) (reply, error) {
	cmd, err := decode(r)
	switch {
	case err != nil:
		return reply{}, err
	case quote:
		q, err := s.Quote(ctx, r.Application, cmd)
		out := answered(subscription.Outcome{}, err)
		out.Quote = &q
		return out, nil
	case r.Within:
		return answered(c.within(ctx, s, r, cmd)), nil
	case r.Quote != nil:
		return answered(s.Confirm(ctx, r.Application, cmd, *r.Quote, r.Key)), nil
	}
	return answered(s.Do(ctx, r.Application, cmd, r.Key)), nil
}

func (c *child) consume(ctx context.Context, s *subscription.Service, u *usage) reply {
	if m := mutants()[c.settings.Mutant]; m.record != nil {
		for i := range u.Records {
			m.record(&u.Records[i], u.Again)
		}
	}
	results, err := s.Consume(ctx, u.Application, u.Records...)
	out := answered(subscription.Outcome{}, err)
	for _, r := range results {
		line := result{Counted: r.Counted, Duplicate: r.Duplicate, Outcome: outcomeOf(r.Err)}
		if r.Err != nil {
			line.Text = r.Err.Error()
		}
		out.Results = append(out.Results, line)
	}
	return out
}
