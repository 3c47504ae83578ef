// Package growth measures whether renewals slow down as a store grows. It fills a store with applications that are
// as a service makes them, of which one in ten is due for its monthly renewal and the others are paid for a year, and
// then lets a worker renew what is due.
package growth
