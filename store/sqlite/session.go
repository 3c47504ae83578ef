package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
)

// session runs statements, on one of the store's own connections or in a caller's transaction. Arguments are int64,
// string, []byte, or nil.
type session interface {
	// exec runs a statement and returns the number of rows that it changed.
	exec(query string, args ...any) (int64, error)
	// query calls each for every row that a statement returns. The row is only valid during the call.
	query(query string, each func(r row) error, args ...any) error
	// script runs several statements without arguments.
	script(text string) error
}

// getNumber returns the number that a query returns, or 0 if it returns NULL or no row.
func getNumber(q session, query string, args ...any) (n int64, err error) {
	err = q.query(query, func(r row) error {
		n = r.number(0)
		return nil
	}, args...)
	return n, err
}

// getText returns the text that a query returns, or "" if it returns NULL or no row.
func getText(q session, query string, args ...any) (text string, err error) {
	err = q.query(query, func(r row) error {
		text = r.text(0)
		return nil
	}, args...)
	return text, err
}

// conn is a connection with its prepared statements, for use by one goroutine at a time. It bypasses database/sql,
// whose bookkeeping costs a third as much as SQLite's work on a row. Statements on it run without a context: each one
// is short, and interrupting one in a shared transaction would interrupt the others too.
type conn struct {
	raw        driver.Conn
	statements map[string]statement
	args       []driver.NamedValue
	stuck      bool // possibly in a transaction that can't be ended; replaced before its next use
}

// statement is a prepared statement.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

var errDriver = errors.New("sqlite: the driver lacks an interface of database/sql/driver")

// connect opens a connection.
func connect(ctx context.Context, c driver.Connector) (*conn, error) {
	raw, err := c.Connect(ctx)
	if err != nil {
		return nil, explain(err)
	}
	return &conn{raw: raw, statements: map[string]statement{}}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// rollback ends the transaction, unless SQLite has already done so, as it does after some errors.
func (c *conn) rollback() {
	if _, err := c.exec("ROLLBACK"); err != nil && !strings.Contains(err.Error(), "no transaction is active") {
		c.stuck = true
	}
}

func (c *conn) prepare(query string) (statement, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	p, err := c.raw.Prepare(query)
	if err != nil {
		return nil, explain(err)
	}
	s, ok := p.(statement)
	if !ok {
		return nil, errors.Join(errDriver, p.Close())
	}
	c.statements[query] = s
	return s, nil
}

func (c *conn) bind(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

func (c *conn) exec(query string, args ...any) (int64, error) {
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(context.Background(), c.bind(args))
	if err != nil {
		return 0, explain(err)
	}
	return r.RowsAffected()
}

func (c *conn) query(query string, each func(r row) error, args ...any) (err error) {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), c.bind(args))
	if err != nil {
		return explain(err)
	}
	defer func() {
		if e := rows.Close(); err == nil && e != nil {
			err = explain(e)
		}
	}()
	values := make(row, len(rows.Columns()))
	for {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return explain(err)
		}
		if err := each(values); err != nil {
			return err
		}
	}
}

// script runs statements without caching them.
func (c *conn) script(text string) error {
	e, ok := c.raw.(driver.ExecerContext)
	if !ok {
		return errDriver
	}
	_, err := e.ExecContext(context.Background(), text, nil)
	return explain(err)
}

// borrowed is a caller's transaction, of any driver. Its context is checked between statements. It never interrupts
// one, because SQLite would then undo the whole transaction.
type borrowed struct {
	ctx context.Context //nolint:containedctx // of the one call that uses this session
	tx  *sql.Tx
}

func (b borrowed) exec(query string, args ...any) (int64, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	r, err := b.tx.ExecContext(context.WithoutCancel(b.ctx), query, args...)
	if err != nil {
		return 0, explain(err)
	}
	return r.RowsAffected()
}

func (b borrowed) query(query string, each func(r row) error, args ...any) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	rows, err := b.tx.QueryContext(context.WithoutCancel(b.ctx), query, args...)
	if err != nil {
		return explain(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return explain(err)
	}
	values, into, out := make([]any, len(columns)), make([]any, len(columns)), make(row, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return explain(err)
		}
		for i := range values {
			out[i] = values[i]
		}
		if err := each(out); err != nil {
			return err
		}
	}
	return explain(rows.Err())
}

func (b borrowed) script(text string) error {
	_, err := b.exec(text)
	return err
}

// row is one row of a query's result: int64, string, []byte, or nil.
type row []driver.Value

// text returns a column as text, or "" for NULL.
func (r row) text(i int) string {
	switch v := r[i].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case nil:
		return ""
	}
	return fmt.Sprint(r[i])
}

// number returns a column as a number, or 0 for NULL.
func (r row) number(i int) int64 {
	n, _ := r[i].(int64)
	return n
}
