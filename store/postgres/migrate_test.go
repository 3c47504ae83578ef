package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/store/postgres"
)

// in puts the name of a schema into a statement.
func in(name, statement string) string {
	return strings.ReplaceAll(statement, "{schema}", pgx.Identifier{name}.Sanitize())
}

func TestMigrate_manyAtOnce(t *testing.T) {
	p, q := connect(t), connect(t)
	name := schema(t, p)
	errs := make([]error, 12)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			pool := p
			if i%2 == 1 {
				pool = q
			}
			s, err := postgres.New(pool, &postgres.Options{Schema: name})
			if err == nil {
				err = s.Migrate(t.Context())
			}
			errs[i] = err
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	rows, err := p.Query(t.Context(), in(name, "SELECT version FROM {schema}.migrations ORDER BY version"))
	if err != nil {
		t.Fatal(err)
	}
	versions, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		t.Fatal(err)
	}
	want := make([]int, len(versions))
	for i := range want {
		want[i] = i + 1
	}
	if !slices.Equal(versions, want) || len(versions) == 0 {
		t.Errorf("versions %v", versions)
	}
}

func TestMigrate_newerSchemaIsRefused(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	run(t, p, name, "INSERT INTO {schema}.migrations (version, name) VALUES (999, 'of the future')")
	err := s.Migrate(t.Context())
	var newer *postgres.SchemaError
	if !errors.As(err, &newer) || newer.Version != 999 || newer.Known < 1 || newer.Known >= 999 {
		t.Errorf("%v, want a *SchemaError of version 999", err)
	}
	if err != nil && !strings.Contains(err.Error(), name) {
		t.Errorf("%v: doesn't name the schema", err)
	}
}

func TestMigrate_failedStepLeavesNothing(t *testing.T) {
	p := connect(t)
	name := schema(t, p)
	run(t, p, name, "CREATE SCHEMA {schema}")
	run(t, p, name, "CREATE TABLE {schema}.events (in_the_way int)")
	s := opened(t, p, name, nil)
	if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "0001_applications.sql") {
		t.Fatalf("%v, want an error that names the migration", err)
	}
	run(t, p, name, "DROP TABLE {schema}.events")
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A role that may not create schemas can use one that was made for it.
func TestMigrate_schemaMadeBefore(t *testing.T) {
	p := direct(t)
	name := schema(t, p)
	role := "role_of_" + name
	makeRole(t, p, role, "LOGIN PASSWORD 'secret'")
	run(t, p, name, "CREATE SCHEMA {schema} AUTHORIZATION "+role)
	ok(t, opened(t, loginAs(t, p, role), name, nil).Migrate(t.Context()))
}

func TestNew_schemaNames(t *testing.T) {
	p := connect(t)
	for _, name := range []string{
		"Prepaid", "select", "a.b", `with "quotes"`, "it's", "{schema}", "$1 ?", "ünïcödé", "-- ; DROP", " ", strings.Repeat("x", 63),
	} {
		t.Run(name, func(t *testing.T) {
			dropped(t, p, name)
			s := opened(t, p, name, nil)
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			commit(t, s, create("a"))
			commit(t, s, next("a", 1), create("b"))
			if got := revision(t, s, "a"); got != 2 {
				t.Errorf("revision %d, want 2", got)
			}
		})
	}
	for _, name := range []string{strings.Repeat("x", 64), "a\x00b", "\xff"} {
		if _, err := postgres.New(p, &postgres.Options{Schema: name}); err == nil {
			t.Errorf("New with the schema %q: no error", name)
		}
	}
	if _, err := postgres.New(nil, nil); err == nil {
		t.Error("New without a pool: no error")
	}
	if _, err := postgres.New(p, nil); err != nil {
		t.Error(err)
	}
}
