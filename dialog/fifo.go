package dialog

// fifo is a queue whose memory follows its length.
type fifo[T any] struct {
	items []T
	head  int
}

func (q *fifo[T]) push(v T) { q.items = append(q.items, v) }

func (q *fifo[T]) len() int { return len(q.items) - q.head }

// front is the oldest; only where len is not 0.
func (q *fifo[T]) front() *T { return &q.items[q.head] }

// pop removes the oldest. The rest moves down when half of the room is empty:
// O(1) on average.
func (q *fifo[T]) pop() {
	var zero T
	q.items[q.head] = zero
	q.head++
	if q.head*2 < len(q.items) {
		return
	}
	n := copy(q.items, q.items[q.head:])
	clear(q.items[n:])
	q.items, q.head = q.items[:n], 0
}
