package prepaid_test

import (
	"go/ast"
	"go/doc"
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

// Every exported function and method that does something has an Example whose output is checked. These need none of their
// own:
//
//   - what the standard library calls: String, Error, MarshalText and the like;
//   - a method without arguments that returns one value and no error, and a predicate of one statement;
//   - a method of an interface of this module, if the interface has an Example, or the type has one.
//
// An Example that can't have an output, since it needs a server, tells that to the linter, and a test runs its code.
func TestVerbsHaveExamples(t *testing.T) {
	if _, err := os.Stat("store/sqlite/go.mod"); err != nil {
		t.Skip("the nested modules aren't here")
	}
	for _, verb := range verbsWithoutExample(t, os.DirFS(".")) {
		t.Errorf("%s has no Example with an output", verb)
	}
}

// The test above finds each verb that lacks an Example, and no other.
func TestVerbsHaveExamplesFindsEachProblem(t *testing.T) {
	const (
		code = "package pay\n\nimport \"iter\"\n\n// Payer pays.\ntype Payer interface{ Pay(n int) error }\n\ntype Card struct{ n int }\n\n" +
			"func (c *Card) Pay(n int) error { c.n = n; return nil }\n"
		example = "package pay_test\n\nfunc ExampleCard_Pay() {\n\t// Output:\n}\n"
	)
	for _, tt := range []struct {
		name, code, old, new string // what is added, and what is replaced in the Example
		want                 []string
	}{
		{"all is well", "", "", "", nil},
		{"no Example", "", "Example", "Test", []string{"pay: Card.Pay"}},
		{"no output", "", "// Output:", "// That's it.", []string{"pay: Card.Pay"}},
		{"a server is needed", "", "func ExampleCard_Pay() {\n\t// Output:\n", "//nolint:testableexamples // it needs a server\nfunc ExampleCard_Pay() {\n", nil},
		{"a suffix", "", "Card_Pay", "Card_Pay_twice", nil},
		{"another verb's", "", "Card_Pay", "Card_Pays", []string{"pay: Card.Pay"}},
		{"the type's, for a method of an interface", "", "Card_Pay", "Card", nil},
		{"the interface's", "", "Card_Pay", "Payer", nil},
		{"the interface's, which isn't implemented", "type Cash struct{}\n\nfunc (Cash) Pays(n int) {}", "Card_Pay", "Payer", []string{"pay: Cash.Pays"}},
		{"a function", "func Total(n int) int { return n }", "", "", []string{"pay: Total"}},
		{"a function without arguments", "func New() *Card { return nil }", "", "", []string{"pay: New"}},
		{"a getter", "func (c Card) Number() int { return c.n }", "", "", nil},
		{"an error", "func (c Card) Close() error { return nil }", "", "", []string{"pay: Card.Close"}},
		{"an iterator", "func (c Card) All() iter.Seq[int] { return nil }", "", "", []string{"pay: Card.All"}},
		{"an action", "func (c Card) Void() { c.n = 0 }", "", "", []string{"pay: Card.Void"}},
		{"a predicate", "func (c Card) Is7(n int) bool { return n == 7 }", "", "", nil},
		{"a longer one", "func (c Card) Is7(n int) bool { n++; return n == 8 }", "", "", []string{"pay: Card.Is7"}},
		{"what the standard library calls", "func (c *Card) UnmarshalText(b []byte) error { return nil }", "", "", nil},
		{"a private name", "func pay(n int) {}\n\ntype cash struct{}\n\nfunc (cash) Pay2(n int) {}", "", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := fstest.MapFS{
				"pay/pay.go":      {Data: []byte(code + "\n" + tt.code + "\n")},
				"pay/pay_test.go": {Data: []byte(strings.Replace(example, tt.old, tt.new, 1))},
				"internal/x.go":   {Data: []byte("package x\n\nfunc Pay() {}\n")},
			}
			if diff := cmp.Diff(tt.want, verbsWithoutExample(t, tree)); diff != "" {
				t.Errorf("verbs (-want +got):\n%s", diff)
			}
		})
	}
}

// verbs are the exported functions and methods of a package, and its Examples.
type verbs struct {
	dir      string
	funcs    []*ast.FuncDecl
	examples []string // names without "Example", of those with an output
}

// taught is an exported interface.
type taught struct {
	methods []string
	example bool
}

// verbsWithoutExample returns the verbs of a tree's public packages that need an Example and have none, in order.
func verbsWithoutExample(t *testing.T, tree fs.FS) (without []string) {
	t.Helper()
	packages := map[string]*verbs{}
	interfaces := map[string]*taught{}
	for _, file := range publicFiles(t, tree) {
		if file.parsed == nil {
			continue // the test of the documentation reports it
		}
		p := packages[path.Dir(file.name)]
		if p == nil {
			p = &verbs{dir: path.Dir(file.name)}
			packages[p.dir] = p
		}
		if file.isTest() {
			p.examples = append(p.examples, examplesOf(file.parsed)...)
			continue
		}
		for _, decl := range file.parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && exported(f) != "" {
				p.funcs = append(p.funcs, f)
			}
		}
		for name, methods := range interfacesOf(file.parsed) {
			interfaces[p.dir+"."+name] = &taught{methods: methods}
		}
	}
	for name, i := range interfaces {
		dot := strings.LastIndexByte(name, '.')
		i.example = packages[name[:dot]].shows(name[dot+1:])
	}
	for _, p := range packages {
		for _, f := range p.funcs {
			if !p.shows(strings.Replace(exported(f), ".", "_", 1)) && !p.needsNone(f, interfaces) {
				without = append(without, p.dir+": "+exported(f))
			}
		}
	}
	slices.Sort(without)
	return without
}

// examplesOf returns the names of the Examples of a file that have an output, or say why not.
func examplesOf(file *ast.File) (names []string) {
	for _, e := range doc.Examples(file) {
		if e.Output != "" || e.EmptyOutput {
			names = append(names, e.Name)
		}
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Doc == nil {
			continue
		}
		name, isExample := strings.CutPrefix(f.Name.Name, "Example")
		if isExample && slices.ContainsFunc(f.Doc.List, func(c *ast.Comment) bool { return c.Text == "//nolint:testableexamples // it needs a server" }) {
			names = append(names, name)
		}
	}
	return names
}

// interfacesOf returns the exported interfaces of a file that have methods of their own, with the names of those.
func interfacesOf(file *ast.File) map[string][]string {
	found := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !spec.Name.IsExported() {
			return true
		}
		i, ok := spec.Type.(*ast.InterfaceType)
		if !ok {
			return true
		}
		for _, m := range i.Methods.List {
			for _, name := range m.Names {
				found[spec.Name.Name] = append(found[spec.Name.Name], name.Name)
			}
		}
		return true
	})
	return found
}

// shows reports whether there is an Example of a name, with or without a suffix.
func (p *verbs) shows(name string) bool {
	return slices.ContainsFunc(p.examples, func(e string) bool {
		suffix, ok := strings.CutPrefix(e, name+"_")
		return e == name || ok && suffix != "" && !token.IsExported(suffix)
	})
}

// needsNone reports whether a function or method needs no Example of its own.
func (p *verbs) needsNone(f *ast.FuncDecl, interfaces map[string]*taught) bool {
	if f.Recv == nil {
		return false
	}
	if slices.Contains(standardMethods, f.Name.Name) || isGetter(f) || isPredicate(f) {
		return true
	}
	receiver := typeName(f.Recv.List[0].Type)
	for _, i := range interfaces {
		if slices.Contains(i.methods, f.Name.Name) && (i.example || p.shows(receiver)) && p.implements(receiver, i.methods) {
			return true
		}
	}
	return false
}

// implements reports whether a type has methods.
func (p *verbs) implements(receiver string, methods []string) bool {
	return !slices.ContainsFunc(methods, func(m string) bool {
		return !slices.ContainsFunc(p.funcs, func(f *ast.FuncDecl) bool { return exported(f) == receiver+"."+m })
	})
}

// isGetter reports whether a method has no arguments and one result, which is neither an error nor an iterator.
func isGetter(f *ast.FuncDecl) bool {
	if f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() != 1 {
		return false
	}
	result := f.Type.Results.List[0].Type
	if i, ok := result.(*ast.IndexExpr); ok {
		result = i.X
	}
	if i, ok := result.(*ast.IndexListExpr); ok {
		result = i.X
	}
	s, qualified := result.(*ast.SelectorExpr)
	return typeName(result) != "error" && (!qualified || !strings.HasPrefix(s.Sel.Name, "Seq"))
}

// isPredicate reports whether a method is one statement that says yes or no.
func isPredicate(f *ast.FuncDecl) bool {
	return f.Type.Results.NumFields() == 1 && typeName(f.Type.Results.List[0].Type) == "bool" && f.Body != nil && len(f.Body.List) == 1
}

// standardMethods are called by the standard library.
var standardMethods = []string{
	"AppendText", "Error", "GoString", "Is", "MarshalJSON", "MarshalText", "ServeHTTP", "String", "UnmarshalJSON", "UnmarshalText", "Unwrap",
}
