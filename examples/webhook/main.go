// Command webhook shows a service whose payments take their time. The bank answers every charge with "pending", and calls
// the service's webhook when it knows more; the service verifies the call and has the SDK ask the bank. Everything that
// happens to customers is handed to a mailer by a relay, which writes mails to a file: none is forgotten, whatever stops the
// process. By itself, the command plays a month in virtual time, so its output is always the same:
//
//	go run ./examples/webhook
//
// With a directory it serves, in real time, until it is interrupted or killed, and goes on where it was when it is started
// again:
//
//	go run ./examples/webhook -dir billing -addr 127.0.0.1:8080 -bank http://127.0.0.1:8081
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	dir := flag.String("dir", "", "serve, with the database and the mails in this `directory`")
	addr := flag.String("addr", "127.0.0.1:8080", "the service's `address`")
	bank := flag.String("bank", "http://127.0.0.1:8081", "the bank's `URL`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := start(ctx, *dir, *addr, *bank)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "webhook:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, dir, addr, bank string) error {
	if dir != "" {
		return serve(ctx, dir, addr, bank)
	}
	dir, err := os.MkdirTemp("", "webhook")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	return play(ctx, dir, os.Stdout)
}
