// Package durable holds what tests the durable stores together, and their command-line tools.
package durable
