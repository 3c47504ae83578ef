package wallet

import "time"

// Clock returns a clock with the precision of the databases: UTC, to the microsecond. If now is nil, it uses time.Now.
func Clock(now func() time.Time) func() time.Time {
	if now == nil {
		now = time.Now //nolint:forbidigo // the default of balance.Options.Now
	}
	return func() time.Time { return now().UTC().Truncate(time.Microsecond) }
}

// OrNull returns a statement argument that is NULL if text is empty.
func OrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
