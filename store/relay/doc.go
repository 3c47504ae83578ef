// Package relay tells a host of everything that happens to its applications: each committed change, with its events, is
// handed to a function of the host's, which sends a mail, say, or writes to the host's own tables.
//
//	r, err := relay.New(relay.Options{Name: "mails", Store: st, Handle: func(ctx context.Context, c store.FeedChange) error {
//		for _, e := range c.Events {
//			if e.Type == subscription.EventReminder {
//				if err := mail(ctx, e); err != nil {
//					return err
//				}
//			}
//		}
//		return nil
//	}})
//	if err != nil {
//		return err
//	}
//	return r.Run(ctx) // until ctx ends
//
// # What is promised
//
// Every change is handled at least once, and those of an application in the order of their revisions. None is skipped. A
// change is handled again if the process stops, or loses the store, between handling it and recording that: the handler
// must bear that, by the application and revision of the change, say.
//
// If a change can't be handled, its application is parked: the others go on, its later changes wait behind it, and it is
// tried again after a while, for as long as it takes.
//
// How far a relay has come is recorded under its name ([store.Marks]), and pruning keeps what it hasn't passed: a relay
// that is no longer in use must be dropped. A new relay begins with what is kept. Several processes may run relays of one
// name: one of them works, and another one takes over when it stops.
//
// If what follows a relay's mark is gone, since the database was restored from a backup, say, Once and Run fail with
// [store.ErrCursor]: the host looks at the applications themselves, and calls [Relay.Restart].
package relay
