package takeover_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/takeover"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

const file = `application,account,product,version,term,currency,anchor,paid_until,minutes
a-1,acme,call,one-to-one,1m,USD,2025-01-31,2025-07-31,4321
a-2,acme,call,one-to-one,monthly,USD,2025-01-31,2025-07-31,4321
a-3,acme,live,lite,1m,USD,2025-05-01,2025-06-01,1
`

// lines reads the file.
func lines() ([]*takeover.Line, error) {
	reader, err := takeover.NewReader(strings.NewReader(file), "the old system")
	if err != nil {
		return nil, err
	}
	var all []*takeover.Line
	for {
		l, more, err := reader.Next()
		if err != nil || !more {
			return all, err
		}
		all = append(all, &l)
	}
}

// A file is decided without storing anything, imported, and imported again.
func ExampleImporter_Import() {
	cat, err := catalog.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	st := memory.New()
	now := func() time.Time { return time.Date(2025, time.July, 10, 12, 0, 0, 0, time.UTC) }
	service, err := subscription.NewService(st, balance.New(nil), subscription.StaticCatalog(cat), &subscription.Options{Now: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, dry := range []bool{true, false, false} {
		i := takeover.Importer{Store: st, Clock: service.Collector(), Catalog: cat, By: "ada", Dry: dry}
		all, err := lines()
		if err == nil {
			err = i.Import(context.Background(), all)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, l := range all {
			fmt.Print(l.Number, " ", l.Application, " before: ", l.Before, " ", l.Code(), "; ")
		}
		_, err = service.Application(context.Background(), "a-1")
		fmt.Println("there:", err == nil)
	}
	// Output:
	// 2 a-1 before: false ; 3 a-2 before: false bad_line; 4 a-3 before: false period_ended; there: false
	// 2 a-1 before: false ; 3 a-2 before: false bad_line; 4 a-3 before: false period_ended; there: true
	// 2 a-1 before: true ; 3 a-2 before: false bad_line; 4 a-3 before: false period_ended; there: true
}

// A file has a header with these columns, in any order.
func ExampleNewReader() {
	required, optional := takeover.Columns()
	fmt.Println(strings.Join(required, ","))
	fmt.Println(strings.Join(optional, ","))
	_, err := takeover.NewReader(strings.NewReader("application,name\n"), "the old system")
	fmt.Println(err)
	// Output:
	// application,account,product,version,term,currency,anchor,paid_until,minutes
	// paid,auto_renew
	// the header: column "name" is unknown or there twice
}
