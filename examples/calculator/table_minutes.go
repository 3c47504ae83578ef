package main

import (
	"fmt"
	"io"

	"github.com/prepaidkit/prepaid/examples/compare"
)

func (p toppedUp) table(w io.Writer) {
	fmt.Fprintln(w, p.title)
	tableLines(w, p.Lines, p.Price, p.currency)
	fmt.Fprintf(w, "  minutes\t%s\n", grouped(p.Minutes))
}

func (b billed) table(w io.Writer) {
	fmt.Fprintln(w, b.title)
	tableItems(w, "  ", b.Lines)
	fmt.Fprintf(w, "  price\t%s %s\n", b.Price, b.currency)
	b.taxed.table(w)
	fmt.Fprintf(w, "  exact\t%s\n", b.Exact)
	fmt.Fprintf(w, "  minutes\t%s of a package\n", groupedMinutes(b.PackageMinutes))
}

func (d deducted) table(w io.Writer) {
	fmt.Fprintln(w, d.title)
	for i, q := range d.Deducted {
		fmt.Fprintf(w, "  %s s\t%s\n", grouped(d.seconds[i]), groupedMinutes(q))
	}
	if len(d.Deducted) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
}

func (c compared) table(w io.Writer) {
	fmt.Fprintf(w, "%s, %s package minutes\n", c.title, groupedMinutes(c.PackageMinutes))
	for i, o := range c.Options {
		fmt.Fprintf(w, "  %d. %s: %s %s", i+1, o.Way, o.Price, c.currency)
		if o.PackageMinutes > 0 {
			fmt.Fprintf(w, ", %s minutes", grouped(o.PackageMinutes))
		}
		fmt.Fprintln(w)
		tableItems(w, "     ", o.Lines)
	}
	for _, way := range c.LeftOut {
		fmt.Fprintf(w, "  left out: %s, %s\n", way, compare.ErrTooMany)
	}
}

// tableItems writes lines that differ in their item rather than in their kind.
func tableItems(w io.Writer, indent string, lines []line) {
	for _, l := range lines {
		fmt.Fprintf(w, "%s%s\t%s\t= %s\t→ %s\n", indent, l.Item, l.Formula, l.Exact, l.Amount)
	}
}
