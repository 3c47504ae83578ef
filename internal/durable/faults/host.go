package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// database is a store with everything that a host uses with it: the host's tables in the same database, transactions
// that write to both, and prepaid balances.
type database struct {
	store.Store
	feed     relay.Store
	accounts accounts
	host     hostTables
	// within calls do with the store in one of the host's transactions, and commits it if do returns no error.
	within func(ctx context.Context, do func(tx execer, st subscription.Store) error) error
	// hold holds the row of an application, or the whole file, while do runs.
	hold  func(ctx context.Context, app subscription.ApplicationID, do func()) error
	close func() error
}

// accounts are the prepaid balances of either store.
type accounts interface { //nolint:interfacebloat // what the run uses of both stores' accounts
	payment.Gateway
	Open(ctx context.Context, id string) error
	Deposit(ctx context.Context, id, key string, amount pricing.Money) error
	Balance(ctx context.Context, id string, c pricing.Currency) (pricing.Money, error)
	Journal(ctx context.Context) iter.Seq2[balance.Movement, error]
}

// execer runs one of the host's statements.
type execer func(ctx context.Context, statement string, args ...any) error

// hostTables are the host's own tables, and the trigger that refuses changes of single applications.
type hostTables struct {
	make      []string
	remember  string // records a request within its transaction
	refuse    string // refuses changes of an application
	accept    string // accepts all changes again
	requested string // lists the recorded requests
	query     func(ctx context.Context, statement string) ([]string, error)
	exec      execer
}

// sqliteHost returns the host's tables in a file.
func sqliteHost(db *sql.DB) hostTables {
	return hostTables{
		make: []string{
			`CREATE TABLE IF NOT EXISTS host_requests (request TEXT PRIMARY KEY)`,
			`CREATE TABLE IF NOT EXISTS host_refused (id TEXT PRIMARY KEY)`,
			`CREATE TRIGGER IF NOT EXISTS host_refuses BEFORE UPDATE ON prepaid_applications
WHEN NEW.revision <> OLD.revision AND EXISTS (SELECT 1 FROM host_refused WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the host refuses'); END`,
		},
		remember:  `INSERT INTO host_requests VALUES (?) ON CONFLICT DO NOTHING`,
		refuse:    `INSERT INTO host_refused VALUES (?) ON CONFLICT DO NOTHING`,
		accept:    `DELETE FROM host_refused`,
		requested: `SELECT request FROM host_requests`,
		exec: func(ctx context.Context, statement string, args ...any) error {
			_, err := db.ExecContext(ctx, statement, args...)
			return err
		},
		query: func(ctx context.Context, statement string) (all []string, err error) {
			rows, err := db.QueryContext(ctx, statement)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, rows.Close()) }()
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					return nil, err
				}
				all = append(all, s)
			}
			return all, rows.Err()
		},
	}
}

// postgresHost returns the host's tables on a server.
func postgresHost(pool *pgxpool.Pool) hostTables {
	return hostTables{
		make: []string{
			`CREATE TABLE IF NOT EXISTS host_requests (request text PRIMARY KEY)`,
			`CREATE TABLE IF NOT EXISTS host_refused (id text PRIMARY KEY)`,
			`CREATE OR REPLACE FUNCTION host_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.revision <> OLD.revision AND EXISTS (SELECT 1 FROM host_refused WHERE id = NEW.id) THEN
	RAISE EXCEPTION 'the host refuses';
END IF; RETURN NEW; END $$`,
			`CREATE OR REPLACE TRIGGER host_refuses BEFORE UPDATE ON prepaid.applications
FOR EACH ROW EXECUTE FUNCTION host_refuses()`,
		},
		remember:  `INSERT INTO host_requests VALUES ($1) ON CONFLICT DO NOTHING`,
		refuse:    `INSERT INTO host_refused VALUES ($1) ON CONFLICT DO NOTHING`,
		accept:    `DELETE FROM host_refused`,
		requested: `SELECT request FROM host_requests`,
		exec: func(ctx context.Context, statement string, args ...any) error {
			_, err := pool.Exec(ctx, statement, args...)
			return err
		},
		query: func(ctx context.Context, statement string) ([]string, error) {
			rows, err := pool.Query(ctx, statement)
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowTo[string])
		},
	}
}

// inFile completes a database in a file.
func inFile(st *sqlite.Store, path string, o *balance.Options) (*database, error) {
	dsn, err := sqlite.DSN(path, nil)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	in := func(ctx context.Context, do func(tx *sql.Tx) error) error {
		tx, err := st.BeginTx(ctx, db, nil)
		if err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return errors.Join(err, ignoring(tx.Rollback(), sql.ErrTxDone))
		}
		return tx.Commit()
	}
	return &database{
		Store: st, feed: st, accounts: st.Accounts(o), host: sqliteHost(db),
		close: func() error { return errors.Join(db.Close(), st.Close()) },
		within: func(ctx context.Context, do func(execer, subscription.Store) error) error {
			return in(ctx, func(tx *sql.Tx) error {
				return do(func(ctx context.Context, statement string, args ...any) error {
					_, err := tx.ExecContext(ctx, statement, args...)
					return err
				}, st.WithTx(tx))
			})
		},
		hold: func(ctx context.Context, _ subscription.ApplicationID, do func()) error {
			return in(ctx, func(*sql.Tx) error { do(); return nil }) // a writing transaction locks the whole file
		},
	}, nil
}

// onServer completes a database on a server.
func onServer(st *postgres.Store, pool *pgxpool.Pool, o *balance.Options) *database {
	return &database{
		Store: st, feed: st, accounts: st.Accounts(o), host: postgresHost(pool),
		close: func() error { pool.Close(); return nil },
		within: func(ctx context.Context, do func(execer, subscription.Store) error) error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				return do(func(ctx context.Context, statement string, args ...any) error {
					_, err := tx.Exec(ctx, statement, args...)
					return err
				}, st.WithTx(tx))
			})
		},
		hold: func(ctx context.Context, app subscription.ApplicationID, do func()) error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `SELECT 1 FROM prepaid.applications WHERE id = $1 FOR UPDATE`, string(app))
				if err == nil {
					do()
				}
				return err
			})
		},
	}
}

func ignoring(err, known error) error {
	if errors.Is(err, known) {
		return nil
	}
	return err
}

// requestOf returns the name of a request in the host's table.
func requestOf(app subscription.ApplicationID, key string) string {
	return fmt.Sprintf("%s %s", app, key)
}

// inAccounts reports whether an account's money is in the database rather than with the bank.
func inAccounts(account string) bool { return strings.HasPrefix(account, "balance-") }
