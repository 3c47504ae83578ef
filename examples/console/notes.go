package main

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"sync"
)

// notes keeps what is the console's own, as JSON under a name: the clock, customers, checkouts, and the books of the
// fake provider. Each call is atomic. It is beside the SDK's tables, in the same database.
type notes interface {
	// get reads a note into v and reports whether there is one.
	get(ctx context.Context, name string, v any) (bool, error)
	put(ctx context.Context, name string, v any) error
	// names returns the names that begin with prefix, in byte order.
	names(ctx context.Context, prefix string) ([]string, error)
}

// notesOf returns the notes whose names begin with prefix, in byte order. An error ends them.
func notesOf[T any](ctx context.Context, n notes, prefix string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		names, err := n.names(ctx, prefix)
		if err != nil {
			yield(none, err)
			return
		}
		for _, name := range names {
			var note T
			if _, err := n.get(ctx, name, &note); err != nil {
				yield(none, err)
				return
			}
			if !yield(note, nil) {
				return
			}
		}
	}
}

// list returns the rows that keep says yes to; nil keeps all.
func list[T any](rows iter.Seq2[T, error], keep func(T) bool) ([]T, error) {
	var all []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if keep == nil || keep(row) {
			all = append(all, row)
		}
	}
	return all, nil
}

// memoryNotes last as long as the process.
type memoryNotes struct {
	mu    sync.Mutex
	texts map[string][]byte
}

func newMemoryNotes() *memoryNotes { return &memoryNotes{texts: map[string][]byte{}} }

func (m *memoryNotes) get(_ context.Context, name string, v any) (bool, error) {
	m.mu.Lock()
	text, ok := m.texts[name]
	m.mu.Unlock()
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(text, v)
}

func (m *memoryNotes) put(_ context.Context, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.texts[name] = text
	return nil
}

func (m *memoryNotes) names(_ context.Context, prefix string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.texts {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
