// Package durable holds joint tests of the durable stores, and their command-line tools.
package durable
