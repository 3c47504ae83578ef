package main

import (
	"encoding/json"
	"io"

	"github.com/prepaidkit/prepaid/pricing"
)

// result is the answer to a line, as JSON or as a table.
type result interface {
	table(w io.Writer)
}

// problem replaces the answer to an invalid line.
type problem struct {
	Error string `json:"error"`
}

// line explains one part of a price.
type line struct {
	Kind    string `json:"kind"`
	Item    string `json:"item"`
	Formula string `json:"formula"`
	Exact   string `json:"exact"`
	Amount  string `json:"amount"`
}

func linesOf(lines []pricing.Line) []line {
	all := make([]line, len(lines))
	for i, l := range lines {
		all[i] = line{string(l.Kind), l.Item, l.Formula(), pricing.FormatExact(l.Exact()), l.Amount.Amount()}
	}
	return all
}

// writeJSON writes r as one line.
func writeJSON(w io.Writer, r result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
