package subscription_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// Whatever JSON a customer sends as a command and a quote, Confirm either refuses it or charges what the command costs.
// It never panics, and never charges the amount of a tampered quote.
func FuzzQuoteJSON(f *testing.F) {
	w := newWorld(f, setup{start: "2025-07-01T09:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 1})
	w.at("2025-07-16T12:00:00Z")
	purchase, up := buy("live", "lite"), upgrade("group-call")
	encode := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	f.Add(encode(purchase), encode(w.quote(purchase)), false)
	f.Add(encode(up), encode(w.quote(up)), true)
	f.Add([]byte(`{}`), []byte(`{}`), true)
	f.Add([]byte(`{"term":{"months":-1,"days":99999999}}`), []byte(`{"at":"9999-12-31T23:59:59Z","amount":"-1 USD"}`), false)
	f.Add(encode(purchase), []byte(`{"application":"video-chat","kind":"purchase","at":"2025-07-16T12:00:00Z","deliveries":[{"raise":{}},{"extend":{}},{}],"lines":[{"unit":"1","times":{"num":-1,"den":0}}]}`), false)
	base, err := w.store.Load(context.Background(), subscription.Read{Application: app})
	w.ok(err)

	f.Fuzz(func(t *testing.T, command, quote []byte, upgrading bool) {
		var cmd subscription.Command
		var err error
		if upgrading {
			var c subscription.Upgrade
			err = json.Unmarshal(command, &c)
			cmd = c
		} else {
			var c subscription.Purchase
			err = json.Unmarshal(command, &c)
			cmd = c
		}
		var q subscription.Quote
		if err != nil || json.Unmarshal(quote, &q) != nil {
			return
		}
		world := newWorld(t, setup{start: "2025-07-16T12:00:00Z", wrap: func(_ *world, _ subscription.Store) subscription.Store {
			return fixed{base[0]}
		}})
		want, quoteErr := world.Quote(t.Context(), app, cmd)
		r, err := world.Confirm(t.Context(), app, cmd, q, "k")
		if err == nil || r.Receipt.Key != "" {
			if quoteErr != nil || r.Order.Amount != want.Amount || q.Amount != want.Amount || q.Digest != want.Digest {
				t.Errorf("confirmed %s for a quote of %s; it costs %s, %v", r.Order.Amount, q.Amount, want.Amount, quoteErr)
			}
		}
		// What was decoded can be encoded again without loss.
		text, err := json.Marshal(q)
		if err != nil {
			return // an instant beyond what JSON's times can say
		}
		var again subscription.Quote
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(twice, text) {
			t.Errorf("%s\nis encoded again as\n%s, %v", text, twice, err)
		}
	})
}

// fixed is a store that always has the same application and forgets every change.
type fixed struct{ snapshot subscription.Snapshot }

func (s fixed) Load(_ context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	out := make([]subscription.Snapshot, len(reads))
	for i := range reads {
		out[i].Application = s.snapshot.Application.Clone()
	}
	return out, nil
}

func (fixed) Commit(context.Context, ...subscription.Change) error { return nil }

func (s fixed) ApplicationsOf(context.Context, subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	return maps.All(map[subscription.ApplicationID]error{s.snapshot.Application.ID: nil})
}

// Whatever pairs of webhooks arrive: nothing panics, a change keeps the invariants, a repeated result changes nothing,
// and only the order's amount is delivered for.
func FuzzSettle(f *testing.F) {
	first := openOrder(f)
	attempt := string(first.order().Attempt)
	f.Add(attempt, "succeeded", "199.00 USD", "", attempt, "declined", "", "other")
	f.Add(attempt, "declined", "", "insufficient_balance", attempt, "succeeded", "199.00 USD", "")
	f.Add(attempt, "succeeded", "198.99 USD", "", attempt+"/refund", "succeeded", "198.99 USD", "")
	f.Add(attempt+"/refund", "not_found", "", "", attempt, "not_found", "", "")
	f.Add("", "", "", "", "\xff", "x", "1 XXX", "x")
	f.Fuzz(func(t *testing.T, key1, status1, amount1, reason1, key2, status2, amount2, reason2 string) {
		o := &orderIn{t: t, catalog: first.catalog, s: first.s, id: first.id}
		now := instant(t, "2025-07-10T03:00:00Z")
		for _, said := range []struct{ key, status, amount, reason string }{
			{key1, status1, amount1, reason1}, {key2, status2, amount2, reason2},
		} {
			r := payment.Result{Key: said.key, Status: payment.Status(said.status), Reason: payment.Reason(said.reason)}
			if said.amount != "" && r.Amount.UnmarshalText([]byte(said.amount)) != nil {
				return
			}
			for range 2 {
				settle := func() (subscription.Change, error) { return subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, now) }
				c, err := settle()
				if err != nil {
					if !errors.Is(err, subscription.ErrInvalid) {
						t.Errorf("%+v: %v, want ErrInvalid", r, err)
					}
					continue
				}
				o.then(c, nil)
				if again, err := settle(); err != nil || !again.IsZero() {
					t.Errorf("%+v again: %+v, %v, want nothing", r, again, err)
				}
			}
		}
		got := o.order()
		if delivered := len(o.s.Application.Subscriptions) > 0; delivered != (got.Status == subscription.OrderPaid) || delivered && got.Collected != got.Amount {
			t.Errorf("delivered %t, and the order is %s with %s", delivered, got.Status, got.Collected)
		}
	})
}

func FuzzAttemptIDParse(f *testing.F) {
	for _, s := range []string{"video-chat/2-abc", "0123456789abcdef/a/b/k-1", "/a/k-1", "a/b/c", "", "/", "a/", "/a", "a", "a/b/refund", "\x00/a", "a/\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		app, order, err := subscription.AttemptID(s).Parse()
		if err != nil {
			if !errors.Is(err, subscription.ErrNotFound) || app != "" || order != "" {
				t.Errorf("Parse(%q) = %q, %q, %v", s, app, order, err)
			}
			return
		}
		old := order != "" && order[0] >= '0' && order[0] <= '9' // from before stores had an identity
		store, _ := strings.CutSuffix(s, string(app)+"/"+string(order))
		if app == "" || order == "" || old && s != string(app)+"/"+string(order) ||
			!old && (s != store+string(app)+"/"+string(order) || strings.Count(store, "/") != 1 || !strings.HasSuffix(store, "/")) {
			t.Errorf("Parse(%q) = %q, %q", s, app, order)
		}
	})
}

func FuzzDigestUnmarshalText(f *testing.F) {
	for _, s := range []string{"", "00", "zz", string(make([]byte, 64)), "0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		before := subscription.Digest{1, 2, 3}
		d := before
		if err := d.UnmarshalText([]byte(s)); err != nil {
			if !errors.Is(err, subscription.ErrInvalid) || d != before {
				t.Errorf("UnmarshalText(%q) = %v, and the digest is %s", s, err, d)
			}
			return
		}
		var again subscription.Digest
		if err := again.UnmarshalText([]byte(d.String())); err != nil || again != d || len(s) != 64 {
			t.Errorf("%q is %s, which is %s, %v", s, d, again, err)
		}
	})
}

func FuzzReceiptJSON(f *testing.F) {
	w := newWorld(f, setup{})
	b, err := json.Marshal(w.must(buy("call", "one-to-one")))
	w.ok(err)
	f.Add(b)
	f.Add([]byte(`{"order":{"deliveries":[{"extend":null},{"raise":{"ahead":[1]}}],"lines":[{}]},"digest":"00"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r subscription.Outcome
		if json.Unmarshal(text, &r) != nil {
			return
		}
		if r.Order.Err() == nil && r.Order.Status != subscription.OrderPaid {
			t.Errorf("%q is no error", r.Order.Status)
		}
		once, err := json.Marshal(r)
		if err != nil {
			return // an instant beyond what JSON's times can say
		}
		var again subscription.Outcome
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(twice, once) {
			t.Errorf("%s\nis encoded again as\n%s, %v", once, twice, err)
		}
	})
}
