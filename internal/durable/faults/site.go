package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/internal/pgtest"
)

// site is the database of a run: a file, or a private server behind a proxy.
type site struct {
	dir     string
	address string // for children
	direct  string // for the audit
	proxy   *proxy
	server  *pgtest.Server
	standby *pgtest.Server // nil: there is none
	hasty   bool           // the server doesn't wait for its standby

	mu     sync.Mutex
	closed bool
}

func open(ctx context.Context, o *Options) (*site, error) {
	dir, err := newDir(o)
	if err != nil {
		return nil, err
	}
	defect := mutants()[o.Mutant]
	w, seed, failovers := &site{dir: dir, hasty: defect.alone}, o.Seed, o.Failovers
	switch o.Store {
	case SQLite:
		w.address = filepath.Join(dir, "prepaid.db")
		w.direct = w.address
	case Postgres:
		// What a server acknowledged must outlive its processes, though not the machine.
		o := &pgtest.Options{Durable: true, Settings: []string{"fsync=off"}}
		o.Settings = append(o.Settings, defect.server...)
		if failovers > 0 && !defect.alone {
			o.Settings = append(o.Settings, waits)
		}
		if w.server, err = pgtest.Start(o); err == nil { //nolint:contextcheck // a server outlives its start
			err = w.stand(ctx, seed)
		}
		if err == nil && failovers > 0 {
			err = w.guard(ctx)
		}
	default:
		err = fmt.Errorf("faults: no store %q", o.Store)
	}
	if err != nil {
		return nil, errors.Join(err, w.close(o.Dir == ""))
	}
	return w, nil
}

// stand puts the proxy in front of the server.
func (w *site) stand(ctx context.Context, seed uint64) error {
	w.direct = w.server.URL()
	at, err := url.Parse(w.direct)
	if err != nil {
		return err
	}
	if w.proxy, err = newProxy(ctx, seed, at.Host); err != nil {
		return err
	}
	at.Host = w.proxy.listener.Addr().String()
	w.address = at.String()
	return nil
}

// nearest returns the address without the proxy.
func (w *site) nearest() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.direct
}

// restart kills the server and restarts it a moment later, perhaps on another port.
func (w *site) restart(rng *rand.Rand) error {
	if err := w.server.Kill(); err != nil {
		return err
	}
	<-time.After(time.Duration(rng.IntN(150)) * time.Millisecond)
	if err := w.server.Restart(); err != nil {
		return err
	}
	return w.moved()
}

// moved leads connections to where the server is now.
func (w *site) moved() error {
	w.mu.Lock()
	w.direct = w.server.URL()
	w.mu.Unlock()
	at, err := url.Parse(w.nearest())
	if err != nil {
		return err
	}
	w.proxy.move(at.Host)
	return nil
}

// close stops what was started, and deletes the directory if it is no longer needed.
func (w *site) close(remove bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	var errs []error
	if w.proxy != nil {
		errs = append(errs, w.proxy.close())
	}
	for _, s := range []*pgtest.Server{w.server, w.standby} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if remove {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}
