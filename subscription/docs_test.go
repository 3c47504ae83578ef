package subscription_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/subscription"
)

// The diagrams of docs/state_machine.md show the same steps as the tables in code.
// Rule: only-listed-steps.
func TestStateMachineDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/state_machine.md")
	if err != nil {
		t.Fatal(err)
	}
	diagrams := regexp.MustCompile("(?s)```mermaid\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(diagrams) != 3 {
		t.Fatalf("found %d diagrams, want 3", len(diagrams))
	}
	got := steps(func(s string) (out []string) {
		for _, next := range subscription.Status(s).Transitions() {
			out = append(out, string(next))
		}
		return out
	}, "", "active", "past_due", "interrupted", "ended", "expired", "refunded")
	if diff := cmp.Diff(drawn(diagrams[0][1]), got); diff != "" {
		t.Errorf("subscriptions (-drawn +code):\n%s", diff)
	}
	got = steps(func(s string) (out []string) {
		for _, next := range subscription.OrderStatus(s).Transitions() {
			out = append(out, string(next))
		}
		return out
	}, "", "open", "paid", "declined", "review", "cancelling", "cancelled",
		"refund_due", "refunded", "stray")
	if diff := cmp.Diff(drawn(diagrams[1][1]), got); diff != "" {
		t.Errorf("orders (-drawn +code):\n%s", diff)
	}
	got = steps(func(s string) (out []string) {
		for _, next := range subscription.RefundStatus(s).Transitions() {
			check(t, s+" can become "+string(next), subscription.RefundStatus(s).CanBecome(next), true)
			out = append(out, string(next))
		}
		return out
	}, "", "due", "made", "failed", "reinstated")
	if diff := cmp.Diff(drawn(diagrams[2][1]), got); diff != "" {
		t.Errorf("refunds (-drawn +code):\n%s", diff)
	}
}

// drawn returns the steps of a diagram, without those to the final state.
func drawn(diagram string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(\S+) --> (\w+)`).FindAllStringSubmatch(diagram, -1) {
		out = append(out, strings.ReplaceAll(m[1], "[*]", "")+">"+m[2])
	}
	slices.Sort(out)
	return out
}

func steps(next func(string) []string, from ...string) []string {
	var out []string
	for _, s := range from {
		for _, n := range next(s) {
			out = append(out, s+">"+n)
		}
	}
	slices.Sort(out)
	return out
}

// The command in the package's documentation is one that the examples run.
func TestDocumentedCommandRuns(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := os.ReadFile("example_draft_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, fee, _ := strings.Cut(string(doc), "A fee:\n")
	var code []string
	for line := range strings.Lines(fee) {
		if rest, indented := strings.CutPrefix(line, "//\t"); indented {
			code = append(code, rest)
		} else if len(code) > 0 && line == "//\n" {
			code = append(code, "\n")
		}
	}
	command := strings.TrimSpace(strings.Join(code, ""))
	if len(command) < 500 || !strings.Contains(string(examples), command) {
		t.Errorf("example_draft_test.go doesn't have this command of doc.go:\n%s", command)
	}
}

// docs/design.md says of every file of the package what it is for, and of no other.
func TestDesignListsFiles(t *testing.T) {
	text, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "The files, in groups:\n")
	table, _, _ := strings.Cut(rest, "\n## ")
	patterns := regexp.MustCompile("`([a-z_*]+\\.go)`").FindAllStringSubmatch(table, -1)
	files, err := filepath.Glob("*.go")
	if err != nil || !found {
		t.Fatal("no table, or no files: ", err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") || f == "doc.go" })
	names := func(pattern string) func(file string) bool {
		return func(file string) bool { ok, err := filepath.Match(pattern, file); return ok && err == nil }
	}
	for _, p := range patterns {
		check(t, p[1]+" is there", slices.ContainsFunc(files, names(p[1])), true)
	}
	for _, f := range files {
		listed := slices.ContainsFunc(patterns, func(p []string) bool { return names(p[1])(f) })
		check(t, f+" is listed", listed, true)
	}
}
