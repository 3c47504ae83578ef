package debit

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
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

// number returns the creditor's number for a key: 160 bits of a digest, as 32 letters and digits.
func number(key string) string {
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.HexEncoding.EncodeToString(sum[:20]))
}

// digest returns a digest of every field of a charge or a refund.
func digest[T payment.Charge | payment.Refund](request T) string {
	text, _ := json.Marshal(request) //nolint:errchkjson // it never fails for these
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
