package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	// claimFrom finds the first applications that are due and not leased. The IDs are an array, so the rows are found by
	// key no matter how many the planner expects.
	claimFrom = `
UPDATE {schema}.applications
SET leased_until = $5
WHERE id = ANY (ARRAY(
	SELECT id FROM {schema}.applications
	WHERE due <= $1 AND (due, id) > ($2, $3) AND (leased_until IS NULL OR leased_until <= $1)
	ORDER BY due, id
	LIMIT $4`

	// claimDue skips applications that others are claiming or committing.
	claimDue = claimFrom + `
	FOR NO KEY UPDATE SKIP LOCKED
))
RETURNING id, due, {document}`

	// claimSpread locks no rows of several applications: it waits for those that others are claiming or committing, and then
	// leaves them out if they aren't due or free any more.
	claimSpread = claimFrom + `
)) AND due <= $1 AND (leased_until IS NULL OR leased_until <= $1)
RETURNING id, due, {document}`

	// readDue is for leases of no duration, which don't hide anything.
	readDue = `
SELECT id, due, {document} FROM {schema}.applications
WHERE due <= $1 AND (due, id) > ($2, $3) AND (leased_until IS NULL OR leased_until <= $1)
ORDER BY due, id
LIMIT $4`

	getDocuments = `
SELECT id, document FROM {schema}.applications WHERE id = ANY ($1)`
)

// position is a position in the order in which applications are due. The zero value sorts before all of them.
type position struct {
	due time.Time
	id  subscription.ApplicationID
}

func (p position) compare(q position) int {
	return cmp.Or(p.due.Compare(q.due), strings.Compare(string(p.id), string(q.id)))
}

// start returns the instant to claim from.
func (p position) start() pgtype.Timestamptz {
	if p.due.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	return pgtype.Timestamptz{Time: p.due, Valid: true}
}

// front remembers how far a store's claims have come, so each claim begins where the last one ended and doesn't scan
// everything that has been leased or rescheduled since. It is reset from time to time, when the first lease behind it
// ends, and when the clock is set back. The next claim then finds what has become due behind it.
type front struct {
	mu    sync.Mutex
	at    position
	asOf  time.Time // of the last claim
	ends  time.Time // when the first lease behind it ends
	round int       // number of claims since it was reset
}

// rounds is the number of claims that continue from the previous one before one starts over.
const rounds = 16

// begin returns the position that a claim continues from.
func (f *front) begin(asOf time.Time) position {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.round++
	if f.round > rounds || asOf.Before(f.asOf) || !asOf.Before(f.ends) {
		f.at, f.ends, f.round = position{}, time.Time{}, 0
	}
	f.asOf = asOf
	return f.at
}

// advance notes that a claim has come to a position, with leases that end then.
func (f *front) advance(to position, ends time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if to.compare(f.at) > 0 {
		f.at = to
	}
	if f.ends.IsZero() || ends.Before(f.ends) {
		f.ends = ends
	}
}

// forget makes the next claim start over.
func (f *front) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.ends = position{}, time.Time{}
}

// due is a claimed application and its position.
type due struct {
	position

	claimed renewal.Claimed
}

// Claim implements [renewal.Store]. An application whose document can't be read is claimed with the error. It fails
// with [ErrNotMigrated].
func (s *Store) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if limit <= 0 {
		return nil, nil
	}
	store, err := s.identity(ctx)
	if err != nil {
		return nil, err
	}
	if lease <= 0 {
		all, err := s.claim(ctx, readDue, position{}, limit, asOf)
		return inOrder(store, all), err
	}
	statement := s.plainOr(claimDue, claimSpread)
	from := s.front.begin(asOf)
	all, err := s.claim(ctx, statement, from, limit, asOf, asOf.Add(lease))
	if err == nil && len(all) < limit {
		s.front.forget()
		if from != (position{}) {
			var rest []due
			rest, err = s.claim(ctx, statement, position{}, limit-len(all), asOf, asOf.Add(lease))
			all = latest(all, rest)
		}
	}
	if err != nil {
		return nil, err
	}
	claimed := inOrder(store, all)
	if len(all) == limit {
		s.front.advance(all[limit-1].position, asOf.Add(lease))
	}
	return claimed, nil
}

// claim claims applications and reads their documents. If the server can't read one of the documents, it first claims
// the applications and then reads them one by one, so the bad one doesn't keep the others from being claimed.
func (s *Store) claim(ctx context.Context, statement string, from position, limit int, asOf time.Time, lease ...any) ([]due, error) {
	args := append([]any{asOf, from.start(), string(from.id), int64(limit)}, lease...)
	all, err := s.claimed(ctx, strings.Replace(statement, "{document}", "document", 1), args, (*due).decode)
	if unacceptable(err) == nil {
		return all, err
	}
	all, err = s.claimed(ctx, strings.Replace(statement, "{document}", "''", 1), args, func(d *due, _ []byte) {
		d.unreadable(errNoDocument) // until it is read
	})
	if err != nil {
		return nil, err
	}
	return all, s.readDocuments(ctx, all)
}

// claimed runs a statement that claims, and passes each document to decode.
func (s *Store) claimed(ctx context.Context, statement string, args []any, decode func(d *due, doc []byte)) ([]due, error) {
	var (
		all []due
		id  string
		at  time.Time
		doc borrowed
	)
	dest := []any{&id, &at, &doc}
	scan := func(r rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		d := due{position: position{at, subscription.ApplicationID(id)}}
		decode(&d, doc)
		all = append(all, d)
		return nil
	}
	err := s.repeat(ctx, func() error {
		all = all[:0]
		return s.each(ctx, s.sql(statement), args, scan)
	})
	return all, err
}

// readDocuments reads the documents of claimed applications. One that the server can't read gets its error.
func (s *Store) readDocuments(ctx context.Context, all []due) error {
	places, ids := make(map[string]int, len(all)), make([]string, len(all))
	for i := range all {
		ids[i] = string(all[i].id)
		places[ids[i]] = i
	}
	var (
		id  string
		doc borrowed
	)
	dest := []any{&id, &doc}
	err := s.repeat(ctx, func() error {
		return s.each(ctx, s.sql(getDocuments), []any{ids}, func(r rows) error {
			if err := r.Scan(dest...); err != nil {
				return err
			}
			all[places[id]].decode(doc)
			return nil
		})
	})
	switch problem := unacceptable(err); {
	case problem == nil:
		return err
	case len(all) == 1:
		all[0].unreadable(problem)
		return nil
	}
	half := len(all) / 2
	if err := s.readDocuments(ctx, all[:half]); err != nil {
		return err
	}
	return s.readDocuments(ctx, all[half:])
}

var errNoDocument = errors.New("there is no document")

// decode sets the snapshot from a document, or the error if the document can't be read.
func (d *due) decode(doc []byte) {
	app, err := document.Decode(doc)
	if err != nil {
		d.unreadable(err)
		return
	}
	d.claimed = renewal.Claimed{Application: d.id, Snapshot: subscription.Snapshot{Application: app}}
}

func (d *due) unreadable(err error) {
	d.claimed = renewal.Claimed{
		Application: d.id, Snapshot: subscription.Snapshot{Application: subscription.Application{ID: d.id}},
		Err: fmt.Errorf("postgres: application %.80q: %w", string(d.id), err),
	}
}

// latest adds the applications of a later claim. It may include the same ones if they were committed in the meantime.
func latest(all, later []due) []due {
	at := make(map[subscription.ApplicationID]int, len(all))
	for i := range all {
		at[all[i].id] = i
	}
	for _, d := range later {
		if i, again := at[d.id]; again {
			all[i] = d
		} else {
			all = append(all, d)
		}
	}
	return all
}

// inOrder sorts a store's claimed applications by when they are due.
func inOrder(store string, all []due) []renewal.Claimed {
	slices.SortFunc(all, func(a, b due) int { return a.compare(b.position) })
	claimed := make([]renewal.Claimed, len(all))
	for i := range all {
		claimed[i] = all[i].claimed
		claimed[i].Snapshot.Store = store
	}
	return claimed
}
