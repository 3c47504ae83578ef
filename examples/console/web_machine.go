package main

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// machineBody is the page of the time machine.
type machineBody struct {
	At       int64 // the clock, as the form sends it back
	Next     time.Time
	HasNext  bool
	Steps    []step
	Moved    bool
	From     time.Time
	Happened []happened
	More     int // events that aren't shown
	Tell     teller
}

// step is how far the clock can be moved. Days and months are those of a calendar.
type step struct {
	Code, Text   string
	hours        time.Duration
	days, months int
}

func steps() []step {
	return []step{
		{"1h", "1 hour", time.Hour, 0, 0}, {"6h", "6 hours", 6 * time.Hour, 0, 0}, {"1d", "1 day", 0, 1, 0}, {"7d", "1 week", 0, 7, 0},
		{"1m", "1 month", 0, 0, 1}, {"3m", "3 months", 0, 0, 3},
	}
}

// after returns the instant a step later, and whether there is such a step.
func after(t time.Time, code string) (time.Time, bool) {
	for _, s := range steps() {
		if s.Code == code {
			return t.Add(s.hours).AddDate(0, s.months, s.days), true
		}
	}
	return time.Time{}, false
}

// happened is an event of one of the customers.
type happened struct {
	subscription.Event

	Mine bool // of the customer who is signed in
}

// lastMoveNote is the name of the note with the latest move, which the page shows.
const lastMoveNote = "machine/last"

// lastMove is a move of the clock, and what happened on the way.
type lastMove struct {
	From   time.Time            `json:"from"`
	To     time.Time            `json:"to"`
	Events []subscription.Event `json:"events"`
}

func (c *console) machinePage(w http.ResponseWriter, r *http.Request, cu customer) error {
	now := c.clock.now()
	body := machineBody{At: now.UnixMicro(), Steps: steps()}
	var err error
	if body.Next, body.HasNext, err = c.nextHappening(r.Context()); err != nil {
		return err
	}
	mine := map[subscription.ApplicationID]bool{}
	for id, err := range c.store.ApplicationsOf(r.Context(), cu.account()) {
		if err != nil {
			return err
		}
		mine[id] = true
	}
	var m lastMove
	if ok, err := c.notes.get(r.Context(), lastMoveNote, &m); err != nil {
		return err
	} else if ok && m.To.Equal(now) {
		const most = 300
		body.Moved, body.From = true, m.From
		for _, e := range m.Events {
			if len(body.Happened) == most {
				body.More++
				continue
			}
			body.Happened = append(body.Happened, happened{e, mine[e.Application]})
		}
	}
	var apps []subscription.ApplicationID
	for _, h := range body.Happened {
		if !slices.Contains(apps, h.Application) {
			apps = append(apps, h.Application)
		}
	}
	if body.Tell, err = c.teller(r.Context(), apps...); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "clock", view{Title: "Time machine", Section: "clock", Body: body})
}

// moveClock moves the clock from where the form has seen it. A form that is sent again moves it no further.
func (c *console) moveClock(w http.ResponseWriter, r *http.Request, _ customer) error {
	const here = "/demonstration/clock"
	now := c.clock.now()
	if r.FormValue("at") != strconv.FormatInt(now.UnixMicro(), 10) {
		return see(w, r, here+"?notice=moved")
	}
	to, ok := after(now, r.FormValue("step"))
	if r.FormValue("step") == "next" {
		var err error
		if to, ok, err = c.nextHappening(r.Context()); err != nil {
			return err
		}
	}
	if !ok {
		return back(w, r, here, bad("clock_step"))
	}
	events, err := c.move(r.Context(), to)
	if errors.Is(err, errBackward) {
		return see(w, r, here+"?notice=moved")
	}
	if err != nil {
		return err
	}
	if err := c.notes.put(r.Context(), lastMoveNote, lastMove{now, to, events}); err != nil {
		return err
	}
	return see(w, r, here)
}
