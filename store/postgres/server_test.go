package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// Migrate refuses a database whose encoding can't keep all text, and a server that is read-only by mistake, also where
// nothing is left to be done.
func TestMigrateRefusesWhatWontDo(t *testing.T) {
	p := direct(t)
	latin := schema(t, p)
	ok(t, exec(t, p, "CREATE DATABASE "+latin+" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"))
	t.Cleanup(func() {
		_, err := p.Exec(context.Background(), "DROP DATABASE "+latin+" WITH (FORCE)")
		ok(t, err)
	})
	config := p.Config()
	config.ConnConfig.Database = latin
	other := connectWith(t, config)
	st, err := postgres.New(other, nil)
	ok(t, err)
	fails(t, st.Migrate(t.Context()), postgres.ErrEncoding)
	_, name := openNamed(t, p, nil)
	reader := opened(t, connectTo(t, p.Config().ConnString()+"&default_transaction_read_only=on"), name, nil)
	fails(t, reader.Migrate(t.Context()), postgres.ErrReadOnly)
}

// makeRole makes a role, and drops it after the test.
func makeRole(tb testing.TB, p *pgxpool.Pool, name, options string) {
	tb.Helper()
	ok(tb, exec(tb, p, "CREATE ROLE "+name+" "+options))
	tb.Cleanup(func() {
		_, err := p.Exec(context.Background(), "DROP OWNED BY "+name+"; DROP ROLE "+name)
		ok(tb, err)
	})
}

// A call for which the server has no connection left waits for one, as it would in the pool, for as long as a statement may
// take.
func TestCallWaitsForAConnection(t *testing.T) {
	p := direct(t)
	_, name := openNamed(t, p, nil)
	role := "role_of_" + name
	makeRole(t, p, role, "LOGIN PASSWORD 'secret' CONNECTION LIMIT 1")
	documentedGrants(t).grant(t, p, name, "app", role)
	config := p.Config()
	config.ConnConfig.User, config.ConnConfig.Password = role, "secret"
	taken, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	ok(t, err)
	timer := time.AfterFunc(300*time.Millisecond, func() { _ = taken.Close(context.Background()) })
	defer timer.Stop()
	st := opened(t, connectWith(t, config), name, nil)
	if _, err := st.Load(t.Context(), subscription.Read{Application: scene.App(1)}); err != nil {
		t.Errorf("%v, want it to wait", err)
	}
}
