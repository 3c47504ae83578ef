package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// printer prints human-readable text.
type printer struct{ w io.Writer }

func (p printer) title(s string) { fmt.Fprintf(p.w, "\n== %s\n", s) }

func (p printer) linef(format string, args ...any) { fmt.Fprintf(p.w, "   "+format+"\n", args...) }

// preview prints the upcoming charges and grants of a customer who does nothing.
func (p printer) preview(s *shop, name subscription.ApplicationID) error {
	app, err := s.Application(context.Background(), name)
	if err != nil {
		return err
	}
	p.title(fmt.Sprintf("On %s, what is to come for %s", clock(s.now), name))
	for u := range renewal.Preview(app, renewal.Policy{}, s.catalog, s.now, s.now.AddDate(0, 2, 0)) {
		if u.Granted > 0 {
			p.linef("%s  %s minutes for %s", clock(u.At), u.Granted, u.Period)
		} else {
			p.linef("%s  %s for %s", clock(u.At), u.Charge, u.Period)
		}
	}
	return nil
}

// customer prints a customer's view: the events, the orders, the state of the subscription, and the balance.
func (p printer) customer(ctx context.Context, s *shop, name string) error {
	app, err := s.Application(ctx, subscription.ApplicationID(name))
	if err != nil {
		return err
	}
	for e, err := range s.store.Events(ctx, app.ID) {
		if err != nil {
			return err
		}
		p.event(e)
	}
	for o, err := range s.store.Orders(ctx, app.ID) {
		if err != nil {
			return err
		}
		p.linef("order of %s: %-8s  %s  %s", clock(o.PlacedAt), o.Kind, o.Amount, o.Status)
	}
	for _, sub := range app.Subscriptions {
		p.linef("%s is %s, paid until %s, %s minutes to spend", sub.ID, sub.Status, clock(sub.End()), app.Minutes(sub.Product, s.now))
	}
	left, err := s.accounts.Balance(ctx, name, "USD")
	if err != nil {
		return err
	}
	p.linef("balance %s", left)
	return nil
}

func (p printer) event(e subscription.Event) {
	facts := []string{fmt.Sprintf("%-20s", e.Type)}
	add := func(s string) {
		if s != "" {
			facts = append(facts, s)
		}
	}
	add(string(e.Status))
	add(e.Amount.String())
	add(string(e.Reason))
	if e.Lot != 0 {
		add(e.Quantity.String() + " minutes")
	}
	add(e.Note)
	if !e.Period.IsZero() {
		add(e.Period.String())
	}
	p.linef("%s  %s", clock(e.At), strings.TrimRight(strings.Join(facts, "  "), " "))
}

// clock formats an instant in the customers' time zone.
func clock(t time.Time) string {
	return t.In(time.FixedZone("UTC+8", 8*60*60)).Format("2006-01-02 15:04")
}
