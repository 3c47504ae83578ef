package wallet

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
)

// kind says whether an order may be paid, and else why not.
type kind string

const (
	payable kind = "p"
	absent  kind = "a" // its payer is
	foreign kind = "f" // its currency is
	refund  kind = "r" // it is no order
)

// reason returns why an order of the kind that is closed was never paid.
func (k kind) reason() payment.Reason {
	switch k {
	case absent:
		return payment.NeedsAuthentication
	case foreign:
		return payment.Other
	case payable, refund:
	}
	return payment.Canceled
}

// attached is the text that is attached to an order or a refund, and comes back with it: at most 409 bytes.
type attached struct {
	kind   kind
	digest string // of the whole request
	key    string
}

func (a attached) String() string {
	return string(a.kind) + "." + a.digest + "." + base64.RawURLEncoding.EncodeToString([]byte(a.key))
}

var errAttached = errors.New("wallet: not attached by this gateway")

func parse(text string) (attached, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return attached{}, errAttached
	}
	key, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return attached{}, errAttached
	}
	return attached{kind(parts[0]), parts[1], string(key)}, nil
}
