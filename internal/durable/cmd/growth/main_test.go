package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name string
		args []string
		says string // in the error
		err  bool
	}{
		{"two sizes", []string{"-sizes", "20, 40", "-renewals", "3", "-audit"}, "", false},
		{"no such store", []string{"-store", "clay"}, `-store "clay"`, true},
		{"no such size", []string{"-sizes", "1,x"}, `-sizes "1,x"`, true},
		{"no such flag", []string{"-x"}, "-x", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), tt.args, &out)
			switch {
			case (err != nil) != tt.err:
				t.Fatalf("run = %v", err)
			case tt.err && !strings.Contains(err.Error(), tt.says):
				t.Errorf("run = %v, want %q in it", err, tt.says)
			case !tt.err && len(strings.Split(strings.TrimSpace(out.String()), "\n")) != 3:
				t.Errorf("run printed\n%s\nwant a line for each size", &out)
			}
		})
	}
}
