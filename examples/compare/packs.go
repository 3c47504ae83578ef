package compare

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// maxCombinations limits the number of full and partial combinations of packs that are examined for one way to pay.
const maxCombinations = 1 << 17

// ErrTooMany means that the cheapest packs aren't known, because there are too many combinations to compare.
var ErrTooMany = fmt.Errorf("more than %d combinations to compare", maxCombinations)

// Combination is a set of packs that are bought together. Each price is a separate order.
type Combination struct {
	Minutes int64
	Prices  []pricing.Price
}

// CheapestPacks returns the cheapest combination of packs on sale that cover the product and together have at least
// need minutes; if need is 0 or less, that is no pack. It considers up to [pricing.MaxPackQuantity] of each fixed pack
// and at most one custom pack. The result is exact: the search skips only combinations that can't be cheaper than the
// best so far. Among combinations with the same price it prefers a custom pack alone, then the one with the most of the
// largest fixed pack, then of the next, and so on. It returns false if there is no combination, and ErrTooMany if the
// search exceeds its limit.
func CheapestPacks(cat *pricing.Catalog, product pricing.ProductID, currency pricing.Currency, need int64) (Combination, bool, error) {
	s := packSearch{cat: cat, currency: currency, best: math.MaxInt64}
	for _, p := range cat.Packs() {
		if p.Withdrawn || !slices.Contains(p.Products, product) {
			continue
		}
		if p.Custom() {
			s.custom = append(s.custom, p)
		} else if price, _, err := cat.PricePack(p.ID, 1, currency); err == nil {
			s.fixed = append(s.fixed, fixedPack{id: p.ID, size: p.Minutes, price: price.Amount.Minor()})
		}
	}
	slices.SortStableFunc(s.fixed, func(a, b fixedPack) int {
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.price, b.price))
	})
	s.counts = make([]int64, len(s.fixed))
	s.setBounds()
	if alone, ok := s.cheapestCustom(need); ok {
		s.choose(alone.cost, alone)
	}
	s.search(0, need, 0)
	if s.looked > maxCombinations {
		return Combination{}, false, ErrTooMany
	}
	if s.chosen == nil {
		return Combination{}, false, nil
	}
	c, err := s.buy()
	return c, err == nil, err
}

// packSearch searches all combinations, largest pack first, and skips those that can't be cheaper.
type packSearch struct {
	cat      *pricing.Catalog
	currency pricing.Currency
	fixed    []fixedPack // largest first
	custom   []pricing.Pack
	looked   int

	counts []int64 // of the fixed packs so far
	best   int64   // the price of chosen, in minor units
	chosen []int64
	extra  sizedPack // custom pack of the best combination; zero for none
}

// fixedPack is a pack and its price in minor units.
type fixedPack struct {
	id          pricing.PackID
	size, price int64
	// later is the lowest price per minute among the packs after this one, including custom ones, and capacity is their
	// total number of minutes; nil and 0 if there are none.
	later    *big.Rat
	capacity int64
}

// sizedPack is a custom pack of a given size and its price in minor units.
type sizedPack struct {
	id         pricing.PackID
	size, cost int64
}

// setBounds computes the lowest price per minute and the total minutes of the later packs.
func (s *packSearch) setBounds() {
	var least *big.Rat
	var capacity int64
	lower := func(r *big.Rat) {
		if least == nil || r.Cmp(least) < 0 {
			least = r
		}
	}
	for _, p := range s.custom {
		for i, from := range p.Tiers {
			// A size within the tier has the tier's price. A tier without valid sizes doesn't matter.
			size := roundUp(max(from, p.Least), p.Step)
			if i+1 < len(p.Tiers) && size >= p.Tiers[i+1] {
				continue
			}
			price, err := s.cat.PriceCustomPack(p.ID, size, s.currency)
			if err != nil {
				continue
			}
			digits, _ := s.currency.Digits() // can't fail: the currency has a price
			perMinute := price.Exact()
			for range digits {
				perMinute.Mul(perMinute, big.NewRat(10, 1))
			}
			lower(perMinute.Quo(perMinute, big.NewRat(size, 1)))
			capacity = max(capacity, p.Most)
		}
	}
	for i := len(s.fixed) - 1; i >= 0; i-- {
		p := &s.fixed[i]
		p.later, p.capacity = least, capacity
		lower(big.NewRat(p.price, p.size))
		capacity += p.size * pricing.MaxPackQuantity
	}
}

// search tries every count of the fixed packs from i on that covers need, given the cost of the packs before.
func (s *packSearch) search(i int, need, cost int64) {
	if need <= 0 {
		s.choose(cost, sizedPack{})
		return
	}
	if i == len(s.fixed) {
		if c, ok := s.cheapestCustom(need); ok && c.cost <= math.MaxInt64-cost {
			s.choose(cost+c.cost, c)
		}
		return
	}
	p := s.fixed[i]
	for n := min((need-1)/p.size+1, pricing.MaxPackQuantity); n >= 0; n-- {
		s.looked++
		if s.looked > maxCombinations {
			return
		}
		if n > 0 && p.price > (math.MaxInt64-cost)/n {
			continue // exceeds the range of an amount
		}
		rest := need - n*p.size
		switch {
		case rest > p.capacity: // fewer packs would not suffice either
			n = 0
		case s.promising(cost+n*p.price, rest, p.later):
			s.counts[i] = n
			s.search(i+1, rest, cost+n*p.price)
		case rest <= 0: // one fewer leaves a rest, which can be cheaper
		case big.NewRat(p.price, p.size).Cmp(p.later) > 0: // more expensive than later packs: fewer can be cheaper
			n = min(n, s.mostPromising(p, need, cost)+1)
		default:
			n = 0 // the bound doesn't fall with fewer
		}
	}
	s.counts[i] = 0
}

// promising reports whether cost, plus at least perMinute for each remaining minute, can be below the best price.
func (s *packSearch) promising(cost, rest int64, perMinute *big.Rat) bool {
	if rest <= 0 {
		return cost < s.best
	}
	// Prices are whole numbers, and a custom pack costs at least its exact price rounded down. If the bound is not
	// below the best price, which is whole too, no price is.
	bound := new(big.Rat).Mul(big.NewRat(rest, 1), perMinute)
	return bound.Add(bound, big.NewRat(cost, 1)).Cmp(big.NewRat(s.best, 1)) < 0
}

// mostPromising returns the largest count of a pack, which is more expensive than those after it, that keeps the bound
// at most at the best price. It returns a negative number if there is none.
func (s *packSearch) mostPromising(p fixedPack, need, cost int64) int64 {
	slack := new(big.Rat).Mul(big.NewRat(need, 1), p.later)
	slack.Sub(big.NewRat(s.best-cost, 1), slack)
	excess := new(big.Rat).Mul(big.NewRat(p.size, 1), p.later)
	excess.Sub(big.NewRat(p.price, 1), excess)
	if slack.Sign() < 0 {
		return -1
	}
	slack.Quo(slack, excess)
	n := new(big.Int).Quo(slack.Num(), slack.Denom())
	if !n.IsInt64() {
		return math.MaxInt64 - 1
	}
	return n.Int64()
}

// choose makes the current counts the best combination if they are cheaper.
func (s *packSearch) choose(cost int64, extra sizedPack) {
	if cost < s.best {
		s.best, s.chosen, s.extra = cost, slices.Clone(s.counts), extra
	}
}

// cheapestCustom returns the cheapest custom pack of at least the given size, preferring the smaller of two. A tier can
// make a larger size cheaper.
func (s *packSearch) cheapestCustom(need int64) (cheapest sizedPack, ok bool) {
	for _, p := range s.custom {
		for _, from := range p.Tiers {
			size := roundUp(max(need, from, p.Least), p.Step)
			price, err := s.cat.PriceCustomPack(p.ID, size, s.currency)
			if err != nil {
				continue // not sold in that size or currency
			}
			if cost := price.Amount.Minor(); !ok || cost < cheapest.cost || cost == cheapest.cost && size < cheapest.size {
				cheapest, ok = sizedPack{p.ID, size, cost}, true
			}
		}
	}
	return cheapest, ok
}

// buy prices the best combination.
func (s *packSearch) buy() (Combination, error) {
	var c Combination
	for i, n := range s.chosen {
		if n == 0 {
			continue
		}
		price, minutes, err := s.cat.PricePack(s.fixed[i].id, n, s.currency)
		if err != nil {
			return Combination{}, err
		}
		c.Minutes, c.Prices = c.Minutes+minutes, append(c.Prices, price)
	}
	if s.extra.size > 0 {
		price, err := s.cat.PriceCustomPack(s.extra.id, s.extra.size, s.currency)
		if err != nil {
			return Combination{}, err
		}
		c.Minutes, c.Prices = c.Minutes+s.extra.size, append(c.Prices, price)
	}
	return c, nil
}

// roundUp returns the smallest multiple of step that is at least n.
func roundUp(n, step int64) int64 { return (n + step - 1) / step * step }
