package subscription

// As returns a service that acts for a person: by is who, such as a member of staff, and reason is why. It does what s
// does, under the same keys; the two are written into every event that it causes ([Event.By], [Event.Why]), into the
// refunds that it places ([Refund.By]) and, as the note, into orders and refunds that have none. They aren't part of what
// a key stands for: a request that is repeated by somebody else, or with another reason, is the same request. Events of
// what time alone caused have neither.
//
// Both are kept as notes are: at most [MaxText] bytes of plain text. Two empty texts give an ordinary service. A service
// that is bound to a transaction stays bound, and a service made by As can be bound ([Service.Bind]).
//
// Names of staff are removed with the rest of what identifies a person; see [Erase].
func (s *Service) As(by, reason string) *Service {
	acting := *s
	acting.by, acting.why = plain(by), plain(reason)
	acting.queues = &queues{} // usage of different actors isn't counted in one change
	return &acting
}
