package main

import (
	"context"
	"os"
	"time"
	_ "time/tzdata" // for machines without a time zone database
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], time.Now(), os.Stdout, os.Stderr))
}
