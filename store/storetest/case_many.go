package storetest

import "slices"

// manyCases checks that an application can have any number of rows.
func manyCases() []check {
	return []check{{"twenty thousand rows of each kind: all of them, or as few as the loop takes", func(e *env) {
		const width = 1000
		revisions := 20
		if e.brief {
			revisions = 3
		}
		a, b := unborn("a"), e.stored("b")
		want := make([][]string, len(listings()))
		for range revisions {
			c := many(a, width)
			e.commit(c)
			a.document = c.Next
			for i, l := range listings() {
				want[i] = append(want[i], l.wants(&expected{
					orders: c.Orders, entries: c.Entries, events: c.Events, refunds: c.Refunds, rows: c.Subscriptions,
				})...)
			}
		}
		for i, l := range listings() {
			got, err := e.listed(e.ctx, l, "a")
			if err != nil || !slices.Equal(got, want[i]) {
				e.Fatalf("%s: %d rows, %v; want the %d committed rows in order", l.name, len(got), err, len(want[i]))
			}
			e.listsAll(l, b)
			for _, most := range []int{1, 2, 499, 500, 501, 1000, 2500} {
				n := 0
				for row, err := range l.rows(e.ctx, e, "a") {
					if err != nil {
						e.Fatalf("%s: %v", l.name, err)
					}
					if got := place(row); got != want[i][n] {
						e.Fatalf("%s: row %d is %s, want %s", l.name, n, got, want[i][n])
					}
					n++
					if n >= most {
						break
					}
				}
			}
		}
	}}}
}
