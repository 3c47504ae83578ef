package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/prepaidkit/prepaid/subscription"
)

var ballast = flag.String("ballast", "", "a file on the small disk of the server that PREPAID_POSTGRES names: a test fills the disk with it")

// The runbook "A full disk" of docs/operations.md: while the server's disk is full, changes fail; once there is room again, all
// that was acknowledged is there, each change is there as a whole or not at all, and everything goes on.
// Rule: change-is-atomic.
func TestRunbookFullDisk(t *testing.T) {
	if *ballast == "" {
		t.Skip("NOT TESTED: needs a server on a small disk; see docs/operations.md")
	}
	p := connect(t)
	s, name := openNamed(t, p, nil)
	ok(t, doing(t, "app", s, p, name, 1))
	file, err := os.Create(*ballast)
	ok(t, err)
	defer func() { ok(t, file.Close()) }()
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else {
			ok(t, err)
		}
	}
	told := map[string]int{}
	id := func(n int) subscription.ApplicationID { return subscription.ApplicationID(fmt.Sprint("full-", n)) }
	acknowledged := map[int]bool{}
	n := 0
	for began := time.Now(); time.Since(began) < 5*time.Second; n++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := s.Commit(ctx, create(id(n)))
		cancel()
		var server *pgconn.PgError
		switch {
		case err == nil:
			acknowledged[n] = true
		case errors.As(err, &server):
			told[server.Code+" "+server.Message]++
		default:
			told["no answer"]++
		}
	}
	if len(told) == 0 {
		t.Fatal("the disk never was full")
	}
	ok(t, file.Truncate(0))
	began := time.Now()
	for s.Commit(t.Context(), create("room")) != nil && time.Since(began) < time.Minute {
		time.Sleep(100 * time.Millisecond)
	}
	there := 0
	for i := range n {
		is := revision(t, s, id(i))
		if is == 1 {
			there++
		}
		if acknowledged[i] && is != 1 {
			t.Errorf("%s is lost", id(i))
		}
	}
	ok(t, doing(t, "app", s, p, name, 2))
	t.Logf("%d changes, %d of them acknowledged, %d there; %v; room again after %s", n, len(acknowledged), there, told,
		time.Since(began).Round(time.Millisecond))
}
