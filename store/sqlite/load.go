package sqlite

import (
	"context"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

const (
	getDocument = `SELECT document FROM prepaid_applications WHERE id = ?`
	getKeyed    = `SELECT a.document, r.kind, r.digest, r.revision, r.at, r.order_id
FROM prepaid_applications a LEFT JOIN prepaid_receipts r ON r.application_id = a.id AND r.key = ? WHERE a.id = ?`
	getCounted = `SELECT a.document, r.id, r.day, r.digest
FROM prepaid_applications a LEFT JOIN prepaid_records r ON r.application_id = a.id AND r.id = ? WHERE a.id = ?`
	getReceipt = `SELECT ` + receiptColumns + ` FROM prepaid_receipts WHERE application_id = ? AND key = ?`
	getRecord  = `SELECT ` + recordColumns + ` FROM prepaid_records WHERE application_id = ? AND id = ?`
	getRefunds = `SELECT ` + refundColumns + ` FROM prepaid_order_refunds WHERE application_id = ? AND order_id = ? ORDER BY number`
)

// Load implements [subscription.Store]. All snapshots show the same state of the file. It fails with [*CorruptError]
// for data that can't be read, and with [ErrNotMigrated].
func (s *Store) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	found := make([]loaded, len(reads))
	access := s.snapshot
	if len(reads) == 1 && single(&reads[0]) {
		access = s.read
	}
	var id string
	err := access(ctx, func(q session) (err error) {
		if id, err = s.identity.of(q); err != nil {
			return err
		}
		return loadAll(ctx, q, reads, found)
	})
	if err != nil {
		return nil, err
	}
	return snapshots(id, reads, found)
}

// single reports whether a read takes one statement, which sees a consistent state by itself.
func single(r *subscription.Read) bool {
	return len(r.Orders)+len(r.Refunds) == 0 && len(r.Keys)+len(r.Records) <= 1
}

// loaded is the result of one read. Its document is decoded after the connection is released.
type loaded struct {
	exists   bool
	document string
	snapshot subscription.Snapshot
}

func loadAll(ctx context.Context, q session, reads []subscription.Read, found []loaded) error {
	for i := range reads {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := found[i].load(q, &reads[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *loaded) load(q session, read *subscription.Read) error {
	app := string(read.Application)
	if single(read) {
		switch {
		case len(read.Keys) == 1:
			return l.keyed(q, read.Application, read.Keys[0])
		case len(read.Records) == 1:
			return l.counted(q, app, read.Records[0])
		}
	}
	if err := q.query(getDocument, func(r row) error {
		l.exists, l.document = true, r.text(0)
		return nil
	}, app); err != nil || !l.exists {
		return err
	}
	for _, key := range read.Keys {
		if err := q.query(getReceipt, func(r row) error {
			l.snapshot.Receipts = append(l.snapshot.Receipts, decodeReceipt(read.Application, key, r))
			return nil
		}, app, key); err != nil {
			return err
		}
	}
	for _, id := range read.Orders {
		if err := q.query(getOrder, func(r row) error {
			o, err := decodeOrder(read.Application, r)
			l.snapshot.Orders = append(l.snapshot.Orders, o)
			return err
		}, app, string(id)); err != nil {
			return err
		}
	}
	for _, id := range read.Records {
		if err := q.query(getRecord, func(r row) error {
			l.snapshot.Records = append(l.snapshot.Records, decodeRecord(id, r))
			return nil
		}, app, id); err != nil {
			return err
		}
	}
	return l.refunds(q, read)
}

// refunds loads the refunds of the orders named, each order once, in the order of their IDs.
func (l *loaded) refunds(q session, read *subscription.Read) error {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(read.Refunds))) {
		if err := q.query(getRefunds, func(r row) error {
			refund, err := decodeRefund(read.Application, r)
			l.snapshot.Refunds = append(l.snapshot.Refunds, refund)
			return err
		}, string(read.Application), string(id)); err != nil {
			return err
		}
	}
	return nil
}

// keyed loads what most requests need: the document, and the receipt for their key.
func (l *loaded) keyed(q session, app subscription.ApplicationID, key string) error {
	return q.query(getKeyed, func(r row) error {
		l.exists, l.document = true, r.text(0)
		if r[1] != nil {
			l.snapshot.Receipts = append(l.snapshot.Receipts, decodeReceipt(app, key, r[1:]))
		}
		return nil
	}, key, string(app))
}

// counted loads what it takes to consume one record: the document, and whether the record has already been counted.
func (l *loaded) counted(q session, app, record string) error {
	return q.query(getCounted, func(r row) error {
		l.exists, l.document = true, r.text(0)
		if r[1] != nil {
			l.snapshot.Records = append(l.snapshot.Records, decodeRecord(record, r[2:]))
		}
		return nil
	}, record, app)
}

// snapshots decodes the documents found. id is the identity of the store.
func snapshots(id string, reads []subscription.Read, found []loaded) ([]subscription.Snapshot, error) {
	out := make([]subscription.Snapshot, len(reads))
	for i := range found {
		out[i] = found[i].snapshot
		out[i].Store = id
		if !found[i].exists {
			out[i].Application.ID = reads[i].Application
			continue
		}
		var err error
		if out[i].Application, err = decodeDocument(string(reads[i].Application), found[i].document); err != nil {
			return nil, err
		}
	}
	return out, nil
}
