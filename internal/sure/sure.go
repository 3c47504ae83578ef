// Package sure is for tests, in which an error is a defect.
package sure

// Of returns v, and panics with err if there is one.
func Of[T any](v T, err error) T {
	if err != nil {
		panic(err) //nolint:forbidigo // only tests call it
	}
	return v
}
