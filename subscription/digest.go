package subscription

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// Digest is the SHA-256 of a canonical form. As text and in JSON, it is 64 hexadecimal digits.
type Digest [sha256.Size]byte

// String returns 64 hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText returns the same text as String. It never fails.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses 64 hexadecimal digits. If it fails, with [ErrInvalid], it leaves d unchanged.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("%w: digest of %d bytes", ErrInvalid, len(b))
	}
	var v Digest
	if _, err := hex.Decode(v[:], b); err != nil {
		return fmt.Errorf("%w: digest: %w", ErrInvalid, err)
	}
	*d = v
	return nil
}

// requestDigest identifies what a key stands for: the application, the kind of command and the command's JSON, which
// is canonical because commands are structs. It doesn't include the time or the catalog.
func requestDigest(app ApplicationID, cmd Command) (Digest, error) {
	body, err := json.Marshal(cmd)
	if err != nil {
		return Digest{}, fmt.Errorf("%w: command %s: %w", ErrInvalid, cmd.Kind(), err)
	}
	h := newDigester()
	h.text(string(app))
	h.text(cmd.Kind())
	h.text(string(body))
	return h.sum(), nil
}

// orderDigest identifies the content of an order: who pays how much for what, line by line, and what is delivered. It
// doesn't include the time or IDs derived from it.
func orderDigest(o *Order) Digest {
	h := newDigester()
	h.text(string(o.Application))
	h.text(string(o.Account))
	h.text(string(o.Kind))
	h.text(string(o.Subscription))
	h.text(string(o.Product))
	h.text(string(o.Version))
	h.text(o.Agreement)
	h.money(o.Amount)
	h.number(int64(len(o.Lines)))
	for i := range o.Lines {
		l := &o.Lines[i]
		h.text(string(l.Kind))
		h.text(l.Item)
		h.rate(l.Unit)
		h.rate(l.Credit)
		h.number(l.Times.Num)
		h.number(l.Times.Den)
		h.money(l.Amount)
	}
	h.number(int64(len(o.Deliveries)))
	for _, d := range o.Deliveries {
		if g := d.effect(); g != nil {
			g.digest(h)
		}
	}
	if len(o.Taxes) > 0 { // without any, the digest is what it was before there were taxes
		h.flag(o.TaxIncluded)
		for i := range o.Taxes {
			t := &o.Taxes[i]
			h.text(t.Name)
			h.rate(t.Percent)
			h.money(t.Base)
			h.money(t.Amount)
		}
	}
	return h.sum()
}

// digester collects fields in sequence, encoded so that one can't run into the next.
type digester struct{ buf []byte }

func newDigester() *digester { return &digester{buf: make([]byte, 0, 768)} }

func (h *digester) number(n int64) { h.buf = binary.BigEndian.AppendUint64(h.buf, uint64(n)) }

func (h *digester) text(s string) {
	h.number(int64(len(s)))
	h.buf = append(h.buf, s...)
}

// rate adds the text of a rate.
func (h *digester) rate(r pricing.Rate) {
	at := len(h.buf)
	h.number(0)                    // for its length
	h.buf, _ = r.AppendText(h.buf) // it never fails
	binary.BigEndian.PutUint64(h.buf[at:], uint64(len(h.buf)-at-8))
}

func (h *digester) flag(b bool) {
	if b {
		h.number(1)
	} else {
		h.number(0)
	}
}

func (h *digester) money(m pricing.Money) {
	h.number(m.Minor())
	h.text(string(m.Currency()))
}

func (h *digester) sum() Digest { return sha256.Sum256(h.buf) }
