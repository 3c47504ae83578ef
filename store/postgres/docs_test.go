package postgres_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The package's documentation and docs/postgres.md name the tables that there are.
func TestDocumentedTables(t *testing.T) {
	p := connect(t)
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
