package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// customer is someone who signs in. The SDK knows only the account.
type customer struct {
	ID      string `json:"id"` // of the account
	Name    string `json:"name"`
	About   string `json:"about,omitempty"` // for the visitor of the demonstration
	Allowed bool   `json:"allowed"`         // on the seller's allowlist

	Currency pricing.Currency `json:"currency,omitempty"` // of all its orders; "": the first one
}

// customerNotes is the beginning of the names of the notes with customers.
const customerNotes = "customer/"

// account is the ID by which the SDK knows the customer.
func (cu customer) account() subscription.AccountID { return subscription.AccountID(cu.ID) }

// signUp adds a customer, who isn't on the allowlist yet and has no payment method. A name that can't be used is told
// to the customer.
func (c *console) signUp(ctx context.Context, cu customer) error {
	if cu.ID == "" || len(cu.Name) > 60 {
		return bad("name")
	}
	if _, ok, err := c.customer(ctx, cu.ID); err != nil {
		return err
	} else if ok {
		return bad("name_taken")
	}
	if err := c.accounts.Open(ctx, cu.ID); err != nil {
		return err
	}
	return c.notes.put(ctx, customerNotes+cu.ID, cu)
}

// customer returns a customer and reports whether there is one.
func (c *console) customer(ctx context.Context, id string) (cu customer, ok bool, err error) {
	ok, err = c.notes.get(ctx, customerNotes+id, &cu)
	return cu, ok, err
}

func (c *console) customers(ctx context.Context) ([]customer, error) {
	return list(notesOf[customer](ctx, c.notes, customerNotes), nil)
}

// allow puts a customer on the allowlist, as the seller's staff would.
func (c *console) allow(ctx context.Context, cu customer) error {
	cu.Allowed = true
	return c.notes.put(ctx, customerNotes+cu.ID, cu)
}

// errNotAllowed is the reason of the hook below.
var errNotAllowed = errors.New("the account isn't on the allowlist")

// eligible is the hook that the service asks before anything is ordered: the seller sells only to accounts on its
// allowlist.
func (c *console) eligible(ctx context.Context, e subscription.Eligibility) error {
	cu, _, err := c.customer(ctx, string(e.Account))
	if err != nil {
		return err
	}
	if !cu.Allowed {
		return fmt.Errorf("%w: %.64q", errNotAllowed, e.Account)
	}
	return nil
}

// identifier makes an ID from a name that a person typed: lower-case letters, digits and hyphens, at most 40.
func identifier(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 40 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
