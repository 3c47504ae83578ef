package sqlite_test

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/store/sqlite"
)

// made stands for what isn't a constant.
const made = "\x00"

// statements returns the constants of the package that are statements on its tables, by name.
func statements(t *testing.T) map[string]string {
	t.Helper()
	constants := map[string]ast.Expr{}
	files, err := filepath.Glob("*.go")
	ended(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		ended(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.ValueSpec); ok {
				for i, v := range s.Values {
					constants[s.Names[i].Name] = v
				}
			}
			return true
		})
	}
	var text func(e ast.Expr) string
	text = func(e ast.Expr) string {
		switch e := e.(type) {
		case *ast.BasicLit:
			s, _ := strconv.Unquote(e.Value)
			return s
		case *ast.BinaryExpr:
			return text(e.X) + text(e.Y)
		case *ast.Ident:
			return text(constants[e.Name])
		}
		return made
	}
	all := map[string]string{}
	for name, e := range constants {
		s := text(e)
		if strings.Contains(s, made) {
			continue
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(s), " ")
		switch verb {
		case "SELECT", "UPDATE", "DELETE", "WITH": // an INSERT looks for nothing but keys
			all[name] = s
		}
	}
	return all
}

// Every statement finds its rows by an index, and none sorts more than it returns.
func TestPlans(t *testing.T) {
	path := temporary(t)
	open(t, path, nil)
	db := database(t, path, nil)
	run(t, db, "CREATE TABLE prepaid_filled (one INTEGER PRIMARY KEY, after TEXT)") // as while a file is migrated
	all := statements(t)
	maps.Copy(all, sqlite.MadeStatements())
	if len(all) < 20 {
		t.Errorf("only %d statements were found", len(all))
	}
	for name, text := range all {
		if strings.Contains(text, "sqlite_schema") || strings.HasSuffix(strings.TrimSpace(text), "WHERE") { // a beginning that others go on from
			continue
		}
		indexed(t, db, name, text)
	}
}

// indexed fails the test if a statement looks through a table, or sorts rows of several applications.
func indexed(t *testing.T, db *sql.DB, name, text string) {
	t.Helper()
	for _, row := range contents(t, db, "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...) {
		// Rows of one application are sorted among themselves where SQLite doesn't know that it is one.
		detail := strings.Replace(row["detail"], "B-TREE FOR LAST TERM", "", 1)
		if strings.HasPrefix(detail, "SCAN ") || strings.Contains(detail, "B-TREE") {
			t.Errorf("%s: %s", name, detail)
		}
	}
}
