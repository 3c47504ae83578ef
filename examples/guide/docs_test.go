package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// What the documents quote of programs is there, and what they link to exists: Go is in a file of this directory, and is thus
// compiled and, for docs/guide.md, run; text is what this command prints or, in README.md, the quickstart; JSON is the price
// list; commands are of packages that there are.
func TestDocuments(t *testing.T) {
	for _, problem := range documentProblems(t, os.DirFS("../..")) {
		t.Error(problem)
	}
}

// The test above finds each way in which a document can be out of date.
func TestDocumentsFindsEachProblem(t *testing.T) {
	const page = "# Title\n\nSee [that](#some-title) and [more](b.md#a-part).\n\n## Some `title`\n\n```go\nif a {\n\tb()\n}\n\nd()\n```\n" +
		"```text\ntwo\nthree\n```\n```json\n{}\n```\n```sh\ngo get github.com/prepaidkit/prepaid/pay\ngo run ./pay -x\n```\n"
	for _, tt := range []struct {
		name, old, new string
		want           []string
	}{
		{"all is well", "", "", nil},
		{"code that isn't there", "b()", "c()", []string{"docs/a.md: examples/guide doesn't have this code: if a {"}},
		{"code of the second part", "d()", "e()", []string{"docs/a.md: examples/guide doesn't have this code: e()"}},
		{"half a line of code", "d()", "d(", []string{"docs/a.md: examples/guide doesn't have this code: d("}},
		{"no code", "```go\nif a {\n\tb()\n}\n\nd()\n```", "```go\n```", []string{"docs/a.md: a block is empty: go"}},
		{"output that isn't printed", "two\n", "2\n", []string{"docs/a.md: examples/guide doesn't print this: 2"}},
		{"output that the quickstart doesn't print", "four\n", "4\n", []string{"README.md: examples/quickstart doesn't print this: 4"}},
		{"another price list", "{}", "{ }", []string{"docs/a.md: this isn't examples/guide/prices.json: { }"}},
		{"a package that isn't there", "./pay", "./play", []string{"docs/a.md: there is no package play"}},
		{"a module that isn't there", "prepaid/pay", "prepaid/play", []string{"docs/a.md: there is no package play"}},
		{"a file that isn't there", "b.md", "c.md", []string{"docs/a.md: docs/c.md doesn't exist"}},
		{"a title that isn't there", "#some-title", "#title-some", []string{"docs/a.md: docs/a.md has no title for #title-some"}},
		{"a title of another page", "#a-part", "#part", []string{"docs/a.md: docs/b.md has no title for #part"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := page
			if tt.old != "" {
				text = strings.Replace(page, tt.old, tt.new, 1)
			}
			tree := fstest.MapFS{
				"README.md":                               {Data: []byte(strings.Replace("```\nfour\n```\n", tt.old, tt.new, 1))},
				"docs/a.md":                               {Data: []byte(text)},
				"docs/b.md":                               {Data: []byte("## A part\n")},
				"examples/README.md":                      {Data: []byte("# Examples\n")},
				"pay/pay.go":                              {},
				"examples/guide/a.go":                     {Data: []byte("func f() {\n\tif a {\n\t\tb()\n\t}\n\td()\n}\n")},
				"examples/guide/prices.json":              {Data: []byte("{}\n")},
				"examples/guide/testdata/output.txt":      {Data: []byte("one\ntwo\nthree\n")},
				"examples/quickstart/testdata/output.txt": {Data: []byte("four\n")},
			}
			if diff := cmp.Diff(tt.want, documentProblems(t, tree)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

var (
	blocks = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$") //nolint:gocritic // the second ^ is at the beginning of a line, too
	links  = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	checks = regexp.MustCompile(`(?m)^if err != nil {\nreturn .*\n}\n`)
	titles = regexp.MustCompile(`(?m)^#+ (.*)$`)
	names  = regexp.MustCompile(`(?:go run \./|go get github\.com/prepaidkit/prepaid/)([\w/]+)`)
)

// documentProblems returns what is wrong with README.md, examples/README.md and the documents in docs of a tree. README's code
// is built by the step strangers of .ci/run.
func documentProblems(t *testing.T, tree fs.FS) (problems []string) {
	t.Helper()
	read := func(name string) string {
		b, err := fs.ReadFile(tree, name)
		ok(t, err)
		return string(b)
	}
	var code strings.Builder
	sources, err := fs.Glob(tree, "examples/guide/*.go")
	ok(t, err)
	for _, name := range sources {
		code.WriteString(lines(read(name)))
	}
	output, prices := lines(read("examples/guide/testdata/output.txt")), read("examples/guide/prices.json")
	quickstart := lines(read("examples/quickstart/testdata/output.txt"))
	pages, err := fs.Glob(tree, "docs/*.md")
	ok(t, err)
	for _, page := range append(pages, "README.md", "examples/README.md") {
		text := read(page)
		add := func(what string) { problems = append(problems, page+": "+what) }
		for _, m := range blocks.FindAllStringSubmatch(text, -1) {
			first, _, _ := strings.Cut(m[2], "\n")
			switch {
			case strings.TrimSpace(m[2]) == "":
				add("a block is empty: " + m[1])
			case m[1] == "go" && page != "README.md":
				for part := range strings.SplitSeq(m[2], "\n\n") {
					if !strings.Contains(code.String(), lines(part)) {
						first, _, _ := strings.Cut(part, "\n")
						add("examples/guide doesn't have this code: " + first)
					}
				}
			case m[1] == "text" && !strings.Contains(output, lines(m[2])):
				add("examples/guide doesn't print this: " + first)
			case m[1] == "" && page == "README.md" && !strings.Contains(quickstart, lines(m[2])):
				add("examples/quickstart doesn't print this: " + first)
			case m[1] == "json" && m[2] != prices:
				add("this isn't examples/guide/prices.json: " + first)
			case m[1] == "sh":
				for _, name := range names.FindAllStringSubmatch(m[2], -1) {
					if _, err := fs.Stat(tree, name[1]); err != nil {
						add("there is no package " + name[1])
					}
				}
			}
		}
		for _, m := range links.FindAllStringSubmatch(blocks.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			if file = path.Join(path.Dir(page), file); strings.HasPrefix(m[1], "#") {
				file = page
			}
			if _, err := fs.Stat(tree, file); err != nil {
				add(file + " doesn't exist")
			} else if anchor != "" && !anchors(read(file))[anchor] {
				add(file + " has no title for #" + anchor)
			}
		}
	}
	return problems
}

// lines returns the lines of a text without what is around them, and without empty ones, each between two line ends. Where an
// error is returned is left out, since documents may leave it out.
func lines(text string) string {
	var out strings.Builder
	out.WriteString("\n")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out.WriteString(line + "\n")
		}
	}
	return checks.ReplaceAllString(out.String(), "")
}

// anchors returns how the titles of a document are linked to.
func anchors(text string) map[string]bool {
	other := regexp.MustCompile(`[^\w\- ]`)
	all := map[string]bool{}
	for _, m := range titles.FindAllStringSubmatch(blocks.ReplaceAllString(text, ""), -1) {
		all[strings.ReplaceAll(strings.ToLower(other.ReplaceAllString(m[1], "")), " ", "-")] = true
	}
	return all
}
