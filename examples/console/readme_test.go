package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each step that README lists has a page that is served, and tests that exist.
func TestReadmeSteps(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("browser_*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, name := range names {
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?m)^func (TestBrowser\w+)\(`).FindAllStringSubmatch(string(code), -1) {
			tests[found[1]] = true
		}
	}
	cl := newClient(t, "aurora")
	staff, steps := cl.staff(), 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.Contains(cells[2], "`/") {
			continue
		}
		steps++
		if path := strings.Trim(cells[2], " `"); !strings.Contains(path, "…") {
			who := cl
			if strings.HasPrefix(path, "/staff") {
				who = staff
			}
			if status, _ := who.get(path); status != http.StatusOK {
				t.Errorf("%s: the page %s answers %d", cells[1], path, status)
			}
		}
		named := regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(cells[3], -1)
		if len(named) == 0 {
			t.Errorf("%s: no test", cells[1])
		}
		for _, test := range named {
			if !tests[test[1]] {
				t.Errorf("%s: there is no %s", cells[1], test[1])
			}
		}
	}
	if steps < 30 {
		t.Errorf("README lists %d steps", steps)
	}
}
