package sqlite_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The package's documentation lists the tables that there are.
func TestDocumentedTables(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	ended(t, err)
	path := temporary(t)
	open(t, path, nil)
	var tables []string
	for _, row := range contents(t, database(t, path, nil), "SELECT name, type FROM sqlite_schema WHERE name GLOB 'prepaid_*' ORDER BY name") {
		if row["type"] == "table" || row["type"] == "view" {
			tables = append(tables, row["name"])
		}
	}
	named := regexp.MustCompile(`prepaid_[a-z_]+[a-z]`).FindAllString(string(doc), -1)
	slices.Sort(named)
	if diff := cmp.Diff(tables, slices.Compact(named)); diff != "" {
		t.Errorf("(-schema +documentation):\n%s", diff)
	}
}
