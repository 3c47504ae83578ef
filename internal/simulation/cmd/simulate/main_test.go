package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	small := []string{"-runs", "2", "-apps", "4", "-months", "3", "-crash", "random"}
	tests := []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"figures", small, 0, `"gateway_faults"`},
		{"without crashes", append(small, "-crash", "none"), 0, `"crashes": 0`},
		{"a mutant", append(small, "-mutant", "decline-as-success"), 1, "promises broken"},
		{"no such mutant", append(small, "-mutant", "x"), 1, `no mutant "x"`},
		{"the mutants", []string{"-mutant", "list"}, 0, "lease-as-lock"},
		{"a wrong flag", []string{"-crash", "x"}, 2, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if status := run(test.args, &out, &errs); status != test.status || !strings.Contains(out.String(), test.says) {
				t.Errorf("run(%q) = %d, want %d and %q in\n%s%s", test.args, status, test.status, test.says, &out, &errs)
			}
		})
	}
}
