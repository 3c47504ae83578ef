package store

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// StrandedKind says what a catalog would strand.
type StrandedKind string

// The kinds of what a catalog can strand, and what happens then.
const (
	StrandedSubscription StrandedKind = "subscription" // it can't be renewed
	StrandedChange       StrandedKind = "change"       // a change at renewal is dropped
	StrandedDeal         StrandedKind = "deal"         // its price can't be charged
	StrandedOffer        StrandedKind = "offer"        // how often it was taken is forgotten if it returns under another name
	StrandedPack         StrandedKind = "pack"         // an automatic top-up can't buy it
	StrandedUsage        StrandedKind = "kind"         // usage of that kind is refused
	StrandedRegion       StrandedKind = "region"       // nothing can be sold to the customer
	StrandedProduct      StrandedKind = "product"      // minutes that can't be spent
)

// Stranded is something that an application holds and that a catalog has no place for.
type Stranded struct {
	Application subscription.ApplicationID
	Kind        StrandedKind
	// Name is the ID of the subscription, pack, kind, region or product or, for an offer, the product, the version and the
	// offer, separated by slashes. A change or a deal has its subscription's.
	Name string
	Err  error // why: the catalog's error; subscription.CodeOf gives it a name
}

// String says what is stranded where, and why, on one line.
func (s Stranded) String() string {
	return fmt.Sprintf("%.80q: %s %.200q: %v", string(s.Application), s.Kind, s.Name, s.Err)
}

// strandedPage is how many documents are in memory at a time.
const strandedPage = 100

// StrandedBy compares a catalog with what the applications of a store hold, before it is put in force, and yields what it
// would strand: every subscription that couldn't be renewed, every deal, change at renewal, offer, pack of an automatic
// top-up, kind of usage, tax region and product of minutes that it lacks. Applications come in byte order of their IDs, and
// each thing once for each application. Closed applications and subscriptions that are over hold nothing.
//
// A version that is withdrawn strands nobody but who has chosen it for the next renewal: leave it in the catalog as long as
// somebody has it.
//
// It reads one document after the other, a hundred at a time, so it sees each application as it is at some point during
// the call. It changes nothing and holds no lock. An error of the store ends it and comes with the zero Stranded, and so
// does [subscription.ErrInvalid] for a nil store or catalog.
func StrandedBy(ctx context.Context, s Store, cat *pricing.Catalog) iter.Seq2[Stranded, error] {
	return func(yield func(Stranded, error) bool) {
		if absent.Is(s) || cat == nil {
			yield(Stranded{}, fmt.Errorf("%w: no store, or no catalog to compare it with", subscription.ErrInvalid))
			return
		}
		var page []subscription.Read
		flush := func() bool {
			snapshots, err := s.Load(ctx, page...)
			if err != nil {
				yield(Stranded{}, fmt.Errorf("store: stranded: %w", err))
				return false
			}
			page = page[:0]
			for i := range snapshots {
				for _, found := range strands(&snapshots[i].Application, cat) {
					if !yield(found, nil) {
						return false
					}
				}
			}
			return true
		}
		for id, err := range s.Applications(ctx) {
			if err != nil {
				yield(Stranded{}, fmt.Errorf("store: stranded: %w", err))
				return
			}
			if page = append(page, subscription.Read{Application: id}); len(page) == strandedPage {
				if !flush() {
					return
				}
			}
		}
		if len(page) > 0 {
			flush()
		}
	}
}

// strands returns what a catalog strands of an application.
func strands(a *subscription.Application, cat *pricing.Catalog) []Stranded {
	if !a.ClosedAt.IsZero() {
		return nil
	}
	h := holder{app: a, catalog: cat}
	for i := range a.Subscriptions {
		h.subscription(&a.Subscriptions[i])
	}
	for i := range a.Orders {
		for _, v := range a.Orders[i].Deliveries {
			if e := v.Extend; e != nil {
				h.offer(e.Product, e.Version, e.Offer)
			}
		}
	}
	for i := range a.AutoTopUps {
		if t := &a.AutoTopUps[i]; !t.Off {
			h.pack(t)
		}
	}
	h.usage()
	if t := a.Tax; t != nil && t.Region != "" && t.Exempt == "" && len(t.Rates) == 0 {
		_, err := cat.TaxRates(t.Region, 0)
		h.found(StrandedRegion, string(t.Region), err)
	}
	return h.all
}

// holder collects what is stranded of one application.
type holder struct {
	app     *subscription.Application
	catalog *pricing.Catalog
	all     []Stranded
}

// found adds something, once, if err says why it is stranded.
func (h *holder) found(kind StrandedKind, name string, err error) {
	same := func(s Stranded) bool { return s.Kind == kind && s.Name == name }
	if err == nil || slices.ContainsFunc(h.all, same) {
		return
	}
	h.all = append(h.all, Stranded{Application: h.app.ID, Kind: kind, Name: name, Err: err})
}

// subscription looks at a subscription that isn't over. A trial needs only its product.
func (h *holder) subscription(s *subscription.Subscription) {
	if s.Status.Over() {
		return
	}
	if s.Trial {
		_, err := h.catalog.Product(s.Product)
		h.found(StrandedSubscription, string(s.ID), err)
		return
	}
	present := *s
	present.Planned = nil
	_, err := present.NextTerms(h.catalog)
	h.found(StrandedSubscription, string(s.ID), err)
	if p := s.Planned; p != nil {
		_, err := h.catalog.List(s.Product, p.Version, p.Term, s.Currency)
		if next, _ := s.NextTerms(h.catalog); err == nil && next.Dropped != "" {
			err = fmt.Errorf("%w: %s", subscription.ErrNotOnSale, next.Dropped)
		}
		h.found(StrandedChange, string(s.ID), err)
	}
	if d := s.Deal; d != nil {
		_, err := h.catalog.List(s.Product, d.Version, d.Term, s.Currency)
		if err == nil && d.BelowLeast(h.catalog) {
			err = fmt.Errorf("%w: %s", pricing.ErrBelowLeast, d.Price)
		}
		h.found(StrandedDeal, string(s.ID), err)
	}
	for _, b := range h.app.PurchaseCounts {
		if b.Product == s.Product && b.Version == s.Version() {
			h.offer(b.Product, b.Version, b.Offer)
		}
	}
}

// offer looks at an offer under which something was bought or ordered.
func (h *holder) offer(product pricing.ProductID, version pricing.VersionID, id pricing.OfferID) {
	if id == "" || slices.ContainsFunc(h.catalog.Offers(product, version), func(o pricing.Offer) bool { return o.ID == id }) {
		return
	}
	name := string(product) + "/" + string(version) + "/" + string(id)
	h.found(StrandedOffer, name, fmt.Errorf("%w: %s", pricing.ErrUnknownOffer, name))
}

// pack looks at what an automatic top-up buys.
func (h *holder) pack(t *subscription.AutoTopUp) {
	pack, err := h.catalog.Pack(t.Pack)
	switch {
	case err != nil:
	case pack.Withdrawn:
		err = fmt.Errorf("%w: pack %s", subscription.ErrNotOnSale, t.Pack)
	case pack.Custom():
		_, err = h.catalog.PriceCustomPack(t.Pack, t.Minutes, t.Currency)
	default:
		_, _, err = h.catalog.PricePack(t.Pack, int64(max(1, t.Quantity)), t.Currency)
	}
	h.found(StrandedPack, string(t.Pack), err)
}

// usage looks at the products of minutes that are left, and at the kinds of usage that are under way or billed.
func (h *holder) usage() {
	products := func(ids ...pricing.ProductID) {
		for _, id := range ids {
			_, err := h.catalog.Product(id)
			h.found(StrandedProduct, string(id), err)
		}
	}
	kind := func(id pricing.UsageKindID) {
		_, err := h.catalog.UsageKind(id)
		h.found(StrandedUsage, string(id), err)
	}
	a := h.app
	for i := range a.Lots {
		if l := &a.Lots[i]; l.Remaining+l.Reserved > 0 {
			products(l.Products...)
		}
	}
	for i := range a.Free {
		if f := &a.Free[i]; !f.NextAt.IsZero() {
			products(f.Products...)
		}
	}
	for i := range a.Counters {
		products(a.Counters[i].Product)
		kind(a.Counters[i].Kind)
	}
	for i := range a.Reservations {
		products(a.Reservations[i].Product)
		kind(a.Reservations[i].Kind)
	}
	if a.PayAsYouGo.Currency != "" {
		for _, k := range h.catalog.UsageKinds() {
			_, err := h.catalog.UsageRate(k.ID, a.PayAsYouGo.Currency)
			h.found(StrandedUsage, string(k.ID), err)
		}
	}
}
