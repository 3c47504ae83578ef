package postgres_test

import (
	"strings"
	"testing"
)

// What an ordinary role has put into a schema of the migrating role's search path, to be taken for the server's own, is
// neither run by Migrate nor bound into a view.
// Rule: migration-trusts-no-search-path.
func TestMigrateIsNotLedAstray(t *testing.T) {
	p := direct(t)
	evil := schema(t, p)
	for _, statement := range []string{
		`CREATE SCHEMA {schema}`,
		`CREATE TABLE {schema}.hits (what text)`,
		`CREATE FUNCTION {schema}.hashtextextended(t text, s integer) RETURNS bigint LANGUAGE plpgsql AS $f$
			BEGIN INSERT INTO {schema}.hits VALUES ('hashtextextended'); RETURN 1; END $f$`,
		`CREATE FUNCTION {schema}.divide(a bigint, b numeric) RETURNS numeric LANGUAGE plpgsql AS $f$
			BEGIN RETURN 42; END $f$`,
		`CREATE OPERATOR {schema}./ (LEFTARG = bigint, RIGHTARG = numeric, FUNCTION = {schema}.divide)`,
		`CREATE FUNCTION {schema}.split_part(t text, s varchar, n integer) RETURNS text LANGUAGE plpgsql AS $f$
			BEGIN INSERT INTO {schema}.hits VALUES ('split_part'); RETURN '42'; END $f$`,
		`CREATE FUNCTION {schema}.to_regclass(t text) RETURNS regclass LANGUAGE plpgsql AS $f$
			BEGIN INSERT INTO {schema}.hits VALUES ('to_regclass'); RETURN NULL; END $f$`,
	} {
		run(t, p, evil, statement)
	}
	for _, path := range []string{evil + ",public", evil + ",pg_catalog"} {
		led := connectTo(t, p.Config().ConnString()+"&search_path="+path)
		_, name := openNamed(t, led, nil)
		for _, view := range []string{"lots", "cycles", "subscriptions"} {
			var definition string
			ok(t, led.QueryRow(t.Context(), "SELECT pg_get_viewdef($1::text::regclass)", in(name, "{schema}."+view)).Scan(&definition))
			if strings.Contains(definition, evil) {
				t.Errorf("%s: %s is bound to what was planted:\n%s", path, view, definition)
			}
		}
	}
	var hits int
	ok(t, p.QueryRow(t.Context(), in(evil, "SELECT count(*) FROM {schema}.hits")).Scan(&hits))
	if hits != 0 {
		t.Errorf("%d planted functions were run", hits)
	}
}
