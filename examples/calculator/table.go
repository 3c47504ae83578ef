package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// writeTable writes r as human-readable text, followed by an empty line.
func writeTable(w io.Writer, r result) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	r.table(tw)
	fmt.Fprintln(tw)
	return tw.Flush()
}

func (p problem) table(w io.Writer) { fmt.Fprintf(w, "error: %s\n", p.Error) }

func (p purchased) table(w io.Writer) {
	fmt.Fprintln(w, p.title)
	tableLines(w, p.Lines, p.Price, p.currency)
	p.taxed.table(w)
	fmt.Fprintf(w, "  minutes\t%s\n", grouped(p.Minutes))
	fmt.Fprintf(w, "  valid\t%s\n", span{p.Start, p.End, p.Days})
}

func (u upgraded) table(w io.Writer) {
	fmt.Fprintln(w, u.title)
	tableLines(w, u.Lines, u.Price, u.currency)
	u.taxed.table(w)
	fmt.Fprintf(w, "  exact\t%s\n", u.Exact)
	fmt.Fprintf(w, "  remaining\t%s of %s %s\n", grouped(u.Remaining), grouped(u.Total), u.unit)
	fmt.Fprintf(w, "  minutes\t%s at once\n", grouped(u.Minutes))
	if n := len(u.FutureMinutes); n > 0 {
		fmt.Fprintf(w, "  \t%s with each of %s\n", grouped(u.FutureMinutes[0]), plural(n, "future cycle"))
	}
}

func (c consecutive) table(w io.Writer) {
	fmt.Fprintln(w, c.title)
	for i, s := range c.Periods {
		fmt.Fprintf(w, "  %d\t%s\n", i, s)
	}
}

func (p upgradePath) table(w io.Writer) {
	fmt.Fprintln(w, p.title)
	for i, id := range p.Path {
		fmt.Fprintf(w, "  %s\t%s\n", id, p.names[i])
	}
	if len(p.Path) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
}

func tableLines(w io.Writer, lines []line, price, currency string) {
	for _, l := range lines {
		fmt.Fprintf(w, "  %s\t%s\t= %s\t→ %s\n", l.Kind, l.Formula, l.Exact, l.Amount)
	}
	fmt.Fprintf(w, "  price\t%s %s\n", price, currency)
}

// String returns the period with its inclusive last day.
func (s span) String() string {
	last, err := s.End.AddDays(-1)
	if err != nil {
		return fmt.Sprintf("%s up to %s", s.Start, s.End)
	}
	return fmt.Sprintf("%s to %s, %s", s.Start, last, plural(s.Days, "day"))
}

// plural formats a number of things: 1 day, 2 days.
func plural(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// grouped formats n ≥ 0 with thousands separators: 300,000.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, digit := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}
