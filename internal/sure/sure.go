// Package sure is for tests in which an error is a defect.
package sure

// Of returns v. It panics if err is not nil.
func Of[T any](v T, err error) T {
	if err != nil {
		panic(err) //nolint:forbidigo // only tests call it
	}
	return v
}
