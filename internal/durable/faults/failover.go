package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// waits makes a server acknowledge a commit only when a standby has it. It is in force from the server's start, so that there
// is no moment in which a setting that was loaded anew isn't known to everybody yet.
const waits = "synchronous_standby_names=*"

// guard starts a standby of the server, and waits until it has all that the server has.
func (w *site) guard(ctx context.Context) error {
	standby, err := w.server.Standby() //nolint:contextcheck // a server outlives its start
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.standby = standby
	w.mu.Unlock()
	return w.synchronous(ctx)
}

// synchronous waits until the standby has all that the server has.
func (w *site) synchronous(ctx context.Context) error {
	if w.hasty {
		return nil
	}
	return onDatabase(ctx, w.server.URL(), func(c *pgx.Conn) error {
		for synchronous := false; !synchronous; {
			err := c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')").Scan(&synchronous)
			if err != nil {
				return err
			}
			<-time.After(10 * time.Millisecond)
		}
		return nil
	})
}

// failover lets the standby lose its connection to the server, kills the server a moment later, promotes the standby, leads
// all connections there, and gives it a standby of its own. What the server acknowledged in that moment would be lost, so
// it must not acknowledge anything then.
//
// A standby isn't promoted before it has all that the server has: a server that crashed shows, when it is back, also what
// was committed and not acknowledged, and whoever asks for that again is answered. So is who repeats a commit whose wait was
// canceled, as pgx does when it finds the connection broken, over another one: the proxy accepts none meanwhile.
func (w *site) failover(ctx context.Context, rng *rand.Rand) error {
	if err := w.synchronous(ctx); err != nil {
		return err
	}
	w.proxy.shut()
	err := onDatabase(ctx, w.standby.URL(), func(c *pgx.Conn) error {
		if _, err := c.Exec(ctx, "ALTER SYSTEM SET primary_conninfo = ''"); err != nil {
			return err
		}
		_, err := c.Exec(ctx, "SELECT pg_reload_conf()")
		return err
	})
	if err != nil {
		return err
	}
	<-time.After(time.Duration(100+rng.IntN(200)) * time.Millisecond)
	if err := errors.Join(w.server.Lose(), w.standby.Promote()); err != nil { //nolint:contextcheck // likewise
		return err
	}
	w.mu.Lock()
	lost := w.server
	w.server, w.standby = w.standby, nil
	w.mu.Unlock()
	if err := errors.Join(lost.Close(), w.moved()); err != nil {
		return err
	}
	return w.guard(ctx)
}

func onDatabase(ctx context.Context, url string, do func(*pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, url)
	if err == nil {
		err = errors.Join(do(c), c.Close(ctx))
	}
	if err != nil {
		return fmt.Errorf("faults: failover: %w", err)
	}
	return nil
}
