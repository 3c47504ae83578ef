package postgres_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/storetest"
)

// grants are the rights of docs/operations.md: of each role, on each table, in the order of the page.
type grants struct {
	roles  []string
	tables []string
	rights map[string]map[string][]string // by role and table
}

// documentedGrants reads the table of docs/operations.md.
func documentedGrants(tb testing.TB) grants {
	tb.Helper()
	page, err := os.ReadFile("../../docs/operations.md")
	ok(tb, err)
	g := grants{rights: map[string]map[string][]string{}}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		switch {
		case len(g.roles) == 0 && cells[0] == "of the schema" && len(cells) > 1:
			g.roles = cells[1:]
			for _, role := range g.roles {
				g.rights[role] = map[string][]string{}
			}
		case len(g.roles) > 0 && !strings.HasPrefix(line, "|"):
			return g
		case len(g.roles) > 0 && !strings.HasPrefix(cells[0], "-"):
			if len(cells) != len(g.roles)+1 {
				tb.Fatalf("%d cells: %s", len(cells), line)
			}
			g.tables = append(g.tables, cells[0])
			for i, role := range g.roles {
				g.rights[role][cells[0]] = regexp.MustCompile(`[A-Z]+`).FindAllString(cells[i+1], -1)
			}
		}
	}
	tb.Fatal("docs/operations.md has no table of grants")
	return g
}

// on returns the object of a grant.
func on(schema, table string) string {
	if table == "the schema itself" {
		return "SCHEMA " + schema
	}
	return "TABLE " + schema + "." + table
}

// make makes the roles of the page for a schema, and returns their names.
func (g grants) make(tb testing.TB, p *pgxpool.Pool, schema string) map[string]string {
	tb.Helper()
	names := map[string]string{}
	for _, role := range g.roles {
		name := role + "_of_" + schema
		names[role] = name
		makeRole(tb, p, name, "LOGIN PASSWORD 'secret'")
		g.grant(tb, p, schema, role, name)
	}
	return names
}

// grant gives a role the rights of one of the page.
func (g grants) grant(tb testing.TB, p *pgxpool.Pool, schema, role, name string) {
	tb.Helper()
	var statements []string
	for table, rights := range g.rights[role] {
		if len(rights) > 0 {
			statements = append(statements, fmt.Sprintf("GRANT %s ON %s TO %s", strings.Join(rights, ", "), on(schema, table), name))
		}
	}
	ok(tb, exec(tb, p, strings.Join(statements, "; ")))
}

// loginAs connects as a role.
func loginAs(tb testing.TB, p *pgxpool.Pool, name string) *pgxpool.Pool {
	tb.Helper()
	config := p.Config()
	config.ConnConfig.User, config.ConnConfig.Password = name, "secret"
	return connectWith(tb, config)
}

// The table of docs/operations.md names every table and view of the schema.
func TestDocumentedGrantsNameEveryTable(t *testing.T) {
	p := direct(t)
	_, name := openNamed(t, p, nil)
	want := append([]string{"the schema itself"}, lines(t, p, name, `SELECT relname::text FROM pg_class
		WHERE relnamespace = '`+name+`'::regnamespace AND relkind IN ('r', 'v', 'p') ORDER BY 1`)...)
	got := slices.Clone(documentedGrants(t).tables)
	slices.Sort(got[1:])
	check(t, "tables", strings.Join(got, " "), strings.Join(want, " "))
}

// Each role of docs/operations.md does what it is for with the rights that the page lists, and fails if any of them is
// missing.
// Rule: grants-are-listed.
func TestGrants(t *testing.T) {
	p := direct(t)
	g := documentedGrants(t)
	owner, schema := openNamed(t, p, nil)
	names := g.make(t, p, schema)
	n := 0
	every := testsize.Of(5, 1) // of the rights
	for _, role := range g.roles {
		pool := loginAs(t, p, names[role])
		work := func() error {
			n++
			return doing(t, role, owner, pool, schema, n)
		}
		if err := work(); err != nil {
			t.Fatalf("%s with all rights: %v", role, err)
		}
		for _, table := range g.tables {
			for _, right := range g.rights[role][table] {
				if n%every != 0 {
					n++
					continue
				}
				of := fmt.Sprintf(" %s ON %s ", right, on(schema, table))
				ok(t, exec(t, p, "REVOKE"+of+"FROM "+names[role]))
				if work() == nil {
					t.Errorf("%s doesn't need %s on %s", role, right, table)
				}
				ok(t, exec(t, p, "GRANT"+of+"TO "+names[role]))
			}
		}
		if err := work(); err != nil {
			t.Fatalf("%s with all rights again: %v", role, err)
		}
	}
}

// A role that has the rights of all roles of docs/operations.md but the owner's, and no more, keeps the contract of all
// stores, of each kind in the first cases. It may not know the server.
// Rule: grants-are-listed.
func TestConformanceWithTheRightsListed(t *testing.T) {
	testsize.Full(t)
	short := flag.Lookup("test.short").Value.String() // TestConformance is the long one
	ok(t, flag.Set("test.short", "true"))
	defer func() { ok(t, flag.Set("test.short", short)) }()
	p := direct(t)
	g := documentedGrants(t)
	empty := emptySchemas(t, p)
	all := fmt.Sprintf("all_of_%d_%d", os.Getpid(), schemas.Add(1))
	makeRole(t, p, all, "LOGIN PASSWORD 'secret'")
	pool := loginAs(t, p, all)
	cases := map[string]int{}
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		area := strings.Split(t.Name(), "/")[1]
		cases[area]++
		if cases[area] > 4 {
			t.Skip("TestConformance has all; the first four of each kind need every right")
		}
		name := empty(t)
		for _, role := range g.roles {
			g.grant(t, p, name, role, all)
		}
		return opened(t, pool, name, nil)
	})
}

// The statements of docs/operations.md give the roles what the table lists, and nothing else.
// Rule: grants-are-listed.
func TestGrantStatements(t *testing.T) {
	p := direct(t)
	g := documentedGrants(t)
	_, schema := openNamed(t, p, nil)
	page, err := os.ReadFile("../../docs/operations.md")
	ok(t, err)
	statements := ""
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "GRANT ") || statements != "" && strings.HasPrefix(line, "    prepaid.") {
			statements += line
		}
	}
	names := map[string]string{}
	for _, role := range g.roles {
		names[role] = role + "_of_" + schema
		makeRole(t, p, names[role], "")
		statements = strings.ReplaceAll(statements, "prepaid_"+role, names[role])
	}
	statements = strings.NewReplacer("prepaid.", schema+".", "SCHEMA prepaid ", "SCHEMA "+schema+" ").Replace(statements)
	ok(t, exec(t, p, statements))
	for _, role := range g.roles {
		var want []string
		for table, rights := range g.rights[role] {
			for _, right := range rights {
				want = append(want, table+" "+right)
			}
		}
		slices.Sort(want)
		got := lines(t, p, schema, `SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants
			WHERE grantee = '`+names[role]+`' AND table_schema = '`+schema+`'
			UNION ALL SELECT 'the schema itself USAGE' WHERE has_schema_privilege('`+names[role]+`', '`+schema+`', 'USAGE')`)
		slices.Sort(got)
		check(t, role, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
