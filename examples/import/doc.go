// Command import takes over subscriptions from another system: it reads a CSV file, one subscription a line, creates the
// applications that don't exist, and imports each subscription ([subscription.Import]) as staff.
//
//	go run ./examples/import [-store memory|sqlite:FILE|postgres:URL] [-catalog FILE] [-source NAME] [-by NAME] [-reason TEXT] [-dry-run] < FILE
//	go run ./examples/import -sample 10000 > FILE
//
// Package takeover describes the file. What is refused is reported on standard output, as CSV, with its line, a code and the
// reason; the rest of the file goes on. A progress line is written to standard error every second, and the sums at the end.
//
// It can be repeated as often as necessary: what was imported before is left alone, so a file whose bad lines were corrected
// is simply imported again, and so is one that was interrupted. -dry-run decides every line and stores nothing. -sample
// prints a file to try it with.
//
// The exit status is 0 if everything is there, 1 if lines were refused, and 2 if it couldn't be finished.
package main
