package postgres

import (
	"strconv"
	"strings"
	"sync/atomic"
)

// A commit is one statement, assembled from the parts that have rows. Each question mark is a parameter, and {rows} the
// columns of a part. The rows of a change are written only if it was applied. An IN that can be NULL never becomes a
// join, but is looked up in a hash table, whatever number of rows the planner expects.
const (
	// few makes the planner expect a single row from the arrays and use an index for each one. The planner doesn't
	// know how a table grows while its plan is cached, and would keep scanning the whole of a table that was once
	// small.
	few = `c.id = c.id || ''`

	// setPatience limits how long a batch waits for a row that another transaction holds, because others in turn wait
	// for the rows that the batch already holds. It applies to the statement, which is the whole transaction.
	setPatience = `patience AS MATERIALIZED (SELECT set_config('lock_timeout', '100ms', true) IS NOT NULL AS is_set)`

	changedApplications = `changed AS (
	SELECT c.due, c.account, c.document, c.id, c.base
	FROM {rows}
)`

	// updateApplications also ends the lease.
	updateApplications = `updated AS (
	UPDATE {schema}.applications AS a
	SET revision = c.base + 1, due = c.due, leased_until = NULL, account = c.account, document = c.document
	FROM changed AS c
	WHERE a.id = c.id AND a.revision = c.base AND ` + few

	whenPatient = ` AND (SELECT is_set FROM patience)`
	whenFree    = ` AND (c.id IN (SELECT id FROM free)) IS TRUE`
	updatedIDs  = `
	RETURNING a.id, a.revision
)`

	// freeApplications skips the rows that other transactions hold.
	freeApplications = `free AS MATERIALIZED (
	SELECT a.id FROM {schema}.applications AS a JOIN changed AS c ON a.id = c.id AND ` + few + `
	FOR NO KEY UPDATE OF a SKIP LOCKED
)`

	// updateApplication is for a single change. Its parameters are in the order of the columns of updated applications.
	updateApplication = `updated AS (
	UPDATE {schema}.applications AS a
	SET revision = a.revision + 1, due = ?, leased_until = NULL, account = ?, document = ?
	WHERE a.id = ? AND a.revision = ?
	RETURNING a.id, a.revision
)`

	createApplications = `created AS (
	INSERT INTO {schema}.applications (id, revision, created_at, due, account, document)
	SELECT c.id, 1, c.created_at, c.due, c.account, c.document
	FROM {rows}
	ON CONFLICT (id) DO NOTHING
	RETURNING id, revision
)`

	appliedUpdated = `applied AS (SELECT id AS applied_id, revision AS applied_revision FROM updated)`
	appliedCreated = `applied AS (SELECT id AS applied_id, revision AS applied_revision FROM created)`
	appliedBoth    = `applied AS (
	SELECT id AS applied_id, revision AS applied_revision FROM updated UNION ALL SELECT id, revision FROM created
)`

	// addWaiting leaves a line for each change, which gets its number in the feed once it is committed.
	addWaiting = `waits AS (
	INSERT INTO {schema}.waiting (application_id, revision) SELECT applied_id, applied_revision FROM applied
)`

	selectApplied = `
SELECT applied_id FROM applied`
)

// How a statement deals with locks on the applications that it updates: it waits for all of them, waits only briefly,
// or skips those that others hold.
const (
	waiting = iota << parts
	single  // one change, which is an update
	hurried // waits briefly
	passing // skips those that others hold
	modes
)

// commits holds the statements of commits, each created when it is first needed.
type commits [modes]atomic.Pointer[string]

// commitStatement returns the statement for these parts.
func (s *Store) commitStatement(mask int) string {
	if made := s.commits[mask].Load(); made != nil {
		return *made
	}
	tables := newBatch().tables
	rowsOf := func(part int, text string) string {
		return strings.Replace(text, "{rows}", tables[part].arrays("c"), 1)
	}
	changed := rowsOf(partUpdated, changedApplications)
	var texts []string
	part := func(bit int, text string) {
		if mask&(1<<bit) != 0 {
			texts = append(texts, text)
		}
	}
	rows := rowsOfMany
	mode := mask &^ (1<<parts - 1)
	switch {
	case mode == single:
		rows = rowsOfOne
		texts = append(texts, updateApplication)
	case mask&(1<<partUpdated) == 0:
	case mode == passing:
		texts = append(texts, setPatience, changed, freeApplications,
			updateApplications+whenPatient+whenFree+updatedIDs)
	case mode == hurried:
		texts = append(texts, setPatience, changed, updateApplications+whenPatient+updatedIDs)
	default:
		texts = append(texts, changed, updateApplications+updatedIDs)
	}
	part(partCreated, rowsOf(partCreated, createApplications))
	switch {
	case mask&(1<<partCreated) == 0:
		texts = append(texts, appliedUpdated)
	case mask&(1<<partUpdated) == 0:
		texts = append(texts, appliedCreated)
	default:
		texts = append(texts, appliedBoth)
	}
	part(partPlaced, as("placed", tables[partPlaced].insert("orders", "o")))
	part(partReplaced, as("replaced", tables[partReplaced].replace("orders", "o", []string{"application_id", "id"},
		"placed_revision", "placed_index"))) // an order keeps its place
	part(partRefunds, as("returned", tables[partRefunds].replace("order_refunds", "r", []string{"application_id", "order_id", "number"})))
	part(partSubscriptions, as("held", tables[partSubscriptions].replace("subscription_rows", "s", []string{"application_id", "id"})))
	part(partEntries, as("entered", tables[partEntries].insert("entries", "e")))
	part(partEvents, as("logged", tables[partEvents].insert("events", "e")))
	part(partReceipts, as("answered", tables[partReceipts].insert("receipts", "r")))
	part(partRecords, as("counted", tables[partRecords].insert("records", "r")))
	texts = append(texts, addWaiting)
	text := rows().Replace("WITH " + strings.Join(texts, ",\n") + selectApplied)
	made := s.sql(numbered(text, mode != single))
	s.commits[mask].Store(&made)
	return made
}

// as makes a statement a part of another one.
func as(name, statement string) string { return name + " AS (" + statement + "\n)" }

// rowsOfMany looks up whether a row's application is one that a change was applied to.
func rowsOfMany() *strings.Replacer {
	pairs := []string{"{applied}", ""}
	for _, row := range []string{"o", "s", "e", "r"} {
		pairs = append(pairs, "{of "+row+"}", "\n\tWHERE ("+row+".application_id IN (SELECT applied_id FROM applied)) IS TRUE")
	}
	return strings.NewReplacer(pairs...)
}

// rowsOfOne joins the rows with the one application, if the change was applied.
func rowsOfOne() *strings.Replacer {
	return strings.NewReplacer("{applied}", "applied, ", "{of o}", "", "{of s}", "", "{of e}", "", "{of r}", "")
}

// numbered replaces each question mark with the next parameter. hide wraps arrays in subqueries. The planner would
// otherwise look at their length; this way it makes the same plan for any length and caches it.
func numbered(statement string, hide bool) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(statement, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		parameter := "$" + strconv.Itoa(n)
		if name := arrayType(after); hide && name != "" {
			parameter, after = "(SELECT "+parameter+name+")", after[len(name):]
		}
		b.WriteString(parameter)
		statement = after
	}
}

// arrayType returns the cast to an array at the beginning of text, or "" if there is none.
func arrayType(text string) string {
	name, _, found := strings.Cut(text, "[]")
	if !found || strings.ContainsAny(name, " ,()") {
		return ""
	}
	return name + "[]"
}
