package sqlite

import (
	"context"
	"database/sql/driver"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	modernc "modernc.org/sqlite"

	"github.com/prepaidkit/prepaid/subscription"
)

// Columns are a change as the values of its columns, for the benchmarks that write the same rows by hand.
type Columns struct {
	Base                                       int64
	Document                                   []any
	Orders, Entries, Events, Receipts, Records [][]any
	Refunds, Subscriptions, Feed               [][]any
}

// Encode returns the columns of a change.
func Encode(c *subscription.Change) (Columns, error) {
	w, err := encode(c)
	orders := slices.Concat(w.placed, w.replaced)
	return Columns{w.base, w.document, orders, w.entries, w.events, w.receipts, w.records, w.refunds, w.subscriptions, w.feed}, err
}

// OrderColumns are the names of the columns of orders, in the order of their values.
func OrderColumns() string { return orderColumns }

// MadeStatements are those that the package makes of lists of columns, by name.
func MadeStatements() map[string]string {
	made := map[string]string{"getOrder": getOrder, "listOrders": listOrders}
	maps.Copy(made, ReportStatements())
	return made
}

// ReportStatements are those of reports, by name.
func ReportStatements() map[string]string {
	return map[string]string{
		"find": strings.Repeat(findStatus+" UNION ALL ", 5) + findStatus + findOrder, "find one status": findStatus + findOrder,
		"findOf": findOf, "listPaid": listPaid, "listPlaced": listPlaced, "sumPaid": sumPaid, "sumBack": sumBack,
	}
}

// Exec runs a statement on the connection that writes.
func (s *Store) Exec(ctx context.Context, statement string) error {
	return s.write(ctx, 1, func(q session) error {
		_, err := q.exec(statement)
		return err
	})
}

// Waiting is how many calls wait for the one that writes.
func (s *Store) Waiting() int {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return len(s.writer.queue)
}

// FailRollback lets the next rollback fail on each connection of a store that isn't used by anybody.
func (s *Store) FailRollback() {
	for range s.opts.Readers {
		c := <-s.readers
		c.statements["ROLLBACK"] = failing{}
		s.readers <- c
	}
	s.writer.conn.statements["ROLLBACK"] = failing{}
}

// failing is a statement that fails.
type failing struct{ statement }

func (failing) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	return nil, new(modernc.Error)
}

func (failing) Close() error { return nil }

// TakeTurn waits until it is first in the queue of a file, and returns what lets the next one come.
func TakeTurn(tb testing.TB, path string) (pass func()) {
	tb.Helper()
	turn := openTurn(path, private)
	if err := turn.wait(tb.Context(), time.Minute); err != nil {
		tb.Fatal(err)
	}
	return func() {
		turn.pass()
		if err := turn.close(); err != nil {
			tb.Error(err)
		}
	}
}
