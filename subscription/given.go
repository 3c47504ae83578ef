package subscription

// given reports whether orders of the kind cost nothing because nothing was sold.
func (k OrderKind) given() bool { return k == GiftOrder || k == ImportOrder }

// wrongKind returns why an order's kind doesn't match what it delivers, or "" if it does: only a gift or an import delivers
// what those do, and for nothing. So whoever sums up what was sold can rely on the kind alone.
func (o *Order) wrongKind() string {
	gift, imported := false, false
	for _, v := range o.Deliveries {
		gift = gift || v.Grant != nil && v.Grant.Source == FromGift
		imported = imported || v.Extend != nil && v.Extend.Imported != nil
	}
	switch {
	case gift != (o.Kind == GiftOrder):
		return "an order is a gift if, and only if, it grants minutes of that source"
	case imported != (o.Kind == ImportOrder):
		return "an order is an import if, and only if, it delivers what is imported"
	case (gift || imported) && (len(o.Deliveries) != 1 || o.Amount.Sign() != 0):
		return "a gift or an import costs nothing, and delivers nothing else"
	}
	return ""
}
