package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// A load is one statement, with a part for each kind of row that is wanted. place is the index of the read that a row belongs
// to. If orders are read, the rows of all parts have the columns of orders; the same is true of refunds. A part with a single
// row has plain parameters.
const (
	fromOne = `
FROM (SELECT ?::text AS id, 0 AS place, ?::text AS key) AS c`
	fromMany = `
FROM unnest(?::text[], ?::integer[], ?::text[]) AS c (id, place, key)`
	whereFew = `
WHERE ` + few

	// loadColumns is the number of columns of each part, without those of orders and refunds.
	loadColumns = 9

	// loadDocuments and loadRevisions both read applications: a load uses one of them.
	loadDocuments = `
SELECT 0 AS part, c.place, a.document AS body, '' AS kind, ''::bytea AS digest, 0::bigint AS revision,
	` + absent + ` AS at, '' AS order_id, 0 AS day`
	loadRevisions = `
SELECT 4 AS part, c.place, '' AS body, '' AS kind, ''::bytea AS digest, a.revision,
	` + absent + ` AS at, '' AS order_id, 0 AS day`
	loadApplicationsFrom = `
JOIN {schema}.applications a ON a.id = c.id`

	loadReceipts = `
SELECT 1, c.place, r.key, r.kind, r.digest, r.revision, COALESCE(r.at, ` + absent + `), COALESCE(r.order_id, ''), 0`
	loadReceiptsFrom = `
JOIN {schema}.receipts r ON r.application_id = c.id AND r.key = c.key`

	loadRecords = `
SELECT 2, c.place, r.id, '', ''::bytea, COALESCE(r.digest, 0), ` + absent + `, '', r.day - DATE '1970-01-01'`
	loadRecordsFrom = `
JOIN {schema}.records r ON r.application_id = c.id AND r.id = c.key`

	loadOrders = `
SELECT 3, c.place, '', '', ''::bytea, 0::bigint, ` + absent + `, '', 0`
	loadOrdersFrom = `
JOIN {schema}.orders o ON o.application_id = c.id AND o.id = c.key`

	// loadRefunds finds all refunds of an order.
	loadRefunds = `
SELECT 5, c.place, '', '', ''::bytea, 0::bigint, ` + absent + `, '', 0`
	loadRefundsFrom = `
JOIN {schema}.order_refunds f ON f.application_id = c.id AND f.order_id = c.key`
)

// The parts of a load.
const (
	wantDocuments = iota
	wantReceipts
	wantRecords
	wantOrders
	wantRevisions
	wantRefunds
	loadParts
)

// loads holds the statements of loads, each made when it is first needed. The index has one bit for each part that is present,
// and one for each that has several rows.
type loads [1 << (2 * loadParts)]atomic.Pointer[string]

func (s *Store) loadStatement(mask int) string {
	if made := s.loads[mask].Load(); made != nil {
		return *made
	}
	var parts []string
	for part, text := range [loadParts][2]string{
		{loadDocuments, loadApplicationsFrom}, {loadReceipts, loadReceiptsFrom}, {loadRecords, loadRecordsFrom},
		{loadOrders, loadOrdersFrom}, {loadRevisions, loadApplicationsFrom}, {loadRefunds, loadRefundsFrom},
	} {
		if mask&(1<<part) == 0 {
			continue
		}
		columns := text[0]
		switch {
		case part == wantOrders:
			columns += ", " + selectOrder()
		case mask&(1<<wantOrders) != 0:
			columns += ", " + unselected(new(orderRow).columns())
		}
		switch {
		case part == wantRefunds:
			columns += ", " + selectRefund()
		case mask&(1<<wantRefunds) != 0:
			columns += ", " + unselected(new(refundRow).columns())
		}
		if mask&(1<<(loadParts+part)) != 0 {
			parts = append(parts, columns+fromMany+text[1]+whereFew)
		} else {
			parts = append(parts, columns+fromOne+text[1])
		}
	}
	columns := loadColumns
	if mask&(1<<wantOrders) != 0 {
		columns += len(new(orderRow).columns())
	}
	if mask&(1<<wantRefunds) != 0 {
		columns += len(new(refundRow).columns())
	}
	made := s.sql(numbered(s.union(parts, columns), true))
	s.loads[mask].Store(&made)
	return made
}

// wanted holds the rows requested from one part.
type wanted struct {
	application, id texts
	place           numbers
}

func (w *wanted) add(app subscription.ApplicationID, place int, id string) {
	if document.Text(id) != nil {
		return // no such row can exist
	}
	w.application.values.add(string(app), false)
	w.place.values.add(int64(place), false)
	w.id.values.add(id, false)
}

// Load implements [subscription.Store]. It is one statement, except for a store's first load, which also reads the
// identity. It fails with [ErrNotMigrated].
func (s *Store) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, err := s.identity(ctx)
	if err != nil {
		return nil, err
	}
	snapshots, err := s.load(ctx, reads, true)
	for i := range snapshots {
		snapshots[i].Store = id
	}
	return snapshots, err
}

// loadRows is Load without documents: an application only has its revision.
func (s *Store) loadRows(ctx context.Context, reads []subscription.Read) ([]subscription.Snapshot, error) {
	return s.load(ctx, reads, false)
}

func (s *Store) load(ctx context.Context, reads []subscription.Read, documents bool) ([]subscription.Snapshot, error) {
	snapshots := make([]subscription.Snapshot, len(reads))
	mask, args := wantedOf(reads, documents)
	err := s.repeat(ctx, func() error {
		for i := range reads {
			snapshots[i] = subscription.Snapshot{Application: subscription.Application{ID: reads[i].Application}}
		}
		if mask == 0 {
			return nil
		}
		row := newLoadedRow(mask)
		dest := row.dest()
		return s.each(ctx, s.loadStatement(mask), args, func(r rows) error {
			if err := r.Scan(dest...); err != nil {
				return err
			}
			return row.addTo(&snapshots[row.place])
		})
	})
	if err != nil {
		return nil, err
	}
	for i := range reads {
		if len(reads[i].Refunds) > 0 {
			slices.SortFunc(snapshots[i].Refunds, byOrderAndNumber)
		}
	}
	return snapshots, nil
}

func byOrderAndNumber(a, b subscription.Refund) int {
	return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Number, b.Number))
}

// wantedOf returns the parts of a load of these reads, and the arguments of its statement.
func wantedOf(reads []subscription.Read, documents bool) (mask int, args []any) {
	if len(reads) == 1 {
		if mask, args, ok := wantedOfOne(&reads[0], documents); ok {
			return mask, args
		}
	}
	parts := newWants()
	for i := range reads {
		parts.add(&reads[i], i, documents)
	}
	return parts.statement(len(reads) == 1)
}

// wants holds the requested rows of each part.
type wants [loadParts]wanted

func newWants() *wants {
	parts := new(wants)
	for i := range parts {
		parts[i].application.required, parts[i].id.required, parts[i].place.required = true, true, true
	}
	return parts
}

// add adds the rows that a read requests; place is its index among the reads.
func (parts *wants) add(read *subscription.Read, place int, documents bool) {
	app := read.Application
	if !storable(app) {
		return // nothing of it can exist
	}
	parts[partOf(documents)].add(app, place, "")
	for _, key := range read.Keys {
		parts[wantReceipts].add(app, place, key)
	}
	for _, id := range read.Records {
		parts[wantRecords].add(app, place, id)
	}
	for _, id := range read.Orders {
		parts[wantOrders].add(app, place, string(id))
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(read.Refunds))) { // each of them once
		parts[wantRefunds].add(app, place, string(id))
	}
}

// statement returns the parts that have rows, and their arguments: plain values for a single row of the only read,
// and columns otherwise.
func (parts *wants) statement(one bool) (mask int, args []any) {
	args = make([]any, 0, 3*loadParts)
	for part := range parts {
		w := &parts[part]
		switch n := w.application.len(); {
		case n == 0:
		case n == 1 && one:
			mask |= 1 << part
			args = append(args, w.application.rows[0], w.id.rows[0])
		default:
			mask |= 1<<part | 1<<(loadParts+part)
			args = append(args, &w.application, &w.place, &w.id)
		}
	}
	return mask, args
}

// wantedOfOne is wantedOf for a read of at most one row of each kind, which needs no columns.
func wantedOfOne(read *subscription.Read, documents bool) (mask int, args []any, ok bool) {
	if max(len(read.Keys), len(read.Records), len(read.Orders), len(read.Refunds)) > 1 || !storable(read.Application) {
		return 0, nil, false
	}
	app := string(read.Application)
	args = make([]any, 0, 2*loadParts)
	want := func(part int, id string) {
		if document.Text(id) == nil {
			mask |= 1 << part
			args = append(args, app, id)
		}
	}
	// In the order of the parts, which is that of the statement's parameters.
	if documents {
		want(wantDocuments, "")
	}
	for _, key := range read.Keys {
		want(wantReceipts, key)
	}
	for _, id := range read.Records {
		want(wantRecords, id)
	}
	for _, id := range read.Orders {
		want(wantOrders, string(id))
	}
	if !documents {
		want(wantRevisions, "")
	}
	for _, id := range read.Refunds {
		want(wantRefunds, string(id))
	}
	return mask, args, true
}

// partOf returns the part that reads applications.
func partOf(documents bool) int {
	if documents {
		return wantDocuments
	}
	return wantRevisions
}

// loadedRow is a row of a load while it is being scanned.
type loadedRow struct {
	part, place, day int32
	body, digest     borrowed
	revision         int64
	at               time.Time
	kind, order      string
	orders           *orderRow  // nil if no orders are read
	refunds          *refundRow // nil if no refunds are read
}

func newLoadedRow(mask int) *loadedRow {
	row := new(loadedRow)
	if mask&(1<<wantOrders) != 0 {
		row.orders = new(orderRow)
	}
	if mask&(1<<wantRefunds) != 0 {
		row.refunds = new(refundRow)
	}
	return row
}

// dest returns the scan destinations for the columns of a load.
func (l *loadedRow) dest() []any {
	dest := []any{&l.part, &l.place, &l.body, &l.kind, &l.digest, &l.revision, &l.at, &l.order, &l.day}
	if l.orders != nil {
		dest = append(dest, l.orders.dest()...)
	}
	if l.refunds != nil {
		dest = append(dest, l.refunds.dest()...)
	}
	return dest
}

// addTo adds the row to the snapshot of its read.
func (l *loadedRow) addTo(snapshot *subscription.Snapshot) (err error) {
	app := snapshot.Application.ID
	switch l.part {
	case wantDocuments:
		if snapshot.Application, err = document.Decode(l.body); err != nil {
			return fmt.Errorf("postgres: application %s: %w", app, err)
		}
	case wantReceipts:
		receipt := subscription.Receipt{
			Application: app, Key: string(l.body), Kind: l.kind, Revision: l.revision, At: l.at.UTC(),
			OrderID: subscription.OrderID(l.order),
		}
		copy(receipt.Digest[:], l.digest)
		snapshot.Receipts = append(snapshot.Receipts, receipt)
	case wantRecords:
		record := subscription.UsageRow{ID: string(l.body), On: pricing.Date(l.day), Digest: l.revision}
		snapshot.Records = append(snapshot.Records, record)
	case wantRevisions:
		snapshot.Application.Revision = l.revision
	case wantOrders:
		var o subscription.Order
		if o, err = l.orders.value(app); err == nil {
			snapshot.Orders = append(snapshot.Orders, o)
		}
	case wantRefunds:
		var f subscription.Refund
		if f, err = l.refunds.value(app); err == nil {
			snapshot.Refunds = append(snapshot.Refunds, f)
		}
	}
	return err
}

// storable reports whether id is a possible ID of an application or account.
func storable[T ~string](id T) bool { return document.Text(string(id)) == nil }
