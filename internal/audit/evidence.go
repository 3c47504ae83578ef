package audit

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Evidence is the basis of an audit: a store whose applications are at rest, and independent knowledge about them.
// The catalog must be one of the simulation's, see [Catalog], because this package has its own copy of the usage
// kinds, late windows, and free minutes.
type Evidence struct {
	Store     store.Store
	Now       time.Time          // nothing was due an hour earlier
	Catalog   *pricing.Catalog   // in force at the end
	Catalogs  []*pricing.Catalog // every catalog that was ever in force; nil: only Catalog
	Policy    renewal.Policy
	Customers []Customer

	// Collected, Returned and Reversed are the gateway's own ledger, and Journal the statement of the accounts behind it.
	Collected []paymenttest.Collection
	Returned  []paymenttest.Returned
	Reversed  []paymenttest.Reversed
	Journal   []balance.Movement

	// Rounds are the times, in ascending order, of worker rounds in which nothing kept the workers from what was due.
	// Skew is how far the workers' clocks can be off. A renewal that is owed is attempted in such a round. Without
	// Rounds, the audit only checks that it was attempted at some time.
	Rounds []time.Time
	Skew   time.Duration

	// Identity is the store's identity, with which every attempt ID begins. If it is empty, that isn't checked.
	Identity string

	// Recorded is what was committed, if the commits were observed. Without it, six things aren't checked: on which
	// day a record was counted, that no record was counted that wasn't sent, that no usage during an interruption of
	// the service was counted, that the effects of time on a subscription aren't recorded later than they must
	// be, each refund's share of the taxes, and of which usage minutes were forgiven.
	Recorded map[subscription.ApplicationID]*Committed
	Lost     map[subscription.ApplicationID]*Forgotten // lost by a store that was restored
}

// Customer is what is known about one application: its requests and the answers to them.
type Customer struct {
	Application subscription.ApplicationID
	Account     subscription.AccountID
	Requests    []Request
	Records     []Record
}

// Request is a request with a key. If it has no receipt, all that is known is that its order was placed at most once.
type Request struct {
	Key     string
	Actors  []Actor               // on whose behalf it was sent, if staff did
	Quote   *subscription.Quote   // the quote that was confirmed, if any
	Receipt *subscription.Receipt // the first one received, if any
}

// Record is a usage record that was sent.
type Record struct {
	Usage   subscription.Usage
	Counted bool // an answer said so
	Open    bool // the last attempt to send it got no answer, so it may have been counted
}

// Violation is a broken promise.
type Violation struct {
	Kind        string
	Application subscription.ApplicationID // "" if it isn't about an application
	At          time.Time
	Text        string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s", v.Kind, v.Application, v.Text)
}

// auditor checks evidence and records violations.
type auditor struct {
	*Evidence
	findings Findings
}

func (a *auditor) violatef(kind string, app subscription.ApplicationID, format string, args ...any) {
	v := Violation{Kind: kind, Application: app, At: a.Now, Text: fmt.Sprintf(format, args...)}
	a.findings.Violations = append(a.findings.Violations, v)
}

// attempts returns the attempts in the policy's schedule, relative to the end of the period.
func (a *auditor) attempts() []time.Duration {
	if a.Policy.Attempts != nil {
		return a.Policy.Attempts
	}
	return renewal.DefaultPolicy().Attempts
}
