package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// outcome is the meaning of an answer to its caller.
type outcome string

const (
	done    outcome = ""        // it was done
	refused outcome = "refused" // it wasn't done, and repeating it is pointless
	pending outcome = "pending" // repeat it
	unknown outcome = "unknown" // whether it was done isn't known: repeat it
	broken  outcome = "broken"  // this must not happen
)

// reversedFirst is in the reason of a review whose order was reversed before its payment was told.
const reversedFirst = "its payment was reversed"

// outcomeOf returns the meaning of one of the library's errors.
func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return done
	case errors.Is(err, subscription.ErrReview) && strings.Contains(err.Error(), reversedFirst):
		return pending // until a person has looked at it
	case errors.Is(err, subscription.ErrInvariant), errors.Is(err, subscription.ErrKeyReused), errors.Is(err, subscription.ErrReview),
		errors.Is(err, subscription.ErrTooLarge):
		return broken
	case simulation.Refusal(err):
		return refused
	case errors.Is(err, subscription.ErrPaymentPending), errors.Is(err, subscription.ErrConflict):
		return pending
	}
	return unknown
}

// The bodies of calls and answers. A parent's calls are "do", "quote", "consume", "settle", "reverse", "deposit", "prune",
// "round", "follow" and "ready"; a child's are "charge", "lookup", "refund" and "told".
type (
	// moment is what a parent tells a child with every call.
	moment struct {
		Now     time.Time `json:"now"`
		Catalog int64     `json:"catalog,omitempty"` // the number of the one in force
	}
	// deposit is money for an account in the database; it is repeated until it is answered.
	deposit struct {
		Account string        `json:"account"`
		Key     string        `json:"key"`
		Amount  pricing.Money `json:"amount"`
	}
	// prune asks to prune what is older.
	prune struct {
		Before time.Time `json:"before"`
	}
	// request asks to run or quote a command.
	request struct {
		Application subscription.ApplicationID `json:"application"`
		Kind        string                     `json:"kind"`
		Command     json.RawMessage            `json:"command"`
		Key         string                     `json:"key,omitempty"`
		Quote       *subscription.Quote        `json:"quote,omitempty"`  // to be confirmed
		Within      bool                       `json:"within,omitempty"` // a transaction of the host's
	}
	// reply is the answer to any customer's request.
	reply struct {
		Outcome outcome              `json:"outcome"`
		Text    string               `json:"text,omitempty"`
		Receipt subscription.Receipt `json:"receipt,omitzero"`
		Order   subscription.Order   `json:"order,omitzero"`
		Quote   *subscription.Quote  `json:"quote,omitempty"`
		Results []result             `json:"results,omitempty"`
	}
	// usage asks to count records.
	usage struct {
		Application subscription.ApplicationID `json:"application"`
		Records     []subscription.Usage       `json:"records"`
		Again       bool                       `json:"again,omitempty"` // some were sent before
	}
	// result is the outcome for a record.
	result struct {
		Counted   bool    `json:"counted"`
		Duplicate bool    `json:"duplicate"`
		Outcome   outcome `json:"outcome"`
		Text      string  `json:"text,omitempty"`
	}
	// notice is a notification from the gateway.
	notice struct {
		Result payment.Result `json:"result"`
	}
	// dispute is a notice of a reversal.
	dispute struct {
		Reversal payment.Reversal `json:"reversal"`
	}
	// round is the result of a worker's round.
	round struct {
		Stats renewal.Stats `json:"stats"`
		Text  string        `json:"text,omitempty"` // of its error
	}
	// followed is the result of a relay's round.
	followed struct {
		Stats relay.Stats `json:"stats"`
		Text  string      `json:"text,omitempty"` // of its error
	}
)

func encode(cmd subscription.Command) (kind string, text json.RawMessage, err error) {
	text, err = json.Marshal(cmd)
	return cmd.Kind(), text, err
}

// decode returns the command of a request.
func decode(r *request) (subscription.Command, error) {
	switch r.Kind {
	case subscription.Create{}.Kind():
		return read[subscription.Create](r)
	case subscription.Purchase{}.Kind():
		return read[subscription.Purchase](r)
	case subscription.Upgrade{}.Kind():
		return read[subscription.Upgrade](r)
	case subscription.AutoRenew{}.Kind():
		return read[subscription.AutoRenew](r)
	case subscription.Cancel{}.Kind():
		return read[subscription.Cancel](r)
	case subscription.CloseReview{}.Kind():
		return read[subscription.CloseReview](r)
	case subscription.RefundOrder{}.Kind():
		return read[subscription.RefundOrder](r)
	case subscription.ReturnPackage{}.Kind():
		return read[subscription.ReturnPackage](r)
	case subscription.Reserve{}.Kind():
		return read[subscription.Reserve](r)
	case subscription.Release{}.Kind():
		return read[subscription.Release](r)
	case subscription.ClaimFree{}.Kind():
		return read[subscription.ClaimFree](r)
	case subscription.EnablePayAsYouGo{}.Kind():
		return read[subscription.EnablePayAsYouGo](r)
	case subscription.BillUsage{}.Kind():
		return read[subscription.BillUsage](r)
	case renewal.Renew{}.Kind():
		return read[renewal.Renew](r)
	case topup.Buy{}.Kind():
		return read[topup.Buy](r)
	}
	return nil, fmt.Errorf("faults: no command %q", r.Kind)
}

func read[C subscription.Command](r *request) (subscription.Command, error) {
	var c C
	err := json.Unmarshal(r.Command, &c)
	return c, err
}
