// Command story reproduces a customer's case without a line of Go: it reads steps, JSON objects, one a line, runs them on
// the SDK in virtual time, and prints what came of each, one JSON object a line, in the same order. No clock is read, and
// nothing leaves the process but what is put into the store.
//
//	story [-catalog FILE] [-store memory|sqlite:FILE|postgres:URL] < case.jsonl
//
// -catalog names a file in the format of [pricing.ParseCatalog]; the default is the sample catalog of examples/catalog.
//
//	{"op":"deposit","at":"2026-03-01T10:00:00+08:00","account":"acme","amount":"1000.00 USD"}
//	{"op":"create","account":"acme"}
//	{"op":"purchase","product":"call","version":"one-to-one","term":{"months":1},"currency":"USD","agreement":"2025-06","as":"buy"}
//	{"op":"until","at":"2026-03-16T10:00:00+08:00"}
//	{"op":"quote","of":{"op":"upgrade","product":"call","to":"group-call"},"as":"up"}
//	{"op":"confirm","quote":"up"}
//	{"op":"show","what":"minutes","product":"call"}
//
// Amounts are texts ("199.00 USD"), minutes numbers with at most three decimals, instants RFC 3339, days "2026-03-01". A
// field that is unknown, misspelt or repeated is an error; null counts as absent. Empty lines are skipped, and a line is at
// most 1 MiB long. In outcomes, what is zero may be left out, and instants are in UTC.
//
// # Steps
//
// Every step has an "op", and may have
//
//   - at: the clock is set to that instant, before or after the one that it shows, and no worker runs meanwhile, as when a
//     machine is down or its clock is set. It stays so, also if the rest of the step is an error. Without it the clock
//     stands still. The first step needs one.
//   - app: the application; "app" if absent.
//   - key: of a command. If absent it follows from the op, the clock and the number of the line, so that a story that is
//     run again on the same database does nothing twice.
//   - as: a name of the step. "$name" in a field "order" of a later one is the order that the step made, or the last one
//     that it showed.
//
// # Commands
//
// The kind of every command of the SDK is an op, and its fields are the command's: create, accept, purchase, upgrade, renew,
// auto_renew, top_up, claim_free, reserve, release, enable_pay_as_you_go, pay_usage, give_back, cancel, close_review,
// reset_clock. See the types of their names in packages subscription, renewal and topup. What comes of one is its order, if
// it made one, and the instant at which it was decided.
//
//	{"order":{"id":"k-9cd0…","kind":"purchase","amount":"199.00 USD","net":"199.00 USD","lines":[…],"status":"paid",…},"at":"2026-03-01T02:00:00Z"}
//
// {"op":"quote","of":{…},"as":"q"} tells what a command would cost and give, and stores nothing; {"op":"confirm","quote":"q"}
// runs it as it was quoted, by the clock as it is then.
//
// # Usage
//
//	{"op":"consume","records":[{"product":"call","kind":"hd","seconds":90}]}
//	{"records":[{"id":"use-2026-03-01T02:00:00Z-9-0","counted":true,"deducted":8}]}
//
// A record may have an "at", the clock if absent, and an "id", which follows from the clock, the line and its place if absent.
// "deducted" are package minutes that were taken from lots, "excess" those that are billed as you go, "short" those that a
// refused record lacked. Why a record is refused is its "code"; the step is no error.
//
// # Money
//
//	{"op":"deposit","account":"acme","amount":"500.00 USD"}
//	{"op":"gateway","on":"charge","answer":"decline","reason":"suspected","calls":2,"account":"acme"}
//	{"op":"settle","order":"$buy","status":"succeeded"}
//
// An account pays from its balances once a deposit, of 0.00 too, was made to it; until then it pays by a card that never
// fails. "gateway" scripts what the payment provider answers next:
//
//   - on: charge, which is the default, lookup or refund;
//   - answer: "normal", the truth; "decline", for the reason ("insufficient_balance" if absent); "pending", until it is
//     settled; "timeout_before", nothing arrives and nothing is heard; "timeout_after", all goes as ever and nothing is
//     heard; and for lookups "not_found", whatever is true;
//   - calls: how many, repetitions of a key too; 1 if absent; "all" from now on;
//   - account: whose calls; everyone's if absent.
//
// Answers for the same calls queue up; "normal" for "all" calls empties the queue. What the provider has decided about a key
// stays, whatever the script says later.
//
// "settle" ends what is pending at the provider, whatever the balance, and tells the service, as a webhook does. "status" is
// succeeded, declined (with a "reason") or pending, which is old news; "amount" is another one than was asked for; with
// "silent":true nobody is told. What contradicts a final result is told, and changes nothing at the provider.
//
// # The world
//
// {"op":"catalog","catalog":{…}} or {"op":"catalog","file":"…"} puts a catalog in force.
// {"op":"policy","attempts_hours":[-24,0,6],"reminders_hours":[-72],"catch_up":"bill_each"} sets the renewal policy; what is
// absent is the default. Clock, provider, balances, catalog, policy and names live as long as the process. Only applications
// are in the store, so that a second file can go on with the same database.
//
// # Time
//
// {"op":"until","at":T} lets time pass with a worker. It works at each instant at which an application is due, in their order,
// also at T, and never between. What is overdue comes first, at the clock as it is. Each round is for one application, of
// several that are due at once for the one with the smallest ID, and its orders are asked about one after the other. The
// outcome sums up: {"rounds":6,"paid":1,"declined":0,"refunded":0,"review":0,"unknown":0}. After 1,000 rounds at one instant it
// is the error "stuck". No other step runs the worker.
//
// # Questions
//
// {"op":"show","what":…} changes nothing and sees the state as of the clock. The fields are filters; "since" leaves out what
// is at or before that instant.
//
//   - application: all of its document.
//   - subscription, of a product: the last one, with the period of now and the price that is recorded for it.
//   - minutes, of a product or of all: what can be spent now; with as_of: what the ledger says was left then, of all products.
//   - lots (source, product): those whose period contains now; count and what remains in all.
//   - entries (kind, source, since): the ledger; count and minutes in all.
//   - orders (kind, status, product, since): by the instant at which they were placed; count and total.
//   - events (type, since): the audit log; count.
//   - balance, of an account in a currency, USD if absent: what the provider knows: the balance, what it collected and gave
//     back, how many keys moved money (charges) and how many were charged with any answer (asked).
//   - upcoming, until an instant: charges and grants to come; count of charges and total.
//
// # Errors
//
// A step that can't be done is answered in its place with {"error":"…","code":"…"}, with the order beside it where one was
// made. The other steps run all the same, and the exit status is 1. It is 2 where nothing could be run: a wrong flag, an
// unreadable catalog, a store that can't be opened. Codes are those of [subscription.CodeOf], and
//
//	bad_step      no JSON, no such field, a first step without "at", an "until" that has passed
//	unknown_step  no such op, or one that this version of the SDK doesn't have
//	unknown_name  no step of that name has made an order, or a quote
//	catalog       a catalog that is refused
//	policy        a renewal policy that is refused
//	stuck         the worker doesn't get on
package main
