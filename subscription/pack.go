package subscription

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// PackOrder says which minutes are ordered: a quantity of one fixed pack, or a custom pack of a given size.
type PackOrder struct {
	Pack     pricing.PackID
	Currency pricing.Currency
	Quantity int64 // of fixed packs; 0 means 1, and for a custom pack it must be 0
	Minutes  int64 // of a custom pack; for a fixed pack it must be 0
}

// PlacePack places the order for a pack. accepted is the version of the agreement that the customer accepts with it, see
// [Draft.Agree].
//
// It fails with [pricing.ErrUnknownPack], [pricing.ErrPackSize], [pricing.ErrNoPrice] and [pricing.ErrZeroPrice]; with
// [ErrNotOnSale] if the pack is withdrawn; with [ErrAgreementRequired]; and with the errors of [Draft.Place].
func (d *Draft) PlacePack(p PackOrder, accepted string, cat *pricing.Catalog) (OrderID, error) {
	return d.placePack(p, accepted, cat, Order{})
}

// placePack fills in an order for a pack, and places it.
func (d *Draft) placePack(p PackOrder, accepted string, cat *pricing.Catalog, o Order) (OrderID, error) {
	pack, price, minutes, err := p.terms(cat)
	if err != nil {
		return "", err
	}
	agreement, err := d.Agree(cat, accepted)
	if err != nil {
		return "", err
	}
	o.Kind, o.Catalog, o.Agreement = TopUpOrder, cat.Revision(), agreement
	o.Deliveries = []Delivery{{Grant: &GrantDelivery{
		Source: FromTopUp, Products: pack.Products, Minutes: minutes, Validity: pack.Validity, Zone: cat.Zone().Name(),
	}}}
	if o.topsUp() && !o.covers(o.Product) {
		return "", fmt.Errorf("%w: the minutes of pack %s can't be spent on %s", ErrInvalid, named(p.Pack), named(o.Product))
	}
	return d.Place(o, price, cat)
}

// terms returns the pack, the price, and the number of the minutes.
func (p PackOrder) terms(cat *pricing.Catalog) (pricing.Pack, pricing.Price, int64, error) {
	pack, err := cat.Pack(p.Pack)
	if err != nil {
		return pack, pricing.Price{}, 0, err
	}
	if pack.Withdrawn {
		return pack, pricing.Price{}, 0, fmt.Errorf("%w: pack %s", ErrNotOnSale, p.Pack)
	}
	if pack.Custom() {
		if p.Quantity != 0 {
			return pack, pricing.Price{}, 0, fmt.Errorf("%w: custom pack %s doesn't take a quantity", pricing.ErrPackSize, p.Pack)
		}
		price, err := cat.PriceCustomPack(p.Pack, p.Minutes, p.Currency)
		return pack, price, p.Minutes, err
	}
	if p.Minutes != 0 {
		return pack, pricing.Price{}, 0, fmt.Errorf("%w: %d minutes given for fixed pack %s", pricing.ErrPackSize, p.Minutes, p.Pack)
	}
	quantity := p.Quantity
	if quantity == 0 {
		quantity = 1
	}
	price, minutes, err := cat.PricePack(p.Pack, quantity, p.Currency)
	return pack, price, minutes, err
}
