package customstore

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// head is the first line of a file: the identity of the store, which a gateway's keys begin with. A copy that is used beside
// its original needs another one.
type head struct {
	Store string `json:"store"`
}

// change is a line of the file: a committed change.
type change struct {
	Document      json.RawMessage                `json:"document"`
	Orders        []subscription.Order           `json:"orders,omitempty"`
	Refunds       []subscription.Refund          `json:"refunds,omitempty"`
	Entries       []subscription.Entry           `json:"entries,omitempty"`
	Events        []subscription.Event           `json:"events,omitempty"`
	Receipts      []subscription.Receipt         `json:"receipts,omitempty"`
	Records       []subscription.UsageRow        `json:"records,omitempty"`
	Subscriptions []subscription.SubscriptionRow `json:"subscriptions,omitempty"`
}

// Open opens the store in a file, which is made if it doesn't exist. Nothing else may have it open. What a process that was
// killed has left of a line at the end is removed: its commit hasn't returned.
func Open(path string) (s *Store, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	s = &Store{file: f, sync: f.Sync, apps: map[subscription.ApplicationID]*record{}}
	if err := s.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("customstore: %s: %w", path, err), f.Close())
	}
	return s, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.file.Close() }

// read applies all lines of the file.
func (s *Store) read() error {
	lines := bufio.NewReader(s.file)
	for {
		text, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			return s.begin()
		case err != nil:
			return err
		case s.identity == "":
			var h head
			if err := json.Unmarshal(text, &h); err != nil {
				return err
			}
			s.identity = h.Store
		default:
			var c change
			if err := json.Unmarshal(text, &c); err != nil {
				return fmt.Errorf("at byte %d: %w", s.size, err)
			}
			if err := s.apply(c); err != nil {
				return fmt.Errorf("at byte %d: %w", s.size, err)
			}
		}
		s.size += int64(len(text))
	}
}

// begin makes the file ready to be written: without what follows the last whole line, and with an identity.
func (s *Store) begin() error {
	if err := s.file.Truncate(s.size); err != nil || s.identity != "" {
		return err
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	s.identity = hex.EncodeToString(id[:])
	text, err := json.Marshal(head{s.identity})
	if err != nil {
		return err
	}
	return s.write(append(text, '\n'))
}

// write appends lines, and waits for the disk. After an error it isn't known which of them are in the file.
func (s *Store) write(text []byte) error {
	if s.broken != nil || len(text) == 0 {
		return s.broken
	}
	info, err := s.file.Stat()
	if err == nil && info.Size() != s.size {
		err = fmt.Errorf("%d bytes were %d: another process writes the file", info.Size(), s.size)
	}
	if err == nil {
		_, err = s.file.Write(text)
	}
	if err == nil {
		err = s.sync()
	}
	if err != nil {
		s.broken = fmt.Errorf("customstore: the file must be opened again: %w", err)
		return s.broken
	}
	s.size += int64(len(text))
	return nil
}

// encode returns the line of a change, or why it can't be kept.
func encode(c *subscription.Change) (change, []byte, error) {
	l := change{
		Orders: c.Orders, Refunds: c.Refunds, Entries: c.Entries, Events: c.Events, Receipts: c.Receipts, Records: c.Records,
		Subscriptions: c.Subscriptions,
	}
	var err error
	if l.Document, err = document.Append(nil, &c.Next); err != nil {
		return change{}, nil, err
	}
	if err := plain(reflect.ValueOf(l)); err != nil {
		return change{}, nil, err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return change{}, nil, fmt.Errorf("%w: %w", subscription.ErrInvalid, err)
	}
	// What is kept in memory is what the file says. So it shares nothing with the caller, and the suite tests what is read back.
	kept := change{}
	if err := json.Unmarshal(text, &kept); err != nil {
		return change{}, nil, fmt.Errorf("%w: %w", subscription.ErrInvalid, err)
	}
	return kept, append(bytes.TrimSpace(text), '\n'), nil
}

// plain fails for a text, anywhere in a value, that isn't UTF-8: encoding/json would write another one.
func plain(v reflect.Value) error {
	switch v.Kind() { //nolint:exhaustive // nothing else has text in it
	case reflect.String:
		return document.Text(v.String())
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if err := plain(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for _, field := range v.Fields() {
			if err := plain(field); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply makes a change part of what is in memory.
func (s *Store) apply(c change) error {
	app, err := document.Decode(c.Document)
	if err != nil {
		return err
	}
	r := s.apps[app.ID]
	if r == nil {
		r = none()
	}
	if app.Revision != r.revision+1 {
		return fmt.Errorf("%.80q goes from revision %d to %d", string(app.ID), r.revision, app.Revision)
	}
	r.document, r.revision, r.account, r.due, r.leased = c.Document, app.Revision, app.Account, app.Due, time.Time{}
	for _, o := range c.Orders {
		if _, exists := r.orders[o.ID]; !exists {
			r.placed = append(r.placed, o.ID)
		}
		r.orders[o.ID] = o
	}
	for _, f := range c.Refunds {
		r.refunds[refundID{f.Order, f.Number}] = f
	}
	for _, row := range c.Receipts {
		r.receipts[row.Key] = row
	}
	for _, row := range c.Records {
		r.records[row.ID] = row
	}
	for _, row := range c.Subscriptions {
		r.rows[row.ID] = row
	}
	r.entries = append(r.entries, c.Entries...)
	r.events = append(r.events, c.Events...)
	s.apps[app.ID] = r
	return nil
}
