// Command story reproduces a customer's case without any Go code. It reads steps, one JSON object per line, runs them
// on the SDK in virtual time, and prints the outcome of each as one JSON object per line, in the same order. It reads
// no clock, and its only lasting effect is what it writes to the store.
//
//	story [-catalog FILE] [-store memory|sqlite:FILE|postgres:URL] < case.jsonl
//
// -catalog names a file in the format of [pricing.ParseCatalog]; the default is the sample catalog in
// examples/catalog.
//
//	{"op":"deposit","at":"2026-03-01T10:00:00+08:00","account":"acme","amount":"1000.00 USD"}
//	{"op":"create","account":"acme"}
//	{"op":"purchase","product":"call","version":"one-to-one","term":{"months":1},"currency":"USD","agreement":"2025-06","as":"buy"}
//	{"op":"until","at":"2026-03-16T10:00:00+08:00"}
//	{"op":"quote","of":{"op":"upgrade","product":"call","to":"group-call"},"as":"up"}
//	{"op":"confirm","quote":"up"}
//	{"op":"show","what":"minutes","product":"call"}
//
// Amounts are strings ("199.00 USD"), minutes are numbers with at most three decimals, instants are in RFC 3339
// format, and days look like "2026-03-01". An unknown, misspelled, or repeated field is an error; null counts as
// absent. Empty lines are skipped. A line may be at most 1 MiB long. Outcomes may omit zero values, and their
// instants are in UTC.
//
// # Steps
//
// Every step has an "op". It may also have
//
//   - at: sets the clock to that instant, before or after its current one. No worker runs in between, as when a
//     machine is down or its clock is set. The clock keeps this time even if the rest of the step fails. Without
//     "at", the clock stands still. The first step must have one.
//   - app: the application; the default is "app".
//   - key: a command's idempotency key. By default it is derived from the op, the clock, and the line number, so
//     running the story again on the same database does nothing twice.
//   - as: a name for the step. In later steps, "$name" in the field "order" or "refund" stands for the order or the
//     refund that this step made, or the last one that it showed.
//
// # Commands
//
// The kind of every SDK command is an op, and the step's fields are the command's: create, accept, purchase, upgrade,
// renew, auto_renew, top_up, claim_free, reserve, release, enable_pay_as_you_go, pay_usage, give_back, cancel,
// close_review, reset_clock, payment_method_changed, set_tax, refund, gift, import,
// change_account, close, erase, change_at_renewal, deal, auto_top_up. See the types with these names in packages
// subscription, renewal, and topup. Any command may also have "by" and "reason": who acts, and why, as given to
// [subscription.Service.As]. The outcome is the command's order or refund, if it made one, and the instant at
// which it was decided.
//
//	{"order":{"id":"k-9cd0…","kind":"purchase","amount":"199.00 USD","net":"199.00 USD","lines":[…],"status":"paid",…},"at":"2026-03-01T02:00:00Z"}
//
//	{"op":"refund","order":"$buy","amount":"50.00 USD","take":"keep","note":"goodwill","as":"back"}
//	{"op":"refund","order":"$buy","cycles":1}
//	{"refund":{"order":"k-9cd0…","number":1,"kind":"refund","amount":"50.00 USD","net":"50.00 USD","status":"made",…},"at":"…"}
//
// A refund without an amount is of all that is left. The order itself stays paid. If another order must be taken back
// first, that order stands beside the error.
//
// {"op":"quote","of":{…},"as":"q"} shows what a command would cost and deliver, and stores nothing.
// {"op":"confirm","quote":"q"} runs the command as quoted, at the clock's time when it is confirmed.
//
// # Usage
//
//	{"op":"consume","records":[{"product":"call","kind":"hd","seconds":90}]}
//	{"records":[{"id":"use-2026-03-01T02:00:00Z-9-0","counted":true,"deducted":8}]}
//
// A record may have an "at", which defaults to the clock, and an "id", which by default is derived from the clock,
// the line, and the record's position. "deducted" is the number of package minutes taken from lots, "excess" the
// number billed as you go, and "short" the number that a refused record lacked. A refused record has the reason in
// "code"; the step itself doesn't fail.
//
// # Money
//
//	{"op":"deposit","account":"acme","amount":"500.00 USD"}
//	{"op":"gateway","on":"charge","answer":"decline","reason":"suspected","calls":2,"account":"acme"}
//	{"op":"settle","order":"$buy","status":"succeeded"}
//
// An account pays from its balances once it has received a deposit, even one of 0.00. Until then it pays with a card
// that never fails. "gateway" scripts the payment provider's next answers:
//
//   - on: charge (the default), lookup, or refund;
//   - answer: "normal", the truth; "decline", with the reason ("insufficient_balance" by default); "pending", until
//     the payment is settled, and with an "action" {kind value until} if it waits for the customer; "timeout_before", in which the request doesn't arrive and there is no answer;
//     "timeout_after", in which the request is handled as usual but there is no answer; and, for lookups,
//     "not_found", whatever the truth;
//   - calls: the number of calls, counting repetitions of a key; the default is 1, and "all" means all calls from now
//     on;
//   - account: the account whose calls are affected; by default, every account's.
//
// Answers for the same calls are queued; "normal" for "all" calls clears the queue. Once the provider has decided
// about a key, its decision stands, whatever the script says later.
//
// "settle" completes a payment that is pending at the provider, whatever the balance, and notifies the service, as a
// webhook would. "status" is succeeded, declined (with a "reason"), or pending, which is old news unless it comes with
// another "action". "amount" overrides the amount that was requested. With "silent":true, the service isn't notified.
// If this contradicts a final result, the service is notified but nothing changes at the provider. "refund" in place of
// "order" completes a refund; one that was made can still be declined.
//
//	{"op":"reverse","order":"$buy","status":"reversed","id":"dp-1","amount":"30.00 USD"}
//
// "reverse" moves money of a payment at the provider without a request, and notifies the service: "reversed" by the
// payer's bank, "reinstated" by it, or "given_back" by the provider. Notices with the same "id" are about one reversal,
// whose money moves once; by default, it is "reversal-" and the order's ID. Without an "amount" it is all that was
// collected, or what that reversal is about.
//
// # The world
//
// {"op":"catalog","catalog":{…}} or {"op":"catalog","file":"…"} puts a catalog into force.
// {"op":"policy","attempts_hours":[-24,0,6],"reminders_hours":[-72],"catch_up":"bill_each"} sets the renewal policy,
// with defaults for absent fields. The clock, provider, balances, catalog, policy, and names last as long as the
// process. Only applications are in the store, so a second file can continue with the same database.
//
// # Time
//
// {"op":"until","at":T} lets time pass with a worker running. The worker runs at each instant at which an application
// is due, in order and including T, and never in between. Anything overdue is handled first, at the clock's current
// time. Each round handles one application, the one with the smallest ID if several are due at once, and asks about
// its orders one after another. The outcome has the totals:
// {"rounds":6,"paid":1,"declined":0,"refunded":0,"review":0,"unknown":0}. After 1,000 rounds at the same instant, the
// step fails with "stuck". No other step runs the worker.
//
// # Questions
//
// {"op":"show","what":…} changes nothing and shows the state as of the clock. The fields are filters; "since" omits
// everything at or before that instant.
//
//   - application: its whole document.
//   - subscription, of a product: the last one, with the current period and the price recorded for it.
//   - minutes, of a product or of all: what can be spent now; with as_of: what was left at that instant according to
//     the ledger, of all products.
//   - lots (source, product): those whose period contains the current instant, their count, and the total remaining.
//   - entries (kind, source, since): the ledger, with the count and the total minutes.
//   - orders (kind, status, product, since): in the order in which they were placed, with count and total.
//   - refunds (order): in the order in which they were placed or told, with count and the total of their amounts,
//     whatever became of them.
//   - events (type, since): the audit log, with count.
//   - balance, of an account in a currency (USD by default): what the provider knows. This is the balance, the amount
//     collected, the amount returned by refunds and by reversals that stand, the number of keys that moved money
//     (charges), and the number that were charged with any result (asked).
//   - upcoming, until an instant: future charges and grants, with the number of charges and their total.
//   - totals (from, until, currency; USD by default): the net, the taxes by name, the total, and the number of the
//     orders that were paid from an instant until before another one, and the same of the refunds that were made then. A
//     refund of an order that was never delivered is in neither sum. Nor is a refund that failed after all, or a
//     reversal that was reinstated.
//
// # Errors
//
// If a step fails, its outcome is {"error":"…","code":"…"}, together with the order if one was made. The other steps
// still run, and the exit status is 1. The exit status is 2 if nothing could be run: because of a wrong flag, an
// unreadable catalog, or a store that can't be opened. The codes are those of [subscription.CodeOf] and
//
//	bad_step      invalid JSON, an unknown field, a first step without "at", an "until" that has passed
//	unknown_step  an unknown op, or one that this version of the SDK doesn't have
//	unknown_name  no step with that name has made an order, a refund, or a quote
//	catalog       the catalog is refused
//	policy        the renewal policy is refused
//	stuck         the worker makes no progress
package main
