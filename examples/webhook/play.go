package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// play sells a package, has the bank pay it a day later, and passes the month.
func play(ctx context.Context, dir string, w io.Writer) (err error) {
	p := player{bank: newBank(), w: w}
	p.at(time.Date(2026, time.March, 1, 10, 0, 0, 0, time.UTC))
	bankURL, stop, err := listen(ctx, p.bank)
	if err != nil {
		return err
	}
	defer stop()
	if p.shop, err = open(ctx, dir, bankURL, p.now); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if p.url, stop, err = listen(ctx, p.handler()); err != nil {
		return err
	}
	defer stop()
	for _, step := range []func(context.Context) error{p.orders, p.pays, p.month} {
		if err := errors.Join(step(ctx), p.tell(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// listen serves on a free port of the loopback interface until stop is called.
func listen(ctx context.Context, h http.Handler) (address string, stop func(), err error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // until it is closed
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}

type player struct {
	*shop

	bank  *bank
	url   string
	w     io.Writer
	clock atomic.Int64 // in seconds
}

func (p *player) at(t time.Time) { p.clock.Store(t.Unix()) }

func (p *player) now() time.Time { return time.Unix(p.clock.Load(), 0).UTC() }

func (p *player) orders(ctx context.Context) error {
	p.linef("1 March: a package is ordered")
	status, err := buy(ctx, p.url, "voice", "order-1")
	p.linef("the service answers %d", status)
	return err
}

// buy orders a package, as the service's customers do.
func buy(ctx context.Context, service, app, key string) (status int, err error) {
	form := url.Values{"app": {app}, "key": {key}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, service+"/buy?"+form, http.NoBody)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func (p *player) pays(ctx context.Context) error {
	p.linef("\n2 March: the bank pays, and calls the webhook; twice, as banks do")
	p.at(p.now().AddDate(0, 0, 1))
	for _, key := range p.bank.pending() {
		p.bank.decide(key, true)
		for range 2 {
			if err := p.bank.call(ctx, p.url+"/webhook", key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *player) month(ctx context.Context) error {
	p.linef("\nto 2 April: the worker reminds, and renews; the bank takes its time again, and refuses")
	for range 31 {
		p.at(p.now().AddDate(0, 0, 1))
		if _, err := p.worker.Once(ctx); err != nil {
			return err
		}
		for _, key := range p.bank.pending() {
			p.bank.decide(key, false)
			if err := p.bank.call(ctx, p.url+"/webhook", key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *player) linef(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

// tell has the mailer do its work, and prints the order and all mails so far.
func (p *player) tell(ctx context.Context) error {
	if _, err := p.mailer.Once(ctx); err != nil {
		return err
	}
	app, err := p.billing.Application(ctx, "voice")
	if err != nil {
		return err
	}
	if sub, ok := app.Latest("call"); ok {
		p.linef("the subscription is %s", sub.Status)
	} else {
		p.linef("there is no subscription yet")
	}
	for o, err := range p.store.Orders(ctx, "voice") {
		if err != nil {
			return err
		}
		p.linef("order of %s: %s %s", o.PlacedAt.Format(time.DateOnly), o.Kind, o.Status)
	}
	mails, err := os.ReadFile(filepath.Join(filepath.Dir(p.mails.Name()), "mails.log"))
	if err == nil {
		p.linef("mails:\n%s", mails)
	}
	return err
}
