package postgres

import (
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// absent is the zero time, which the statements return for a NULL time.
const absent = `TIMESTAMPTZ '0001-01-01 00:00:00+00'`

// What a column is read as where it is NULL.
const noText, noNumber, noFlag = `''`, `0`, `false`

// scanned is a column of a table: its name, what it is read as where it is NULL, and where it is scanned to.
type scanned struct {
	name, none string
	dest       any
}

// selected lists columns of a table for a SELECT.
func selected(table string, columns []scanned) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "COALESCE(" + table + "." + c.name + ", " + c.none + ")"
	}
	return strings.Join(list, ", ")
}

// unselected lists as many columns without values, for rows of other tables in the same UNION.
func unselected(columns []scanned) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.none
	}
	return strings.Join(list, ", ")
}

// destinations returns where columns are scanned to.
func destinations(columns []scanned) []any {
	dest := make([]any, len(columns))
	for i := range columns {
		dest[i] = columns[i].dest
	}
	return dest
}

// money returns an amount from its stored form; no currency means no amount.
func money(minor int64, currency string) (pricing.Money, error) {
	if currency == "" {
		return pricing.Money{}, nil
	}
	return pricing.FromMinor(minor, pricing.Currency(currency))
}
