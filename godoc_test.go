package prepaid_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// Every package that strangers import has a documentation and an Example, and every name that it exports has a comment.
func TestDocumentation(t *testing.T) {
	if _, err := os.Stat("store/sqlite/go.mod"); err != nil {
		t.Skip("the nested modules aren't here")
	}
	for _, problem := range documentationProblems(t, os.DirFS(".")) {
		t.Error(problem)
	}
}

// The test above finds each name that lacks a comment, and each package that lacks something.
func TestDocumentationFindsEachProblem(t *testing.T) {
	const (
		doc     = "// Package pay pays.\npackage pay\n"
		code    = "package pay\n\n// Sum is a sum.\ntype Sum struct{}\n\n// Add adds.\nfunc (s *Sum) Add() {}\n\n// The kinds.\nconst A, B = 1, 2\n\nfunc private() {}\n"
		example = "package pay_test\n\nfunc ExampleSum() {}\n"
	)
	for _, tt := range []struct {
		name, old, new string // what is replaced, wherever it stands
		want           []string
	}{
		{"all is well", "", "", nil},
		{"no documentation", "// Package pay pays.\n", "", []string{"pay: no documentation of the package"}},
		{"no example", "ExampleSum", "TestSum", []string{"pay: no Example"}},
		{"a type", "// Sum is a sum.\n", "", []string{"pay: Sum has no comment"}},
		{"a method", "// Add adds.\n", "", []string{"pay: Sum.Add has no comment"}},
		{"a method of a private type", "// Sum is a sum.\ntype Sum struct{}\n\n// Add adds.\nfunc (s *Sum)", "type sum struct{}\nfunc (s *sum)", nil},
		{"a function", "func private", "func Public", []string{"pay: Public has no comment"}},
		{"constants", "// The kinds.\n", "", []string{"pay: A has no comment", "pay: B has no comment"}},
		{"a comment behind", "// The kinds.\nconst A, B = 1, 2", "const A = 1 // a kind", nil},
		{"a file that isn't Go", "package pay\n\n", "pack", []string{"pay/pay.go can't be parsed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edit := func(text string) *fstest.MapFile {
				return &fstest.MapFile{Data: []byte(strings.Replace(text, tt.old, tt.new, 1))}
			}
			tree := fstest.MapFS{
				"pay/doc.go": edit(doc), "pay/pay.go": edit(code), "pay/pay_test.go": edit(example),
				"internal/x.go": edit(code), "examples/x/x.go": edit(code), "testdata/x.go": edit("no Go"),
			}
			if diff := cmp.Diff(tt.want, documentationProblems(t, tree)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// documented is what a package has.
type documented struct{ documentation, example bool }

// documentationProblems returns what lacks documentation in the public packages of a tree.
func documentationProblems(t *testing.T, tree fs.FS) (problems []string) {
	t.Helper()
	packages := map[string]*documented{}
	for _, file := range publicFiles(t, tree) {
		if file.parsed == nil {
			problems = append(problems, file.name+" can't be parsed")
			continue
		}
		dir := path.Dir(file.name)
		if packages[dir] == nil {
			packages[dir] = &documented{}
		}
		if file.isTest() {
			packages[dir].example = packages[dir].example || hasExample(file.parsed)
			continue
		}
		packages[dir].documentation = packages[dir].documentation || file.parsed.Doc != nil
		for _, name := range uncommented(file.parsed) {
			problems = append(problems, dir+": "+name+" has no comment")
		}
	}
	for dir, p := range packages {
		if !p.documentation {
			problems = append(problems, dir+": no documentation of the package")
		}
		if !p.example {
			problems = append(problems, dir+": no Example")
		}
	}
	slices.Sort(problems)
	return problems
}

// goFile is a file of a public package.
type goFile struct {
	name   string
	parsed *ast.File // nil if it isn't Go
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.name, "_test.go") }

// publicFiles returns the files of a tree's packages, those of nested modules included, except internal ones and examples.
func publicFiles(t *testing.T, tree fs.FS) (files []goFile) {
	t.Helper()
	err := fs.WalkDir(tree, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (d.Name()[0] == '.' || slices.Contains([]string{"testdata", "internal", "examples"}, d.Name())):
			return fs.SkipDir
		case d.IsDir() || path.Ext(file) != ".go":
			return nil
		}
		source, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			parsed = nil
		}
		files = append(files, goFile{file, parsed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func hasExample(file *ast.File) bool {
	return slices.ContainsFunc(file.Decls, func(decl ast.Decl) bool {
		f, ok := decl.(*ast.FuncDecl)
		return ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Example")
	})
}

// uncommented returns the names that a file exports without a comment of their own or of their group.
func uncommented(file *ast.File) (names []string) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if name := exported(d); name != "" && d.Doc == nil {
				names = append(names, name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
						names = append(names, s.Name.Name)
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							names = append(names, n.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// exported returns the name of a function or method that others can call, or "".
func exported(f *ast.FuncDecl) string {
	name := f.Name.Name
	if f.Recv != nil {
		receiver := typeName(f.Recv.List[0].Type)
		if !token.IsExported(receiver) {
			return ""
		}
		name = receiver + "." + name
	}
	if !f.Name.IsExported() {
		return ""
	}
	return name
}

func typeName(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.Ident:
		return x.Name
	}
	return "_"
}
