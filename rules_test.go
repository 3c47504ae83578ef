package prepaid_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// Every rule of docs/rules.md has a source, code that exists and tests that carry its name, and no test carries another.
func TestRules(t *testing.T) {
	if _, err := os.Stat("store/sqlite/go.mod"); err != nil {
		t.Skip("the nested modules, whose tests the page lists too, are not here")
	}
	page, err := os.ReadFile("docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range ruleProblems(string(page), os.DirFS(".")) {
		t.Error(problem)
	}
}

// The test above finds each way in which the page and the tests can disagree.
func TestRulesFindsEachProblem(t *testing.T) {
	const (
		page = "## Money\n\n### no-loss\n\nNothing is lost.\n\n- Source: our decision.\n- Code: `pay.go`\n" +
			"- Test: `TestPay` in `pay_test.go`,\n  `TestOwe` in `deep/owe_test.go`\n\n" +
			"### no-gain\n\nNor found.\n\n- Source: our decision.\n- Code: `pay.go`, `owe.go`\n- Test: `TestPay` in `pay_test.go`\n"
		pay = "package a\n\n// Who pays has paid.\n// Rule: no-loss, no-gain.\nfunc TestPay() {}\n"
		owe = "package b\n\n// Rule: no-loss.\nfunc TestOwe() {}\n"
	)
	for _, tt := range []struct {
		name, old, new string // what is replaced, wherever it stands
		want           []string
	}{
		{"all is well", "", "", nil},
		{"a name that isn't kebab-case", "no-gain", "noGain", []string{
			"docs/rules.md: noGain: the name is not kebab-case",
		}},
		{"a name twice", "### no-gain", "### no-loss", []string{
			"docs/rules.md: no-loss: the name is there twice",
			"pay_test.go: TestPay: docs/rules.md doesn't list it with no-gain",
		}},
		{"no source", "- Source: our decision.\n- Code: `pay.go`\n", "- Code: `pay.go`\n", []string{"docs/rules.md: no-loss: no Source"}},
		{"an empty source", "Source: our decision.\n- Code: `pay.go`\n", "Source:\n- Code: `pay.go`\n", []string{
			"docs/rules.md: no-loss: no Source",
		}},
		{"no code", "- Code: `pay.go`, `owe.go`\n", "", []string{"docs/rules.md: no-gain: no Code"}},
		{"code that doesn't exist", "`owe.go`", "`own.go`", []string{"docs/rules.md: no-gain: own.go doesn't exist"}},
		{"code that can't be read", "`owe.go`", "owe.go", []string{"docs/rules.md: no-gain: Code is not a list: owe.go"}},
		{"no test", "`owe.go`\n- Test: `TestPay` in `pay_test.go`\n", "`owe.go`\n", []string{
			"docs/rules.md: no-gain: no Test",
			"pay_test.go: TestPay: docs/rules.md doesn't list it with no-gain",
		}},
		{"a test without its file", "`TestOwe` in `deep/owe_test.go`", "`TestOwe`", []string{
			"docs/rules.md: no-loss: Test is not a list: `TestOwe`",
			"deep/owe_test.go: TestOwe: docs/rules.md doesn't list it with no-loss",
		}},
		{"a test that doesn't exist", "func TestOwe", "func TestOwes", []string{
			"docs/rules.md: no-loss: there is no TestOwe in deep/owe_test.go",
			"deep/owe_test.go: TestOwes: docs/rules.md doesn't list it with no-loss",
		}},
		{"a test in another file", "`deep/owe_test.go`", "`pay_test.go`", []string{
			"docs/rules.md: no-loss: there is no TestOwe in pay_test.go",
			"deep/owe_test.go: TestOwe: docs/rules.md doesn't list it with no-loss",
		}},
		{"a test that doesn't carry the rule", "no-loss, no-gain.", "no-loss.", []string{
			"docs/rules.md: no-gain: TestPay in pay_test.go doesn't name it",
		}},
		{"a test without a comment", "// Rule: no-loss.\n", "", []string{
			"docs/rules.md: no-loss: TestOwe in deep/owe_test.go doesn't name it",
		}},
		{"a rule that isn't there", "no-loss, no-gain.", "no-loss, no-gain,\n// no-pain.", []string{
			"pay_test.go: TestPay: docs/rules.md doesn't list it with no-pain",
		}},
		{"a rule of no test", "package b", "package b\n\n// Rule: no-gain.", []string{
			"deep/owe_test.go: a comment that is no test's names no-gain",
		}},
		{"a file that isn't Go", "package b", "package", []string{
			"docs/rules.md: no-loss: there is no TestOwe in deep/owe_test.go",
			"deep/owe_test.go can't be parsed",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edit := func(text string) string {
				if tt.old == "" {
					return text
				}
				return strings.Replace(text, tt.old, tt.new, 1)
			}
			edited := []string{edit(page), edit(pay), edit(owe)}
			if tt.old != "" && slices.Equal(edited, []string{page, pay, owe}) {
				t.Fatal("nothing is replaced")
			}
			tree := fstest.MapFS{
				"pay.go": {}, "owe.go": {}, "testdata/c_test.go": {Data: []byte("not Go")},
				"pay_test.go": {Data: []byte(edited[1])}, "deep/owe_test.go": {Data: []byte(edited[2])},
			}
			if diff := cmp.Diff(tt.want, ruleProblems(edited[0], tree)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// carrier is a test that names a rule.
type carrier struct{ file, test, rule string }

// ruleProblems compares the page of rules with the tests of a tree, those of nested modules included.
func ruleProblems(page string, tree fs.FS) []string {
	tests, carriers, problems := carriedRules(tree)
	field := regexp.MustCompile("(?m)^- (Source|Code|Test): (.+(?:\n {2}.*)*)")
	listed := map[carrier]bool{}
	seen := map[string]bool{}
	var found []string
	for _, text := range regexp.MustCompile(`(?m)^### `).Split(page, -1)[1:] {
		name, rest, _ := strings.Cut(text, "\n")
		report := func(format string, args ...any) {
			found = append(found, "docs/rules.md: "+name+": "+fmt.Sprintf(format, args...))
		}
		if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(name) {
			report("the name is not kebab-case")
		}
		if seen[name] {
			report("the name is there twice")
		}
		seen[name] = true
		fields := map[string]string{}
		for _, m := range field.FindAllStringSubmatch(rest, -1) {
			fields[m[1]] = m[2]
		}
		for _, kind := range []string{"Source", "Code", "Test"} {
			if fields[kind] == "" {
				report("no %s", kind)
			}
		}
		list := func(kind, item string) [][]string {
			pattern := regexp.MustCompile(item)
			if other := strings.Trim(pattern.ReplaceAllString(fields[kind], ""), ", \n"); other != "" {
				report("%s is not a list: %s", kind, other)
			}
			return pattern.FindAllStringSubmatch(fields[kind], -1)
		}
		for _, m := range list("Code", "`([^`]+)`") {
			if _, err := fs.Stat(tree, m[1]); err != nil {
				report("%s doesn't exist", m[1])
			}
		}
		for _, m := range list("Test", "`(\\w+)`\\s+in\\s+`([^`]+)`") {
			c := carrier{file: m[2], test: m[1], rule: name}
			listed[c] = true
			switch {
			case !tests[carrier{file: c.file, test: c.test}]:
				report("there is no %s in %s", c.test, c.file)
			case !slices.Contains(carriers, c):
				report("%s in %s doesn't name it", c.test, c.file)
			}
		}
	}
	for _, c := range carriers {
		if !listed[c] {
			problems = append(problems, fmt.Sprintf("%s: %s: docs/rules.md doesn't list it with %s", c.file, c.test, c.rule))
		}
	}
	return append(found, problems...)
}

// carriedRules returns the functions of the test files of a tree, and which rules the doc comments of which name. A
// comment names rules after "Rule: ", at its end, with commas between them.
func carriedRules(tree fs.FS) (tests map[carrier]bool, carriers []carrier, problems []string) {
	tests = map[carrier]bool{}
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (d.Name() == "testdata" || d.Name()[0] == '.'):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := fs.ReadFile(tree, path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			problems = append(problems, path+" can't be parsed")
			return nil //nolint:nilerr // the problem tells
		}
		owners := map[*ast.CommentGroup]string{}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				tests[carrier{file: path, test: f.Name.Name}] = true
				owners[f.Doc] = f.Name.Name
			}
		}
		for _, comment := range file.Comments {
			_, names, _ := strings.Cut("\n"+comment.Text(), "\nRule: ")
			for _, rule := range strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune(",. \n", r) }) {
				if test := owners[comment]; test != "" {
					carriers = append(carriers, carrier{path, test, rule})
				} else {
					problems = append(problems, fmt.Sprintf("%s: a comment that is no test's names %s", path, rule))
				}
			}
		}
		return nil
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	return tests, carriers, problems
}
