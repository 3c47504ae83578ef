package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
)

// writeHledger writes a transaction for what happened to one order at one instant.
func writeHledger(out io.Writer, all postings, zone pricing.Zone) error {
	w := &hledger{out: out, zone: zone, declared: map[string]bool{}}
	for p, err := range all {
		if err != nil {
			return err
		}
		if len(w.pending) > 0 && !together(w.pending[0], p) {
			w.transaction()
		}
		w.pending = append(w.pending, p)
	}
	w.transaction()
	return w.err
}

// together reports whether two postings are of one transaction.
func together(p, q journal.Posting) bool {
	return p.At.Equal(q.At) && p.Application == q.Application && p.Ref == q.Ref && p.Amount.Currency() == q.Amount.Currency()
}

type hledger struct {
	out      io.Writer
	zone     pricing.Zone
	declared map[string]bool // accounts and commodities
	pending  []journal.Posting
	err      error
}

func (w *hledger) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}

// declare writes those directives that weren't written before.
func (w *hledger) declare(directives ...string) {
	separator := "\n"
	for _, d := range directives {
		if !w.declared[d] {
			w.declared[d] = true
			w.printf("%s%s\n", separator, d)
			separator = ""
		}
	}
}

// transaction writes the postings that are pending as one.
func (w *hledger) transaction() {
	if len(w.pending) == 0 {
		return
	}
	first := w.pending[0]
	zero, err := first.Amount.Sub(first.Amount)
	w.keep(err)
	var accounts []string
	sums := map[string]pricing.Money{}
	change := func(l journal.Ledger, by func(m, n pricing.Money) (pricing.Money, error), amount pricing.Money) {
		name := account(l)
		sum, found := sums[name]
		if !found {
			sum, accounts = zero, append(accounts, name)
		}
		sum, err := by(sum, amount)
		w.keep(err)
		sums[name] = sum
	}
	for _, p := range w.pending {
		change(p.Debit, pricing.Money.Add, p.Amount)
		change(p.Credit, pricing.Money.Sub, p.Amount)
	}
	directives := []string{"commodity " + style(zero)}
	for _, name := range accounts {
		directives = append(directives, "account "+name)
	}
	w.declare(directives...)
	w.printf("\n%s * (%s) %s\n", w.zone.DateOf(first.At), text(first.Ref, "()"), text(string(first.Application), "|"))
	for _, name := range accounts {
		if sums[name].Sign() != 0 {
			w.printf("    %-30s  %15s\n", name, sums[name])
		}
	}
	w.pending = w.pending[:0]
}

func (w *hledger) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

// style returns an amount that shows how those of a currency are written: with its digits, a point and no other marks.
func style(zero pricing.Money) string {
	amount := strings.Replace(zero.Amount(), "0", "1000", 1)
	if !strings.Contains(amount, ".") {
		amount += "."
	}
	return amount + " " + string(zero.Currency())
}

// account returns the name of a ledger's account, where a name of a tax can mean nothing else to hledger.
func account(l journal.Ledger) string {
	parts := strings.SplitN(string(l), ":", 3)
	for i := range parts {
		parts[i] = strings.Join(strings.Fields(text(parts[i], ":()[]")), " ") // two spaces end a name
	}
	return strings.Join(parts, ":")
}

// text replaces what can't be in a text: line breaks, the beginning of a comment, and what else is named.
func text(s, without string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || strings.ContainsRune(without+";", r) {
			return '_'
		}
		return r
	}, s)
}
