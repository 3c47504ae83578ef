package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// console is the host: the SDK, and what it is given to work with.
type console struct {
	catalog  *pricing.Catalog
	store    shop
	service  *subscription.Service
	worker   *renewal.Worker
	policy   renewal.Policy
	provider provider
	webhook  http.Handler // the receiver of the provider's notifications
	mailer   *mailer
	accounts accounts
	notes    notes
	clock    *clock
	log      *slog.Logger
	pages    pages
	closed   func()

	currencies []pricing.Currency // that customers can pay in; at least one

	machine sync.Mutex // held while the time machine works
}

// shop is a store whose changes can be followed, and that answers questions about all its applications. Every store of the
// SDK can.
type shop interface { //nolint:interfacebloat // the parts of a store, each of which is small
	store.Store
	store.Feeder
	store.Marks
	store.ProviderKeys
	store.Reports
}

// newConsole opens the database and, if it is new, gives it customers with a past. It fails for a database that has
// applications of somebody else.
func newConsole(
	ctx context.Context, where string, cat *pricing.Catalog, opens opening, log *slog.Logger,
) (*console, error) {
	c := &console{catalog: cat, clock: &clock{}, policy: renewal.DefaultPolicy(), log: log, currencies: currencies(cat)}
	d, err := open(ctx, where, c.clock.now)
	if err != nil {
		return nil, err
	}
	c.store, c.accounts, c.notes, c.closed = d.store, d.accounts, d.notes, d.closed
	c.clock.notes = d.notes
	if err := c.start(ctx, opens); err != nil {
		c.closed()
		return nil, err
	}
	return c, nil
}

// start puts the parts together.
func (c *console) start(ctx context.Context, opens opening) (err error) {
	if c.pages, err = parsePages(c); err != nil {
		return err
	}
	if c.provider, err = opens.open(c); err != nil {
		return err
	}
	c.service, err = subscription.NewService(c.store, c.provider, subscription.StaticCatalog(c.catalog),
		&subscription.Options{Now: c.clock.now, Eligible: c.eligible})
	if err != nil {
		return err
	}
	if c.webhook, err = c.provider.receiver(c.service, c.log); err != nil {
		return err
	}
	c.worker, err = renewal.NewWorker(c.service, c.store, &renewal.Options{Policy: c.policy})
	if err != nil {
		return err
	}
	if c.mailer, err = newMailer(c); err != nil {
		return err
	}
	if err := c.clock.load(ctx, c.history().begins); err != nil {
		return err
	}
	if err := c.makePast(ctx, opens.name); err != nil {
		return err
	}
	c.mailer.send(ctx) // about what happened when the console stopped
	return nil
}

// made says whether the demonstration's past is complete, and whose the payments are.
type made struct {
	Complete bool
	Provider string `json:"provider,omitempty"` // the opening's name
}

// madeNote marks a database as a console's.
const madeNote = "made"

// makePast gives a new database its customers. One whose past was interrupted can't go on: its requests would get other
// times than those that were made before.
func (c *console) makePast(ctx context.Context, provider string) error {
	var m made
	switch ours, err := c.notes.get(ctx, madeNote, &m); {
	case err != nil:
		return err
	case ours && m.Provider != provider:
		return errors.New("the payments in the database are another provider's: start over with -reset, or name another with -store")
	case ours && provider != "":
		return errors.New("the provider forgot the payments in the database when the console stopped: start over with -reset")
	case ours && m.Complete:
		return nil
	case ours:
		return errors.New("the demonstration was interrupted while it was made: start over with -reset")
	}
	for app, err := range c.store.Applications(ctx) {
		if err != nil {
			return err
		}
		return fmt.Errorf("the database has application %q, and isn't a console's: name another with -store", app)
	}
	if err := c.notes.put(ctx, madeNote, made{Provider: provider}); err != nil {
		return err
	}
	if err := c.live(ctx, c.history()); err != nil {
		return fmt.Errorf("the demonstration's past: %w", err)
	}
	return c.notes.put(ctx, madeNote, made{Complete: true, Provider: provider})
}

// newKey returns a key for a request that nobody can guess.
func newKey() string { return rand.Text() }

// zone is where days are counted, and where clocks are read.
func (c *console) zone() *time.Location {
	loc, err := time.LoadLocation(c.catalog.Zone().Name())
	if err != nil {
		return time.UTC // the catalog has loaded it before
	}
	return loc
}
