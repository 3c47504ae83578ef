package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"unicode/utf8"
)

// Statements of the notes' table. SQLite and Postgres understand them alike.
const (
	createNotes = `CREATE TABLE IF NOT EXISTS console_notes (name TEXT PRIMARY KEY, note TEXT NOT NULL)`
	selectNote  = `SELECT note FROM console_notes WHERE name = $1`
	upsertNote  = `INSERT INTO console_notes (name, note) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET note = excluded.note`
	selectNames = `SELECT name FROM console_notes WHERE substr(name, 1, $1) = $2`
)

// sqlNotes are a table of the database that the SDK's tables are in.
type sqlNotes struct{ db *sql.DB }

// openSQLNotes creates the table if there is none.
func openSQLNotes(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, createNotes)
	return err
}

func (n sqlNotes) get(ctx context.Context, name string, v any) (bool, error) {
	var text []byte
	err := n.db.QueryRowContext(ctx, selectNote, name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(text, v)
}

func (n sqlNotes) put(ctx context.Context, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = n.db.ExecContext(ctx, upsertNote, name, string(text))
	return err
}

func (n sqlNotes) names(ctx context.Context, prefix string) ([]string, error) {
	rows, err := n.db.QueryContext(ctx, selectNames, utf8.RuneCountInString(prefix), prefix)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, rows.Err()
}
