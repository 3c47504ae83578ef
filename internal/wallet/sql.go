package wallet

import "time"

// Clock returns a clock whose instants are as databases keep them: in UTC, to the microsecond. Without one it is time.Now.
func Clock(now func() time.Time) func() time.Time {
	if now == nil {
		now = time.Now //nolint:forbidigo // the default of balance.Options.Now
	}
	return func() time.Time { return now().UTC().Truncate(time.Microsecond) }
}

// OrNull is an argument of a statement that is NULL where there is nothing.
func OrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
