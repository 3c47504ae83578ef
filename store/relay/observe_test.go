package relay_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// Every round of a relay and every call of its handler is told, with how far the relay is behind and how long a change has
// waited.
// Rule: told-from-outside.
func TestObserveTellsOfARelay(t *testing.T) {
	s := newShop(t)
	var told []string
	observe := func(_ context.Context, o subscription.Observation) {
		told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s %s size=%d failed=%d behind=%d late=%s %s",
			o.Op, o.Name, o.Outcome, o.Size, o.Failed, o.Behind, o.Late, o.Application)))
	}
	late := feedOf{s.st, func(c *store.FeedChange) { c.At = s.now.Add(-90 * time.Second) }}
	r := s.relay(func(o *relay.Options) { o.Observe, o.Store = observe, late })
	again := s.relay(func(o *relay.Options) { o.Observe, o.Store = observe, late })
	s.change("call")
	s.change("voice")
	s.fails["voice"] = true
	s.round(r)
	if diff := cmp.Diff([]string{
		"handle mails ok size=0 failed=0 behind=0 late=0s call",
		"handle mails failed size=0 failed=0 behind=0 late=0s voice",
		"relay mails ok size=1 failed=1 behind=0 late=1m30s",
	}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	told = nil
	s.round(r)
	if diff := cmp.Diff([]string{"relay mails ok size=0 failed=0 behind=0 late=0s"}, told); diff != "" {
		t.Errorf("told of an idle round (-want +got):\n%s", diff)
	}
	told = nil
	if err := s.st.SetMark(t.Context(), "mails", store.Mark{Version: mark(s).Version + 1, Cursor: mark(s).Cursor,
		Holder: "another", Until: s.now.Add(time.Minute)}, nil, nil); err != nil {
		t.Fatal(err)
	}
	s.round(again)
	if diff := cmp.Diff([]string{"relay mails held size=0 failed=0 behind=0 late=0s"}, told); diff != "" {
		t.Errorf("told of a round that another process has (-want +got):\n%s", diff)
	}
	told = nil
	s.now = s.now.Add(2 * time.Minute)
	s.fails["voice"] = false
	if err := s.st.NewFeed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Once(t.Context()); err == nil {
		t.Error("the cursor of another feed is no error")
	}
	if diff := cmp.Diff([]string{"relay mails cursor size=0 failed=0 behind=0 late=0s"}, told); diff != "" {
		t.Errorf("told of another feed (-want +got):\n%s", diff)
	}
}

func mark(s *shop) store.Mark {
	s.Helper()
	m, err := s.st.Mark(s.Context(), "mails")
	if err != nil {
		s.Fatal(err)
	}
	return m
}

// round is a round that doesn't fail.
func (s *shop) round(r *relay.Relay) {
	s.Helper()
	if _, err := r.Once(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// feedOf is a store whose feed a test edits.
type feedOf struct {
	*memory.Store

	edit func(*store.FeedChange)
}

func (f feedOf) Feed(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
	changes, err := f.Store.Feed(ctx, after, limit)
	for i := range changes {
		f.edit(&changes[i])
	}
	return changes, err
}

// A relay that falls behind says by how much.
// Rule: told-from-outside.
func TestObserveTellsHowFarARelayIsBehind(t *testing.T) {
	s := newShop(t)
	var behind []int64
	r := s.relay(func(o *relay.Options) {
		o.Observe = func(_ context.Context, x subscription.Observation) {
			if x.Op == subscription.OpRelay {
				behind = append(behind, x.Behind)
			}
		}
		o.Store = stopping{s.st}
	})
	s.change("call")
	s.change("call")
	s.change("call")
	s.round(r)
	if diff := cmp.Diff([]int64{3}, behind); diff != "" {
		t.Errorf("behind (-want +got):\n%s", diff)
	}
}

// stopping is a store whose feed shows nothing but that there is something.
type stopping struct{ *memory.Store }

func (s stopping) Feed(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
	if limit > 1 {
		return nil, nil
	}
	return s.Store.Feed(ctx, after, limit)
}

// A handler's failure is logged as an error, with its text.
// Rule: log-levels.
func TestLoggerOfARelay(t *testing.T) {
	s := newShop(t)
	var log bytes.Buffer
	r := s.relay(func(o *relay.Options) { o.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	s.change("call")
	s.fails["call"] = true
	s.round(r)
	for _, want := range []string{`"level":"ERROR"`, `"op":"handle"`, `"name":"mails"`, `"application":"call"`, `the mail server is\ndown`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s: %s", want, log.String())
		}
	}
}
