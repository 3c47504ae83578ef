package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/internal/durable/faults"
)

func TestMain(m *testing.M) {
	faults.Child()
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	few := []string{"-store", "sqlite", "-kills", "3", "-full", "-1", "-days", "-1", "-apps", "6", "-dir", t.TempDir()}
	tests := []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"figures", few, 0, `"violations": 0`},
		{"a mutant", append(few, "-mutant", "fresh-key"), 1, "kept in"},
		{"the mutants", []string{"-mutant", "list"}, 0, "lost-commit"},
		{"no such mutant", append(few, "-mutant", "x"), 1, `no mutant "x"`},
		{"no such store", []string{"-store", "x"}, 1, `no store "x"`},
		{"a wrong flag", []string{"-kills", "x"}, 2, "invalid value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			status := run(test.args, &out, &errs)
			if all := out.String() + errs.String(); status != test.status || !strings.Contains(all, test.says) {
				t.Errorf("run(%q) = %d, want %d and %q in\n%s", test.args, status, test.status, test.says, all)
			}
		})
	}
}
