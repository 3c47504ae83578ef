package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/audit"
)

// pause is how much time passes, at least, between two lines of progress.
const pause = 10 * time.Second

// prove audits a store, prints what is found, and returns how much it is. The catalog may be left out.
func prove(ctx context.Context, name, file string, rest int, stdout, stderr io.Writer) (n int, err error) {
	if rest > 0 {
		return 0, errors.New("want -audit, -store and perhaps -catalog, and nothing else")
	}
	o := audit.Options{}
	if file != "" {
		cat, err := catalog.Open(file)
		if err != nil {
			return 0, err
		}
		o.Catalogs = []*pricing.Catalog{cat}
	}
	st, closed, err := open(ctx, name)
	if err != nil {
		return 0, err
	}
	defer closed()
	told, last := time.Now(), audit.Progress{}
	o.Progress = func(p audit.Progress) {
		if last = p; time.Since(told) >= pause {
			told = time.Now()
			fmt.Fprintf(stderr, "check: applications: %d, findings: %d, up to %.80q\n", p.Applications, p.Findings, string(p.Last))
		}
	}
	if n, err = printed(audit.Store(ctx, st, &o), stdout); err == nil {
		fmt.Fprintf(stderr, "check: applications audited: %d\n", last.Applications)
	}
	return n, err
}
