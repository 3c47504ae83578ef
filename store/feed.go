package store

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/internal/ident"
	"github.com/prepaidkit/prepaid/subscription"
)

// Feeder is a store whose changes can be followed: everything that happens to all applications, one change after the
// other, without missing one. All stores of this module can. Package relay follows a feed for a host that wants to act on
// events, by sending mail for example.
//
// Every committed change gets a number. Numbers ascend, and those of an application ascend with its revisions. No change
// gets a number below one that a reader may have seen, however long its transaction took: only what is committed is
// numbered. Changes from before a store had a feed have none.
//
// The methods other than Sequence and NewFeed only read, so that a standby server can answer them.
type Feeder interface { //nolint:interfacebloat // a feed is one thing
	// Sequence gives numbers to committed changes that have none, at most limit of them, and returns how many. Anybody may
	// call it, at any time, also concurrently. A store that numbers changes as it commits them returns 0.
	Sequence(ctx context.Context, limit int) (int, error)
	// Feed returns at most limit changes after a cursor, by number, each with its events. None means that the end is
	// reached. The zero Cursor is the beginning of what is kept.
	//
	// It fails with [ErrCursor] if changes after the cursor aren't kept any more, or if the cursor belongs to another feed.
	Feed(ctx context.Context, after Cursor, limit int) ([]FeedChange, error)
	// FeedOf is Feed for the changes of one application.
	FeedOf(ctx context.Context, app subscription.ApplicationID, after Cursor, limit int) ([]FeedChange, error)
	// FeedEnds returns the first and the last cursor: before the first change that is kept, and after the last one that has
	// a number. A feed without changes has two equal ones.
	FeedEnds(ctx context.Context) (first, last Cursor, err error)
	// NewFeed gives the feed another identity, so that every cursor from before fails with [ErrCursor]. Call it after a
	// backup has been put back: what the relays passed since then is lost, and its numbers are given again. A store does so
	// by itself where it can tell that it is a copy.
	NewFeed(ctx context.Context) error
}

// Cursor is a position in a feed: that of a change, or before the first one. It is plain JSON, for hosts that keep their
// own.
type Cursor struct {
	Feed   string `json:"feed,omitzero"` // the feed's identity
	Number int64  `json:"number,omitzero"`
}

// FeedChange is a committed change.
type FeedChange struct {
	Cursor      Cursor // its own: reading goes on after it
	Application subscription.ApplicationID
	Revision    int64
	At          time.Time            // when it got its number, by the store's clock
	Events      []subscription.Event // none if they are pruned
}

// ErrCursor means that a feed can't be read from a cursor: what follows it isn't kept any more, or it belongs to another
// feed. The reader has missed changes, and looks at the applications themselves before it goes on from [Feeder.FeedEnds].
var ErrCursor error = cursorError{}

type cursorError struct{}

func (cursorError) Error() string { return "store: the feed can't be read from this cursor" }

// Code returns the code of the error, see [subscription.CodeOf].
func (cursorError) Code() subscription.Code { return "cursor" }

// After returns nil if a feed can be read from a cursor, or why it can't. Stores call it with what is kept.
func (c Cursor) After(first, last Cursor) error {
	switch {
	case c == (Cursor{}):
		return nil
	case c.Feed != first.Feed:
		return fmt.Errorf("%w: it is of the feed %.80q, and this is %.80q", ErrCursor, c.Feed, first.Feed)
	case c.Number < first.Number || c.Number > last.Number:
		return fmt.Errorf("%w: it is %d, and the feed goes from %d to %d", ErrCursor, c.Number, first.Number, last.Number)
	}
	return nil
}

// Marks is a store that remembers how far relays have come. All stores of this module do. [Pruner.Prune] keeps the events
// that a relay with a mark hasn't passed.
type Marks interface { //nolint:interfacebloat // a relay's mark and what it has parked are one thing
	// Mark returns the mark of a relay. One that has none is at the zero Mark.
	Mark(ctx context.Context, relay string) (Mark, error)
	// SetMark replaces a relay's mark, in one transaction with the applications that it parks and those that it goes on
	// with. It fails with [subscription.ErrConflict], and does nothing, if the mark isn't at version is.Version-1: another
	// process has moved it.
	SetMark(ctx context.Context, relay string, is Mark, parks []Parked, goesOn []subscription.ApplicationID) error
	// Parked returns at most limit applications that a relay has parked and that are to be tried by an instant, in that
	// order.
	Parked(ctx context.Context, relay string, at time.Time, limit int) ([]Parked, error)
	// ParkedAmong returns those of some applications that a relay has parked, whenever they are tried.
	ParkedAmong(ctx context.Context, relay string, apps []subscription.ApplicationID) ([]Parked, error)
	// DropMark forgets a relay that is no longer in use, so that nothing is kept for it.
	DropMark(ctx context.Context, relay string) error
}

// Mark is how far a relay has come.
type Mark struct {
	Cursor  Cursor    // it has handled, or parked, everything up to here
	Version int64     // counts the times that it was set; 0: never
	Holder  string    // who works on it, "": nobody
	Until   time.Time // until when
}

// Parked is an application whose change a relay couldn't handle. Its later changes wait behind that one.
type Parked struct {
	Application subscription.ApplicationID
	Number      int64     // of the first change that isn't handled
	Tries       int       // how often it was tried
	Next        time.Time // when it is tried again
	Reason      string    // why it failed, for people
}

// RelayName returns an error that wraps [subscription.ErrInvalid] if the name of a relay isn't valid: it is text of 1 to 64
// bytes without control characters.
func RelayName(name string) error {
	if err := ident.CheckNew(name); err != nil {
		return fmt.Errorf("%w: a relay's name, %.80q, %w", subscription.ErrInvalid, name, err)
	}
	return nil
}
