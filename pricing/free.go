package pricing

import (
	"fmt"
	"slices"
)

// FreeGrantID names a grant of free minutes.
type FreeGrantID string

// FreeGrant is a grant of free minutes that an application claims once: so many minutes a month, for so many
// months, counted from the day of the claim. FreeGrant minutes count every covered kind 1:1.
type FreeGrant struct {
	ID       FreeGrantID
	Name     string
	Products []ProductID
	Minutes  int64 // a cycle
	Cycles   int   // of a month
}

// FreeGrants returns the grants of free minutes, in the order of the file.
func (c *Catalog) FreeGrants() []FreeGrant {
	c = c.orEmpty()
	out := slices.Clone(c.free)
	for i := range out {
		out[i].Products = slices.Clone(out[i].Products)
	}
	return out
}

// FreeGrant returns one of them. It fails with [ErrUnknownFree].
func (c *Catalog) FreeGrant(id FreeGrantID) (FreeGrant, error) {
	c = c.orEmpty()
	i := slices.IndexFunc(c.free, func(f FreeGrant) bool { return f.ID == id })
	if i < 0 {
		return FreeGrant{}, fmt.Errorf("%w: %.64q", ErrUnknownFree, string(id))
	}
	f := c.free[i]
	f.Products = slices.Clone(f.Products)
	return f, nil
}

func (c *Catalog) readFree(n node) (FreeGrant, bool) {
	if !n.object() {
		return FreeGrant{}, false
	}
	f := FreeGrant{
		ID: readID[FreeGrantID](n.get("id")), Name: n.get("name").label(), Products: c.readCovered(n.get("products")),
		Cycles: int(n.get("cycles").count(1, MaxTermMonths, 1)),
	}
	f.Minutes, _ = n.get("minutes").number(1, maxMinutes)
	n.get("notes").label()
	n.done()
	return f, true
}
