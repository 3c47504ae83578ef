package faults

import (
	"context"
	"database/sql"
	"errors"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// verdict audits the run and completes its figures.
func (r *run) verdict(ctx context.Context, d *database) error {
	st := &whole{d, r.archive}
	e, err := r.evidence(ctx, st)
	if err != nil {
		return err
	}
	if err := r.auditHost(ctx, d, e); err != nil {
		return err
	}
	if err := r.auditFeed(ctx, st); err != nil {
		return err
	}
	found, err := audit.Audit(ctx, e)
	if err != nil {
		return err
	}
	r.violations = append(r.violations, found.Violations...)
	f := &r.figures
	f.Catalogs, f.Deposits = int(r.catalog.Load())+1, len(r.deposits)
	f.Applications, f.Collected = len(r.customers), len(e.Collected)
	f.Faults = r.bank.hostile.Met()
	delete(f.Faults, paymenttest.None)
	if p := r.site.proxy; p != nil {
		p.mu.Lock()
		f.Cut, f.Before, f.After = p.cuts.anywhere, p.cuts.before, p.cuts.after
		p.mu.Unlock()
	}
	f.Orders = map[subscription.OrderStatus]int{}
	for _, c := range r.customers {
		if err := r.look(ctx, st, c); err != nil {
			return err
		}
	}
	return nil
}

// look adds an application to the figures, and checks that no customer who can pay was interrupted: the workers ran all
// the time, apart from kills.
func (r *run) look(ctx context.Context, st store.Store, c *customer) error {
	f := &r.figures
	snapshots, err := st.Load(ctx, subscription.Read{Application: c.id})
	if err != nil {
		return err
	}
	f.Commits += int(snapshots[0].Application.Revision)
	for _, record := range c.records {
		switch {
		case record.counted:
			f.Records++
		case !record.final:
			f.Unanswered++
		}
	}
	for o, err := range st.Orders(ctx, c.id) {
		if err != nil {
			return err
		}
		f.Orders[o.Status]++
		for _, d := range o.Deliveries {
			if d.Extend != nil && d.Extend.Automatic && o.Status == subscription.OrderPaid {
				f.Renewals++
			}
		}
	}
	for _, err := range st.Entries(ctx, c.id) {
		if err != nil {
			return err
		}
		f.Entries++
	}
	for e, err := range st.Events(ctx, c.id) {
		if err != nil {
			return err
		}
		f.Events++
		switch e.Type { //nolint:exhaustive // the others aren't counted
		case subscription.EventRefundDue:
			f.Refunds++
		case subscription.EventRefundFailed:
			f.RefundsFailed++
		case subscription.EventReversed:
			f.Reversals++
		case subscription.EventReinstated:
			f.Reinstated++
		default:
		}
		if c.rich && !c.hindered && e.Status == subscription.Interrupted {
			r.violatef("renewal", c.id, "%s was interrupted at %s, though it renews itself, could be paid for, and workers ran",
				e.Subscription, e.At)
		}
	}
	return nil
}

// integrity runs SQLite's own integrity check on its file.
func (r *run) integrity(ctx context.Context) error {
	if r.options.Store != SQLite {
		return nil
	}
	dsn, err := sqlite.DSN(r.site.direct, nil)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	var says string
	err = db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&says)
	if err == nil && says != "ok" {
		r.violatef("file", "", "%s", says)
	}
	return errors.Join(err, db.Close())
}
