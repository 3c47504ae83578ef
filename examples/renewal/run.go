package main

import (
	"context"
	"io"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The customers. Each has an account and an application with the customer's name.
const (
	renews  = "anna"  // has money and does nothing
	runsOut = "bert"  // has too little money, and returns a week later
	turnOff = "clara" // turned auto-renewal off
)

// at returns an instant in Shanghai, the zone in which the sample catalog counts days.
func at(month time.Month, day, hour int) time.Time {
	return time.Date(2025, month, day, hour, 0, 0, 0, time.FixedZone("UTC+8", 8*60*60)).UTC()
}

// run runs the simulation and prints the view of each customer.
func run(w io.Writer) error {
	ctx := context.Background()
	s, err := open(at(time.June, 16, 10))
	if err != nil {
		return err
	}
	p := printer{w}
	if err := s.begin(ctx); err != nil {
		return err
	}
	if err := p.preview(s, renews); err != nil {
		return err
	}
	if err := s.live(ctx); err != nil {
		return err
	}
	for _, c := range []struct{ name, story string }{
		{renews, "has 500.00, does nothing, and renews"},
		{runsOut, "has 300.00, is interrupted, and comes back a week later"},
		{turnOff, "turned auto-renewal off"},
	} {
		p.title(c.name + " " + c.story)
		if err := p.customer(ctx, s, c.name); err != nil {
			return err
		}
	}
	return nil
}

// begin has each customer buy a month of calls on 16 June.
func (s *shop) begin(ctx context.Context) error {
	for _, c := range []struct{ name, funds string }{{renews, "500.00"}, {runsOut, "300.00"}, {turnOff, "500.00"}} {
		if err := s.accounts.Open(ctx, c.name); err != nil {
			return err
		}
		if err := s.deposit(ctx, c.name, c.funds); err != nil {
			return err
		}
		app := subscription.ApplicationID(c.name)
		if err := s.do(ctx, app, subscription.Create{Account: subscription.AccountID(c.name)}); err != nil {
			return err
		}
		if err := s.do(ctx, app, s.purchase()); err != nil {
			return err
		}
	}
	return nil
}

// live advances time by a little more than a month.
func (s *shop) live(ctx context.Context) error {
	if err := s.until(ctx, at(time.June, 20, 15)); err != nil {
		return err
	}
	if err := s.do(ctx, turnOff, subscription.AutoRenew{Product: "call"}); err != nil {
		return err
	}
	if err := s.until(ctx, at(time.July, 24, 9)); err != nil {
		return err
	}
	if err := s.deposit(ctx, runsOut, "200.00"); err != nil {
		return err
	}
	if err := s.do(ctx, runsOut, renewal.Renew{Product: "call"}); err != nil {
		return err
	}
	return s.until(ctx, at(time.July, 25, 9))
}
