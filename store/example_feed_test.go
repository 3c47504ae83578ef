package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// A relay moves its mark in one step with the applications that it couldn't handle. Another process that had read the same mark
// is too late. Package relay does all that for a function.
func ExampleMarks() {
	ctx := context.Background()
	s := memory.New()
	check(s.Commit(ctx, change("voice", noon())))
	changes, err := s.Feed(ctx, store.Cursor{}, 100)
	check(err)

	mark, err := s.Mark(ctx, "mails")
	check(err)
	fmt.Println("set before:", mark.Version, "times")
	mark = store.Mark{Cursor: changes[0].Cursor, Version: mark.Version + 1}
	parked := []store.Parked{{Application: "voice", Number: changes[0].Cursor.Number, Tries: 1, Next: noon(), Reason: "no mail server"}}
	fmt.Println(s.SetMark(ctx, "mails", mark, parked, nil))
	fmt.Println("too late:", errors.Is(s.SetMark(ctx, "mails", mark, nil, nil), subscription.ErrConflict))

	waiting, err := s.Parked(ctx, "mails", noon(), 100)
	check(err)
	for _, p := range waiting {
		fmt.Println(p.Application, "waits from change", p.Number, "on:", p.Reason)
	}
	mark.Version++
	check(s.SetMark(ctx, "mails", mark, nil, []subscription.ApplicationID{"voice"})) // the mail is sent
	waiting, err = s.ParkedAmong(ctx, "mails", []subscription.ApplicationID{"voice"})
	fmt.Println("waiting:", len(waiting), err)

	check(s.DropMark(ctx, "mails")) // no more mails
	mark, err = s.Mark(ctx, "mails")
	fmt.Println("set before:", mark.Version, "times", err)
	// Output:
	// set before: 0 times
	// <nil>
	// too late: true
	// voice waits from change 1 on: no mail server
	// waiting: 0 <nil>
	// set before: 0 times <nil>
}

// A store of your own refuses cursors that it can't go on from: their reader has missed something.
func ExampleCursor_After() {
	first, last := store.Cursor{Feed: "a", Number: 10}, store.Cursor{Feed: "a", Number: 20} // what is kept
	for _, after := range []store.Cursor{{}, {Feed: "a", Number: 15}, {Feed: "a", Number: 9}, {Feed: "b", Number: 15}} {
		err := after.After(first, last)
		fmt.Println(err, errors.Is(err, store.ErrCursor))
	}
	// Output:
	// <nil> false
	// <nil> false
	// store: the feed can't be read from this cursor: it is 9, and the feed goes from 10 to 20 true
	// store: the feed can't be read from this cursor: it is of the feed "b", and this is "a" true
}

func ExampleRelayName() {
	fmt.Println(store.RelayName("mails"))
	fmt.Println(errors.Is(store.RelayName(strings.Repeat("m", 65)), subscription.ErrInvalid))
	// Output:
	// <nil>
	// true
}
