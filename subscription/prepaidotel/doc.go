// Package prepaidotel makes OpenTelemetry metrics and spans of what a service, its workers and its relays tell of.
//
//	t, err := prepaidotel.New(&prepaidotel.Options{Meters: meterProvider, Tracers: tracerProvider})
//	if err != nil {
//		return err
//	}
//	service, err := subscription.NewService(st, gateway, catalog, &subscription.Options{Observe: t.Observe})
//	// workers tell through their service; a relay has an option of its own: relay.Options{Observe: t.Observe, …}
//
// # Metrics
//
// Durations are in seconds. Attributes have few values: name is the kind of a command or of an order, the method, or the
// relay; outcome is as listed at subscription.Op. No metric ever has the ID of an application, an account, an order or a key.
//
//	prepaid.command.duration    histogram  op (command, quote, usage, settle), name, outcome
//	prepaid.gateway.duration    histogram  name, outcome: a call of the gateway
//	prepaid.store.duration      histogram  op (load, commit, claim), outcome: a call of the store
//	prepaid.orders              counter    name, outcome, reason: steps of orders, see subscription.OpOrder
//	prepaid.refunds             counter    name, outcome, reason: steps of refunds, see subscription.OpRefund
//	prepaid.set_aside           counter    outcome: applications with which a worker can't go on
//	prepaid.conflicts           counter    changes that lost to another writer and are decided again
//	prepaid.usage.calls         counter    calls of Consume
//	prepaid.usage.records       counter    records of usage
//	prepaid.usage.changes       counter    changes that count them: calls / changes is how well calls are combined
//	prepaid.round.duration      histogram  outcome: a worker's round
//	prepaid.due.claimed         counter    full: applications that a worker claimed; full is true if the batch was full
//	prepaid.due.late            gauge      for how long the most overdue application was due, in the last round
//	prepaid.relay.duration      histogram  name, outcome: a relay's round
//	prepaid.relay.handled       counter    name, outcome: calls of the handler
//	prepaid.relay.behind        gauge      name: changes between the relay and the end of the feed
//	prepaid.relay.late          gauge      name: how long the oldest change of the last round had waited
//
// The unknown outcomes of the gateway are those of prepaid.gateway.duration with outcome "unknown" or "invalid_answer".
// Renewals by outcome are prepaid.orders with name "renewal".
//
// The gauges say what was seen, by this process: there is no query behind them. prepaid.due.late is that of the claims of the
// round under way and, once it has ended, of the round; 0 if nothing was due. So it keeps its value if no round ends any more:
// watch prepaid.round.duration as well. Of several workers one may have claimed everything; take the maximum. How many
// applications are due isn't known, only that a claim was full. prepaid.relay.behind and prepaid.relay.late keep their values
// while rounds fail or another process has the relay. A parked application counts as handled there.
//
// # Spans
//
// Spans have the times of what they are of. They are made when that has ended, so that what a command did, its loads,
// commits and calls of the gateway, are its siblings: all of them are children of the span in the context that the caller
// gave. Rounds that had nothing to do have no span.
//
// An order is placed in one trace and may be collected in others, days later and by other processes. So each order has a
// trace of its own, whose ID follows from the IDs of application and order: see [OrderTrace]. The steps of the order are
// spans of that trace, and link to the span of the request, if there was one, during which they happened. What else is
// about the order, the calls of the gateway above all, is a child of the request's span and links to the order's trace, or is
// in the order's trace if there is no request, as in a worker. The parent of the spans in an order's trace is never exported,
// so tools show it as missing. Which orders' traces are sampled follows from their IDs ([Options.OneIn]); a sampler of the
// host's that heeds no parent has the last word.
//
// Spans have the IDs of application and order, and the gateway's key, as attributes. They never have a payment's action or
// the text of an error, which may contain credentials.
//
// # What it costs
//
// See docs/monitoring.md of the repository, which also has the alerts that are worth having.
package prepaidotel
