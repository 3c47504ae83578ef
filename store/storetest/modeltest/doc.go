// Package modeltest tests stores. It runs what this module promises of minutes over a store: a random walk beside a
// model, and concurrent requests whose results must have an order.
package modeltest
