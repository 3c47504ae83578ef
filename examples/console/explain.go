package main

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/prepaidkit/prepaid/subscription"
)

// problem is what a customer is told about an error.
type problem struct {
	status int // of the page that tells it
	notice notice
	beside bool // the page tells it beside the field that it is about, not at the top
}

// pageError is an error that the customer is told about.
type pageError struct {
	problem

	code  string // its name in problems
	cause error
}

// Error is for logs.
func (e *pageError) Error() string { return e.notice.Title }

// Unwrap returns what the SDK said.
func (e *pageError) Unwrap() error { return e.cause }

// errNoPage means that there is no such page, or none that this customer may see.
var errNoPage = &pageError{problem{http.StatusNotFound, notice{
	Kind: "bad", Title: "There is no such page", Text: "It may have been of another customer.", Link: "/", Says: "Go to the overview",
}, false}, "not_found", nil}

// bad is an error about what was entered, by its name in problems.
func bad(code string) error { return &pageError{problems[code], code, nil} }

// explain says what an error of the SDK means to the customer, and what to do. An error that isn't about the request is
// returned as it is.
func explain(err error) error {
	var told *pageError
	if err == nil || errors.As(err, &told) {
		return err
	}
	code := string(subscription.CodeOf(err))
	if code == errNoPage.code {
		return &pageError{errNoPage.problem, code, err}
	}
	if p, ok := problems[code]; ok {
		return &pageError{p, code, err}
	}
	return err
}

// noticeOf returns what an explained error tells, or nil for an error that isn't explained.
func noticeOf(err error) *notice {
	if told, ok := errors.AsType[*pageError](err); ok {
		return &told.notice
	}
	return nil
}

// problemField is the name of the problem in the query of a page.
const problemField = "problem"

// back answers a form with the page that it is on, with what was typed in some of its fields, and the name of the problem
// in the query. It is a redirect like every other answer to a form: going back and reloading send nothing again. An error
// that isn't about the request is returned.
func back(w http.ResponseWriter, r *http.Request, page string, err error, fields ...string) error {
	told, ok := errors.AsType[*pageError](explain(err))
	if !ok || told.status == http.StatusNotFound {
		return err
	}
	to, errPage := url.Parse(page)
	if errPage != nil {
		return errPage
	}
	query := to.Query()
	for _, field := range fields {
		if typed, sent := r.PostForm[field]; sent {
			query[field] = typed
		}
	}
	query.Set(problemField, told.code)
	to.RawQuery = query.Encode()
	return see(w, r, to.String())
}

// problemPage tells a problem with a form that has no page of its own.
func (c *console) problemPage(_ http.ResponseWriter, r *http.Request, _ customer) error {
	code := r.FormValue(problemField)
	if _, known := problems[code]; !known {
		return errNoPage
	}
	return bad(code)
}
