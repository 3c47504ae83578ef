package stripe

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/prepaidkit/prepaid/payment"
)

// Names of the metadata of payment intents and refunds. They are stored at the provider, so they never change.
const (
	metaHash    = "prepaid_hash"    // of the key; it is what a search finds
	metaKey     = "prepaid_key"     // the key itself, which a notification leads to
	metaDigest  = "prepaid_digest"  // of the whole charge or refund
	metaAccount = "prepaid_account" // a hash of the account
	metaOrder   = "prepaid_order"   // for people
	metaReason  = "prepaid_reason"  // of a decline, written before the intent is canceled
	metaRefund  = "prepaid_refund_" // with the beginning of a refund's hash: the digest and the reason of one that was declined
)

// hash returns 64 hexadecimal digits for the parts, in their order. The first part says what the others are, so that a
// charge and a refund never have the same hash. The encoding is unambiguous, since each part follows its length.
func hash(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// chargeHash is what stands for a charge's key at the provider, whose keys are shorter, and refundHash for a refund's.
func chargeHash(key string) string { return hash("charge", key) }
func refundHash(key string) string { return hash("refund", key) }

// chargeDigest tells whether two charges have the same content.
func chargeDigest(c payment.Charge) string {
	presence := "absent"
	if c.Present {
		presence = "present"
	}
	return hash("content 1", c.Key, c.Account, c.Amount.String(), c.Order, c.Application, c.Description, presence)
}

// refundDigest tells whether two refunds have the same content.
func refundDigest(r payment.Refund) string {
	return hash("refund 1", r.Key, r.Charge, r.Account, r.Amount.String(), r.Reason)
}
