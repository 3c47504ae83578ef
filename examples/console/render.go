package main

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed templates static
var files embed.FS

// pages are the parsed pages by name, each within the layout.
type pages map[string]*template.Template

func parsePages(c *console) (pages, error) {
	base, err := template.New("").Funcs(c.funcs()).ParseFS(files, "templates/layout.html", "templates/part_*.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "templates/page_*.html")
	if err != nil {
		return nil, err
	}
	all := pages{}
	for _, name := range names {
		page, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if page, err = page.ParseFS(files, name); err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(strings.TrimPrefix(path.Base(name), "page_"), ".html")] = page
	}
	return all, nil
}

// view is what the layout shows around a page.
type view struct {
	Title    string
	Section  string   // of the navigation
	Customer customer // who is signed in
	Staff    bool     // it is the seller's staff
	Query    string   // what staff looks for
	Now      time.Time
	Notices  []notice
	Body     any
}

// render writes a page, with the notice and the problem that its query names. A page that can't be completed is an error,
// and nothing of it is sent.
func (c *console) render(w http.ResponseWriter, r *http.Request, status int, page string, v view) error {
	v.Now = c.clock.now()
	v.Customer, _ = r.Context().Value(customerKey{}).(customer)
	v.Staff, v.Query = v.Customer.staff(), r.URL.Query().Get("q")
	if n, ok := notices[r.URL.Query().Get("notice")]; ok {
		v.Notices = append(v.Notices, n)
	}
	if p, ok := problems[r.URL.Query().Get(problemField)]; ok && status == http.StatusOK {
		status = p.status
		if !p.beside {
			v.Notices = append(v.Notices, p.notice)
		}
	}
	var text bytes.Buffer
	if err := c.pages[page].ExecuteTemplate(&text, "layout", v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = text.WriteTo(w) // the browser has gone, or has the page
	return nil
}

// fail writes a page about an error, or leads to it if a form caused it. What the customer can't mend is for the log.
func (c *console) fail(w http.ResponseWriter, r *http.Request, err error) {
	var told *pageError
	if !errors.As(explain(err), &told) {
		c.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		told = &pageError{problem{http.StatusInternalServerError, notice{
			Kind: "bad", Title: "Something went wrong",
			Text: "It isn't known whether anything has changed. Try again: a request that pays is never paid twice.",
			Link: "/", Says: "Go to the overview",
		}, false}, "", err}
	}
	if _, known := problems[told.code]; known && r.Method == http.MethodPost {
		http.Redirect(w, r, "/problem?"+problemField+"="+told.code, http.StatusSeeOther)
		return
	}
	v := view{Title: told.notice.Title, Body: told.notice}
	if err := c.render(w, r, told.status, "error", v); err != nil {
		c.log.ErrorContext(r.Context(), "the page about an error failed", "error", err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
	}
}
