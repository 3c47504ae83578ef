package wallet

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/api"
)

// ErrNotice means that a notification isn't the wallet's, or is too old.
var ErrNotice = errors.New("wallet: not a notification of the wallet's")

// noticeAge is how far the time of a notification may be from now: an older one is a repetition by somebody who overheard
// it. The wallet signs each of its own repetitions anew.
const noticeAge = 5 * time.Minute

// Notice verifies a notification, and returns the key of the charge or the refund that it is about. Give it to
// subscription.Service.Notify, which asks the wallet again: whatever else a notification says, its amount too, is left
// alone. Notice fails with [ErrNotice].
func (g *Gateway) Notice(header http.Header, body []byte, now time.Time) (key string, err error) {
	at := header.Get("Wallet-Time")
	mac := hmac.New(sha256.New, g.o.Secret)
	fmt.Fprintf(mac, "%s\n%s", at, body)
	signature, err := hex.DecodeString(header.Get("Wallet-Signature"))
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) {
		return "", fmt.Errorf("%w: its signature is wrong", ErrNotice)
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > noticeAge {
		return "", fmt.Errorf("%w: its time is %.30q", ErrNotice, at)
	}
	var n struct {
		Number   string `json:"number"`
		Attached string `json:"attached"`
	}
	if err := json.Unmarshal(body, &n); err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotice, err)
	}
	a, err := parse(n.Attached)
	if err != nil || api.Number(a.key) != n.Number {
		return "", fmt.Errorf("%w: it is about an order of another system", ErrNotice)
	}
	return a.key, nil
}
