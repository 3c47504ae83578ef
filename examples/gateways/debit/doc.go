// Package debit is an adapter.
package debit
