// Package reconcile compares what a payment provider says it collected and returned with the orders in a store.
//
//	statement := reconcile.ReadCSV(file)
//	span := reconcile.Span{From: month, To: month.AddDate(0, 1, 0)}
//	for d, err := range reconcile.Compare(ctx, st, statement, span) {
//		if err != nil {
//			return err
//		}
//		log.Print(d)
//		_, err := reconcile.Apply(ctx, service, d)
//		if err != nil && !errors.Is(err, subscription.ErrNotFound) { // somebody else's, as was logged
//			return err
//		}
//	}
//
// Notifications get lost, and nobody asks a gateway forever about an order that was given up. Its statement has all that
// moved. A [Statement] is an iterator of lines: [ReadCSV] reads one from a file, and an adapter makes one of a provider's
// export. [Compare] yields each [Difference], and changes nothing. [Apply] does about a difference what can be done without a
// person, and leaves the rest to one; it may be repeated.
//
// Run it regularly, before the gateway forgets its keys, and before a database that was restored from a backup is put into
// service.
package reconcile
