package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/store/memory"
)

// hledgerProgram returns the program's path. Without it the test is skipped, or fails where everything must be tested.
func hledgerProgram(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("hledger")
	switch {
	case err == nil:
	case os.Getenv("PREPAID_REQUIRE_SERVERS") != "":
		t.Fatalf("PREPAID_REQUIRE_SERVERS is set, but hledger isn't installed: %v", err)
	default:
		t.Skipf("NOT TESTED: hledger isn't installed: %v", err)
	}
	return path
}

// TestHledger has hledger check what is written for it, strictly, and compares its balances with the library's: of the sample,
// of a random world, and of names that mean something to it.
//
// Rule: journal-formats.
func TestHledger(t *testing.T) {
	program := hledgerProgram(t)
	year, err := sample(t.Context())
	ok(t, err)
	var world store.Store
	_, failure := simulation.Worlds(func() store.Store {
		world = memory.New()
		return world
	}, &simulation.Options{Seed: 5, Worlds: 1, Applications: 8, Months: 6, Whole: true})
	if failure != nil {
		t.Fatal(failure)
	}
	one, err := pricing.ParseMoney("1.00", "EUR")
	ok(t, err)
	to := time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC)
	for name, all := range map[string]postings{
		"sample": journal.Postings(t.Context(), year, time.Time{}, to),
		"world":  journal.Postings(t.Context(), world, time.Time{}, to),
		"names": func(yield func(journal.Posting, error) bool) {
			for i, name := range []string{"VAT 19 %", "a:b", "two  spaces", "c;d", "(virtual)", "[x]", " lead", "e\nf", `"q"`, "日本"} {
				if !yield(journal.Posting{
					At: to.Add(time.Duration(i)), Application: "a;b | c\nd", Ref: "(r)) ; x", Debit: journal.Cash, Credit: journal.Tax(name),
					Amount: one,
				}, nil) {
					return
				}
			}
		},
	} {
		file := filepath.Join(t.TempDir(), "books.journal")
		var out bytes.Buffer
		ok(t, writeHledger(&out, all, pricing.Zone{}))
		ok(t, os.WriteFile(file, out.Bytes(), 0o600))
		ask(t, program, "check", "--strict", "-f", file)

		balances, err := journal.Balances(all)
		ok(t, err)
		want := map[string]string{}
		for _, b := range balances {
			if b.Amount.Sign() != 0 {
				want[account(b.Ledger)+" "+string(b.Amount.Currency())] = b.Amount.Amount()
			}
		}
		got := map[string]string{}
		rows, err := csv.NewReader(bytes.NewReader(
			ask(t, program, "balance", "-f", file, "--flat", "--no-total", "--layout=bare", "-O", "csv"))).ReadAll()
		ok(t, err)
		for _, row := range rows[1:] {
			if row[2] != "0" {
				got[row[0]+" "+row[1]] = row[2]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s: balances (-ours +hledger's):\n%s", name, diff)
		}
	}
}

func ask(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("hledger %v: %v\n%s%s", args, err, out, &stderr)
	}
	return out
}
