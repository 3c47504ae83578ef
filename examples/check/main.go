package main

import (
	"context"
	"os"
	_ "time/tzdata" // for machines without a time zone database
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
