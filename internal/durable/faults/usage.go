package faults

import (
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// record is a usage record and what is known about it.
type record struct {
	usage   subscription.Usage
	sent    int
	lost    bool // a call got no answer, and none was refused since
	counted bool
	final   bool
	given   bool
}

// use reports usage: new records, with those that got no answer, and some that were sent before.
func (c *customer) use() {
	var batch []*record
	for range 1 + c.rng.IntN(4) {
		batch = append(batch, c.newRecord())
	}
	for _, r := range c.records[:len(c.records)-len(batch)] {
		if !r.final && !r.given && c.rng.IntN(2) == 0 && r.sent > 0 && !c.run.old(r.usage.At) {
			batch = append(batch, r)
		}
	}
	if c.rng.IntN(4) == 0 {
		if r := c.records[c.rng.IntN(len(c.records))]; r.sent > 0 && !r.given && !c.run.old(r.usage.At) {
			batch = append(batch, r)
		}
	}
	c.consume(batch)
	for _, r := range batch {
		if !r.final && c.rng.IntN(30) == 0 {
			r.given = true
		}
	}
}

// bundle groups records to be sent together.
func bundle(app subscription.ApplicationID, batch []*record) usage {
	u := usage{Application: app}
	for _, r := range batch {
		u.Records = append(u.Records, r.usage)
		u.Again = u.Again || r.sent > 0
		r.sent++
	}
	return u
}

// consume sends records and checks the answers.
func (c *customer) consume(batch []*record) {
	c.judgeUsage(batch, c.run.ask(c.rng, "consume", c.id, bundle(c.id, batch)))
}

// judgeUsage compares the answers about records with earlier ones. A refusal after a call that got no answer isn't final: the
// server may still be committing for a process or a connection that is gone, and what is refused stores nothing that could
// conflict with it.
func (c *customer) judgeUsage(batch []*record, got reply) {
	if got.Outcome != done || len(got.Results) != len(batch) {
		if got.Outcome == broken {
			c.run.violatef("error", c.id, "consume: %s", got.Text)
		}
		for _, r := range batch {
			r.final = r.counted || got.Outcome == refused // the application doesn't exist
			r.lost = r.lost || got.Outcome == unknown
		}
		return
	}
	for i, r := range batch {
		switch line := got.Results[i]; {
		case line.Counted && r.counted:
			c.run.violatef("usage", c.id, "record %s is counted again", r.usage.ID)
		case line.Outcome != done && r.counted:
			c.run.violatef("usage", c.id, "record %s was counted, and now %s", r.usage.ID, line.Text)
		case line.Outcome == refused, line.Outcome == done:
			r.counted = r.counted || line.Counted || line.Duplicate
		default:
			c.run.violatef("error", c.id, "record %s: %s", r.usage.ID, line.Text)
		}
		r.final = r.counted || !r.lost
		r.lost = false
	}
}

// newRecord draws a record from the last few hours.
func (c *customer) newRecord() *record {
	r := &record{usage: subscription.Usage{
		ID: recordOf(c.n.Add(1)), At: c.run.clock.read().Add(-time.Duration(c.rng.IntN(180)) * time.Minute).Truncate(time.Second),
		Seconds: 1 + c.rng.Int64N([]int64{90, 1000, 20_000}[c.rng.IntN(3)]),
	}}
	r.usage.Product = draw(c.rng, products())
	r.usage.Kind = draw(c.rng, kinds())
	c.records = append(c.records, r)
	return r
}
