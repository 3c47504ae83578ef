package main

import (
	"net/http"
	"strconv"
)

// creditBody is a page to print: what an order's refund returned, with its share of each tax.
type creditBody struct {
	invoiceBody

	Refund refundRow
}

func (c *console) creditNote(w http.ResponseWriter, r *http.Request, cu customer) error {
	invoice, err := c.invoiceOf(r, cu)
	if err != nil {
		return err
	}
	for _, row := range invoice.Refunds {
		if row.Path != "" && strconv.Itoa(row.Number) == r.PathValue("number") {
			return c.render(w, r, http.StatusOK, "creditnote", view{
				Title: "Credit note " + string(invoice.ID), Section: "orders", Body: creditBody{invoice, row},
			})
		}
	}
	return errNoPage
}
