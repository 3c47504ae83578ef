package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/prepaidkit/prepaid/internal/durable/faults"
)

// shares renews what is due with 1, 2 and 4 workers, and returns the exit status.
func shares(due int, out, errs io.Writer) int {
	all, err := faults.Share(context.Background(), due, errs, 1, 2, 4)
	status := 0
	for _, s := range all {
		status = max(status, min(len(s.Violations), 1))
	}
	text, encoding := json.MarshalIndent(all, "", "  ")
	fmt.Fprintln(out, string(text))
	for _, err := range []error{err, encoding} {
		if err != nil {
			fmt.Fprintln(errs, err)
			status = 1
		}
	}
	return status
}
