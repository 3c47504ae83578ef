package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

var update = flag.Bool("update", false, "rewrite testdata/output.txt and testdata/year.svg")

// The whole command as its documentation calls it: its output, and its chart.
func TestOutput(t *testing.T) {
	var out bytes.Buffer
	svg, err := run(t.Context(), 1000, 1, &out)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/output.txt", out.Bytes())
	golden(t, "testdata/year.svg", svg)
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// Other customers agree with the gateway's books, too.
func TestOtherYears(t *testing.T) {
	for seed := range uint64(5) {
		if _, err := run(t.Context(), 40, seed, io.Discard); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if _, err := run(t.Context(), 0, 0, io.Discard); err != nil {
		t.Errorf("without customers: %v", err)
	}
}

// A cent that the gateway collected and no order knows is told.
func TestProveFindsACent(t *testing.T) {
	ctx := t.Context()
	w, err := newWorld(20, 1)
	if err == nil {
		err = w.live(ctx)
	}
	if err == nil {
		err = w.prove(ctx, io.Discard)
	}
	if err != nil {
		t.Fatal(err)
	}
	cent, err := pricing.FromMinor(1, "USD")
	if err == nil {
		err = w.accounts.Deposit(ctx, "customer-0001", "cent", cent)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.accounts.Charge(ctx, payment.Charge{
		Key: "cent", Account: "customer-0001", Amount: cent, Order: "cent", Application: "customer-0001", Description: "a cent",
	})
	if err != nil || r.Status != payment.Succeeded {
		t.Fatal(r, err)
	}
	if err := w.prove(ctx, io.Discard); err == nil || !strings.Contains(err.Error(), "the orders say") {
		t.Errorf("%v, want that the orders say something else", err)
	}
}
