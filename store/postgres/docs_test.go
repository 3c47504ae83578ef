package postgres_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The package's documentation and docs/postgres.md name the tables that there are.
func TestDocumentedTables(t *testing.T) {
	p := direct(t)
	_, name := openNamed(t, p, nil)
	tables := lines(t, p, name, `SELECT tablename::text FROM pg_tables WHERE schemaname = '`+name+`' ORDER BY 1`)
	if len(tables) == 0 {
		t.Fatal("no tables")
	}
	for file, title := range map[string]string{"doc.go": "# The schema", "../../docs/postgres.md": "## Tables"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, section, found := strings.Cut(string(text), title)
		if !found {
			t.Fatalf("%s: no such section", file)
		}
		for _, table := range tables {
			if !regexp.MustCompile(`\b` + table + `\b`).MatchString(section) {
				t.Errorf("%s doesn't name %s", file, table)
			}
		}
	}
}

// The queries of docs/operations.md and docs/postgres.md run, with the rights of the role that reads.
func TestDocumentedQueries(t *testing.T) {
	p := direct(t)
	g := documentedGrants(t)
	_, schema := openNamed(t, p, nil)
	reader := loginAs(t, p, g.make(t, p, schema)["read"])
	for name, want := range map[string]int{"operations": 6, "postgres": 9} {
		page, err := os.ReadFile("../../docs/" + name + ".md")
		ok(t, err)
		n := 0
		for _, block := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
			for query := range strings.SplitSeq(strings.ReplaceAll(block[1], "prepaid.", schema+"."), ";\n") {
				if strings.TrimSpace(query) == "" || strings.Contains(query, "GRANT ") {
					continue
				}
				n++
				if err := exec(t, reader, query); err != nil {
					t.Errorf("%v: %s", err, query)
				}
			}
		}
		check(t, "queries of "+name, n, want)
	}
}

// Every test that docs/operations.md names exists in the package that it names, or in this one.
func TestOperationsNamesTests(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	ok(t, err)
	text := strings.Join(strings.Fields(string(page)), " ")
	named := regexp.MustCompile("(Test[A-Za-z_]+)(?:` in `([a-z/]+)`)?").FindAllStringSubmatch(text, -1)
	if len(named) < 15 {
		t.Fatalf("%d tests are named", len(named))
	}
	for _, m := range named {
		found := false
		for _, dir := range []string{"../../" + m[2], "."} {
			if m[2] == "" {
				dir = "."
			}
			files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
			ok(t, err)
			for _, file := range files {
				source, err := os.ReadFile(file)
				ok(t, err)
				found = found || strings.Contains(string(source), "func "+m[1]+"(")
			}
		}
		if !found {
			t.Errorf("there is no %s in %q", m[1], m[2])
		}
	}
}
