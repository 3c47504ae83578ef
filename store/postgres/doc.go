// Package postgres keeps applications in a Postgres database, for services on many machines. It implements
// store.Store and store.Pruner, and passes the suite of store/storetest. It works on github.com/jackc/pgx/v5.
//
//	pool, err := pgxpool.New(ctx, url)
//	...
//	store, err := postgres.New(pool, nil)
//	...
//	err = store.Migrate(ctx)
//	...
//	service := subscription.NewService(store, gateway, catalog, nil)
//
// How to run the database, sizing, vacuum, backups and poolers is in docs/postgres.md.
//
// # What a call costs
//
// A call is one statement and one round trip, for one application or for thousands: a batch of changes goes into arrays
// that the statement unnests, and everything is computed before. A commit is a transaction of its own; nothing is held
// between calls. The iterators read pages of 1,000 rows and hold nothing while a row is with the caller.
//
// # What makes it safe
//
// A change is applied by comparing and swapping the application's revision in the statement that writes its rows, and
// rows are written only for the applications that it was swapped for. No lock is taken before, no clock of the server is
// asked, and a lease of [Store.Claim] only saves work. The keys of receipts and usage records are unique, and so is
// the period that a paid order renews: what all else would have let through ends there.
//
// # Errors
//
// A [subscription.ConflictError] and a [subscription.RefusedError] say for certain what was not applied. Besides what
// the contract names, a change is refused that breaks a constraint of the schema, such as a second renewal of a period,
// by [subscription.ErrInvariant]; and one whose key is too long for an index, by [subscription.ErrTooLarge]. In a batch
// the others are applied all the same.
//
// A deadlock or a serialization failure was rolled back for certain. Any call's statement is repeated then, up to
// [Options.Retries] times; in the end a commit has a conflict of the whole batch, and others return the server's error. A
// statement that could not be sent is repeated too, and returns its own error in the end. Every other error, of a
// connection or of a time that is up, leaves the outcome of a commit unknown. The errors of the server are
// *pgconn.PgError.
//
// # Within the caller's transaction
//
// [Store.WithTx] and [Store.WithSQLTx] bind a store to a transaction of the caller's, for subscription.Service.Bind:
// what the service commits and what the caller writes become so together. Each commit has a savepoint, so that the
// transaction stays usable after a conflict or a refusal.
//
// # The schema
//
// The tables are in a schema of their own, see [Options.Schema]. [Store.Migrate] creates and upgrades them. They may be
// read by anybody, and the views subscriptions, cycles and lots are there to be; nothing else may write to them.
package postgres
