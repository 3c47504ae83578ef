package postgres

import (
	"strconv"
	"strings"
	"sync/atomic"
)

// A commit is one statement, assembled from the parts that have rows. Each question mark is a parameter. The rows of
// a change are written only if it was applied. An IN that can be NULL never becomes a join, but is looked up in a
// hash table, whatever number of rows the planner expects.
const (
	// few makes the planner expect a single row from the arrays and use an index for each one. The planner doesn't
	// know how a table grows while its plan is cached, and would keep scanning the whole of a table that was once
	// small.
	few = `c.id = c.id || ''`

	// setPatience limits how long a batch waits for a row that another transaction holds, because others in turn wait
	// for the rows that the batch already holds. It applies to the statement, which is the whole transaction.
	setPatience = `patience AS MATERIALIZED (SELECT set_config('lock_timeout', '100ms', true) IS NOT NULL AS is_set)`

	changedApplications = `changed AS (
	SELECT due, account, document, id, base FROM unnest(?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[])
		AS c (due, account, document, id, base)
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
	RETURNING a.id
)`

	// freeApplications skips the rows that other transactions hold.
	freeApplications = `free AS MATERIALIZED (
	SELECT a.id FROM {schema}.applications AS a JOIN changed AS c ON a.id = c.id AND ` + few + `
	FOR NO KEY UPDATE OF a SKIP LOCKED
)`

	// updateApplication is for a single change.
	updateApplication = `updated AS (
	UPDATE {schema}.applications AS a
	SET revision = a.revision + 1, due = ?, leased_until = NULL, account = ?, document = ?
	WHERE a.id = ? AND a.revision = ?
	RETURNING a.id
)`

	createApplications = `created AS (
	INSERT INTO {schema}.applications (id, revision, created_at, due, account, document)
	SELECT c.id, 1, c.created_at, c.due, c.account, c.document
	FROM unnest(?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[])
		AS c (id, created_at, due, account, document)
	ON CONFLICT (id) DO NOTHING
	RETURNING id
)`

	appliedUpdated = `applied AS (SELECT id AS applied_id FROM updated)`
	appliedCreated = `applied AS (SELECT id AS applied_id FROM created)`
	appliedBoth    = `applied AS (SELECT id AS applied_id FROM updated UNION ALL SELECT id FROM created)`

	orderColumns = `application_id, id, placed_revision, placed_index, account, kind, subscription, product, version,
		placed_at, catalog, agreement, attempt, amount, currency, lines, deliveries, renews_from,
		status, closed_at, reason, note, reference, collected, collected_currency,
		delivered_start, delivered_end, delivered_zone, delivered_increment, delivered_total, delivered_remaining,
		paid_at, taken_back_at, taxes, action, given_back, given_back_currency`
	// orderFigures are never NULL.
	orderFigures = `tax_included, present, refunds`

	insertOrders = `
	INSERT INTO {schema}.orders (` + orderColumns + `, ` + orderFigures + `)
	SELECT ` + orderColumns + `, COALESCE(tax_included, false), COALESCE(present, false), COALESCE(refunds, 0)
	FROM {applied}unnest(?::text[], ?::text[], ?::bigint[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
		?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::timestamptz[],
		?::text[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[],
		?::timestamptz[], ?::timestamptz[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[],
		?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::boolean[], ?::boolean[], ?::integer[])
		AS o (` + orderColumns + `, ` + orderFigures + `){of o}`

	placeOrders = `placed AS (` + insertOrders + `
)`

	// replaceOrders keeps the position of the orders.
	replaceOrders = `replaced AS (` + insertOrders + `
	ON CONFLICT (application_id, id) DO UPDATE SET
		account = excluded.account, kind = excluded.kind, subscription = excluded.subscription, product = excluded.product,
		version = excluded.version, placed_at = excluded.placed_at, catalog = excluded.catalog, agreement = excluded.agreement,
		attempt = excluded.attempt, amount = excluded.amount, currency = excluded.currency, lines = excluded.lines,
		deliveries = excluded.deliveries, renews_from = excluded.renews_from, status = excluded.status,
		closed_at = excluded.closed_at, reason = excluded.reason, note = excluded.note, reference = excluded.reference,
		collected = excluded.collected, collected_currency = excluded.collected_currency,
		delivered_start = excluded.delivered_start, delivered_end = excluded.delivered_end,
		delivered_zone = excluded.delivered_zone, delivered_increment = excluded.delivered_increment,
		delivered_total = excluded.delivered_total, delivered_remaining = excluded.delivered_remaining,
		paid_at = excluded.paid_at, taken_back_at = excluded.taken_back_at, taxes = excluded.taxes,
		action = excluded.action, given_back = excluded.given_back, given_back_currency = excluded.given_back_currency,
		tax_included = excluded.tax_included, present = excluded.present, refunds = excluded.refunds
)`

	orderRefundColumns = `application_id, order_id, number, kind, status, account, amount, currency, taxes, take, notice, key, note,
		asked_by, due_at, closed_at, reason, reference`

	putRefunds = `returned AS (
	INSERT INTO {schema}.order_refunds (` + orderRefundColumns + `)
	SELECT ` + orderRefundColumns + `
	FROM {applied}unnest(?::text[], ?::text[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[],
		?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[])
		AS r (` + orderRefundColumns + `){of r}
	ON CONFLICT (application_id, order_id, number) DO UPDATE SET
		kind = excluded.kind, status = excluded.status, account = excluded.account, amount = excluded.amount,
		currency = excluded.currency, taxes = excluded.taxes, take = excluded.take, notice = excluded.notice, key = excluded.key,
		note = excluded.note, asked_by = excluded.asked_by, due_at = excluded.due_at, closed_at = excluded.closed_at,
		reason = excluded.reason, reference = excluded.reference
)`

	subscriptionColumns = `application_id, id, account, product, version, status, currency, trial, auto_renew, opened_at, paid_until`

	insertSubscriptions = `
	INSERT INTO {schema}.subscription_rows (` + subscriptionColumns + `)
	SELECT application_id, id, account, product, version, status, currency, COALESCE(trial, false), COALESCE(auto_renew, false),
		opened_at, paid_until
	FROM {applied}unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::boolean[],
		?::timestamptz[], ?::timestamptz[]) AS s (` + subscriptionColumns + `){of s}
	ON CONFLICT (application_id, id) DO `

	putSubscriptions = `held AS (` + insertSubscriptions + `UPDATE SET
		account = excluded.account, product = excluded.product, version = excluded.version, status = excluded.status,
		currency = excluded.currency, trial = excluded.trial, auto_renew = excluded.auto_renew, opened_at = excluded.opened_at,
		paid_until = excluded.paid_until
)`

	appendEntries = `entered AS (
	INSERT INTO {schema}.entries (application_id, revision, index, at, kind, lot, quantity, order_id, product, usage, day, reservation)
	SELECT e.application_id, e.revision, e.index, e.at, e.kind, e.lot, e.quantity, e.order_id, e.product, e.usage,
		DATE '1970-01-01' + e.day, e.reservation
	FROM {applied}unnest(?::text[], ?::bigint[], ?::integer[], ?::timestamptz[], ?::text[], ?::bigint[], ?::bigint[], ?::text[],
		?::text[], ?::text[], ?::integer[], ?::text[])
		AS e (application_id, revision, index, at, kind, lot, quantity, order_id, product, usage, day, reservation){of e}
)`

	eventColumns = `application_id, revision, index, at, type, subscription, product, version, from_status, status,
		period_start, period_end, period_zone, order_id, kind, amount, currency, lot, quantity, reason, note`

	appendEvents = `logged AS (
	INSERT INTO {schema}.events (` + eventColumns + `)
	SELECT ` + eventColumns + `
	FROM {applied}unnest(?::text[], ?::bigint[], ?::integer[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::text[],
		?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[],
		?::bigint[], ?::bigint[], ?::text[], ?::text[]) AS e (` + eventColumns + `){of e}
)`

	receiptColumns = `application_id, key, kind, digest, revision, at, order_id`

	appendReceipts = `answered AS (
	INSERT INTO {schema}.receipts (` + receiptColumns + `)
	SELECT ` + receiptColumns + `
	FROM {applied}unnest(?::text[], ?::text[], ?::text[], ?::bytea[], ?::bigint[], ?::timestamptz[], ?::text[])
		AS r (` + receiptColumns + `){of r}
)`

	appendRecords = `counted AS (
	INSERT INTO {schema}.records (application_id, id, day, digest)
	SELECT r.application_id, r.id, DATE '1970-01-01' + r.day, r.digest
	FROM {applied}unnest(?::text[], ?::text[], ?::integer[], ?::bigint[]) AS r (application_id, id, day, digest){of r}
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
		texts = append(texts, setPatience, changedApplications, freeApplications,
			updateApplications+whenPatient+whenFree+updatedIDs)
	case mode == hurried:
		texts = append(texts, setPatience, changedApplications, updateApplications+whenPatient+updatedIDs)
	default:
		texts = append(texts, changedApplications, updateApplications+updatedIDs)
	}
	part(partCreated, createApplications)
	switch {
	case mask&(1<<partCreated) == 0:
		texts = append(texts, appliedUpdated)
	case mask&(1<<partUpdated) == 0:
		texts = append(texts, appliedCreated)
	default:
		texts = append(texts, appliedBoth)
	}
	part(partPlaced, placeOrders)
	part(partReplaced, replaceOrders)
	part(partRefunds, putRefunds)
	part(partSubscriptions, putSubscriptions)
	part(partEntries, appendEntries)
	part(partEvents, appendEvents)
	part(partReceipts, appendReceipts)
	part(partRecords, appendRecords)
	text := rows().Replace("WITH " + strings.Join(texts, ",\n") + selectApplied)
	made := s.sql(numbered(text, mode != single))
	s.commits[mask].Store(&made)
	return made
}

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
