package customstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/examples/customstore"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

func open(t *testing.T, path string) *customstore.Store {
	t.Helper()
	s, err := customstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// All that a service and a worker rely on. A module of your own adds modeltest.Run, with the same function.
func TestConformance(t *testing.T) {
	testsize.Shorten(t)
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		s := open(t, filepath.Join(t.TempDir(), "store.jsonl"))
		s.NoSync()
		return s
	})
}

// commit commits the next revision of an application.
func commit(t *testing.T, s *customstore.Store, base int64) error {
	t.Helper()
	return s.Commit(t.Context(), subscription.Change{
		Application: "a", Base: base, Next: subscription.Application{ID: "a", Account: "acme", Revision: base + 1},
		Events: []subscription.Event{{Application: "a", Revision: base + 1, Type: "noted", Note: "kept"}},
	})
}

// revision returns the revision of the application, and the number of its events.
func revision(t *testing.T, s *customstore.Store) (revision int64, events int) {
	t.Helper()
	loaded, err := s.Load(t.Context(), subscription.Read{Application: "a"})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range s.Events(t.Context(), "a") {
		if err != nil {
			t.Fatal(err)
		}
		events++
	}
	return loaded[0].Application.Revision, events
}

// A process that is killed while it writes leaves a part of a line. Wherever it ends, the commits before it are there, the store
// has the same identity, and goes on.
func TestOpenAfterAnyCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.jsonl")
	s := open(t, path)
	for base := range int64(2) {
		if err := commit(t, s, base); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.IndexByte(whole, '\n') + 1
	for n := head; n <= len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		want := int64(bytes.Count(whole[:n], []byte("\n")) - 1)
		s := open(t, path)
		if at, events := revision(t, s); at != want || int64(events) != want {
			t.Fatalf("cut at byte %d: revision %d with %d events, want %d", n, at, events, want)
		}
		if err := commit(t, s, want); err != nil {
			t.Fatal(err)
		}
		again := open(t, path)
		if at, _ := revision(t, again); at != want+1 {
			t.Fatalf("cut at byte %d, then opened again: revision %d, want %d", n, at, want+1)
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(text, whole[:head]) {
			t.Fatalf("cut at byte %d: another identity, %v", n, err)
		}
	}
}

// A line that isn't the next revision, or can't be read, is an error, not a guess.
func TestOpenDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.jsonl")
	if err := commit(t, open(t, path), 0); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, line, _ := strings.Cut(string(whole), "\n")
	for name, text := range map[string]string{
		"a line twice":        head + "\n" + line + line,
		"no JSON":             head + "\nno\n",
		"no document":         head + "\n{}\n",
		"a head that is none": "no\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := customstore.Open(path); err == nil {
			t.Errorf("%s: opened, %v", name, s.Close())
		}
	}
}

// Whoever finds that somebody else has written the file writes nothing more.
func TestAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.jsonl")
	first := open(t, path)
	second := open(t, path)
	if err := commit(t, second, 0); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := commit(t, first, 0); err == nil {
			t.Error("both processes wrote")
		}
	}
	if at, _ := revision(t, open(t, path)); at != 1 {
		t.Errorf("revision %d, want 1", at)
	}
}
