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

// Evidence is what an audit goes by: a store whose applications are at rest, and what is known about them without
// asking it. The catalog must be one of those of the simulation, see [Catalog], since kinds, late windows and
// free minutes are written down a second time here, by hand.
type Evidence struct {
	Store     store.Store
	Now       time.Time          // nothing was due an hour before
	Catalog   *pricing.Catalog   // in force at the end
	Catalogs  []*pricing.Catalog // all that ever were; nil: Catalog alone
	Policy    renewal.Policy
	Customers []Customer

	// Collected is the gateway's own ledger, and Journal the statement of the accounts behind it.
	Collected []paymenttest.Collection
	Journal   []balance.Movement

	// Rounds are the instants of rounds of workers that nothing kept from anything that was due, ascending, and Skew
	// how wrong their clocks can be. A renewal that is owed is tried in such a round. Without rounds only that it
	// was tried at some time is checked.
	Rounds []time.Time
	Skew   time.Duration

	// Identity is the store's, with which every attempt begins. Without it that isn't checked.
	Identity string

	// Recorded is what was committed, where somebody saw that. Without it four things aren't checked: on which day a
	// record was counted, that nothing was counted that nobody sent, that nothing was counted that was used while the
	// service was interrupted, and that what time does to a subscription isn't Recorded later than it must be.
	Recorded map[subscription.ApplicationID]*Committed
	Lost     map[subscription.ApplicationID]*Forgotten // by a store that was restored
}

// Customer is what is known of one application: what was asked for, and what was answered.
type Customer struct {
	Application subscription.ApplicationID
	Account     subscription.AccountID
	Requests    []Request
	Records     []Record
}

// Request is a keyed request. Of one that has no receipt nothing is claimed, but that it was ordered at most once.
type Request struct {
	Key     string
	Quote   *subscription.Quote   // that was confirmed, if it was
	Receipt *subscription.Receipt // the first one that came, if any did
}

// Record is a usage record that was sent.
type Record struct {
	Usage   subscription.Usage
	Counted bool // somebody said that it was
	Open    bool // the last time that it was sent nobody answered: it may have been counted
}

// Violation is a broken promise.
type Violation struct {
	Kind        string
	Application subscription.ApplicationID // "" where it isn't one's
	At          time.Time
	Text        string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s", v.Kind, v.Application, v.Text)
}

// auditor checks evidence, and notes what is wrong.
type auditor struct {
	*Evidence
	findings Findings
}

func (a *auditor) violatef(kind string, app subscription.ApplicationID, format string, args ...any) {
	v := Violation{Kind: kind, Application: app, At: a.Now, Text: fmt.Sprintf(format, args...)}
	a.findings.Violations = append(a.findings.Violations, v)
}

// attempts returns the instants of the policy, relative to the end.
func (a *auditor) attempts() []time.Duration {
	if a.Policy.Attempts != nil {
		return a.Policy.Attempts
	}
	return renewal.DefaultPolicy().Attempts
}
