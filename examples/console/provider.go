package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// provider is what the console needs of a payment provider: the gateway, what accounts pay with, the provider's own side,
// which visitors play, and its notifications. There are two, neither of which asks anybody for money: ownProvider and
// stripeProvider.
type provider interface { //nolint:interfacebloat // its parts are small
	gateway
	wallet
	backstage
	stating
	messenger
}

// opening makes the provider of a console whose database is open. Its name is kept with the database; it is "" for
// ownProvider, whose databases can be used again.
type opening struct {
	name string
	open func(c *console) (provider, error)
}

// gateway is what the service charges by, and how a single charge is made.
type gateway interface {
	payment.Gateway
	payment.Canceler
	// setMethodOnce has one charge made by one of the wallet's choices, before it is requested. The account's method stays as
	// it is, so renewals aren't concerned.
	setMethodOnce(ctx context.Context, key subscription.AttemptID, how method) error
	// methodOf returns how a charge was made, or "" for one that wasn't requested.
	methodOf(ctx context.Context, key subscription.AttemptID) (method, error)
}

// wallet is what accounts pay with. An account begins with no method.
type wallet interface {
	// methods returns those that an account can be given, in the order in which they are offered.
	methods() []method
	// choices returns those that one order can be paid by, for an account that usually pays by a method.
	choices(usual method) []method
	// method returns how an account pays.
	method(ctx context.Context, account string) (method, error)
	// setMethod has an account pay by a method, or by none. Charges that were requested before stay as they are. It fails with
	// payment.ErrInvalid for a method that isn't offered.
	setMethod(ctx context.Context, account string, how method) error
}

// backstage is the provider's side of charges. The balance's are the store's, and aren't among them.
type backstage interface {
	// charges returns the charges that keep says yes to, by key.
	charges(ctx context.Context, keep func(movement) bool) ([]movement, error)
	// takenOf returns what money of a charge that succeeded went back.
	takenOf(ctx context.Context, m movement) (taken, error)
	// asked returns the charge that the bank's page with a token is about, and whether there is one.
	asked(ctx context.Context, token string) (movement, bool, error)
	// play does what a bank, a payer or the provider's staff does, and tells the console, unless notifications are held. It
	// fails with errNotPending, errNothingLeft, errWhole, or errNoPage for a deed that this provider doesn't know.
	play(ctx context.Context, a act) error
}

// stating is a provider with a statement.
type stating interface {
	// statement returns all that was collected and returned, the balances' charges and refunds included.
	statement(ctx context.Context) ([]reconcile.Line, error)
}

// messenger sends the provider's notifications to the console.
type messenger interface {
	// receiver returns the handler of notifications, for a service whose gateway is this provider.
	receiver(s *subscription.Service, log *slog.Logger) (http.Handler, error)
	// sendTo sets the URL of the handler. It is known once the console listens.
	sendTo(url string)
	// outbox returns what was sent, and what waits.
	outbox() outbox
	// send sends what waits, which is called after each request, or does what a visitor wants: see the sendings. It fails with
	// errNoPage if this provider can't.
	send(ctx context.Context, how sending) error
}

// method is how an account pays.
type method string

// The methods of payment. Each provider has some of them.
const (
	payNothing  method = "none"     // no payment method is bound
	payBalance  method = "balance"  // from the prepaid balance
	payCard     method = "card"     // a card that is always charged at once
	payBadCard  method = "bad_card" // a card that is always declined
	payExpired  method = "expired"  // a card that has expired, which is a decline that no other attempt mends
	payStolen   method = "stolen"   // a card that was reported stolen, likewise
	payEmpty    method = "empty"    // a card without enough money
	payAsks     method = "asks"     // a card whose bank wants each payment to be confirmed by its owner
	payTransfer method = "transfer" // the bank answers later, with a notification
	paySlow     method = "slow"     // likewise, by card
)

// movement is a charge, or a refund of it, as the provider remembers it.
type movement struct {
	Charge payment.Charge `json:"charge"` // as requested; for a refund, the charge that it refunds
	Refund payment.Refund `json:"refund,omitzero"`
	Method method         `json:"method"`
	Result payment.Result `json:"result,omitzero"`  // of the other methods than the balance, which has its own books
	MadeAt time.Time      `json:"made_at,omitzero"` // of a refund that came back, when it had been made
}

func isPending(m movement) bool { return m.Result.Status == payment.Pending }

// taken is what money of a charge went back.
type taken struct {
	Left      pricing.Money
	Refunds   []refunded // that were requested, and weren't declined
	Reversals []reversed // the first one first
}

// refunded is a refund that the console requested.
type refunded struct {
	ID     string // the provider's
	Amount pricing.Money
}

// reversed is what happened to a charge's money without being requested, and what the bank can still decide.
type reversed struct {
	payment.Reversal

	CanReturn bool // the bank can return it
	CanKeep   bool // the bank can decide that it doesn't
}

// act is what somebody at the provider or a bank does.
type act struct {
	Do      deed
	Charge  string        // its key
	ID      string        // of a reversal or a refund
	Amount  pricing.Money // zero: all that is left
	Account string        // of a customer who spends its money
}

// deed is a kind of act.
type deed string

// The deeds. Those about a charge that waits are the bank's or the payer's, whom the bank asked.
const (
	approves      deed = "approve"
	refuses       deed = "refuse"
	chargesBack   deed = "chargeback"    // the bank takes money back
	givesBack     deed = "given-back"    // the provider's staff refunds money
	reinstates    deed = "reinstated"    // the bank returns what it took
	keepsForGood  deed = "lost"          // the bank decides that it doesn't
	failsToRefund deed = "refund-failed" // the bank doesn't accept a refund that was made
	spendsAll     deed = "spent"         // a customer of the past leaves no money for the next charge
)

// errNotPending means that there is no charge with this key that waits for an answer.
var errNotPending = errors.New("no charge with this key waits for an answer")

// errNothingLeft means that so much isn't left of a charge, or that there is no such charge, reversal or refund.
var errNothingLeft = errors.New("so much isn't left of the charge")

// errWhole means that a bank takes all that is left of a charge, or nothing.
var errWhole = errors.New("a bank takes back all that is left of a charge")

// outbox is a provider's notifications.
type outbox struct {
	Sent    []delivery // the last one first
	Waiting []delivery // to be sent
	Held    bool       // nothing is sent until somebody wants it
	Holds   bool       // it can be held, sent later, and repeated
}

// delivery is a notification, and the answer to it.
type delivery struct {
	About  string // the charge or the object
	Says   string
	Answer string // an HTTP status, or why there is none; "" before it is sent
	OK     bool
}

// sending is what a visitor does with notifications.
type sending string

// The sendings. What waits is sent after each request, unless it is held.
const (
	sendWaiting sending = ""
	sendHold    sending = "hold"
	sendRelease sending = "release"
	sendRepeat  sending = "repeat" // all that were taken, once more
)
