package debit

import (
	"encoding/base64"
	"errors"
	"strings"
)

// attached is the text that is attached to a debit or a transfer, and comes back with it: at most 407 bytes.
type attached struct {
	digest string // of the whole request
	key    string
}

func (a attached) String() string {
	return a.digest + "." + base64.RawURLEncoding.EncodeToString([]byte(a.key))
}

var errAttached = errors.New("debit: not attached by this gateway")

func parse(text string) (attached, error) {
	digest, key, found := strings.Cut(text, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil || !found {
		return attached{}, errAttached
	}
	return attached{digest, string(decoded)}, nil
}
