// Package scale simulates the claims of many workers on one Postgres store, or on several, in virtual time: how fast they
// renew what is due, how late, and what they look at to find it. A hundred million applications take a fraction of a minute
// and a few hundred megabytes.
//
// The model has the rule of the store's Claim (the position that each process remembers, its rounds, leases, SKIP LOCKED or
// the race of Options.Distributed), the index that claims scan, with its dead entries and their vacuum, and the rounds of a
// renewal.Worker. Everything else is a duration: [Costs] has what a call and a row take of a core, a gateway call of its
// time, and a renewal of the write-ahead log.
//
// One period of each application is simulated: it is due once, an order is placed, which makes it due again a minute later in
// case that nobody settles it, and it is renewed. There are no declines, reminders or customers' requests, gateway calls take
// all the same time, and what a node does otherwise (checkpoints, replication) isn't there.
package scale
