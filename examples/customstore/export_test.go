package customstore

// NoSync has commits not wait for the disk: what a test does needn't survive a loss of power.
func (s *Store) NoSync() { s.sync = func() error { return nil } }
