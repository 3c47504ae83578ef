package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
)

const booksPath = "/staff/books"

// Bounds of the page of the books.
const (
	bookYear     = 12  // months
	postingsList = 200 // postings of a month; the file has all of them
)

// booksBody is the page of the books: what was earned by month, and the postings of a month.
type booksBody struct {
	Now      time.Time
	Deferred []pricing.Money // now
	Charts   []revenueChart
	Months   []bookMonth
	Other    bool // some month has money of refunds under way or of orders that wait for a person

	Month    month
	File     string
	Postings []journal.Posting
	More     bool
}

// booksPage sums the postings up to now. That reads every order there ever was: a seller with many of them keeps the sums of
// the months that are closed, which never change.
func (c *console) booksPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	now := c.clock.now()
	body := booksBody{Now: now, Month: c.monthOf(r, booksPath)}
	body.File = strings.Replace(body.Month.Path, booksPath, booksPath+"/postings.csv", 1)
	months, err := bookMonths(journal.Postings(r.Context(), c.store, time.Time{}, c.passed()), c.catalog.Zone())
	if err != nil {
		return err
	}
	if body.Deferred, err = deferredNow(months); err != nil {
		return err
	}
	oldest := c.catalog.Zone().DateOf(now.AddDate(0, 1-bookYear, 0)).MonthStart()
	for _, m := range months {
		if m.Month >= oldest {
			body.Months = append(body.Months, m)
			body.Other = body.Other || m.Other.Sign() != 0
		}
	}
	if body.Charts, err = revenueCharts(body.Months); err != nil {
		return err
	}
	postings := journal.Postings(r.Context(), c.store, body.Month.From, earlier(body.Month.Until, c.passed()))
	if body.Postings, body.More, err = firstRows(postings, postingsList); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "books", view{Title: "Books", Section: "books", Body: body})
}

// postingsFile is a file with all postings of a month, or of what has passed of it. One that can't be completed is an error, and
// nothing of it is sent.
func (c *console) postingsFile(w http.ResponseWriter, r *http.Request, _ customer) error {
	m, zone := c.monthOf(r, booksPath), c.catalog.Zone()
	var file bytes.Buffer
	out := csv.NewWriter(&file)
	if err := out.Write([]string{"date", "recorded_at", "application", "ref", "debit", "credit", "amount", "currency"}); err != nil {
		return err
	}
	for p, err := range journal.Postings(r.Context(), c.store, m.From, earlier(m.Until, c.passed())) {
		if err != nil {
			return err
		}
		row := []string{
			zone.DateOf(p.At).String(), p.At.Format(time.RFC3339Nano), cell(string(p.Application)), cell(p.Ref), cell(string(p.Debit)),
			cell(string(p.Credit)), p.Amount.Amount(), string(p.Amount.Currency()),
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="postings-`+m.First.String()[:len(monthName)]+`.csv"`)
	_, _ = file.WriteTo(w) // the browser has gone, or has the file
	return nil
}

// cell returns a text that no spreadsheet takes for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}

// passed returns the end of what has passed, this instant included: in the demonstration, time stands still.
func (c *console) passed() time.Time { return c.clock.now().Add(time.Microsecond) }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
