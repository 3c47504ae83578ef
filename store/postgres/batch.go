package postgres

import (
	"slices"
	"sync"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// batch holds the rows of several changes, with one array per column. Everything is computed here, before it is sent.
type batch struct {
	updated, created applicationRows
	placed, replaced orderRows
	refunds          refundRows
	subscriptions    subscriptionRows
	entries          entryRows
	events           eventRows
	receipts         receiptRows
	records          recordRows

	tables [parts]table // the tables above, by part
	json   []byte       // buffer for building documents
	args   []any        // buffer for arguments
}

// The parts of a commit, in the order of the statement.
const (
	partUpdated = iota
	partCreated
	partPlaced
	partReplaced
	partRefunds
	partSubscriptions
	partEntries
	partEvents
	partReceipts
	partRecords
	parts
)

// batches holds used batches, whose columns already have capacity.
//
//nolint:gochecknoglobals // a pool is
var batches = sync.Pool{New: func() any { return newBatch() }}

// release clears a batch and makes it available for other changes.
func (b *batch) release() {
	for _, t := range b.tables {
		t.clear()
	}
	clear(b.args)
	if cap(b.json) > 1<<20 {
		b.json = nil
	}
	batches.Put(b)
}

func newBatch() *batch {
	b := new(batch)
	b.tables = [parts]table{
		b.updated.updated(), b.created.created(), b.placed.columns(), b.replaced.columns(), b.refunds.columns(),
		b.subscriptions.columns(), b.entries.columns(), b.events.columns(), b.receipts.columns(), b.records.columns(),
	}
	return b
}

// add adds a change. If it fails, with an error that can be the reason of a refusal, it has added nothing.
func (b *batch) add(c *subscription.Change) error {
	var before [parts]int
	for i, t := range b.tables {
		before[i] = t.len()
	}
	err := b.application(c)
	if err == nil {
		err = b.orders(c)
	}
	if err == nil {
		err = b.beside(c)
	}
	if err == nil {
		err = b.rows(c)
	}
	if err != nil {
		for i, t := range b.tables {
			t.cut(before[i])
		}
	}
	return err
}

func (b *batch) application(c *subscription.Change) (err error) {
	if b.json, err = document.Append(b.json[:0], &c.Next); err != nil {
		return err
	}
	if c.Base == 0 {
		return b.created.add(c, string(b.json))
	}
	return b.updated.add(c, string(b.json))
}

func (b *batch) orders(c *subscription.Change) error {
	for i := range c.Orders {
		o := &c.Orders[i]
		if slices.ContainsFunc(c.Orders[i+1:], func(later subscription.Order) bool { return later.ID == o.ID }) {
			continue // a later version of the order replaces it
		}
		rows := &b.replaced
		if c.Places(o.ID) {
			rows = &b.placed
		}
		if err := rows.add(c, o, i, &b.json); err != nil {
			return err
		}
	}
	return nil
}

// beside adds refunds and subscription rows. A statement can't write the same row twice, so only the last version
// counts.
func (b *batch) beside(c *subscription.Change) error {
	for i := range c.Refunds {
		r := &c.Refunds[i]
		if slices.ContainsFunc(c.Refunds[i+1:], func(later subscription.Refund) bool {
			return later.Order == r.Order && later.Number == r.Number
		}) {
			continue
		}
		if err := b.refunds.add(c.Application, r); err != nil {
			return err
		}
	}
	for i := range c.Subscriptions {
		r := &c.Subscriptions[i]
		if slices.ContainsFunc(c.Subscriptions[i+1:], func(later subscription.SubscriptionRow) bool { return later.ID == r.ID }) {
			continue
		}
		if err := b.subscriptions.add(c.Application, r); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) rows(c *subscription.Change) error {
	for i := range c.Entries {
		if err := b.entries.add(c.Application, &c.Entries[i]); err != nil {
			return err
		}
	}
	for i := range c.Events {
		if err := b.events.add(c.Application, &c.Events[i]); err != nil {
			return err
		}
	}
	for i := range c.Receipts {
		if err := b.receipts.add(c.Application, &c.Receipts[i]); err != nil {
			return err
		}
	}
	for i := range c.Records {
		if err := b.records.add(c.Application, &c.Records[i]); err != nil {
			return err
		}
	}
	return nil
}

// statement returns the parts that have rows, as bits, and the arguments of the statement that writes them, which are
// valid until the batch is released. A batch with a single update that waits for its row has plain parameters.
func (b *batch) statement(mode int) (mask int, args []any) {
	args = b.args[:0]
	if mode == waiting && b.updated.id.len() == 1 && b.created.id.len() == 0 {
		mode = single
	}
	mask = mode
	for part, t := range b.tables {
		if t.len() == 0 {
			continue
		}
		mask |= 1 << part
		for _, c := range t {
			if part == partUpdated && mode == single {
				args = append(args, c.values.first())
			} else {
				args = append(args, c.values)
			}
		}
	}
	b.args = args
	return mask, args
}
