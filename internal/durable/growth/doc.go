// Package growth measures whether renewals slow down as a store grows. It fills a store with realistic applications, of
// which one in ten is due for its monthly renewal and the others are paid for a year, and then runs a worker on what is
// due.
package growth
