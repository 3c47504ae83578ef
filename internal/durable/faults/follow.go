package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// told is how many changes a relay handles before that is recorded.
const told = 20

// newRelay returns a child's relay, whose handler tells the parent.
func (c *child) newRelay(db *database) (*relay.Relay, error) {
	handle := c.tell
	if mutants()[c.settings.Mutant].late {
		handle = c.tellLater()
	}
	return relay.New(relay.Options{
		Name: "parent", Store: db.feed, Handle: handle, Now: c.now, Lease: lease, Batch: told,
		Retry: func(int) time.Duration { return time.Minute },
	})
}

// tell tells the parent of a change.
func (c *child) tell(_ context.Context, change store.FeedChange) error {
	var nothing struct{}
	return c.wire.ask("told", moment{}, change, &nothing)
}

// tellLater returns a handler that says that a change is handled before it is. The changes keep their order.
func (c *child) tellLater() func(context.Context, store.FeedChange) error {
	queue := make(chan store.FeedChange, 10_000)
	go func() {
		for change := range queue {
			<-time.After(2 * time.Millisecond)
			for c.tell(context.Background(), change) != nil { //nolint:revive // until it is accepted
			}
		}
	}()
	return func(_ context.Context, change store.FeedChange) error {
		queue <- change
		return nil
	}
}

// follow has a child's relay do a round.
func (c *child) follow(ctx context.Context) followed {
	c.mu.Lock()
	r := c.relay
	c.mu.Unlock()
	stats, err := r.Once(ctx)
	f := followed{Stats: stats}
	if err != nil {
		f.Text = err.Error()
	}
	return f
}

// follower is the host that the relays of all processes tell of changes: each application's one after the other, none
// left out, and again only after a round that was interrupted.
type follower struct {
	mu       sync.Mutex
	revision map[subscription.ApplicationID]int64 // the latest that was handled
	events   map[subscription.ApplicationID]int   // of the changes handled, each counted once
	refusals map[string]int
	figures  follows
	wrong    []string
}

// follows are the figures of the relays.
type follows struct {
	Handled  int `json:"changes_that_relays_handled"`
	Repeated int `json:"changes_handled_again"`
	Refused  int `json:"changes_that_the_handler_refused"`
	Rounds   int `json:"rounds_of_relays"`
	Broken   int `json:"rounds_of_relays_that_failed"`
}

func newFollower() *follower {
	return &follower{
		revision: map[subscription.ApplicationID]int64{}, events: map[subscription.ApplicationID]int{}, refusals: map[string]int{},
	}
}

// told handles a change. It refuses some the first two times, so that their applications are parked.
func (f *follower) told(c *store.FeedChange) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := f.revision[c.Application]
	if c.Revision > last && c.Revision%37 == 5 {
		key := fmt.Sprint(c.Application, " ", c.Revision)
		f.refusals[key]++
		if f.refusals[key] <= 2 {
			f.figures.Refused++
			return errors.New("faults: not now")
		}
	}
	switch {
	case c.Revision <= last:
		f.figures.Repeated++
		return nil
	case c.Revision > last+1:
		f.wrong = append(f.wrong, fmt.Sprintf("%s: change %d was told after change %d", c.Application, c.Revision, last))
	}
	f.revision[c.Application] = c.Revision
	f.events[c.Application] += len(c.Events)
	f.figures.Handled++
	return nil
}

// serve answers the children's calls: those to the gateway, and what relays tell.
func (r *run) serve(f frame) (any, error) {
	if f.Call != "told" {
		return r.bank.serve(f)
	}
	var c store.FeedChange
	if err := json.Unmarshal(f.Body, &c); err != nil {
		return nil, err
	}
	return struct{}{}, r.follower.told(&c)
}

// follow has the workers' relays do rounds, one or two processes at once, until the run comes to rest.
func (r *run) follow() {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<45))
	for !r.resting() {
		var wait sync.WaitGroup
		members := r.crew.members(true)
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		for _, p := range members[:1+rng.IntN(len(members))] {
			wait.Go(func() { r.followOnce(p) })
		}
		wait.Wait()
		<-time.After(time.Duration(rng.IntN(20)) * time.Millisecond)
	}
}

// followOnce has a process's relay do a round, and reports whether the relay has come to the end of the feed.
func (r *run) followOnce(p *place) bool {
	var got followed
	err := p.ask("follow", r.moment(r.clock.read()), struct{}{}, &got)
	if err == nil && got.Text != "" {
		err = errors.New(got.Text)
	}
	f := r.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	f.figures.Rounds++
	if err == nil && (!got.Stats.Held || got.Stats.Handled == 0) {
		return !got.Stats.Held && got.Stats.Behind == 0 && got.Stats.Failed == 0 && got.Stats.Waiting == 0
	}
	f.figures.Broken++
	if err != nil && !errors.Is(err, errGone) {
		r.mu.Lock()
		r.failure("relay: " + err.Error())
		r.mu.Unlock()
	}
	return false
}

// caughtUp has the relays handle everything that there is, parked applications included. Workers go on meanwhile.
func (r *run) caughtUp(ctx context.Context) error {
	for range 3000 {
		if err := r.settled(ctx, r.clock.advance(2*time.Minute)); err != nil { // what is parked is tried again
			return err
		}
		if r.followOnce(r.crew.members(true)[0]) {
			return nil
		}
	}
	return errors.New("faults: the relay doesn't come to the end of the feed although faults have stopped")
}

// auditFeed compares what the relays told with what is stored.
func (r *run) auditFeed(ctx context.Context, st store.Store) error {
	f := r.follower
	for _, text := range f.wrong {
		r.violatef("feed", "", "%s", text)
	}
	if most := told * f.figures.Broken; f.figures.Repeated > most {
		r.violatef("feed", "", "%d changes were told again, at most %d of %d rounds that failed could be",
			f.figures.Repeated, most, f.figures.Broken)
	}
	for _, c := range r.customers {
		snapshots, err := st.Load(ctx, subscription.Read{Application: c.id})
		if err != nil {
			return err
		}
		if has, is := f.revision[c.id], snapshots[0].Application.Revision; has != is {
			r.violatef("feed", c.id, "the relay told of %d changes, of which there are %d", has, is)
		}
		events := 0
		for _, err := range st.Events(ctx, c.id) {
			if err != nil {
				return err
			}
			events++
		}
		if f.events[c.id] != events {
			r.violatef("feed", c.id, "the relay told of %d events, of which there are %d", f.events[c.id], events)
		}
	}
	r.figures.Feed = f.figures
	return nil
}
