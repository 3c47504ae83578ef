package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	createApplication = `INSERT INTO prepaid_applications (revision, account, created_at, due, document, id)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	updateApplication = `UPDATE prepaid_applications SET revision = ?, account = ?, created_at = ?, due = ?, document = ?,
	leased_until = NULL WHERE id = ? AND revision = ?`

	putRefund = `INSERT INTO prepaid_order_refunds (application_id, order_id, number, kind, status, account, amount, currency, taxes,
	take, notice, key, note, asked_by, due_at, closed_at, reason, reference, failed_at, made_at, cycles)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (application_id, order_id, number) DO UPDATE SET
	kind = excluded.kind, status = excluded.status, account = excluded.account, amount = excluded.amount,
	currency = excluded.currency, taxes = excluded.taxes, take = excluded.take, notice = excluded.notice, key = excluded.key,
	note = excluded.note, asked_by = excluded.asked_by, due_at = excluded.due_at, closed_at = excluded.closed_at,
	reason = excluded.reason, reference = excluded.reference, failed_at = excluded.failed_at, made_at = excluded.made_at,
	cycles = excluded.cycles`

	insertSubscription = `INSERT INTO prepaid_subscription_rows (application_id, id, account, product, version, status, currency, trial,
	auto_renew, opened_at, paid_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (application_id, id) DO `
	putSubscription = insertSubscription + `UPDATE SET
	account = excluded.account, product = excluded.product, version = excluded.version, status = excluded.status,
	currency = excluded.currency, trial = excluded.trial, auto_renew = excluded.auto_renew, opened_at = excluded.opened_at,
	paid_until = excluded.paid_until`

	addEntry = `INSERT INTO prepaid_entries (application_id, revision, "index", at, kind, lot, quantity, order_id, product, usage, day,
	reservation, recorded_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	addEvent = `INSERT INTO prepaid_events (application_id, revision, "index", at, type, subscription, product, version, from_status,
	status, period_start, period_end, period_zone, order_id, kind, amount, currency, lot, quantity, reason, note, actor, why)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	addReceipt = `INSERT INTO prepaid_receipts (application_id, key, kind, digest, revision, at, order_id)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	addRecord = `INSERT INTO prepaid_records (application_id, id, day, digest) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`

	savepoint = `SAVEPOINT prepaid`
	rollback  = `ROLLBACK TO prepaid`
	release   = `RELEASE prepaid`
)

// Commit implements [subscription.Store]. Concurrent calls share a transaction; each is judged on its own, after
// those before it. A change that violates a constraint of the tables, which no decision of the library does, is
// refused with [subscription.ErrInvariant]. In addition to the errors of the contract, it can fail with [ErrBusy],
// [ErrFull], [ErrNotMigrated], and [ErrClosed], in which case nothing was done, and with disk errors.
func (s *Store) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b, err := newBatch(changes)
	if err != nil || len(b.changes) == 0 {
		return errors.Join(err, b.refused.Err())
	}
	var out commitresult.Result
	// If a change's key or record already exists, its base revision is usually out of date too, unless its caller
	// never looked. No decision of the library places an order that exists or violates a constraint. Savepoints are
	// therefore only used once they turn out to be needed.
	savepoints := false
	err = s.write(ctx, b.weight(), func(q session) (err error) {
		out, err = b.apply(q, savepoints)
		savepoints = savepoints || errors.Is(err, errLate)
		return err
	})
	if err != nil {
		return err
	}
	return b.refused.And(out).Err()
}

// batch holds the changes of one call that can be stored, and the outcome of the others.
type batch struct {
	changes []written
	refused commitresult.Result
}

// newBatch encodes changes. It fails if two of them are for the same application.
func newBatch(changes []subscription.Change) (batch, error) {
	if err := commitresult.OnePerApplication(changes); err != nil {
		return batch{}, err
	}
	b := batch{changes: make([]written, 0, len(changes))}
	for i := range changes {
		w, err := encode(&changes[i])
		if err != nil {
			b.refused.Refuse(changes[i].Application, err)
			continue
		}
		b.changes = append(b.changes, w)
	}
	return b, nil
}

// weight returns the number of rows to write.
func (b *batch) weight() int {
	n := 0
	for i := range b.changes {
		n += b.changes[i].rows()
	}
	return n
}

// errLate means that a change was found not to hold, or to be refused, after some of it had been written.
var errLate = errors.New("sqlite: some of a change is to be undone")

// apply writes the changes that hold and names the others. Without savepoints, it fails with errLate if it would need one.
func (b *batch) apply(q session, savepoints bool) (commitresult.Result, error) {
	var out commitresult.Result
	for i := range b.changes {
		w := &b.changes[i]
		id := subscription.ApplicationID(w.application)
		held, refusal, err := w.apply(q, savepoints)
		switch {
		case err != nil:
			return commitresult.Result{}, fmt.Errorf("application %.80q: %w", w.application, err)
		case refusal != nil:
			out.Refuse(id, refusal)
		case !held:
			out.Conflict(id)
		}
	}
	return out, nil
}

// apply writes a change and reports whether it held, or why it is refused; if it didn't hold, nothing was written.
// Without savepoints, it fails with errLate if something would have to be undone. After an error, some of the change may be
// written.
func (w *written) apply(q session, savepoints bool) (held bool, refusal, err error) {
	if !savepoints {
		held, err = w.write(q)
		if refusalOf(err) != nil {
			err = fmt.Errorf("%w: %w", errLate, err)
		}
		return held, nil, err
	}
	if _, err := q.exec(savepoint); err != nil {
		return false, nil, err
	}
	held, err = w.write(q)
	if refusal = refusalOf(err); refusal != nil || errors.Is(err, errLate) {
		_, err = q.exec(rollback)
	}
	if err != nil {
		return false, nil, err
	}
	if _, err := q.exec(release); err != nil {
		return false, nil, err
	}
	return held, refusal, nil
}

// refusalOf returns the reason to refuse a change that failed with err, or nil if it isn't refused.
func refusalOf(err error) error {
	switch {
	case errors.Is(err, errTrigger):
		return fmt.Errorf("%w: %w", subscription.ErrRefused, err)
	case errors.Is(err, errConstraint):
		return fmt.Errorf("%w: %w", subscription.ErrInvariant, err)
	case errors.Is(err, subscription.ErrExists):
		return err
	}
	return nil
}

// write writes a change. It fails with errLate if the change turns out not to hold after some of it was written, and
// with [subscription.ErrExists] if it places an order that already exists.
func (w *written) write(q session) (held bool, err error) {
	document := updateApplication
	if w.base == 0 {
		document = createApplication
	}
	if n, err := q.exec(document, w.document...); err != nil || n == 0 {
		return false, err
	}
	for _, rows := range [...]struct {
		add  string
		rows [][]any
	}{
		{addReceipt, w.receipts}, {addRecord, w.records}, {placeOrder, w.placed}, {putOrder, w.replaced}, {putRefund, w.refunds},
		{putSubscription, w.subscriptions}, {addEntry, w.entries}, {addEvent, w.events}, {addFeed, w.feed},
	} {
		for _, r := range rows.rows {
			n, err := q.exec(rows.add, r...)
			switch {
			case err != nil:
				return false, err
			case n == 0 && rows.add == placeOrder:
				return false, fmt.Errorf("%w: order %.80q", subscription.ErrExists, r[1])
			case n == 0:
				return false, errLate
			}
		}
	}
	return true, nil
}
