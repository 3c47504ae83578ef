package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/examples/takeover"
	"github.com/prepaidkit/prepaid/subscription"
)

// importBody is the page on which the seller's staff imports subscriptions from another system.
type importBody struct {
	File, Source, Reason string // as they were typed

	Mend    []string // lines of the last import that don't fit
	Problem string   // why the file can't be read
	Checked bool     // the lines say what would become of them, or what became
	Done    bool     // they were imported
	Lines   []importLine
	New     int // that are imported, or would be
	Before  int
	Refused int
}

// importLine is a line with what became of it.
type importLine struct {
	*takeover.Line

	Why string // it was refused
}

// importHeader is the first line of a file with every column.
func importHeader() string {
	required, optional := takeover.Columns()
	return strings.Join(append(required, optional...), ",")
}

// importNote is the name of the note with the last import, if lines of it were refused.
const importNote = "import/last"

// lastImport is a file that was imported, and the lines of it that don't fit.
type lastImport struct {
	At      time.Time `json:"at"`
	File    string    `json:"file"`
	Source  string    `json:"source"`
	Reason  string    `json:"reason"`
	Refused []string  `json:"refused,omitempty"`
}

// importPage shows the last file again if lines of it are to be mended: what was imported isn't imported twice.
func (c *console) importPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	var last lastImport
	if _, err := c.notes.get(r.Context(), importNote, &last); err != nil {
		return err
	}
	var body importBody
	if len(last.Refused) > 0 {
		body = importBody{File: last.File, Source: last.Source, Reason: last.Reason, Mend: last.Refused}
	}
	return c.renderImport(w, r, http.StatusOK, body)
}

// importWork is the lines of the last import that don't fit.
func (c *console) importWork(ctx context.Context) ([]workRow, error) {
	var last lastImport
	_, err := c.notes.get(ctx, importNote, &last)
	var rows []workRow
	for _, line := range last.Refused {
		rows = append(rows, workRow{What: line, Path: "/staff/import", Since: last.At})
	}
	return rows, err
}

func (c *console) renderImport(w http.ResponseWriter, r *http.Request, status int, body importBody) error {
	return c.render(w, r, status, "import", view{Title: "Import subscriptions", Section: "import", Body: body})
}

// importFile decides each line of a file and says what would become of it or, once that was seen, imports them. The answer
// is no redirect, since it has the whole file; sending it again imports nothing twice.
func (c *console) importFile(w http.ResponseWriter, r *http.Request, _ customer) error {
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return back(w, r, "/staff/import", bad("import_large"))
		}
		return back(w, r, "/staff/import", bad("import_file"))
	}
	body := importBody{
		File: r.PostForm.Get("file"), Source: strings.TrimSpace(r.PostForm.Get("source")), Reason: r.PostForm.Get("reason"),
		Done: r.PostForm.Get("do") == "import",
	}
	if body.Done && strings.TrimSpace(body.Reason) == "" {
		body.Problem, body.Done = "Please say why: a reason is in the record of who did what.", false
	}
	lines, err := c.readLines(r.Context(), body.File, body.Source)
	if err != nil {
		body.Problem, body.Done = err.Error(), false
		return c.renderImport(w, r, http.StatusUnprocessableEntity, body)
	}
	i := takeover.Importer{
		Store: c.store, Clock: c.service.Collector(), Catalog: c.catalog, By: staffName, Reason: strings.TrimSpace(body.Reason),
		Dry: !body.Done,
	}
	if err := i.Import(r.Context(), lines); err != nil {
		return err
	}
	body.Checked = true
	for _, l := range lines {
		line := importLine{Line: l}
		switch {
		case l.Err != nil:
			body.Refused++
			line.Why = l.Err.Error()
			if told := noticeOf(l.Err); told != nil {
				line.Why = told.Title
			}
		case l.Before:
			body.Before++
		default:
			body.New++
		}
		body.Lines = append(body.Lines, line)
	}
	if body.Done {
		last := lastImport{At: c.clock.now(), File: body.File, Source: body.Source, Reason: body.Reason}
		for _, l := range body.Lines {
			if l.Why != "" {
				last.Refused = append(last.Refused, fmt.Sprintf("Line %d, %s: %s", l.Number, l.Application, l.Why))
			}
		}
		if err := c.notes.put(r.Context(), importNote, last); err != nil {
			return err
		}
	}
	return c.renderImport(w, r, http.StatusOK, body)
}

// readLines reads a file. Whoever pays is a customer of the console's.
func (c *console) readLines(ctx context.Context, file, source string) ([]*takeover.Line, error) {
	reader, err := takeover.NewReader(strings.NewReader(file), source)
	if err != nil {
		return nil, err
	}
	var lines []*takeover.Line
	known := map[subscription.AccountID]bool{}
	for {
		l, more, err := reader.Next()
		if err != nil || !more {
			return lines, err
		}
		if account := l.Command.Account; l.Err == nil && !known[account] {
			_, is, err := c.customer(ctx, string(account))
			if err != nil {
				return nil, err
			}
			if known[account] = is; !is {
				l.Err = bad("import_customer")
			}
		}
		lines = append(lines, &l)
	}
}
