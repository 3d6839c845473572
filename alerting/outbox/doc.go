// Package outbox brings cases to the systems where people work on them: one
// ticket for each case at each destination, whatever fails.
//
// Box is the state machine that decides what is told where and when. One
// goroutine drives it, it draws no lots of its own and reads no clock, and what
// it knows is in its tickets: they are kept in the same transaction as the cases
// that they are about, so that a box that begins with them goes on as the old
// one would. A request is kept as sent before it is made: whoever finds it so
// does not know whether it was done, and looks before it does it again.
//
// A Destination speaks the language of one kind of system. It keeps nothing.
package outbox
