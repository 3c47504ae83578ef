package postgres

import (
	"strconv"
	"strings"
	"sync"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// table is the columns of the rows that a batch has for one table.
type table []column

func (t table) len() int { return t[0].len() }

func (t table) clear() {
	for _, c := range t {
		c.clear()
	}
}

func (t table) cut(n int) {
	for _, c := range t {
		c.cut(n)
	}
}

// batch is the rows of a number of changes, a column an array. All that is computed is computed here.
type batch struct {
	updated, created applicationRows
	placed, replaced orderRows
	entries          entryRows
	events           eventRows
	receipts         receiptRows
	records          recordRows

	tables [parts]table // those above, by part
	json   []byte       // where documents are made
	args   []any        // where arguments are
}

// The parts of a commit, in the order of the statement.
const (
	partUpdated = iota
	partCreated
	partPlaced
	partReplaced
	partEntries
	partEvents
	partReceipts
	partRecords
	parts
)

// batches are those that were used before, whose columns have room.
//
//nolint:gochecknoglobals // a pool is
var batches = sync.Pool{New: func() any { return newBatch() }}

// free makes a batch ready for other changes. It forgets what it had.
func (b *batch) free() {
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
		b.updated.updated(), b.created.created(), b.placed.columns(), b.replaced.columns(),
		b.entries.columns(), b.events.columns(), b.receipts.columns(), b.records.columns(),
	}
	return b
}

// add adds a change. If it fails, with what a refusal has for its reason, nothing was added. Orders that the change
// seems to place are inserted; with replacing, or if they seem to exist, they may exist.
func (b *batch) add(c *subscription.Change, replacing bool) error {
	var before [parts]int
	for i, t := range b.tables {
		before[i] = t.len()
	}
	err := b.application(c)
	if err == nil {
		err = b.orders(c, replacing)
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

func (b *batch) orders(c *subscription.Change, replacing bool) error {
	for i := range c.Orders {
		o := &c.Orders[i]
		if again(c.Orders[i+1:], o.ID) {
			continue // a later one takes its place
		}
		rows := &b.placed
		if replacing || !placedBy(c, o) {
			rows = &b.replaced
		}
		if err := rows.add(c, o, i, &b.json); err != nil {
			return err
		}
	}
	return nil
}

func again(orders []subscription.Order, id subscription.OrderID) bool {
	for i := range orders {
		if orders[i].ID == id {
			return true
		}
	}
	return false
}

// placedBy guesses whether a change places an order, by the revision that IDs begin with. A wrong guess costs time,
// and nothing else.
func placedBy(c *subscription.Change, o *subscription.Order) bool {
	revision, _, ok := strings.Cut(string(o.ID), "-")
	if !ok {
		return false
	}
	n, err := strconv.ParseInt(revision, 10, 64)
	return err == nil && n == c.Base+1
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

// statement returns which parts there are, as bits, and the arguments of the statement that writes them, for as long as
// the batch isn't free.
func (b *batch) statement() (mask int, args []any) {
	args = b.args[:0]
	if b.updated.id.len() == 1 && b.created.id.len() == 0 {
		mask = single
	}
	for part, t := range b.tables {
		if t.len() == 0 {
			continue
		}
		mask |= 1 << part
		for _, c := range t {
			if part == partUpdated && mask&single != 0 {
				args = append(args, c.first())
			} else {
				args = append(args, c)
			}
		}
	}
	b.args = args
	return mask, args
}
