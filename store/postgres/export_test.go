package postgres

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Columns are the columns of the rows of a batch, by table: applications to update and to create, orders that are
// placed and replaced, refunds, rows of subscriptions, entries, events, receipts and records. Those without rows are nil.
type Columns [parts][]pgtype.ArrayGetter

// Encode returns the columns of changes, for what is measured against the store.
func Encode(changes ...*subscription.Change) (Columns, error) {
	var columns Columns
	b := newBatch()
	for _, c := range changes {
		if err := b.add(c); err != nil {
			return columns, err
		}
	}
	for part, t := range b.tables {
		if t.len() == 0 {
			continue
		}
		for _, c := range t {
			columns[part] = append(columns[part], c.values)
		}
	}
	return columns, nil
}

// Statement is one of a store's own, with its arguments.
type Statement struct {
	Name, Text string
	Args       []any
}

// LoadStatement returns the statement of a load.
func (s *Store) LoadStatement(reads ...subscription.Read) Statement {
	mask, args := wantedOf(reads, true)
	return Statement{"load", s.loadStatement(mask), args}
}

// CommitStatement returns the statement of a commit.
func (s *Store) CommitStatement(changes ...subscription.Change) Statement {
	if len(changes) > 1 {
		return s.commitStatementOf("commit", hurried, changes)
	}
	return s.commitStatementOf("commit", waiting, changes)
}

// PassingStatement returns the statement of a commit that passes over what others hold.
func (s *Store) PassingStatement(changes ...subscription.Change) Statement {
	return s.commitStatementOf("passing commit", passing, changes)
}

func (s *Store) commitStatementOf(name string, mode int, changes []subscription.Change) Statement {
	b := newBatch()
	for i := range changes {
		if err := b.add(&changes[i]); err != nil {
			return Statement{Text: err.Error()}
		}
	}
	mask, args := b.statement(mode)
	return Statement{name, s.commitStatement(mask), args}
}

// ClaimStatement returns the statement of a claim that goes on from a place.
func (s *Store) ClaimStatement(asOf, due time.Time, id subscription.ApplicationID, limit int) Statement {
	text := strings.Replace(s.plainOr(claimDue, claimSpread), "{document}", "document", 1)
	return Statement{"claim", s.sql(text), []any{asOf, position{due: due}.start(), string(id), int64(limit), asOf}}
}

// ReportStatements returns the statements of reports on a span: their first pages, and pages from within.
func (s *Store) ReportStatements(from, until time.Time, account subscription.AccountID) []Statement {
	var all []Statement
	add := func(name, text string, args func(after reportKey) []any) {
		all = append(all, Statement{name, text, args(reportKey{})},
			Statement{name + ", a later page", text, args(reportKey{from.Add(until.Sub(from) / 2), "app 00000500", "call-1", 1})})
	}
	for name, f := range map[string]store.SubscriptionFilter{
		"ending":     {Statuses: []subscription.Status{subscription.Active}, From: from, Until: until},
		"past due":   {Statuses: []subscription.Status{subscription.PastDue}},
		"all":        {},
		"of a kind":  {Statuses: []subscription.Status{subscription.Active}, From: from, Until: until, Product: "call", AutoRenew: new(false)},
		"an account": {Account: account},
	} {
		text, args := s.findQuery(f)
		add(name, text, args)
	}
	text, args := s.paidQuery(from, until)
	add("payments", text, args)
	text, args = s.placedQuery(from, until)
	add("refunds", text, args)
	return append(all, Statement{"totals", s.sql(sums), []any{from, until}})
}
