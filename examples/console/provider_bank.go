package main

import (
	"context"

	"github.com/prepaidkit/prepaid/payment"
)

// bankNotes is the beginning of the names of the notes with the charges that wait for their payer, followed by the token
// in the address of the bank's page.
const bankNotes = "provider/bank/"

// bankPage is where a payer confirms a payment, followed by its token. It is a path, so it is on this console whatever
// the visitor calls this machine. A real bank has an address of its own, to which the Content-Security-Policy's
// form-action has to allow a redirect.
const bankPage = "/demonstration/bank/"

// ask has the payer of a charge asked to confirm it, on a page whose address nobody else knows.
func (p *ownProvider) ask(ctx context.Context, key string) (payment.Action, error) {
	token := newKey()
	return payment.Action{Kind: payment.ActionRedirect, Value: bankPage + token}, p.notes.put(ctx, bankNotes+token, key)
}

// asked implements [backstage].
func (p *ownProvider) asked(ctx context.Context, token string) (m movement, ok bool, err error) {
	var key string
	if ok, err = p.notes.get(ctx, bankNotes+token, &key); err != nil || !ok {
		return movement{}, false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ok, err = p.notes.get(ctx, chargeNotes+key, &m)
	return m, ok, err
}
