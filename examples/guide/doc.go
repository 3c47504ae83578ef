// Command guide is the program of docs/guide.md: a shop that sells packages of minutes, renews, taxes and refunds them, mails its
// customers and is monitored. prices.json, prices.go, database.go, shop.go and cards.go are what a service of yours would have, to copy;
// story.go and card_story.go are customers of it, in virtual time, so the output is always the same.
//
//	go run ./examples/guide
//
// It works on a new SQLite file in a temporary directory; its test tells the same story on Postgres.
package main
