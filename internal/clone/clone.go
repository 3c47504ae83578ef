// Package clone copies what values point to.
package clone

// Pointer returns a pointer to a copy of what p points to, nil for nil.
func Pointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
