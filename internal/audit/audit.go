package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/subscription"
)

// Findings are the facts that an audit counts.
type Findings struct {
	Violations  []Violation
	OrdersAgain int // collected orders that a restored store had lost and that were placed again
	Returned    int // refunds that a restored store had lost and that were recorded as made by the provider
}

// Audit checks what the library promised, once everything is at rest. It reads the rows of the store and compares
// them with the gateway's ledgers, the answers that customers got, and a replay of the events. It fails if the store
// can't be read.
func Audit(ctx context.Context, e *Evidence) (Findings, error) {
	a := &auditor{Evidence: e}
	err := a.audit(ctx)
	return a.findings, err
}

// Stored returns which of the customer's requests and usage records are in a store: receipts by key, and records by
// ID.
func Stored(ctx context.Context, st store.Store, c *Customer) (map[string]subscription.Receipt, map[string]bool, error) {
	b := &book{audit: &auditor{Evidence: &Evidence{Store: st}}, id: c.Application, receipts: map[string]subscription.Receipt{}}
	b.counted, b.usedAt, b.sent = map[string]bool{}, map[string]time.Time{}, map[string]subscription.Usage{}
	err := b.load(ctx, c)
	return b.receipts, b.counted, err
}

func (a *auditor) audit(ctx context.Context) error {
	e := a.Evidence
	books := map[subscription.ApplicationID]*book{}
	for i := range e.Customers {
		c := &e.Customers[i]
		b, err := a.open(ctx, c)
		if err != nil {
			return err
		}
		a.auditReceipts(c, b)
		if b.document.Revision == 0 {
			continue
		}
		books[c.Application] = b
		if err := a.auditStored(ctx, b.id); err != nil {
			return err
		}
		b.replay()
		b.compare()
		a.auditRest(b)
		a.auditOrders(b)
		a.auditRefunds(b)
		a.auditShares(b)
		a.auditTaken(b)
		a.auditQuotes(c, b)
		a.auditUsage(c, b)
		a.auditReturnedPackages(c, b)
		a.auditGiven(b)
		a.auditAccount(c, b)
		a.auditActors(c, b)
	}
	a.auditKeys(books)
	a.auditMoney(books)
	a.auditLost(books)
	for id, err := range e.Store.Applications(ctx) {
		if err != nil {
			return err
		}
		if books[id] == nil {
			a.violatef("store", id, "no customer created the application %s", id)
		}
	}
	return nil
}

// auditStored checks what a store alone proves, see [audit.Application].
func (a *auditor) auditStored(ctx context.Context, id subscription.ApplicationID) error {
	found, err := audit.Application(ctx, a.Store, id, &audit.Options{Catalogs: a.catalogs()})
	for i := range found {
		a.findings.Violations = append(a.findings.Violations, Violation{
			Kind: string(found[i].Kind), Application: id, At: a.Now, Text: found[i].String(),
		})
	}
	return err
}

// open reads the books of an application.
func (a *auditor) open(ctx context.Context, c *Customer) (*book, error) {
	b := &book{
		audit: a, id: c.Application, rows: map[subscription.OrderID]subscription.Order{}, ledger: newLedger(),
		status: map[subscription.OrderID]subscription.OrderStatus{}, paidAt: map[subscription.OrderID]time.Time{},
		declined: map[subscription.SubscriptionID]int64{}, subscriptions: map[subscription.SubscriptionID]*history{},
		refunds: map[subscription.OrderID][]subscription.Refund{}, moneyMoves: map[moneyMove]bool{},
		autoTopUps: map[pricing.ProductID]*autoTopUp{}, receipts: map[string]subscription.Receipt{},
		placedAt: map[subscription.OrderID]int64{}, delivered: map[subscription.OrderID]int{},
		minutes: minutes{
			lots: map[subscription.LotID]bool{}, back: map[subscription.LotID]subscription.Quantity{},
			open: map[string]bool{}, topUps: map[subscription.OrderID]int{},
			used: map[int64]subscription.Quantity{}, counted: map[string]bool{}, usedAt: map[string]time.Time{},
			sent: map[string]subscription.Usage{}, overdrawn: overdrawn{
				lapses: map[subscription.LotID]turn{}, grants: map[subscription.LotID]turn{},
			},
		},
	}
	if err := b.load(ctx, c); err != nil {
		return nil, err
	}
	for o, err := range a.Store.Orders(ctx, b.id) {
		if err != nil {
			return nil, err
		}
		b.orders = append(b.orders, o)
		b.rows[o.ID] = o
	}
	for e, err := range a.Store.Entries(ctx, b.id) {
		if err != nil {
			return nil, err
		}
		b.enter(&e)
	}
	for e, err := range a.Store.Events(ctx, b.id) {
		if err != nil {
			return nil, err
		}
		if seen := a.Recorded[b.id]; seen != nil && e.Note == "" {
			e.Note = seen.Notes[Place{e.Revision, e.Index}] // what was erased is needed to follow the events
		}
		b.events = append(b.events, e)
		b.moneyEvent(&e)
	}
	for r, err := range a.Store.Refunds(ctx, b.id) {
		if err != nil {
			return nil, err
		}
		b.refunds[r.Order] = append(b.refunds[r.Order], r)
	}
	return b, nil
}

// load reads the document and finds out, a few at a time, which of the customer's requests and records are stored.
func (b *book) load(ctx context.Context, c *Customer) error {
	read := subscription.Read{Application: b.id}
	load := func() error {
		snapshots, err := b.audit.Store.Load(ctx, read)
		if err != nil {
			return err
		}
		b.document = snapshots[0].Application
		for _, r := range snapshots[0].Receipts {
			b.receipts[r.Key] = r
		}
		for _, r := range snapshots[0].Records {
			b.counted[r.ID] = true
		}
		read.Keys, read.Records = nil, nil
		return nil
	}
	const some = 500
	for _, r := range c.Requests {
		if read.Keys = append(read.Keys, r.Key); len(read.Keys) == some {
			if err := load(); err != nil {
				return err
			}
		}
	}
	for _, r := range c.Records {
		if r.Usage.Seconds > 0 { // a correction is no use
			b.usedAt[r.Usage.ID], b.sent[r.Usage.ID] = r.Usage.At, r.Usage
		}
		if read.Records = append(read.Records, r.Usage.ID); len(read.Records) == some {
			if err := load(); err != nil {
				return err
			}
		}
	}
	return load()
}

// auditReceipts checks that every answer is stored as it was given, and that every order placed by a request was
// placed by only one.
func (a *auditor) auditReceipts(c *Customer, b *book) {
	orders := map[subscription.OrderID]string{}
	for _, r := range c.Requests {
		stored, ok := b.receipts[r.Key]
		if ok && stored.OrderID != "" {
			if by, twice := orders[stored.OrderID]; twice && by != r.Key {
				a.violatef("receipt", c.Application, "order %s was asked for by %s and by %s", stored.OrderID, by, r.Key)
			}
			orders[stored.OrderID] = r.Key
		}
		if r.Receipt == nil {
			continue
		}
		if answered := *r.Receipt; !ok || answered.Kind != stored.Kind || answered.Digest != stored.Digest ||
			answered.OrderID != stored.OrderID || answered.Revision != stored.Revision || !answered.At.Equal(stored.At) {
			a.violatef("receipt", c.Application, "%s was answered %+v, and stored is %+v", r.Key, answered, stored)
		}
	}
	for _, o := range b.orders {
		extend := Extension(o)
		if _, automatic := o.AutoTopUp(); automatic {
			continue
		}
		if o.Kind != subscription.UsageOrder && (extend == nil || !extend.Automatic) && orders[o.ID] == "" {
			a.violatef("receipt", c.Application, "order %s (%s) was asked for by nobody", o.ID, o.Kind)
		}
	}
}

// auditOrders checks that everything paid for was delivered, once, and that nothing else was.
func (a *auditor) auditOrders(b *book) {
	for _, o := range b.orders {
		if b.status[o.ID] != o.Status {
			a.violatef("replay", b.id, "order %s is %s, by its events %s", o.ID, o.Status, b.status[o.ID])
		}
		var periods, upgrades int
		for _, d := range o.Deliveries {
			if d.Extend != nil {
				periods += d.Extend.Count
			}
			if d.Upgrade != nil {
				upgrades++
			}
		}
		_, paid := b.paidAt[o.ID]
		if !paid {
			periods, upgrades = 0, 0
		}
		gotPeriods, gotUpgrades := 0, 0
		for _, e := range b.events {
			switch {
			case e.Order != o.ID:
			case e.Type == subscription.EventPeriodPaid:
				gotPeriods++
			case e.Type == subscription.EventUpgraded && !b.moneyMoves[moneyMove{e.Revision, o.ID, again}]:
				gotUpgrades++
			}
		}
		if gotPeriods != periods || gotUpgrades != upgrades {
			a.violatef("delivery", b.id, "order %s (%s) delivered %d periods and %d upgrades, want %d and %d",
				o.ID, o.Status, gotPeriods, gotUpgrades, periods, upgrades)
		}
		if got := b.ledger.granted[o.ID]; !paid && len(got) > 0 || paid && Grant(o) != nil && (len(got) != 1 || b.topUps[o.ID] != 1) {
			a.violatef("minutes", b.id, "order %s is %s and granted %d lots", o.ID, o.Status, len(got))
		}
	}
	for id := range b.ledger.granted {
		if _, ok := b.rows[id]; !ok && id != "" {
			a.violatef("minutes", b.id, "minutes are granted for order %q, which there isn't", id)
		}
	}
}

// auditQuotes checks that the amounts quoted are the amounts collected.
func (a *auditor) auditQuotes(c *Customer, b *book) {
	for _, r := range c.Requests {
		if r.Quote == nil || r.Receipt == nil {
			continue
		}
		o, ok := b.rows[r.Receipt.OrderID]
		switch {
		case !ok:
			a.violatef("quote", c.Application, "%s confirmed a quote, and there is no order %q", r.Key, r.Receipt.OrderID)
		case o.Amount != r.Quote.Amount:
			a.violatef("quote", c.Application, "order %s was quoted %s and is %s", o.ID, r.Quote.Amount, o.Amount)
		case o.Status == subscription.OrderPaid && o.Amount.Sign() > 0:
			if got := a.collectedUnder(string(o.Attempt)); got != r.Quote.Amount {
				a.violatef("quote", c.Application, "order %s was quoted %s and %s was collected", o.ID, r.Quote.Amount, got)
			}
		}
	}
	// The answers must match what is stored.
	for _, r := range c.Requests {
		if r.Receipt != nil && r.Receipt.OrderID != "" {
			if _, ok := b.rows[r.Receipt.OrderID]; !ok {
				a.violatef("receipt", c.Application, "%s has the receipt of order %s, which there isn't", r.Key, r.Receipt.OrderID)
			}
		}
	}
}

// Normal returns a form of the document that is equal for equal documents.
func Normal(app subscription.Application) string {
	b, err := json.Marshal(app)
	return fmt.Sprintf("%s %v", b, err)
}

// samePeriod reports whether two periods have the same start and end.
func samePeriod(a, b pricing.Period) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }
