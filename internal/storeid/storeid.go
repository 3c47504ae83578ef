// Package storeid generates the identities of stores.
package storeid

import (
	"crypto/rand"
	"encoding/hex"
)

// Len is the length of an identity in bytes.
const Len = 16

// New returns a random identity: 16 lowercase hexadecimal digits.
func New() string {
	var b [Len / 2]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
