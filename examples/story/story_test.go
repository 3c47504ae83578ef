package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/testsize"
)

func TestMain(m *testing.M) {
	status := pgtest.Main(m)
	if shared := os.Getenv("PREPAID_POSTGRES"); shared != "" {
		_ = execute(shared, "DROP DATABASE IF EXISTS "+own) // of a server that goes on
	}
	os.Exit(status)
}

// place is a kind of store; at returns a new one, as -store names it.
type place struct {
	name string
	at   func(t *testing.T) string
}

var places = []place{
	{"memory", func(*testing.T) string { return "memory" }},
	{"sqlite", file},
	{"postgres", database},
}

func file(t *testing.T) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "story.db")
}

// own is the name of a database that nobody else uses.
var own = fmt.Sprintf("story_%d", os.Getpid())

var made sync.Once

// database returns a database in which there is nothing, not even what was there before. Where there is no
// Postgres the test is skipped, and says so, or fails, see [pgtest.URL].
func database(t *testing.T) string {
	t.Helper()
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	made.Do(func() { err = execute(at.String(), "CREATE DATABASE "+own) })
	at.Path = "/" + own
	if err = errors.Join(err, execute(at.String(), "DROP SCHEMA IF EXISTS prepaid CASCADE")); err != nil {
		t.Fatal(err)
	}
	return "postgres:" + at.String()
}

func execute(at, statement string) (err error) {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	_, err = c.Exec(ctx, statement)
	return err
}

// tell runs the command, and returns its answers and its exit status.
func tell(t *testing.T, steps string, args ...string) (answers []string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(steps), &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Errorf("on standard error: %s", &stderr)
	}
	return strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n"), status
}

// stories returns the names of the stories, without their ends.
func stories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.want.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(filepath.Base(file), ".want.jsonl")
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// identity is that of a store, with which the gateway's keys begin; every store has its own.
var identity = regexp.MustCompile(`"(attempt|key)":"[0-9a-f]+/`)

// TestStories tells every story on every store: the answers are those beside it, and the same on all stores. A small run
// tells every story in memory, and every eighth on the others too.
func TestStories(t *testing.T) {
	for i, name := range stories(t) {
		on := places
		if i%8 > 0 && !testsize.IsFull() {
			on = places[:1]
		}
		t.Run(name, func(t *testing.T) {
			steps, want := read(t, name+".jsonl"), strings.Split(strings.TrimSpace(read(t, name+".want.jsonl")), "\n")
			var first []string
			for _, p := range on {
				t.Run(p.name, func(t *testing.T) {
					got, status := tell(t, steps, "-store", p.at(t))
					for i, answer := range got {
						got[i] = identity.ReplaceAllString(answer, `"$1":"…/`)
					}
					if first == nil {
						first = got
						compare(t, steps, want, got, status)
					}
					if diff := cmp.Diff(first, got); diff != "" {
						t.Errorf("other answers than on %s: -%[1]s +%s:\n%s", places[0].name, p.name, diff)
					}
				})
			}
		})
	}
}

// compare compares the answers of a story with those that are wanted.
func compare(t *testing.T, steps string, want, got []string, status int) {
	t.Helper()
	asked := strings.Split(strings.TrimSpace(steps), "\n")
	if len(want) != len(got) || len(asked) != len(got) {
		t.Fatalf("%d answers to %d steps, want %d", len(got), len(asked), len(want))
	}
	failed := allDone
	for i := range want {
		if problem := differs(want[i], got[i]); problem != "" {
			t.Errorf("step %d: %s\nasked %s\ngot   %s", i+1, problem, asked[i], got[i])
		}
		if strings.HasPrefix(got[i], `{"error"`) {
			failed = someFailed
		}
	}
	if status != failed {
		t.Errorf("exit status %d, want %d", status, failed)
	}
}
