package postgres

import "github.com/prepaidkit/prepaid/subscription"

// eventColumns are the columns of an event e except its place.
const eventColumns = `COALESCE(e.at, ` + absent + `), COALESCE(e.type, ''), COALESCE(e.subscription, ''), COALESCE(e.product, ''),
	COALESCE(e.version, ''), COALESCE(e.from_status, ''), COALESCE(e.status, ''),
	COALESCE(e.period_start, ` + absent + `), COALESCE(e.period_end, ` + absent + `), COALESCE(e.period_zone, ''),
	COALESCE(e.order_id, ''), COALESCE(e.kind, ''), COALESCE(e.amount, 0), COALESCE(e.currency, ''),
	COALESCE(e.lot, 0), COALESCE(e.quantity, 0), COALESCE(e.reason, ''), COALESCE(e.note, ''), COALESCE(e.actor, ''),
	COALESCE(e.why, '')`

// eventRow receives the columns of an event.
type eventRow struct {
	event    subscription.Event
	minor    int64
	currency string
}

func (r *eventRow) dest() []any {
	e := &r.event
	return []any{
		&e.At, (*string)(&e.Type), (*string)(&e.Subscription), (*string)(&e.Product),
		(*string)(&e.Version), (*string)(&e.From), (*string)(&e.Status), &e.Period.Start, &e.Period.End, &e.Period.Zone,
		(*string)(&e.Order), (*string)(&e.Kind), &r.minor, &r.currency, (*int64)(&e.Lot), (*int64)(&e.Quantity),
		(*string)(&e.Reason), &e.Note, &e.By, &e.Why,
	}
}

// value returns the event of an application at a place.
func (r *eventRow) value(app subscription.ApplicationID, at place) (subscription.Event, error) {
	e := r.event
	e.Application, e.Revision, e.Index, e.At = app, at.revision, int(at.index), e.At.UTC()
	e.Period.Start, e.Period.End = e.Period.Start.UTC(), e.Period.End.UTC()
	var err error
	e.Amount, err = money(r.minor, r.currency)
	return e, err
}
