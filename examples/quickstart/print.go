package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// printer prints human-readable text.
type printer struct{ w io.Writer }

func (p printer) title(s string) { fmt.Fprintf(p.w, "\n== %s\n", s) }

// say explains what follows.
func (p printer) say(lines ...string) {
	for _, l := range lines {
		fmt.Fprintf(p.w, "%s\n", l)
	}
}

func (p printer) linef(format string, args ...any) { fmt.Fprintf(p.w, "   "+format+"\n", args...) }

func (p printer) quote(q subscription.Quote) {
	p.linef("quote of %s, until %s", q.Amount, clock(q.ExpiresAt))
	p.lines(q.Lines)
}

func (p printer) lines(lines []pricing.Line) {
	for _, l := range lines {
		p.linef("   %-8s %-16s %s = %s, rounded %s", l.Kind, l.Item, l.Formula(), pricing.FormatExact(l.Exact()), l.Amount)
	}
}

func (p printer) delivered(o subscription.Order) {
	d := o.Delivered
	p.linef("order %s is %s", o.ID, o.Status)
	p.linef("valid %s", d.Period)
	p.linef("minutes: %s more, %s granted for the period, %s remaining", d.Increment, d.Total, d.Remaining)
}

func (p printer) order(o subscription.Order) {
	refunded := ""
	if o.Refunds > 0 {
		refunded = ", of which " + o.RefundedAmount.String() + " went back"
	}
	p.linef("%-31s %s  %-8s %-8s %s%s", o.ID, clock(o.PlacedAt), o.Kind, o.Status, o.Amount, refunded)
}

func (p printer) application(app subscription.Application, now time.Time) {
	for _, s := range app.Subscriptions {
		p.linef("%s: %s, %s until %s, auto-renewal %t", s.ID, s.Version(), s.Status, clock(s.End()), s.AutoRenew)
		p.linef("   minutes to spend: %s", app.Minutes(s.Product, now))
	}
	for _, l := range app.Lots {
		p.linef("   lot %d from %s: granted %s, remaining %s, for usage in %s", l.ID, l.Source, l.Granted, l.Remaining, l.Period)
	}
}

func (p printer) usage(u subscription.Usage, r subscription.UsageResult) {
	outcome := fmt.Sprintf("takes %s minutes", r.Deducted)
	switch {
	case r.Err != nil:
		outcome = "refused: " + r.Err.Error()
	case r.Duplicate:
		outcome = "was counted before"
	}
	p.linef("%-12s %-3s %8d s  %s", u.ID, u.Kind, u.Seconds, outcome)
}

func (p printer) entry(e subscription.Entry) {
	facts := ""
	if e.Usage != "" {
		facts = fmt.Sprintf("  %s, %s on %s", e.Product, e.Usage, e.Day)
	}
	p.linef("%3d.%d  %s  lot %d  %-8s %9s%s", e.Revision, e.Index, clock(e.At), e.Lot, e.Kind, e.Quantity, facts)
}

func (p printer) event(e subscription.Event) {
	var facts []string
	add := func(s string) {
		if s != "" {
			facts = append(facts, s)
		}
	}
	add(string(e.Subscription))
	add(string(e.Version))
	add(string(e.Status))
	add(string(e.Order))
	add(e.Amount.String())
	if e.Lot != 0 {
		add(fmt.Sprintf("lot %d: %s minutes", e.Lot, e.Quantity))
	}
	add(string(e.Reason))
	add(e.Note)
	if e.By != "" {
		add("by " + e.By)
	}
	line := fmt.Sprintf("%3d.%d  %s  %-20s %s", e.Revision, e.Index, clock(e.At), e.Type, strings.Join(facts, ", "))
	p.linef("%s", strings.TrimRight(line, " "))
}

// shanghai is the zone in which the sample catalog counts days, and in which times are printed.
func shanghai() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

func clock(t time.Time) string { return t.In(shanghai()).Format("2006-01-02 15:04") }

func ids(versions []pricing.Version) []pricing.VersionID {
	out := make([]pricing.VersionID, len(versions))
	for i, v := range versions {
		out[i] = v.ID
	}
	return out
}
