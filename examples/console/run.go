package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Exit statuses.
const (
	served  = 0
	failed  = 1
	noStart = 2 // wrong flags, an unusable catalog, store or address
)

// run is the whole command. It serves until ctx is done, and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("console", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var s settings
	flags.StringVar(&s.catalog, "catalog", "", "catalog `FILE`; the sample catalog where absent")
	flags.StringVar(&s.store, "store", "",
		"the `STORE`: memory, sqlite:FILE or postgres:URL; a file in the user's cache directory where absent")
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8484", "loopback `HOST:PORT` to listen on; port 0 means any free one")
	flags.BoolVar(&s.reset, "reset", false, "delete the SQLite file first, and start over")
	flags.BoolVar(&s.stripe, "stripe-fake", false,
		"collect from cards through package payment/stripe, over its fake of Stripe; the store is memory where absent")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return served
		}
		return noStart
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "console: unexpected argument %q\n", flags.Arg(0))
		return noStart
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	c, listener, err := begin(ctx, s, log)
	if err != nil {
		fmt.Fprintln(stderr, "console:", err)
		return noStart
	}
	defer c.closed()
	fmt.Fprintf(stdout, "The console is at http://%s (stop it with Ctrl-C)\n", listener.Addr())
	if err := c.serve(ctx, listener); err != nil {
		fmt.Fprintln(stderr, "console:", err)
		return failed
	}
	return served
}

// settings are the values of the flags.
type settings struct {
	catalog, store, addr string
	reset, stripe        bool
}

// begin listens first, so that a second console on the same address touches no database.
func begin(ctx context.Context, s settings, log *slog.Logger) (*console, net.Listener, error) {
	if !loopback(s.addr) {
		return nil, nil, fmt.Errorf("-addr is %.80q, want a loopback address such as 127.0.0.1:8484", s.addr)
	}
	cat, err := openCatalog(s.catalog)
	if err != nil {
		return nil, nil, err
	}
	where, opens := s.store, withOwn()
	switch {
	case s.stripe:
		where, opens = cmp.Or(where, "memory"), withStripe()
	case where == "":
		if where, err = defaultStore(); err != nil {
			return nil, nil, err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: name another address with -addr", err)
	}
	if s.reset {
		err = reset(ctx, where)
	}
	var c *console
	if err == nil {
		c, err = newConsole(ctx, where, cat, opens, log)
	}
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	return c, listener, nil
}

// serve answers requests until ctx is done, and then completes those that have begun.
func (c *console) serve(ctx context.Context, listener net.Listener) error {
	c.provider.sendTo("http://" + listener.Addr().String() + "/webhooks/payments")
	server := &http.Server{
		Handler:           c.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second, // the time machine has months of work to do
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(c.log.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(limit)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
