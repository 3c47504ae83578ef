package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prepaidkit/prepaid/store"
)

const mailsPath = "/staff/mails"

// parkedList is how many applications whose mails couldn't be sent a page lists at most.
const parkedList = 100

// mailsBody is the page of the mails that customers were sent.
type mailsBody struct {
	Down   bool // the mail server
	Parked []store.Parked
	More   bool // applications that are parked and not listed
	Mails  []mail
	Total  int
	Pager  pager
}

func (c *console) mailsPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	var body mailsBody
	var err error
	if body.Down, err = c.mailServer().down(r.Context()); err != nil {
		return err
	}
	if body.Parked, err = c.parked(r.Context(), parkedList+1); err != nil {
		return err
	}
	if body.More = len(body.Parked) > parkedList; body.More {
		body.Parked = body.Parked[:parkedList]
	}
	keys, err := c.mailServer().sent(r.Context())
	if err != nil {
		return err
	}
	body.Total = len(keys)
	if keys, body.Pager = paged(r, keys, mailsPath+"?page="); len(keys) > 0 {
		body.Mails = make([]mail, len(keys))
	}
	for i, key := range keys {
		if _, err := c.notes.get(r.Context(), key, &body.Mails[i]); err != nil {
			return err
		}
	}
	return c.render(w, r, http.StatusOK, "mails", view{Title: "Mails", Section: "mails", Body: body})
}

// parked returns the applications whose mails couldn't be sent, whenever they are tried again.
func (c *console) parked(ctx context.Context, limit int) ([]store.Parked, error) {
	ever := time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)
	return c.store.Parked(ctx, mailRelay, ever, limit)
}

// switchMailServer plays an outage of the mail server, and its end. What couldn't be sent is sent by the round that follows.
func (c *console) switchMailServer(w http.ResponseWriter, r *http.Request, _ customer) error {
	down := r.FormValue("server") == "down"
	if err := c.notes.put(r.Context(), mailServerNote, outage{Down: down}); err != nil {
		return err
	}
	said := "mails-up"
	if down {
		said = "mails-down"
	}
	return see(w, r, mailsPath+"?notice="+said)
}

// relayed has a round of the relay follow each request that may have changed something.
func (c *console) relayed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		if r.Method == http.MethodPost {
			c.mailer.send(context.WithoutCancel(r.Context()))
		}
	})
}
