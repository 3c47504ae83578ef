package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		lines int
		says  string // in the error, if there is one
	}{
		{"all", []string{"-stored", "30000"}, 41, ""},
		{"one", []string{"-stored", "3000", "-scenarios", "instant", "-workers", "2", "-nodes", "1", "-gateway", "0s", "-shared"}, 2, ""},
		{"stores", []string{"-stored", "3000", "-scenarios", "outage, crashes", "-workers", "2, 4", "-nodes", "2 apart, 2 joined"}, 9, ""},
		{"no such scenario", []string{"-scenarios", "flood"}, 0, `-scenarios "flood"`},
		{"no such nodes", []string{"-nodes", "10"}, 0, `-nodes "10"`},
		{"no such number", []string{"-workers", "0"}, 0, `-workers "0"`},
		{"nothing stored", []string{"-stored", "10"}, 0, "out of range"},
		{"no lease", []string{"-lease", "0s"}, 0, "out of range"},
		{"no time", []string{"-gateway", "-1s"}, 0, "out of range"},
		{"no such flag", []string{"-x"}, 0, "-x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(tt.args, &out)
			switch {
			case (err != nil) != (tt.says != ""):
				t.Fatalf("run = %v", err)
			case err != nil && !strings.Contains(err.Error(), tt.says):
				t.Errorf("run = %v, want %q in it", err, tt.says)
			case err == nil && len(strings.Split(strings.TrimSpace(out.String()), "\n")) != tt.lines:
				t.Errorf("run printed\n%s\nwant %d lines", &out, tt.lines)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	var out bytes.Buffer
	if status(nil, &out) != 0 || out.Len() > 0 || status(errRange, &out) != 1 || out.String() != "scale: out of range\n" {
		t.Errorf("%q", out.String())
	}
}
