package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// mailRelay is the name under which the store remembers which changes the customers were told about.
const mailRelay = "mails"

// mailer tells customers what happened, by mail. A relay hands it each committed change, so a mail is never forgotten,
// whatever failed meanwhile, and none is sent about a change that wasn't committed.
//
// Here, a round follows each form that is sent, each webhook, and each step of the time machine, so that a page shows the
// mails of what has just happened. A host of your own calls [relay.Relay.Run] once, in a goroutine.
type mailer struct {
	c     *console
	relay *relay.Relay

	mu   sync.Mutex // held during a round: a relay is for one goroutine at a time
	last round
}

// round is how the last round of the relay ended.
type round struct {
	Ended bool // there was one
	Err   error
}

func newMailer(c *console) (*mailer, error) {
	m := &mailer{c: c}
	var err error
	m.relay, err = relay.New(relay.Options{
		Name: mailRelay, Store: c.store, Handle: m.handle, Logger: c.log,
		// What couldn't be sent is tried in the next round. Leave it out, and it is tried after 10 seconds, and then less and
		// less often.
		Retry: func(int) time.Duration { return 0 },
	})
	return m, err
}

// send sends the mails about everything that has happened since the last round. Its errors are those of the store: they are
// logged, and the next round goes on where this one ended.
func (m *mailer) send(ctx context.Context) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := m.relay.Once(ctx)
	m.last = round{true, err}
}

// lastRound returns how the last round ended.
func (m *mailer) lastRound() round {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// mail is a mail to a customer. The demonstration's mail server keeps it.
type mail struct {
	Application subscription.ApplicationID `json:"application"`
	To          string                     `json:"to"`    // the account
	Name        string                     `json:"name"`  // of the customer
	About       time.Time                  `json:"about"` // when it happened
	SentAt      time.Time                  `json:"sent_at"`
	Subject     string                     `json:"subject"`
	Text        string                     `json:"text"`
}

// handle sends the mails about a change. A relay may hand over a change again, so each mail has a key, and one that was
// sent stays as it is. A mail server of your own takes no key: whoever must not send a mail twice keeps such a list, too.
func (m *mailer) handle(ctx context.Context, change store.FeedChange) error {
	for _, e := range change.Events {
		if e.Type == subscription.EventNeedsPerson { // which is for the worklist of staff
			if err := m.c.notes.put(ctx, fmt.Sprintf("%s%s/%d/%d", flagNotes, e.Application, e.Revision, e.Index), e); err != nil {
				return err
			}
		}
		l, written := m.c.letter(e, change.Events)
		if !written {
			continue
		}
		if err := m.write(ctx, e, l); err != nil {
			return err
		}
	}
	return nil
}

// write sends a letter to whoever pays for the event's application. An application that was erased has nobody.
func (m *mailer) write(ctx context.Context, e subscription.Event, l letter) error {
	snapshots, err := m.c.store.Load(ctx, subscription.Read{Application: e.Application})
	if err != nil {
		return err
	}
	account := string(snapshots[0].Application.Account)
	if account == "" {
		return nil
	}
	cu, _, err := m.c.customer(ctx, account)
	if err != nil {
		return err
	}
	return m.c.mailServer().send(ctx, mailKey(e), mail{
		Application: e.Application, To: account, Name: cu.Name, About: e.At, SentAt: m.c.clock.now(), Subject: l.Subject, Text: l.Text,
	})
}

// mailNotes is the beginning of the names of the notes with mails.
const mailNotes = "mail/"

// mailKey is the name of the note with the mail about an event: one for each event, and those of later events come later.
func mailKey(e subscription.Event) string {
	return fmt.Sprintf("%s%017d/%s/%09d/%04d", mailNotes, e.At.UnixMicro(), e.Application, e.Revision, e.Index)
}

// mailServer is the demonstration's: it keeps what it is given, unless it is down.
type mailServer struct {
	notes notes
}

func (c *console) mailServer() mailServer { return mailServer{c.notes} }

// mailServerNote says whether the mail server is down.
const mailServerNote = "mailserver"

// outage is whether the mail server is down.
type outage struct{ Down bool }

var errMailServer = errors.New("the mail server doesn't answer")

// send takes a mail once for each key.
func (s mailServer) send(ctx context.Context, key string, m mail) error {
	if down, err := s.down(ctx); err != nil {
		return err
	} else if down {
		return errMailServer
	}
	var sent mail
	if ok, err := s.notes.get(ctx, key, &sent); err != nil || ok {
		return err
	}
	return s.notes.put(ctx, key, m)
}

func (s mailServer) down(ctx context.Context) (bool, error) {
	var o outage
	_, err := s.notes.get(ctx, mailServerNote, &o)
	return o.Down, err
}

// sent returns the keys of all mails, the latest first.
func (s mailServer) sent(ctx context.Context) ([]string, error) {
	keys, err := s.notes.names(ctx, mailNotes)
	slices.Reverse(keys)
	return keys, err
}
