package main

import (
	"context"
	"os"
	"os/signal"
	"time"
	_ "time/tzdata" // for machines without a time zone database
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, time.Now)
	stop()
	os.Exit(status)
}
