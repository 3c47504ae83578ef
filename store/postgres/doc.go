// Package postgres stores applications in a Postgres database, for services on many machines. It implements store.Store and
// all of its optional parts, and passes the store/storetest suite. It is built on github.com/jackc/pgx/v5.
//
//	pool, err := pgxpool.New(ctx, url)
//	...
//	store, err := postgres.New(pool, nil)
//	...
//	err = store.Migrate(ctx)
//	...
//	service, err := subscription.NewService(store, gateway, subscription.StaticCatalog(cat), nil)
//
// See docs/postgres.md for running the database, sizing, vacuum, backups, and poolers.
//
// # What a call costs
//
// A call is one statement and one round trip, whether for one application or for thousands: a batch of changes is
// sent as arrays that the statement unnests, and everything is computed before it is sent. A commit is its own
// transaction, and nothing is held between calls. The iterators read pages of 1,000 rows and hold nothing while the
// caller handles a row.
//
// # What makes it safe
//
// The statement that writes a change's rows also compares and swaps the application's revision, and writes rows only
// for the applications whose revision it swapped. It takes no lock beforehand and never reads the server's clock, and
// a lease from [Store.Claim] only saves work. The keys of receipts and usage records are unique, and so is the period
// that a paid order renews. These unique constraints stop anything that the other checks would have let through.
//
// # Errors
//
// A [subscription.ConflictError] or [subscription.RefusedError] states for certain what was not applied. In addition
// to the refusals in the contract, a change is refused with [subscription.ErrInvariant] if it violates a constraint
// of the schema, such as by renewing a period a second time, and with [subscription.ErrTooLarge] if its key is too
// long for an index. The other changes in the batch are still applied.
//
// After a deadlock or a serialization failure, the statement has certainly been rolled back. Every call retries it,
// up to [Options.Retries] times. If it still fails, a commit reports a conflict for the whole batch, and other calls
// return the server's error. A statement that could not be sent is also retried, and finally returns its own error.
// After any other error, such as a failed connection or a timeout, the outcome of a commit is unknown. Errors from
// the server are *pgconn.PgError.
//
// # Within the caller's transaction
//
// [Store.WithTx] and [Store.WithSQLTx] bind a store to a caller's transaction, for subscription.Service.Bind: the
// service's changes and the caller's own are committed together. Each commit has a savepoint, so the transaction
// stays usable after a conflict or a refusal.
//
// # The schema
//
// The tables are in their own schema, see [Options.Schema]. [Store.Migrate] creates and upgrades them:
//
//   - applications: applications, orders, entries, events, receipts, records, subscription_rows, by which subscriptions
//     are searched, including those that are over, and order_refunds;
//   - balances, see [Store.Accounts]: accounts, balances, movements, charges, deposits, and refunds, which are the
//     refunds of charges;
//   - the feed, see [Store.Feed]: waiting, feed and feed_state; and how far relays have come: relays and parked;
//   - what a gateway's keys stand for at its provider, see [Store.BindProviderKey]: provider_keys;
//   - internal: identity and migrations.
//
// docs/postgres.md says how the rows of an application are written, and has queries for reports. Anyone may
// read them, and the views subscriptions, cycles, lots, and lot_balances are meant for that; nothing else may write to
// them.
package postgres
